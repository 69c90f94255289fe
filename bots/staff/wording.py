"""The wording of the officers' group, from the pack's `staff.yml`; none stands in code."""

from __future__ import annotations

from pathlib import Path

import yaml

from core.phrases import PhraseError

SECTIONS = ("say", "alerts", "answers", "citizen", "buttons", "reasons", "dangers", "channels")


class StaffWords:
    """Looks phrases up in their sections and fills them in."""

    def __init__(self, sections: dict[str, dict[str, str]]) -> None:
        self._sections = sections

    def get(self, section: str, key: str, **fields: object) -> str:
        """The phrase, filled in. Raises PhraseError for a key or field that the pack does not have."""
        template = self._sections[section].get(key)
        if template is None:
            raise PhraseError(f"staff.yml has no '{section}.{key}'")
        try:
            return template.format(**fields)
        except (KeyError, IndexError) as error:
            raise PhraseError(f"staff.yml: '{section}.{key}' wants the field {error}") from error

    def say(self, key: str, **fields: object) -> str:
        return self.get("say", key, **fields)

    def name(self, section: str, key: str, default: str) -> str:
        """The name of a reason, danger or channel; one that the pack does not know has the default's, or the
        default itself."""
        names = self._sections[section]
        return names.get(key) or names.get(default, default)


def load_staff_words(folder: Path) -> StaffWords:
    """The wording of the pack in `folder`. Raises PhraseError."""
    path = folder / "staff.yml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise PhraseError(f"{path.name} cannot be read: {error}") from error
    missing = [
        name for name in SECTIONS if not isinstance(data, dict) or not isinstance(data.get(name), dict)
    ]
    if missing:
        raise PhraseError(f"{path.name}: sections are missing: {', '.join(missing)}")
    return StaffWords(
        {name: {str(key): str(value) for key, value in data[name].items()} for name in SECTIONS}
    )
