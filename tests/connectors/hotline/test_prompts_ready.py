"""Before the first call: fixed prompts spoken at set-up, the recognizer loaded at start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from connectors.hotline.opening import open_live
from connectors.hotline.prompt_command import run_prompts
from connectors.hotline.prompt_list import fixed_prompts
from connectors.hotline.sound import as_wav
from connectors.hotline.wording import load_wording
from core.settings import Settings
from core.speech import RecognitionFailed, Transcript
from core.storage import Store
from tests.connectors.hotline.stage import tone
from tests.core.stage import PROVINCE, Stage, province

WORDING = load_wording(PROVINCE)
GOODBYE = WORDING.say("goodbye")


class Programs:
    """A `piper` that notes each text it is given, and settings under which it speaks."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        (folder / "answer.wav").write_bytes(as_wav(tone(300, 0.1)))
        (folder / "vi.onnx").write_bytes(b"voice")
        program = folder / "bin" / "piper"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\ncat >> {folder}/said\nexec cat {folder}/answer.wav\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=":")
        self.settings = Settings(
            voice=folder / "vi.onnx", media_dir=folder / "media", prompts=folder / "studio",
            hotline_dir=folder / "calls", hotline_agi_port=0, hotline_audio_port=0,
        )  # fmt: skip

    def said(self) -> list[str]:
        path = self.folder / "said"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def kept(self) -> int:
        return len(list((self.folder / "media" / "spoken").glob("*.pcm")))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs(tmp_path, monkeypatch)


class Slow:
    """A recognizer that must be loaded (fills what `open_live` asks of one)."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.warmed = 0
        self.failure = failure

    async def warm(self, workers: int = 1) -> str:
        if self.failure is not None:
            raise self.failure
        self.warmed += 1
        return "slow"

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        return Transcript("", 0.0)


async def start(settings: Settings, store: Store, folder: Path, recognizer: object) -> None:
    """The hotline comes up, is prepared, and goes down."""
    stage = Stage(store, folder)
    stage.worker.hearing.recognizer = recognizer  # type: ignore[assignment]
    live = open_live(settings, stage.worker.hearing, stage.worker)
    await live.start()
    async with asyncio.timeout(30):
        await live.prepared()
    await live.close()


async def test_what_was_spoken_at_set_up_is_not_spoken_at_the_start(
    programs: Programs, sqlite_store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, phrases, _ = province()
    studio = tmp_path / "studio"
    studio.mkdir()
    (studio / "call.goodbye.wav").write_bytes(as_wav(tone(200, 0.2)))
    texts = set(fixed_prompts(phrases, WORDING, PROVINCE).values())
    assert await asyncio.to_thread(run_prompts, programs.settings, pack, phrases, []) == 0
    written = capsys.readouterr().out
    assert written.startswith(f"1 recorded, {len(programs.said())} spoken now, 0 already there, 0 old")
    assert len(programs.said()) == len(texts) - 1 == programs.kept()
    assert GOODBYE not in programs.said()

    (tmp_path / "media" / "spoken" / f"{'0' * 40}.pcm").write_bytes(b"of another text")
    assert await asyncio.to_thread(run_prompts, programs.settings, pack, phrases, []) == 0
    assert capsys.readouterr().out.startswith(f"1 recorded, 0 spoken now, {len(texts) - 1} already there, 1")

    (tmp_path / "said").unlink()
    await start(programs.settings, sqlite_store, tmp_path, Slow())
    assert programs.said() == []


async def test_the_start_loads_the_recognizer_and_speaks_what_is_missing(
    programs: Programs, sqlite_store: Store, tmp_path: Path
) -> None:
    recognizer = Slow()
    await start(programs.settings, sqlite_store, tmp_path, recognizer)
    assert recognizer.warmed == 1
    assert GOODBYE in programs.said()
    assert programs.kept() == len(programs.said())


@pytest.mark.parametrize("failure", [RecognitionFailed("no model"), OSError("no process")])
async def test_a_recognizer_that_cannot_be_loaded_does_not_keep_prompts_from_being_spoken(
    programs: Programs, sqlite_store: Store, tmp_path: Path, failure: Exception
) -> None:
    await start(programs.settings, sqlite_store, tmp_path, Slow(failure))
    assert GOODBYE in programs.said()


def test_the_list_for_a_studio(programs: Programs, capsys: pytest.CaptureFixture[str]) -> None:
    pack, phrases, _ = province()
    assert run_prompts(programs.settings, pack, phrases, ["--list"]) == 0
    lines = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert lines["call.goodbye"] == GOODBYE
    assert "ghi âm" in lines["welcome@hotline"]
    assert programs.said() == []


def test_a_prompt_with_neither_recording_nor_voice_is_named(
    programs: Programs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, phrases, _ = province()
    (tmp_path / "bin" / "piper").write_text("#!/bin/sh\nexit 3\n")
    assert run_prompts(programs.settings, pack, phrases, []) == 1
    assert f"{GOODBYE}: piper ended with code 3" in capsys.readouterr().err
    (tmp_path / "vi.onnx").unlink()
    assert run_prompts(programs.settings, pack, phrases, []) == 1
    assert "KENHDAN_VOICE" in capsys.readouterr().err
