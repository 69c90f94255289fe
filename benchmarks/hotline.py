"""The hotline under load: what a caller hears and how long they wait, measured at the caller's end.

    python -m benchmarks.hotline [calls …] [--scripted]

Each caller is the tests' emulator of Asterisk: it hears the greeting, says a sentence of five seconds, and
waits for the answer. Recognition is the real one on a real voice (`make test` installs the voices);
`--scripted` puts one in its place. Printed are the share of 20 ms slots with sound in time, and the seconds
from the end of speech to the first sound of the answer: from the moment in which the bridge noticed the end,
and from the last syllable, with the silence that the bridge waits for.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.hotline.call import Call
from connectors.hotline.wording import Timing
from core.settings import Settings
from core.storage import open_store
from core.storage.sqlite import fresh_sqlite
from speech.audio import read_audio, to_pcm16
from speech.opening import open_recognizer
from speech.telephone import through_telephone
from speech.voice_activity import SileroActivity
from tests.connectors.hotline.emulator import Caller
from tests.connectors.hotline.stage import MATTER, HotlineStage, LoudActivity
from tests.core.stage import province

VOICES = Path(sys.prefix) / "voices" / "vieneu" / "assets" / "samples"
SECONDS = 5.0


def real_voice() -> bytes:
    """Five seconds of a real voice as the telephone brings it."""
    paths = sorted(VOICES.glob("*.wav"))
    if not paths:
        sys.exit("the real voices are not installed: `make test` installs them; or use --scripted")
    clips = [to_pcm16(through_telephone(read_audio(path.read_bytes())).at(8000)).tobytes() for path in paths]
    longest = max(clips, key=len)
    return longest[: int(SECONDS * 16_000)]


async def one_call(stage: HotlineStage, number: int, voice: bytes, waits: list[float]) -> Caller:
    caller = await stage.ring(number=f"0900000{number:03}")
    assert caller.app is not None
    await stage.quiet(caller, 60)
    await caller.say(voice)
    ended = asyncio.get_running_loop().time()
    async with asyncio.timeout(60):
        while not caller.app.is_heard_now():  # noqa: ASYNC110  (what is heard comes by the socket)
            await asyncio.sleep(0.02)
    first = caller.app.first_sound_after(ended)
    waits.append((first or asyncio.get_running_loop().time()) - ended)
    await stage.quiet(caller, 60)
    caller.hang_up()
    await caller.ended(60)
    return caller


async def measure(calls: int, *, scripted: bool) -> dict[str, Any]:
    noticed: list[float] = []
    waits: list[float] = []
    with tempfile.TemporaryDirectory(prefix="kenhdan-") as folder:
        store = await open_store(fresh_sqlite(Path(folder) / "calls.sqlite3"), migrate=False)
        recognizer: Any = True
        activity: Any = LoudActivity
        if not scripted:
            recognizer, activity = open_recognizer(Settings(), province()[0]), SileroActivity
            await recognizer.warm()
        stage = HotlineStage(
            store,
            Path(folder),
            recognizer=recognizer,
            activity=activity,
            timing=replace(Timing(), no_input=20.0),
        )
        stage.speaker.seconds = 1.5
        voice = stage.voices.voice(MATTER, SECONDS) if scripted else real_voice()
        leave = stage.hotline.bridge.leave

        def left(call: Call) -> None:
            noticed.extend(call.answer_times)
            leave(call)

        stage.hotline.bridge.leave = left
        async with stage.open():
            callers = await asyncio.gather(
                *(_later(number * 0.4, one_call(stage, number, voice, waits)) for number in range(calls))
            )
        if not scripted:
            await recognizer.close()
        await store.close()
    heard = [caller.app.heard() for caller in callers if caller.app is not None]
    return {
        "calls": calls,
        "slots_filled": 1 - sum(one.gaps for one in heard) / sum(one.slots for one in heard),
        "worst_call": min(one.filled for one in heard),
        "noticed_p50": statistics.median(noticed),
        "noticed_max": max(noticed),
        "last_syllable_p50": statistics.median(waits),
        "last_syllable_max": max(waits),
    }


async def _later(seconds: float, work: Any) -> Any:
    await asyncio.sleep(seconds)
    return await work


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("calls", nargs="*", type=int, default=[1, 4, 20])
    parser.add_argument("--scripted", action="store_true")
    arguments = parser.parse_args()
    print("| calls | slots filled | worst call | end noticed → sound p50 / max | last syllable → sound |")
    print("| --- | --- | --- | --- | --- |")
    for calls in arguments.calls:
        found = asyncio.run(measure(calls, scripted=arguments.scripted))
        print(
            f"| {found['calls']} | {found['slots_filled']:.2%} | {found['worst_call']:.2%}"
            f" | {found['noticed_p50']:.2f} / {found['noticed_max']:.2f} s"
            f" | {found['last_syllable_p50']:.2f} / {found['last_syllable_max']:.2f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
