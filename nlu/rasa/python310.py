"""Finding a Python 3.10 for Rasa's environment: on the path, of pyenv, or of uv.

`python -m nlu.rasa.python310` prints its path, or says what to install. PYTHON310 names another one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

_ASK = ("-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)")
MISSING = (
    "Rasa 3.6 needs Python 3.10 (3.11 and newer do not do), and none was found.\n"
    "Install it beside yours and run `make rasa` again, for example:\n"
    "  Debian, Ubuntu: apt install python3.10 python3.10-venv    pyenv: pyenv install 3.10\n"
    "or name one: make rasa PYTHON310=/path/to/python3.10"
)


def find_python310(env: Mapping[str, str]) -> str | None:
    """The path of an interpreter that runs and says that it is 3.10; None when there is none."""
    for command, more in _candidates(env):
        try:
            told = subprocess.run(
                [command, *_ASK], env={**env, **more}, capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        version, _, path = told.stdout.strip().partition(" ")
        if told.returncode == 0 and version == "3.10" and path:
            return path
    return None


def _candidates(env: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    if named := env.get("PYTHON310"):
        yield named, {}
        return
    yield "python3.10", {}
    yield "python3.10", {"PYENV_VERSION": "3.10"}  # pyenv hides versions that are not switched on
    yield "python3", {}


def main() -> int:
    found = find_python310(os.environ)
    if found is None:
        sys.stderr.write(MISSING + "\n")
        return 1
    sys.stdout.write(found + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
