"""The command line's `transcribe` and `speech`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.pack import Pack
from core.settings import Settings
from core.speech import RecognitionFailed, SynthesisFailed, Transcript, Word
from speech.audio import BadAudio, Clip, Side, from_pcm16, read_audio
from speech.measures import Errors, bare_words, character_errors, word_errors
from speech.opening import open_recognizer, open_voice
from speech.recognizer import LocalRecognizer
from speech.telephone import as_wav, through_telephone
from speech.writing import write_numbers

Say = Callable[[str], object]


def run_transcribe(settings: Settings, pack: Pack, arguments: Sequence[str]) -> int:
    """`kenhdan transcribe FILE…`: what is said in each file."""
    parser = argparse.ArgumentParser(
        "kenhdan transcribe", description="write down what is said in recordings"
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--words", action="store_true", help="each word with its time and confidence")
    parser.add_argument(
        "--side", choices=("both", "left", "right"), default="both", help="of stereo recordings"
    )
    options = parser.parse_args(arguments)
    recognizer = open_recognizer(settings, pack)
    if recognizer is None:
        return _refuse("no recognizer is switched on (KENHDAN_SPEECH)")
    return asyncio.run(_transcribe(recognizer, options.files, options.side, words=options.words))


async def _transcribe(recognizer: LocalRecognizer, files: Sequence[Path], side: str, *, words: bool) -> int:
    failed = 0
    try:
        for file in files:
            try:
                data = await asyncio.to_thread(file.read_bytes)
                transcript = await recognizer.transcribe_side(data, _side(side))
            except (OSError, RecognitionFailed) as error:
                failed += 1
                _refuse(f"{file}: {error}")
                continue
            for line in transcript_lines(str(file), transcript, words=words):
                sys.stdout.write(line + "\n")
    finally:
        await recognizer.close()
    return 1 if failed else 0


def transcript_lines(name: str, transcript: Transcript, *, words: bool) -> list[str]:
    """What is printed for a recording: name, confidence and text; doubtful words stand in brackets below."""
    lines = [f"{name}\t{transcript.seconds:.1f} s\t{transcript.confidence:.2f}\t{transcript.text}"]
    if transcript.cut:
        lines.append("\t(the recording is longer; only its beginning was heard)")
    if words:
        for word in transcript.words:
            mark, heard = "" if word.sure else " ?", f" (heard: {word.heard})" if word.heard else ""
            when = f"{word.start:7.2f} {word.end:7.2f}"
            lines.append(f"\t{when}  {word.confidence:.2f}{mark}  {word.text}{heard}")
    return lines


def _side(text: str) -> Side:
    return "left" if text == "left" else "right" if text == "right" else "both"


def run_speech(settings: Settings, pack: Pack, arguments: Sequence[str]) -> int:
    """`kenhdan speech eval DIR` and `kenhdan speech say TEXT FILE`."""
    parser = argparse.ArgumentParser(
        "kenhdan speech", epilog="kenhdan speech prompts: speak the hotline's fixed prompts beforehand"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("eval", help="word and character errors on NAME.wav with NAME.txt")
    measure.add_argument("folder", type=Path, metavar="DIR")
    say = commands.add_parser("say", help="what the voice makes of a text, as a WAV file")
    say.add_argument("text")
    say.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "say":
        return asyncio.run(_say(settings, pack, options.text, options.file))
    recognizer = open_recognizer(settings, pack)
    if recognizer is None:
        return _refuse("no recognizer is switched on (KENHDAN_SPEECH)")
    return asyncio.run(_measure(recognizer, options.folder))


async def _say(settings: Settings, pack: Pack, text: str, file: Path) -> int:
    try:
        pcm = await open_voice(settings, pack).say(text)
    except SynthesisFailed as error:
        return _refuse(str(error))
    await asyncio.to_thread(file.write_bytes, as_wav(Clip(from_pcm16(pcm), 8000)))
    return 0


@dataclass(slots=True)
class Measured:
    """Errors and time over all recordings of one kind."""

    words: Errors = field(default_factory=Errors)
    characters: Errors = field(default_factory=Errors)
    seconds: float = 0.0
    took_s: float = 0.0

    def line(self, name: str) -> str:
        speed = self.seconds / self.took_s if self.took_s else 0.0
        return (
            f"{name:<22} WER {self.words.rate:6.1%}  CER {self.characters.rate:6.1%}"
            f"  {self.seconds:6.1f} s of speech, {speed:.1f} x real time"
        )


async def measure(
    recognizer: LocalRecognizer, samples: Sequence[tuple[str, Clip, str]], say: Say
) -> list[Measured]:
    """Recognise (name, clip, truth) one after another, clean and through the telephone; tell each mistake.

    Numbers of the truth may stand in words or digits.
    """
    kinds: tuple[tuple[str, Callable[[Clip], Clip]], ...] = (
        ("clean", lambda clip: clip),
        ("telephone", through_telephone),
        ("telephone, noise 20 dB", lambda clip: through_telephone(clip, 20)),
    )
    await recognizer.warm()
    results = []
    for kind, line in kinds:
        measured = Measured()
        for name, clip, truth in samples:
            data = as_wav(line(clip))
            begun = time.perf_counter()
            heard = await recognizer.transcribe(data, "audio/wav")
            measured.took_s += time.perf_counter() - begun
            measured.seconds += clip.seconds
            errors = word_errors(spelled(truth), heard.text)
            measured.words += errors
            measured.characters += character_errors(spelled(truth), heard.text)
            if errors.edits:
                say(f"  {name} ({kind}): {heard.text}\n  {'':{len(name)}}  wanted: {truth}")
        say(measured.line(kind))
        results.append(measured)
    return results


def spelled(truth: str) -> str:
    """A truth with its spoken numbers written as a transcript's are."""
    words = [Word(text, 0.0, 0.0, 1.0) for text in bare_words(truth)]
    return " ".join(word.text for word in write_numbers(words))


def read_samples(folder: Path) -> list[tuple[str, Clip, str]]:
    """NAME.wav (or mp3, ogg, m4a, amr) with NAME.txt beside it. Raises BadAudio, OSError."""
    found = []
    for truth in sorted(folder.glob("*.txt")):
        for audio in sorted(folder.glob(f"{_escaped(truth.stem)}.*")):
            if audio.suffix in (".wav", ".mp3", ".ogg", ".m4a", ".amr"):
                text = truth.read_text(encoding="utf-8").strip()
                found.append((truth.stem, read_audio(audio.read_bytes()), text))
    return found


def _escaped(name: str) -> str:
    return "".join(f"[{ch}]" if ch in "*?[" else ch for ch in name)


async def _measure(recognizer: LocalRecognizer, folder: Path) -> int:
    try:
        samples = await asyncio.to_thread(read_samples, folder)
        if not samples:
            return _refuse(f"{folder} has no NAME.wav with NAME.txt beside it")
        await measure(recognizer, samples, lambda line: sys.stdout.write(f"{line}\n"))
    except (OSError, BadAudio, RecognitionFailed) as error:
        return _refuse(str(error))
    finally:
        await recognizer.close()
    return 0


def _refuse(why: str) -> int:
    sys.stderr.write(f"kenhdan: {why}\n")
    return 1
