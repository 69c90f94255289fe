"""The voice: recordings first, programs for the rest, everything spoken once."""

from __future__ import annotations

import asyncio
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from core.speech import SynthesisFailed
from speech.audio import Clip
from speech.kept import REMEMBERED_BYTES
from speech.speakers import Espeak, Piper
from speech.synthesis import Prepared, Recordings, Voice
from speech.telephone import as_wav
from tests.speech.sounds import tone


class Counting:
    """A speaker that makes a tone as long as the text and remembers what it was asked."""

    name = "counting"

    def __init__(self) -> None:
        self.said: list[str] = []

    async def speak(self, text: str) -> bytes:
        self.said.append(text)
        return as_wav(Clip(tone(len(text) / 100, 22050), 22050))


def record(folder: Path, key: str, seconds: float, text: str | None = None) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{key}.wav").write_bytes(as_wav(Clip(tone(seconds, 16000), 16000)))
    if text is not None:
        (folder / f"{key}.txt").write_text(text, encoding="utf-8")


GREETING, FAREWELL = "Chào bác.", "Chào cô."


def kept_files(folder: Path) -> int:
    return len(list(folder.glob("*.pcm")))


async def test_what_is_spoken_is_not_spoken_again_and_only_fixed_texts_lie_on_disk(tmp_path: Path) -> None:
    speaker = Counting()
    voice = Voice(speaker, None, tmp_path / "kept", [GREETING])
    first = await voice.say(GREETING)
    assert len(first) == pytest.approx(2 * 8000 * 0.09, abs=40)
    assert await Voice(speaker, None, tmp_path / "kept", [GREETING]).say("Chào  bác.") == first
    assert speaker.said == [GREETING]
    for _ in range(2):
        await voice.say("Cống nhà bác sập rồi.")
    assert speaker.said == [GREETING, "Cống nhà bác sập rồi."]
    assert kept_files(tmp_path / "kept") == 1


