"""Rasa in the program: asked first when it is set, seen by health and check, named by the settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import StartError, assemble, health
from checks import look_at_rasa
from core.settings import Settings, SettingsError, read_settings
from core.understanding import Context
from nlu.rasa.client import RasaInterpreter

NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once


def test_the_settings_of_rasa() -> None:
    env = {"KENHDAN_RASA_URL": NOBODY + "/", "KENHDAN_RASA_TOKEN": "token-of-nobody"}
    settings = read_settings(env)
    assert (settings.rasa_url, settings.rasa_token, settings.rasa_seconds) == (
        NOBODY,
        "token-of-nobody",
        0.25,
    )
    assert "token-of-nobody" not in repr(settings)
    with pytest.raises(SettingsError, match="KENHDAN_RASA_URL"):
        read_settings({"KENHDAN_RASA_TOKEN": "token-of-nobody"})


def test_the_check_says_what_is_wrong() -> None:
    assert look_at_rasa(Settings()).startswith("off")
    with pytest.raises(StartError, match="cannot be reached"):
        look_at_rasa(Settings(rasa_url=NOBODY))


async def test_a_rasa_that_is_down_stops_nobody(sqlite_url: str, tmp_path: Path) -> None:
    program = await assemble(
        Settings(database_url=sqlite_url, media_dir=tmp_path / "media", rasa_url=NOBODY, rasa_seconds=5),
        web=False,
    )
    try:
        interpreter = program.worker.hearing.interpreter
        assert isinstance(interpreter, RasaInterpreter)
        found = await interpreter.interpret("cháy nhà rồi cứu với", Context.IDLE)
        assert found.intent == "emergency"
        assert found.engine != "rasa"
        facts = (await health(program))["rasa"]
        assert (facts["understood"], facts["stood_in"], facts["breaker"]) == (0, 1, "closed")
    finally:
        await program.close()


def test_rasas_lock_has_hashes_and_no_host() -> None:
    text = Path("requirements-rasa.lock").read_text(encoding="utf-8")
    assert re.search(r"^rasa==3\.6\.\d+ \\$", text, re.MULTILINE)
    assert "://" not in text
    assert "--index-url" not in text
    packages = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in package for package in packages)
