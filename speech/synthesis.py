"""A voice: recorded prompts first, a speaking program for the rest, and nothing spoken twice.

What is spoken is PCM16, mono, 8 kHz.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from core.speech import SynthesisFailed
from core.text import clean
from speech.kept import Kept
from speech.speakers import Speaker
from speech.speaking import as_said

RATE = 8000
LONGEST_TEXT = 1000
_BETWEEN_S = 0.12
"""Silence between two recordings that are joined."""

log = structlog.get_logger(__name__)


class Recordings:
    """Recorded prompts by their text. Files are `<key>.wav` (any format that can be read); a key's text
    stands in `<key>.txt` beside it or comes from the pack.
    """

    def __init__(self, folder: Path, texts: Mapping[str, str]) -> None:
        self._files: dict[tuple[str, ...], Path] = {}
        for path in sorted(folder.glob("*.wav")) if folder.is_dir() else []:
            beside = path.with_suffix(".txt")
            text = beside.read_text(encoding="utf-8") if beside.is_file() else texts.get(path.stem)
            if text is None:
                log.warning("recording_of_no_prompt", file=path.name)
            elif words := _words(text):
                self._files[words] = path
        self._longest = max(map(len, self._files), default=0)

    def cover(self, text: str) -> list[Path] | None:
        """Recordings that say the whole text one after another, longest first; None when it is not all
        there.
        """
        words, found, at = _words(text), [], 0
        while at < len(words):
            for length in range(min(self._longest, len(words) - at), 0, -1):
                path = self._files.get(words[at : at + length])
                if path is not None:
                    found.append(path)
                    at += length
                    break
            else:
                return None
        return found or None


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", as_said(text).lower()))


@dataclass(frozen=True, slots=True)
class Prepared:
    """How many fixed texts have a recording, were spoken now, were there already; how many of another text or
    voice were removed; and what could be neither played nor spoken, with the reason."""

    recorded: int
    spoken: int
    there: int
    removed: int
    failed: tuple[tuple[str, str], ...] = ()


class Voice:
    """Fills `core.speech.Synthesizer`. `fixed` are texts that are always said alike: what is spoken of them
    lies in the folder `kept`, the rest (a citizen's own words) is on no disk. Few speak at once."""

    def __init__(
        self, speaker: Speaker | None, recordings: Recordings | None, kept: Path | None,
        fixed: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self._speaker = speaker
        self._recordings = recordings
        self._fixed = [
            text for text in dict.fromkeys(clean(text, LONGEST_TEXT) for text in fixed) if _words(text)
        ]
        name = speaker.name if speaker is not None else ""
        self._kept = Kept(kept, name, map(as_said, self._fixed))
        self._turns = asyncio.Semaphore(2)

    async def say(self, text: str) -> bytes:
        text = clean(text, LONGEST_TEXT)
        if not _words(text):
            raise SynthesisFailed("there is nothing to say")
        recorded = self._recorded(text)
        if recorded is not None:
            return await asyncio.to_thread(_join, recorded)
        if self._speaker is None:
            raise SynthesisFailed("no voice is switched on, and there is no recording of this prompt")
        return await self._spoken(as_said(text), self._speaker)

    async def prepare(self) -> Prepared:
        """See that all fixed texts can be said at once; what was kept of others goes."""
        recorded = spoken = there = 0
        failed: list[tuple[str, str]] = []
        for text in self._fixed:
            if self._recorded(text) is None and self._kept.has(as_said(text)):
                there += 1
                continue
            try:
                await self.say(text)
            except SynthesisFailed as error:
                failed.append((text, str(error)))
                continue
            if self._recorded(text) is not None:
                recorded += 1
            else:
                spoken += 1
        removed = await asyncio.to_thread(self._kept.remove_stale)
        return Prepared(recorded, spoken, there, removed, tuple(failed))

    def _recorded(self, text: str) -> list[Path] | None:
        return self._recordings.cover(text) if self._recordings else None

    async def _spoken(self, said: str, speaker: Speaker) -> bytes:
        known = await self._kept.find(said)
        if known is not None:
            return known
        async with self._turns:
            pcm = await asyncio.to_thread(_pcm, await speaker.speak(said))
        await self._kept.keep(said, pcm)
        return pcm


def _pcm(file: bytes) -> bytes:
    """An audio file as PCM16 at 8 kHz. Raises SynthesisFailed."""
    from speech.audio import BadAudio, read_audio, to_pcm16  # FFmpeg is loaded when somebody speaks

    try:
        return to_pcm16(read_audio(file).at(RATE)).tobytes()
    except BadAudio as error:
        raise SynthesisFailed(f"what was spoken cannot be read: {error}") from error


def _join(files: Sequence[Path]) -> bytes:
    between = bytes(int(_BETWEEN_S * RATE) * 2)
    return between.join(_pcm(path.read_bytes()) for path in files)
