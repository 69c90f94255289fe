"""A voice: recorded prompts first, a speaking program for the rest, and everything spoken once kept.

espeak-ng and Piper are programs of their own under the GPL; they are run, never linked. What is spoken is
PCM16, mono, 8 kHz.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from core.speech import SynthesisFailed
from core.text import clean
from speech.speaking import as_said

RATE = 8000
LONGEST_TEXT = 1000
_LIMIT_S = 20.0
_BETWEEN_S = 0.12
"""Silence between two recordings that are joined."""

log = structlog.get_logger(__name__)


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
        self.name = f"piper {voice.name}"

    async def speak(self, text: str) -> bytes:
        if not self._voice.is_file():
            raise SynthesisFailed(f"there is no Piper voice {self._voice} (KENHDAN_VOICE)")
        if shutil.which(self._program[0]) is None:
            raise SynthesisFailed(f"the program {self._program[0]} is not installed: pip install piper-tts")
        return await _run([*self._program, "--model", str(self._voice), "--output_file", "-"], text)


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


class Voice:
    """Fills `core.speech.Synthesizer`. `kept` is the folder of what was spoken; no more than a few speak at
    once.
    """

    def __init__(self, speaker: Speaker | None, recordings: Recordings | None, kept: Path | None) -> None:
        self._speaker = speaker
        self._recordings = recordings
        self._kept = kept
        self._turns = asyncio.Semaphore(2)

    async def say(self, text: str) -> bytes:
        text = clean(text, LONGEST_TEXT)
        if not _words(text):
            raise SynthesisFailed("there is nothing to say")
        recorded = self._recordings.cover(text) if self._recordings else None
        if recorded is not None:
            return await asyncio.to_thread(_join, recorded)
        if self._speaker is None:
            raise SynthesisFailed("no voice is switched on, and there is no recording of this prompt")
        return await self._spoken(as_said(text), self._speaker)

    async def prepare(self, texts: Iterable[str]) -> int:
        """Speak texts before they are needed; how many are there. Raises SynthesisFailed."""
        return len([await self.say(text) for text in texts])

    async def _spoken(self, said: str, speaker: Speaker) -> bytes:
        path = None
        if self._kept is not None:
            digest = hashlib.sha256(f"{speaker.name}\n{said}".encode()).hexdigest()
            path = self._kept / f"{digest[:40]}.pcm"
            if path.is_file():
                return await asyncio.to_thread(path.read_bytes)
        async with self._turns:
            pcm = await asyncio.to_thread(_pcm, await speaker.speak(said))
        if path is not None:
            await asyncio.to_thread(_keep, path, pcm)
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


def _keep(path: Path, pcm: bytes) -> None:
    """Losing what is kept costs time only: no flush."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        made.write_bytes(pcm)
        made.replace(path)
    except OSError as error:
        log.warning("speech_not_kept", reason=error.strerror)
