"""What citizens and officers corrected, as Rasa YAML: a person reviews it before anything is trained on it.

Masked: phones, ids, plates, addresses of mail, codes of reports, whom a message was for, names after a title
or after "tên tôi là". Other names cannot be found by rule: that is one reason for the review.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

import sqlalchemy as sa
import yaml

from core.spans import MASK, find_on_behalf, find_ticket_codes, masked
from core.storage.schema import corrections
from core.text import clean, fold
from core.understanding import INTENTS, Context

_TITLE = re.compile(
    r"\b(?:anh|chị|chi|ông|ong|bà|ba|bác|bac|chú|chu|cô|co|mệ|me|o|cụ|cu|em|dì|di|cậu|cau|mự|thầy|thay)"
    r"(?P<name>(?: [^\W\d_]+){1,4})",
    re.IGNORECASE,
)
_SAID_NAME = re.compile(
    r"\b(?:(?:tên|ten) (?:(?:tôi|toi|em|cháu|chau|con|mình|minh|tui) )?(?:là|la)|họ (?:và )?tên(?: là)?:?"
    r"|(?:tôi|toi|em|cháu|chau|con|mình|minh|tui) (?:tên|ten))(?P<name>(?: [^\W\d_]+){1,4})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Correction:
    """One row of the table: `field` is category, commune or intent; `guessed` is None when nothing was."""

    at: datetime
    by: str
    text: str
    context: str
    field: str
    guessed: str | None
    corrected: str


def read_corrections(conn: sa.Connection, since: datetime | None = None) -> list[Correction]:
    """All corrections from `since` on, oldest first."""
    wanted = sa.select(corrections).order_by(corrections.c.at, corrections.c.id)
    if since is not None:
        wanted = wanted.where(corrections.c.at >= since)
    return [
        Correction(row.at, row.by, row.text, row.context, row.field, row.guessed, row.corrected)
        for row in conn.execute(wanted)
    ]


def without_persons(text: str, code_prefix: str) -> str:
    """The text with everything put out of sight that rules can tell to belong to a person."""
    text = clean(text)
    whom = find_on_behalf(text)
    for found in sorted(find_ticket_codes(text, code_prefix), key=lambda one: -one.start):
        text = text[: found.start] + MASK + text[found.end :]
    if whom:
        text = text.replace(whom, MASK)
    text = _SAID_NAME.sub(lambda match: _hide(match, match["name"].split()), text)
    text = _TITLE.sub(lambda match: _hide(match, _capitalised(match["name"].split())), text)
    return " ".join(masked(text).split())


def _capitalised(words: list[str]) -> list[str]:
    return list(takewhile(lambda word: word[0].isupper(), words))


def _hide(match: re.Match[str], name: list[str]) -> str:
    """The match with the first words of its name, those of `name`, put out of sight."""
    if not name:
        return match[0]
    rest = match["name"].split()[len(name) :]
    return " ".join([match[0][: -len(match["name"])], MASK, *rest])


def corrections_yaml(found: Iterable[Correction], code_prefix: str) -> str:
    """Rasa YAML: category and intent corrections as examples, grouped by what they were corrected to.

    Each writing stands once a group; its metadata say what was guessed, who corrected it and how often.
    Commune corrections name no intent; they stand as comments at the end, for whoever keeps the gazetteer.
    """
    groups: dict[tuple[str, str], dict[str, list[Correction]]] = defaultdict(lambda: defaultdict(list))
    texts: dict[tuple[str, str, str], str] = {}
    for one in found:
        text = without_persons(one.text, code_prefix)
        key = fold(text)
        if not key:
            continue
        groups[one.field, one.corrected][key].append(one)
        texts.setdefault((one.field, one.corrected, key), text)
    blocks = []
    comments = []
    for (field, corrected), writings in sorted(groups.items()):
        rows = [(texts[field, corrected, key], same) for key, same in writings.items()]
        if field == "commune":
            comments += [f"# {corrected} ({_guessed(same)}): {text}" for text, same in rows]
        elif field == "category" or corrected in INTENTS:
            intent = f"report/{corrected}" if field == "category" else corrected
            blocks.append({"intent": intent, "examples": [_example(text, same) for text, same in rows]})
        else:
            comments += [f"# unknown {field} {corrected} ({_guessed(same)}): {text}" for text, same in rows]
    head = "# For review: check every line, take names out, move what is right into nlu/data.\n"
    body = yaml.safe_dump(
        {"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False, width=10_000
    )
    tail = "# Communes that were corrected:\n" + "\n".join(comments) + "\n" if comments else ""
    return head + body + tail


def _example(text: str, same: Sequence[Correction]) -> dict[str, object]:
    contexts = sorted({one.context for one in same} & set(Context))
    by = Counter(one.by for one in same)
    return {
        # brackets would be read as marks of an entity
        "text": text.replace("[", "(").replace("]", ")"),
        "metadata": {
            **({"context": contexts} if contexts else {}),
            "guessed": _guessed(same),
            "corrected_by": {who: by[who] for who in sorted(by)},
        },
    }


def _guessed(same: Sequence[Correction]) -> str:
    """What was guessed first, the most frequent."""
    return Counter(one.guessed or "nothing" for one in same).most_common(1)[0][0]
