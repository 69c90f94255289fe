"""Word and character errors, the telephone, and what the commands print."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.pack import Pack
from core.settings import Settings
from core.speech import Transcript, Word
from speech.audio import Clip, read_audio
from speech.command import read_samples, run_speech, run_transcribe, spelled, transcript_lines
from speech.measures import Errors, character_errors, word_errors
from speech.opening import SpeechUnusable, check_recognizer, check_voice, open_recognizer, open_voice
from speech.recognizer import as_text
from speech.telephone import as_wav, through_telephone
from tests.speech.sounds import tone


def test_errors_are_edits_over_the_truth() -> None:
    assert word_errors("Cái cống, sập rồi!", "cái cống sập rồi") == Errors(0, 4)
    assert word_errors("cái cống sập rồi", "cái cống bị sập").edits == 2
    assert word_errors("cái cống", "").rate == 1
    assert word_errors("", "cái").rate == 1
    assert character_errors("sập", "sập") == Errors(0, 3)
    assert (Errors(1, 4) + Errors(2, 4)).rate == pytest.approx(3 / 8)
    # the same letters composed and decomposed
    assert word_errors("sập", "sa\u0323\u0302p").edits == 0


def test_a_truth_is_spelled_as_transcripts_are() -> None:
    assert spelled("Thôn ba, quốc lộ một a.") == "thôn 3 quốc lộ 1A"


def test_the_telephone_lets_its_band_through_and_no_more() -> None:
    kept = through_telephone(Clip(tone(1.0, 16000, 1000), 16000))
    lost = through_telephone(Clip(tone(1.0, 16000, 100), 16000))
    assert kept.rate == 8000
    assert float(np.std(kept.samples)) > 0.3
    assert float(np.std(lost.samples)) < 0.02
    noisy = through_telephone(Clip(tone(1.0, 16000, 1000), 16000), noise_db=10)
    ratio = np.std(kept.samples) / np.std(noisy.samples - kept.samples)
    assert 20 * np.log10(ratio) == pytest.approx(10, abs=0.5)


def test_a_text_has_commas_at_pauses_and_a_capital_first() -> None:
    words = [Word("alô", 0, 0.3, 1), Word("cái", 1.6, 1.8, 1), Word("cống", 1.8, 2.0, 1)]
    assert as_text(words) == "Alô, cái cống"
    assert as_text([]) == ""


def test_doubtful_words_are_marked() -> None:
    words = (Word("ở", 0, 0.2, 0.95), Word("Thiên", 0.2, 0.4, 0.5, "tiên"))
    lines = transcript_lines("a.wav", Transcript("Ở Thiên", 0.7, words, "x", 0.4), words=True)
    assert lines[0] == "a.wav\t0.4 s\t0.70\tỞ Thiên"
    assert "?" not in lines[1]
    assert lines[2].endswith("0.50 ?  Thiên (heard: tiên)")


def test_samples_are_read_with_their_truth(tmp_path: Path) -> None:
    (tmp_path / "a [1].wav").write_bytes(as_wav(Clip(tone(0.5), 8000)))
    (tmp_path / "a [1].txt").write_text(" cái cống \n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("không có tiếng", encoding="utf-8")
    ((name, clip, truth),) = read_samples(tmp_path)
    assert (name, clip.seconds, truth) == ("a [1]", 0.5, "cái cống")


def test_the_commands_on_a_real_voice(
    pack: Pack, voices: list[tuple[Clip, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, truth = voices[0]
    (tmp_path / "one.wav").write_bytes(as_wav(clip))
    (tmp_path / "one.txt").write_text(truth, encoding="utf-8")
    settings = Settings(speech_workers=1, media_dir=tmp_path / "media")
    assert run_transcribe(settings, pack, [str(tmp_path / "one.wav"), str(tmp_path / "none.wav")]) == 1
    captured = capsys.readouterr()
    heard = next(line for line in captured.out.splitlines() if "\t" in line)  # a log may stand beside it
    assert word_errors(truth, heard.split("\t")[-1]).rate <= 0.1
    assert "none.wav" in captured.err
    assert run_speech(settings, pack, ["eval", str(tmp_path)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "WER" in line]
    assert [line.split("WER")[0].strip() for line in lines] == [
        "clean",
        "telephone",
        "telephone, noise 20 dB",
    ]
    assert all("x real time" in line and "CER" in line for line in lines)


def test_speech_that_is_off_is_refused(
    pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    off = Settings(speech="off")
    assert open_recognizer(off, pack) is None
    assert run_transcribe(off, pack, ["a.wav"]) == 1
    assert "KENHDAN_SPEECH" in capsys.readouterr().err
    assert check_recognizer(off).startswith("off")
    with pytest.raises(SpeechUnusable, match="tokens"):
        check_recognizer(Settings(speech="sherpa", speech_model=tmp_path))
    with pytest.raises(SpeechUnusable, match="KENHDAN_VOICE"):
        check_voice(Settings(voice=tmp_path / "vi.onnx"))
    assert "recorded prompts" in check_voice(Settings())
    assert run_speech(off, pack, ["eval", str(tmp_path)]) == 1


async def test_prompts_of_the_settings_folder_are_played(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "goodbye.wav").write_bytes(as_wav(Clip(tone(0.5), 8000)))
    settings = Settings(prompts=tmp_path, media_dir=tmp_path / "media")
    pcm = await open_voice(settings, pack, {"goodbye": "Chào bác."}).say("Chào bác.")
    assert len(pcm) == len(as_wav(read_audio((tmp_path / "goodbye.wav").read_bytes()))) - 44
