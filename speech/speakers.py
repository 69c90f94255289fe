"""Programs that speak Vietnamese: espeak-ng, and Piper with a voice that the operator installed.

Both are under the GPL and programs of their own; they are run, never linked.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from core.speech import SynthesisFailed

_LIMIT_S = 20.0
_ENDS = 65_536


class Speaker(Protocol):
    """A program that speaks."""

    @property
    def name(self) -> str:
        """Names voice and settings: what is kept belongs to it."""
        ...

    async def speak(self, text: str) -> bytes:
        """An audio file of any kind. Raises SynthesisFailed."""
        ...


class Espeak:
    """espeak-ng's Vietnamese voice: digits are clear, prose is hard to follow. The fall-back."""

    def __init__(self, program: str = "espeak-ng", words_a_minute: int = 140) -> None:
        self._program = program
        self._speed = words_a_minute
        self.name = f"espeak-ng vi {words_a_minute}"

    @property
    def installed(self) -> bool:
        return shutil.which(self._program) is not None

    async def speak(self, text: str) -> bytes:
        if not self.installed:
            raise SynthesisFailed(
                "espeak-ng is not installed (apt-get install espeak-ng), or record all prompts"
            )
        command = [self._program, "-v", "vi", "-s", str(self._speed), "--stdin", "--stdout"]
        return await _run(command, text)


class Piper:
    """Piper with a voice file (.onnx with its .onnx.json beside it) that the operator installed."""

    def __init__(self, voice: Path, program: Sequence[str] = ("piper",)) -> None:
        self._voice = voice
        self._program = tuple(program)
        self.name = f"piper {voice.name} {_mark(voice)}"

    async def speak(self, text: str) -> bytes:
        if not self._voice.is_file():
            raise SynthesisFailed(f"there is no Piper voice {self._voice} (KENHDAN_VOICE)")
        if shutil.which(self._program[0]) is None:
            raise SynthesisFailed(f"the program {self._program[0]} is not installed: pip install piper-tts")
        return await _run([*self._program, "--model", str(self._voice), "--output_file", "-"], text)


def _mark(voice: Path) -> str:
    """Tells a voice file from another of the same name: by its size and both its ends."""
    try:
        with voice.open("rb") as file:
            first = file.read(_ENDS)
            size = file.seek(0, 2)
            file.seek(max(0, size - _ENDS))
            return hashlib.sha256(b"%d:%b%b" % (size, first, file.read())).hexdigest()[:12]
    except OSError:
        return "missing"


async def _run(command: Sequence[str], text: str) -> bytes:
    """What a program writes to stdout when it is given a line of text. Raises SynthesisFailed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_LIMIT_S):
            out, _ = await process.communicate(f"{text}\n".encode())
    except TimeoutError as error:
        raise SynthesisFailed(f"{command[0]} did not answer in {_LIMIT_S:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not out:
        raise SynthesisFailed(f"{command[0]} ended with code {process.returncode}")
    return out
