"""Settings: what is read, what is refused, and what is never shown."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Settings, SettingsError, read_settings, settings_table, variable

TOKEN = "123456:FakeFakeFake"
OTHER_TOKEN = "654321:FakeFakeFake"
ZALO = {
    "KENHDAN_ZALO_APP_ID": "1", "KENHDAN_ZALO_APP_SECRET": "s", "KENHDAN_ZALO_OA_ID": "2",
    "KENHDAN_ZALO_OA_WEBHOOK_SECRET": "w",
}  # fmt: skip


def problems(**env: str) -> list[str]:
    """What is wrong with these variables; the prefix is added."""
    with pytest.raises(SettingsError) as caught:
        read_settings({f"KENHDAN_{name}": value for name, value in env.items()})
    return caught.value.problems


def test_nothing_set_is_enough_to_run() -> None:
    settings = read_settings({"PATH": "/bin", "HOME": "/root"})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///var/kenhdan.sqlite3"
    assert (settings.host, settings.port, settings.simulator) == ("127.0.0.1", 8000, False)
    assert (settings.quiet_seconds, settings.quiet_text_seconds, settings.quiet_max_seconds) == (1.5, 0, 8)


def test_values_are_read() -> None:
    settings = read_settings(
        {
            "KENHDAN_DATABASE_URL": " postgresql://kd@db/kd ", "KENHDAN_PORT": "80",
            "KENHDAN_SIMULATOR": "Yes", "KENHDAN_QUIET_SECONDS": "0.25", "KENHDAN_MEDIA_DIR": "/srv/media",
            "KENHDAN_LOG_LEVEL": "debug",
            "KENHDAN_PUBLIC_URL": "https://kd.example.org/", "KENHDAN_TELEGRAM_STAFF_CHAT": "-1001",
            "KENHDAN_TELEGRAM_STAFF_TOKEN": TOKEN, "KENHDAN_REDIS_URL": "", **ZALO,
        }
    )  # fmt: skip
    assert settings.database_url == "postgresql://kd@db/kd"
    assert (settings.port, settings.simulator, settings.quiet_seconds) == (80, True, 0.25)
    assert (settings.media_dir, settings.log_level) == (Path("/srv/media"), "DEBUG")
    assert settings.public_url == "https://kd.example.org"
    assert (settings.telegram_staff_chat, settings.zalo_oa_id, settings.redis_url) == (-1001, "2", "")


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"), ("PORT", "65536"), ("PORT", "eighty"), ("PORT", "8e3"), ("WORKERS", "0"),
        ("SIMULATOR", "maybe"), ("QUIET_SECONDS", "-1"), ("QUIET_SECONDS", "nan"), ("QUIET_SECONDS", "1,5"),
        ("QUIET_SECONDS", "1e9"), ("DATABASE_URL", "mysql://x/y"), ("DATABASE_URL", "sqlite:///"),
        ("REDIS_URL", "localhost:6379"), ("PUBLIC_URL", "kd.example.org"), ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://a b"), ("PUBLIC_URL", "https://a:99999"), ("PUBLIC_URL", "https://[1"),
        ("TELEGRAM_MODE", "push"), ("TELEGRAM_TOKEN", "token"), ("TELEGRAM_WEBHOOK_SECRET", "short"),
        ("TELEGRAM_STAFF_CHAT", "@officers"), ("ZALO_OA_ID", "oa"), ("LOG_LEVEL", "loud"),
    ],
)  # fmt: skip
def test_unreadable_values_are_refused_by_name(name: str, value: str) -> None:
    (line,) = problems(**{name: value})
    assert line.startswith(f"KENHDAN_{name} ")


def test_all_problems_come_at_once() -> None:
    lines = problems(PORT="0", LOG_LEVEL="inf", TELEGRAM_MODE="webhook", COLOUR="red")
    assert [line.split()[0] for line in lines] == [
        "KENHDAN_COLOUR", "KENHDAN_LOG_LEVEL", "KENHDAN_PORT", "KENHDAN_TELEGRAM_TOKEN", "KENHDAN_PUBLIC_URL",
    ]  # fmt: skip
    assert "did you mean info?" in lines[1]


def test_unknown_names_get_the_nearest() -> None:
    assert "did you mean KENHDAN_TELEGRAM_TOKEN?" in problems(TELEGRAM_TOKNE="x")[0]
    assert "remove it" in problems(XYZ="x")[0]


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "https://kd.example.org"}, "KENHDAN_TELEGRAM_TOKEN"),
        ({"TELEGRAM_MODE": "webhook", "TELEGRAM_TOKEN": TOKEN}, "KENHDAN_PUBLIC_URL"),
        (
            {"TELEGRAM_MODE": "webhook", "TELEGRAM_TOKEN": TOKEN, "PUBLIC_URL": "http://kd.example.org"},
            "KENHDAN_PUBLIC_URL",
        ),
        (
            {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_STAFF_TOKEN": TOKEN, "TELEGRAM_STAFF_CHAT": "1"},
            "KENHDAN_TELEGRAM_STAFF_TOKEN",
        ),
        ({"TELEGRAM_STAFF_TOKEN": TOKEN}, "KENHDAN_TELEGRAM_STAFF_CHAT"),
        ({"TELEGRAM_STAFF_CHAT": "5"}, "KENHDAN_TELEGRAM_STAFF_TOKEN"),
        ({"ZALO_APP_ID": "5"}, "KENHDAN_ZALO_APP_ID"),
        ({"ZALO_BOT_TOKEN": TOKEN}, "KENHDAN_ZALO_BOT_SECRET"),
        ({"QUIET_SECONDS": "9"}, "KENHDAN_QUIET_MAX_SECONDS"),
    ],
)
def test_what_does_not_go_together(env: dict[str, str], named: str) -> None:
    (line,) = problems(**env)
    assert named in line


def test_an_unreadable_value_is_not_called_missing_as_well() -> None:
    lines = problems(TELEGRAM_MODE="webhook", TELEGRAM_TOKEN="oops", PUBLIC_URL="https://kd.example.org")
    assert len(lines) == 1


def test_the_webhook_secret_is_derived_alike_in_every_process() -> None:
    first = read_settings({"KENHDAN_TELEGRAM_TOKEN": TOKEN}).webhook_secret
    assert first == read_settings({"KENHDAN_TELEGRAM_TOKEN": TOKEN}).webhook_secret
    assert first != read_settings({"KENHDAN_TELEGRAM_TOKEN": OTHER_TOKEN}).webhook_secret
    assert len(first) == 64
    assert TOKEN.partition(":")[2] not in first
    own = {"KENHDAN_TELEGRAM_TOKEN": TOKEN, "KENHDAN_TELEGRAM_WEBHOOK_SECRET": "own_secret_of_sixteen"}
    assert read_settings(own).webhook_secret == "own_secret_of_sixteen"
    assert Settings().webhook_secret == ""


def test_secrets_are_never_shown() -> None:
    env = {
        "KENHDAN_DATABASE_URL": "postgresql://kd:geheim@db/kd", "KENHDAN_REDIS_URL": "redis://:geheim@redis",
        "KENHDAN_TELEGRAM_TOKEN": "1:geheim", **{name: "geheim" for name in ZALO if "SECRET" in name},
        "KENHDAN_ZALO_APP_ID": "1", "KENHDAN_ZALO_OA_ID": "2", "KENHDAN_PORT": "81",
    }  # fmt: skip
    settings = read_settings(env)
    for text in (repr(settings), str(settings), f"{settings}"):
        assert "geheim" not in text
        assert "port=81" in text
        assert "telegram_token=[set]" in text
    secrets = [setting.name for setting in fields(Settings) if setting.metadata["secret"]]
    assert all(
        name in secrets for name in (s.name for s in fields(Settings)) if name.endswith(("token", "secret"))
    )


@given(st.sampled_from([variable(setting) for setting in fields(Settings)]), st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(name: str, value: str) -> None:
    try:
        settings = read_settings({name: value})
    except SettingsError as error:
        assert name in str(error) or "go together" in str(error)
        setting = next(setting for setting in fields(Settings) if variable(setting) == name)
        if setting.metadata["secret"] and len(value.strip()) > 12:
            assert value.strip() not in str(error)
    else:
        repr(settings)


def test_the_table_names_every_setting_once() -> None:
    lines = settings_table().splitlines()
    assert len(lines) == len(fields(Settings)) + 2
    for setting in fields(Settings):
        assert sum(f"| `{variable(setting)}` |" in line for line in lines) == 1
    assert "| `KENHDAN_SIMULATOR` | `0` |" in settings_table()
    assert "| `KENHDAN_QUIET_TEXT_SECONDS` | `0.0` |" in settings_table()
