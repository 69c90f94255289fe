"""The mouth: what the caller is being told now, whose answer it is, and what comes when it is over."""

from __future__ import annotations

from collections.abc import Callable

from connectors.hotline.afterwards import After, Line
from connectors.hotline.answers import Letter
from connectors.hotline.errands import Errands
from connectors.hotline.happenings import Happening, Said
from connectors.hotline.media import CallMedia
from connectors.hotline.pacer import Playback
from connectors.hotline.prompts import Prompts
from core.speech import SynthesisFailed


class Mouth:
    """Says one thing at a time. `tell` gets a Said when it is over, or SynthesisFailed; `after_key` is the
    silence (seconds) before what is said to somebody who has just pressed a key."""

    def __init__(
        self, media: CallMedia, prompts: Prompts, errands: Errands, tell: Callable[[Happening], None],
        after_key: float,
    ) -> None:  # fmt: skip
        self._media = media
        self._prompts = prompts
        self._errands = errands
        self._tell = tell
        self._after_key = after_key
        self._line = Line(text="")
        self._letter: Letter | None = None
        self._playback: Playback | None = None
        self._keyed = False

    @property
    def leads_away(self) -> bool:
        """Whether the last words of this machine are being said: no answer comes after them."""
        return not self._line.interruptible and self._letter is None

    def say(self, line: Line, letter: Letter | None = None) -> None:
        """Begin to say something; what was being said is cut off."""
        self.settle("interrupted")
        self._line, self._letter = line, letter
        playback = self._playback = self._media.play()
        lead = self._after_key if self._keyed else 0.0
        self._keyed = False
        playback.done.add_done_callback(lambda done: self._tell(Said(playback, done.result())))
        self._errands.start(self._render(line, playback, lead))

    def over(self, said: Said) -> After | None:
        """What follows what was said; None when something else is being said by now."""
        if said.playback is not self._playback:
            return None
        self._playback = None
        self.settle("heard" if said.whole else "interrupted")
        return self._line.then

    def stop(self) -> None:
        """Silence at once."""
        self._media.stop()

    def on_key(self) -> None:
        """The handset is away from the ear for a moment: the next words wait for it."""
        self._keyed = True

    def interrupt(self, protected: float) -> None:
        """A voice stops what is said, unless that is a notice or has just begun (`protected`, seconds)."""
        playing = self._playback
        if playing is not None and self._line.interruptible and playing.played_s >= protected:
            self.stop()

    def settle(self, what: str) -> None:
        """The letter that is being said, if one is, comes to this."""
        letter, self._letter = self._letter, None
        if letter is not None:
            letter.settle(what)

    async def _render(self, line: Line, playback: Playback, lead: float) -> None:
        try:
            await self._prompts.speak(line.text, playback, slow=line.slow, lead=lead)
        except SynthesisFailed as error:
            self._tell(error)
