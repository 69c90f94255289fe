"""Starting Rasa's server as it should be: on this machine only, with a token, without telemetry.

`python -m nlu.rasa.serve MODEL [--port 5005] [--token-file var/rasa.token]` runs it until it is stopped, and
says how to set Kênh Dân for it. The token is KENHDAN_RASA_TOKEN, or one of the file, made when there is none.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
MODEL = ROOT / "build" / "rasa" / "models" / "kenhdan.tar.gz"
PORT = 5005


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment that Rasa is run in: no telemetry, no noise, one thread, our components in reach."""
    return {
        **env,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "OMP_NUM_THREADS": "1",
        "LOG_LEVEL": env.get("LOG_LEVEL", "WARNING"),  # at DEBUG Rasa logs what citizens wrote
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "RASA_CACHE_DIRECTORY": str(ROOT / "build" / "rasa" / "cache"),
    }


def command(model: Path, port: int, token: str, more: Sequence[str] = ()) -> list[str]:
    """The command line of the server. Without `-i` it would listen on all interfaces."""
    return [
        str(RASA_PYTHON), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port),
        "-m", str(model), "--auth-token", token, *more,
    ]  # fmt: skip


def token_of(env: Mapping[str, str], path: Path) -> str:
    """KENHDAN_RASA_TOKEN, or what the file holds; the file is made, for its owner's eyes only."""
    if given := env.get("KENHDAN_RASA_TOKEN", "").strip():
        return given
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        token = secrets.token_urlsafe(24)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token + "\n")
    return token


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m nlu.rasa.serve", description="run the Rasa server")
    parser.add_argument("model", nargs="?", type=Path, default=MODEL)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--token-file", type=Path, default=ROOT / "var" / "rasa.token")
    options = parser.parse_args(arguments)
    if not RASA_PYTHON.exists() or not options.model.is_file():
        sys.stderr.write("there is no environment of Rasa or no model: run `make rasa`\n")
        return 1
    token = token_of(os.environ, options.token_file)
    sys.stdout.write(
        f"Rasa serves {options.model.name} on 127.0.0.1:{options.port} in about a quarter of a minute.\n"
        f"Start Kênh Dân with KENHDAN_RASA_URL=http://127.0.0.1:{options.port} and\n"
        f"KENHDAN_RASA_TOKEN=$(cat {options.token_file}), or what it was set to here.\n"
    )
    sys.stdout.flush()
    os.chdir(ROOT)
    run = command(options.model.absolute(), options.port, token)
    os.execve(run[0], run, environment(os.environ))


if __name__ == "__main__":
    raise SystemExit(main())
