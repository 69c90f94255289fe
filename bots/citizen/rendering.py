"""An Outbound as Telegram shows it: plain text in parts, buttons, keyboards and photos.

Only plain dicts of the Bot API are made here; nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.message import Ask, Choice, Outbound
from core.text import sanitize, split_text, utf16_length

MAX_TEXT = 4_096
MAX_CAPTION = 1_024
MAX_CALLBACK_BYTES = 64
MAX_ALBUM = 10
_PAIRED_WIDTH = 14
"""Characters of a label up to which two buttons fit side by side on a narrow phone."""

Markup = Mapping[str, Any]

# The pack's words for what Telegram offers by itself, keys of `labels`.
SHARE_LOCATION = "share_location"
SHARE_PHONE = "share_phone"
_OWN_MEANS = {Ask.LOCATION: (SHARE_LOCATION, "request_location"), Ask.PHONE: (SHARE_PHONE, "request_contact")}


@dataclass(frozen=True, slots=True)
class TextStep:
    """One text message, at most 4096 UTF-16 units; `markup` is a `reply_markup` of the Bot API."""

    text: str
    markup: Markup | None = None


@dataclass(frozen=True, slots=True)
class PhotoStep:
    """One photo or an album of at most ten, by media id. `caption` is "" when the text comes on its own."""

    media_ids: tuple[str, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What to send, in order. `keyboard` is True when a keyboard is shown afterwards, False when one is taken
    away, None when what was there stays."""

    steps: tuple[TextStep | PhotoStep, ...]
    keyboard: bool | None


def render(message: Outbound, labels: Mapping[str, str], *, keyboard_shown: bool) -> Rendering:
    """How to say `message`.

    Asking for a place or a phone shows a keyboard with Telegram's own button and the choices below it (a
    message bears one kind of buttons only; typing a choice is the same as pressing it). Otherwise choices are
    inline buttons. The next message takes the keyboard away. `labels` are the pack's: see SHARE_LOCATION.
    """
    text = sanitize(message.text)
    own_means = _OWN_MEANS.get(message.ask) if message.ask else None
    own_label = labels.get(own_means[0]) if own_means else None
    first: Markup | None = None
    last: Markup | None = None
    keyboard: bool | None = None
    if own_means and own_label:
        last, keyboard = _keyboard(own_label, own_means[1], message.choices), True
    elif message.choices and _fit_buttons(message):
        last = _buttons(message.choices, message.turn)
    elif message.choices:  # a value too long for a button: the answer is typed
        text = "\n".join([text, *(f"{n}. {choice.label}" for n, choice in enumerate(message.choices, 1))])
    photos = message.photos
    albums = [PhotoStep(photos[i : i + MAX_ALBUM]) for i in range(0, len(photos), MAX_ALBUM)]
    fits_caption = text and last is None and not keyboard_shown and utf16_length(text) <= MAX_CAPTION
    if len(albums) == 1 and fits_caption:
        return Rendering((PhotoStep(albums[0].media_ids, caption=text),), None)
    parts = split_text(text, MAX_TEXT)
    if not keyboard:
        if last is not None and keyboard_shown and len(parts) == 1:
            parts = _split_first_line(parts[0])
        if last is None or (keyboard_shown and len(parts) > 1):
            first, keyboard = {"remove_keyboard": True}, False
    return Rendering((*albums, *_texts(parts, first, last)), keyboard if parts else None)


def _split_first_line(text: str) -> list[str]:
    """Two messages for one: the first can take the old keyboard away, the second bear the buttons."""
    line, _, rest = text.partition("\n")
    return [line.strip(), rest.strip()] if line.strip() and rest.strip() else [text]


def _texts(parts: Sequence[str], first: Markup | None, last: Markup | None) -> list[TextStep]:
    steps = [TextStep(part) for part in parts]
    if steps and first is not None:
        steps[0] = TextStep(steps[0].text, first)
    if steps and last is not None:
        steps[-1] = TextStep(steps[-1].text, last)
    return steps


def _fit_buttons(message: Outbound) -> bool:
    return all(len(_data(choice, message.turn).encode()) <= MAX_CALLBACK_BYTES for choice in message.choices)


def _data(choice: Choice, turn: int) -> str:
    return f"{turn}|{choice.value}"


def _buttons(choices: Sequence[Choice], turn: int) -> Markup:
    rows = [
        [{"text": choice.label, "callback_data": _data(choice, turn)} for choice in row]
        for row in _rows(choices)
    ]
    return {"inline_keyboard": rows}


def _keyboard(label: str, request: str, choices: Sequence[Choice]) -> Markup:
    rows = [[{"text": choice.label} for choice in row] for row in _rows(choices)]
    return {
        "keyboard": [[{"text": label, request: True}], *rows],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


def _rows(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Two short choices a row, long ones alone."""
    rows: list[list[Choice]] = []
    for choice in choices:
        short = len(choice.label) <= _PAIRED_WIDTH
        if rows and short and len(rows[-1]) == 1 and len(rows[-1][0].label) <= _PAIRED_WIDTH:
            rows[-1].append(choice)
        else:
            rows.append([choice])
    return rows
