"""Speech measured: `python -m benchmarks.speech [DIR]` with NAME.wav and NAME.txt in DIR.

Without DIR the six real voices that `make test` installs. Prints word errors clean, on the telephone and in
noise; processor time; from the end of speech to the words with one and four callers who talk in real time;
what loading and memory cost.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path

from app import load_province
from core.settings import Settings
from speech.audio import Clip, to_pcm16
from speech.command import measure, read_samples
from speech.opening import open_recognizer
from speech.recognizer import LocalRecognizer
from speech.telephone import through_telephone

VOICES = Path(sys.prefix) / "voices" / "vieneu" / "assets" / "samples"
FRAME_S = 0.02
Sample = tuple[str, Clip, str]


async def call(recognizer: LocalRecognizer, clip: Clip) -> float:
    """One utterance in real time, 20 ms a frame; seconds from its end to its words."""
    pcm = to_pcm16(through_telephone(clip).samples).tobytes()
    size = int(8000 * FRAME_S) * 2
    listening = await recognizer.listen()
    begun = time.perf_counter()
    for number, at in enumerate(range(0, len(pcm), size), 1):
        await listening.feed(pcm[at : at + size])
        await asyncio.sleep(max(0.0, begun + number * FRAME_S - time.perf_counter()))
    ended = time.perf_counter()
    await listening.finish()
    return time.perf_counter() - ended


async def calls(recognizer: LocalRecognizer, samples: list[Sample], at_once: int) -> None:
    """Each caller says all the voices, beginning with another one."""

    async def caller(first: int) -> list[float]:
        return [await call(recognizer, clip) for _, clip, _ in samples[first:] + samples[:first]]

    took = [one for took in await asyncio.gather(*map(caller, range(at_once))) for one in took]
    worst, middle = max(took), statistics.median(took)
    print(f"{at_once} caller(s): from the end of speech to the words p50 {middle:.2f} s, worst {worst:.2f} s")


def cpu_s(recognizer: LocalRecognizer) -> float:
    """Processor time of the workers so far."""
    total = 0.0
    for pid in recognizer.pool.pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def main(folder: Path) -> None:
    settings = Settings()
    recognizer = open_recognizer(settings, load_province(settings.province).pack)
    assert recognizer is not None
    samples = [
        (name, clip, truth.replace("kỷ 19", "kỷ mười chín").replace("che dấu", "che giấu"))
        for name, clip, truth in read_samples(folder)
    ]
    begun = time.perf_counter()
    engine = await recognizer.warm()
    print(f"engine: {engine}, loaded in {time.perf_counter() - begun:.1f} s")
    before = cpu_s(recognizer)
    results = await measure(recognizer, samples, print)
    spoken = sum(result.seconds for result in results)
    print(f"processor: {spoken / (cpu_s(recognizer) - before):.1f} s of speech a second of one core")
    await recognizer.warm(2)
    for at_once in (1, 4):
        await calls(recognizer, samples, at_once)
    sizes = ", ".join(f"{memory_mb(pid):.0f} MB" for pid in recognizer.pool.pids)
    print(f"workers: {sizes}")
    await recognizer.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else VOICES))
