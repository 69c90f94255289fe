"""The house keeps its shape: arrows run one way, and nothing of a machine or registry gets in."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "core": {"core"},
    "nlu": {"core", "nlu"},
    "speech": {"core", "speech"},
    "bots": {"core", "bots"},
    "connectors/zalo": {"core", "connectors"},
    "connectors/hotline": {"core", "connectors", "speech"},
    "web": {"core", "web"},
}
ABOVE = {"app", "checks", "command_line", "serving"}
ROOMS = {"core", "nlu", "speech", "bots", "connectors", "web", "province", "tests", "benchmarks"} | ABOVE


def imports_of(path: Path) -> set[tuple[str, str]]:
    """(room, whole dotted name) of every import in a file, those inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        found |= {(name.partition(".")[0], name) for name in names}
    return found


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_arrows_run_one_way(room: str) -> None:
    allowed = MAY_IMPORT[room]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / room).rglob("*.py"))
        if "node_modules" not in path.parts
        for top, name in imports_of(path)
        if top in ROOMS and top not in allowed
    ]
    assert not wrong


def test_two_channels_never_import_each_other() -> None:
    channels = {
        "bots/citizen": "bots.citizen",
        "bots/staff": "bots.staff",
        "connectors/zalo": "connectors.zalo",
        "connectors/hotline": "connectors.hotline",
    }
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for folder, own in channels.items()
        for path in sorted((ROOT / folder).rglob("*.py"))
        for top, name in imports_of(path)
        if top in ("bots", "connectors") and name not in ("bots", "connectors") and not name.startswith(own)
    ]
    assert not wrong


def test_the_composition_root_knows_no_command() -> None:
    assert not {top for top, _ in imports_of(ROOT / "app.py")} & (ABOVE - {"app"})


def test_lock_names_no_host() -> None:
    for name in (
        "requirements.lock",
        "requirements-uv.txt",
        "requirements-node.txt",
        "requirements-voices.txt",
        "web/package-lock.json",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "resolved" not in text, name
        assert "--index-url" not in text, name
        assert "file:///" not in text, name


def test_nothing_generated_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    wrong = [
        name
        for name in listed.stdout.splitlines()
        if "node_modules/" in name or name.endswith((".npz", ".sqlite3", ".pyc")) or name == "uv.lock"
    ]
    assert not wrong
