"""The hotline put together: what `app.py` starts, and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from connectors.hotline.activities import Activities
from connectors.hotline.bridge import Bridge, BridgeSettings
from connectors.hotline.call import Call
from connectors.hotline.caller import Caller
from connectors.hotline.channel import HotlineChannel, PhoneText
from connectors.hotline.desk import CHANNEL, Accept, Desk
from connectors.hotline.dictation import WordsHeard
from connectors.hotline.errands import Errands
from connectors.hotline.media import CallMedia
from connectors.hotline.prompts import Prompts
from connectors.hotline.receipts import receipt_sender
from connectors.hotline.recovery import recover_calls
from connectors.hotline.spool import Spool
from connectors.hotline.watchdog import Watchdog
from connectors.hotline.wording import Wording
from core.clock import Clock
from core.media.store import MediaStore
from core.message import Address
from core.pack import Pack
from core.phrases import Phrases
from core.speech import RecognitionFailed, Recognizer, Synthesizer, VoiceActivity
from core.storage import Store
from core.understanding import Context, Interpreter

log = structlog.get_logger(__name__)

TELLS = 0.35
"""From this probability on a category shows that a matter was told."""


@dataclass(frozen=True, slots=True)
class House:
    """What the hotline needs from the rest of the program."""

    store: Store
    accept: Accept
    media: MediaStore
    pack: Pack
    phrases: Phrases
    interpreter: Interpreter
    clock: Clock


@dataclass(slots=True)
class Hotline:
    """`channel` takes answers, `bridge` takes calls; `words` is the recognizer that the worker must use."""

    desk: Desk
    channel: HotlineChannel
    bridge: Bridge
    words: WordsHeard
    watchdog: Watchdog | None
    before_calls: Sequence[Callable[[], Awaitable[object]]] = ()
    """What is better done before the first call rings: loading the recognizer, speaking the fixed prompts."""
    listens: bool = True
    """False: no calls from Asterisk, only from the simulator's page."""
    browsers: int = 0
    receipts: Errands = field(default_factory=Errands)
    """Receipts of calls that are over, on their way into writing."""
    _warming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what a crash left, then take calls. Raises OSError when a port is taken."""
        await recover_calls(self.desk)
        if not self.listens:
            return
        await self.bridge.start()
        self._warming = asyncio.create_task(self._warm())

    async def prepared(self) -> None:
        """Wait until what is done before the first call is done."""
        if self._warming is not None:
            await self._warming

    async def close(self) -> None:
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        await self.bridge.close()
        await self.receipts.end()

    async def _warm(self) -> None:
        for prepare in self.before_calls:
            try:
                await prepare()
            except (RecognitionFailed, OSError) as error:
                log.error("hotline_not_prepared", reason=str(error))  # noqa: TRY400

    async def facts(self) -> dict[str, Any]:
        """Numbers for the health page."""
        worst = self.watchdog.worst_s if self.watchdog is not None else 0.0
        return {
            "calls": self.bridge.calls + self.browsers,
            "lines": self.bridge.settings.most_calls,
            "refused": self.bridge.refused,
            "worst_loop_lag_s": round(worst, 3),
        }


def open_hotline(
    house: House,
    *,
    recognizer: Recognizer | None,
    synthesizer: Synthesizer,
    activity: Callable[[], VoiceActivity],
    wording: Wording,
    folder: Path,
    bridge: BridgeSettings,
    texting: PhoneText | None = None,
    watchdog_s: float = 0.0,
    fixed: Iterable[str] = (),
) -> Hotline:
    """A hotline that is not listening yet. `folder` keeps the calls under way, `fixed` are prompts that are
    always said alike."""
    words = WordsHeard(recognizer)
    channel = HotlineChannel(house.media, texting)
    desk = Desk(
        accept=house.accept,
        media=house.media,
        words=words,
        prompts=Prompts(synthesizer, wording.timing.between, wording.timing.between_slow, fixed),
        wording=wording,
        spool=Spool(folder),
        clock=house.clock,
        activities=Activities(activity),
        operators_there=lambda: _operators_there(house, wording),
        is_complete=lambda text: tells_all(house, text),
        spell=house.phrases.spell,
    )
    receipts = Errands()
    if texting is not None:
        write = receipt_sender(house.store, texting, wording, house.phrases)
        desk.send_receipt = lambda address, caller, since: receipts.start(write(address, caller, since))

    def open_call(media: CallMedia, caller: Caller, call_id: str) -> Call:
        return Call(desk, media, caller, address_of(caller, call_id, channel), call_id)

    lines = Bridge(bridge, open_call, channel.enter, channel.leave, prepare=desk.activities.prepare)
    watchdog = Watchdog(watchdog_s) if watchdog_s else None
    return Hotline(desk, channel, lines, words, watchdog, receipts=receipts)


def address_of(caller: Caller, call_id: str, channel: HotlineChannel) -> Address:
    """The conversation of a call: the number's, or one of its own when there is none, or when somebody else
    talks to us from the same number just now (an office's exchange)."""
    if not caller.number:
        return Address(CHANNEL, f"anonymous:{call_id}")
    address = Address(CHANNEL, caller.number)
    return Address(CHANNEL, f"{caller.number}/{call_id}") if channel.is_on_the_line(address) else address


def _operators_there(house: House, wording: Wording) -> bool:
    if wording.operators == "office":
        return house.pack.calendar.is_working(house.clock.now())
    return wording.operators == "always"


async def tells_all(house: House, text: str) -> bool:
    """Whether the words name a matter and its commune: then a short silence is enough."""
    meaning = await house.interpreter.interpret(text, Context.IDLE)
    if meaning.danger is not None:
        return True
    if meaning.intent != "report" or not meaning.categories or meaning.categories[0][1] < TELLS:
        return False
    place = house.pack.places.find(text)
    return place is not None and place.status == "unit"