async def test_what_is_remembered_has_an_end(tmp_path: Path) -> None:
    speaker = Counting()
    voice = Voice(speaker, None, None)
    long = "một " * 200  # eight seconds and more
    for number in range(REMEMBERED_BYTES // (16_000 * 8) + 2):
        await voice.say(f"{number} {long}")
    said = len(speaker.said)
    await voice.say(f"0 {long}")
    assert len(speaker.said) == said + 1


async def test_fixed_texts_are_prepared_and_old_ones_removed(tmp_path: Path) -> None:
    speaker, folder = Counting(), tmp_path / "kept"
    record(tmp_path / "studio", "thanks", 0.5, "Cảm ơn bác.")
    studio = Recordings(tmp_path / "studio", {})
    texts = [GREETING, FAREWELL, "Cảm ơn bác.", "…"]
    assert await Voice(speaker, studio, folder, texts).prepare() == Prepared(1, 2, 0, 0)
    assert await Voice(speaker, studio, folder, texts).prepare() == Prepared(1, 0, 2, 0)
    assert len(speaker.said) == 2
    changed = ["Chào bác ạ.", *texts[1:]]
    assert await Voice(speaker, studio, folder, changed).prepare() == Prepared(1, 1, 1, 1)
    other = Counting()
    other.name = "other"
    assert await Voice(other, studio, folder, changed).prepare() == Prepared(1, 2, 0, 2)
    assert kept_files(folder) == 2


async def test_what_cannot_be_prepared_is_named(tmp_path: Path) -> None:
    record(tmp_path, "greeting", 0.5, GREETING)
    done = await Voice(None, Recordings(tmp_path, {}), tmp_path / "kept", [GREETING, FAREWELL]).prepare()
    assert done.recorded == 1
    ((text, reason),) = done.failed
    assert text == FAREWELL
    assert "no recording" in reason


def test_another_piper_voice_of_the_same_name_is_another_voice(tmp_path: Path) -> None:
    file = tmp_path / "vi.onnx"
    names = {Piper(file).name}
    for content in (b"one", b"two"):
        file.write_bytes(content)
        names.add(Piper(file).name)
        assert Piper(file).name in names
    assert len(names) == 3


async def test_a_recording_is_played_instead(tmp_path: Path) -> None:
    record(tmp_path, "goodbye", 0.5)
    speaker = Counting()
    voice = Voice(speaker, Recordings(tmp_path, {"goodbye": "Chào bác."}), None)
    pcm = await voice.say("chào bác")
    assert len(pcm) == 2 * 4000
    assert float(np.abs(np.frombuffer(pcm, "<i2")).max()) > 10_000
    assert speaker.said == []


async def test_recorded_digits_are_joined_to_codes(tmp_path: Path) -> None:
    for at, name in enumerate(["không", "một", "hai", "bốn", "sáu", "hát", "tê"]):
        record(tmp_path, f"part_{at}", 0.2, name)
    record(tmp_path, "code", 0.4, "Mã của bác là")
    voice = Voice(None, Recordings(tmp_path, {}), None)
    pcm = await voice.say("Mã của bác là HT-2611-00042.")
    assert len(pcm) == pytest.approx(2 * 8000 * (0.4 + 11 * 0.2 + 11 * 0.12), abs=40)


async def test_what_is_not_recorded_whole_is_spoken_whole(tmp_path: Path) -> None:
    record(tmp_path, "a", 0.2, "Chào")
    speaker = Counting()
    await Voice(speaker, Recordings(tmp_path, {}), None).say("Chào bác")
    assert speaker.said == ["Chào bác"]


async def test_without_a_voice_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(SynthesisFailed, match="no recording"):
        await Voice(None, Recordings(tmp_path / "missing", {}), None).say("Chào bác")
    with pytest.raises(SynthesisFailed, match="nothing to say"):
        await Voice(Counting(), None, None).say(" … ")


async def test_espeak_that_is_missing_says_how_to_install_it() -> None:
    espeak = Espeak("espeak-ng-that-is-not-there")
    assert not espeak.installed
    with pytest.raises(SynthesisFailed, match="apt-get install espeak-ng"):
        await espeak.speak("chào bác")


@pytest.mark.skipif(not Espeak().installed, reason="espeak-ng is not installed: apt-get install espeak-ng")
async def test_espeak_speaks_longer_texts_longer() -> None:
    voice = Voice(Espeak(), None, None)
    short, long = await asyncio.gather(voice.say("Chào bác."), voice.say("Chào bác. " * 5))
    assert 0.3 < len(short) / 16000 < 3
    assert len(long) > 3 * len(short)
    assert float(np.abs(np.frombuffer(short, "<i2")).max()) > 2000


def program(folder: Path, body: str) -> Path:
    path = folder / "speaks"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


async def test_piper_is_given_the_voice_and_the_text(tmp_path: Path) -> None:
    voice = tmp_path / "vi.onnx"
    voice.write_bytes(b"")
    wav = tmp_path / "answer.wav"
    wav.write_bytes(as_wav(Clip(tone(0.3, 22050), 22050)))
    made = program(
        tmp_path,
        f"assert sys.argv[1:] == ['--model', {str(voice)!r}, '--output_file', '-']\n"
        "assert sys.stdin.buffer.read().decode() == 'Chào bác\\n'\n"
        f"sys.stdout.buffer.write(open({str(wav)!r}, 'rb').read())",
    )
    pcm = await Voice(Piper(voice, [str(made)]), None, None).say("Chào bác")
    assert len(pcm) == pytest.approx(2 * 8000 * 0.3, abs=20)


async def test_a_program_that_fails_or_writes_nonsense_is_an_error(tmp_path: Path) -> None:
    voice = tmp_path / "vi.onnx"
    with pytest.raises(SynthesisFailed, match="KENHDAN_VOICE"):
        await Piper(voice).speak("a")
    voice.write_bytes(b"")
    with pytest.raises(SynthesisFailed, match="not installed"):
        await Piper(voice, ["piper-that-is-not-there"]).speak("a")
    with pytest.raises(SynthesisFailed, match="code 3"):
        await Piper(voice, [str(program(tmp_path, "sys.exit(3)"))]).speak("a")
    with pytest.raises(SynthesisFailed, match="cannot be read"):
        await Voice(Piper(voice, [str(program(tmp_path, "print('no sound')"))]), None, None).say("a")
