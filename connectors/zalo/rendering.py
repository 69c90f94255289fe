"""An Outbound as Zalo shows it: texts in parts, photos, buttons or a numbered list, a form for the phone.

Only plain dicts of the API are made here; nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.zalo.events import CHOICE
from core.echoes import digest_of
from core.message import Ask, Choice, Outbound
from core.text import sanitize, split_text, utf16_length

MOST_TEXT = 2_000
"""In UTF-16 units: the unit of Zalo's limit is not known, so the strictest."""
MOST_BUTTONS = 5
MOST_TITLE = 20
MOST_PAYLOAD = 1_000
MOST_FORM_TITLE = 100
MOST_FORM_WORDS = 500


@dataclass(frozen=True, slots=True)
class TextStep:
    """One text message. `buttons` are shown below it; `plain` is what is sent when Zalo refuses them."""

    text: str
    buttons: tuple[Choice, ...] = ()
    turn: int = 0
    plain: str = ""

    @property
    def digest(self) -> str:
        return echo_digest("text", self.text)


@dataclass(frozen=True, slots=True)
class PhotoStep:
    """One photo of the media store: Zalo takes one a message."""

    media_id: str

    @property
    def digest(self) -> str:
        return echo_digest("image", "")


@dataclass(frozen=True, slots=True)
class FormStep:
    """Zalo's own card that asks for name and phone; `text` is said instead when it is refused."""

    text: str

    @property
    def digest(self) -> str:
        return echo_digest("template", "")


Step = TextStep | PhotoStep | FormStep


@dataclass(frozen=True, slots=True)
class Style:
    """What the installation has switched on: buttons, and a picture for the form."""

    buttons: bool = False
    info_image: str = ""


def render(message: Outbound, style: Style) -> tuple[Step, ...]:
    """What to send, in order: photos first, the words and what they ask for last."""
    text = sanitize(message.text)
    photos: tuple[Step, ...] = tuple(PhotoStep(media_id) for media_id in message.photos)
    if message.ask is Ask.PHONE and style.info_image and not message.choices:
        return (*photos, FormStep(text))
    listed = with_numbers(text, message.choices)
    if style.buttons and message.choices and _fit_buttons(message):
        parts = split_text(text, MOST_TEXT) or [message.choices[0].label]
        last = TextStep(parts[-1], message.choices, message.turn, with_numbers(parts[-1], message.choices))
        return (*photos, *(TextStep(part) for part in parts[:-1]), last)
    return (*photos, *(TextStep(part) for part in split_text(listed, MOST_TEXT)))


def with_numbers(text: str, choices: Sequence[Choice]) -> str:
    """The words with the choices as a numbered list: typing a number is pressing a button."""
    return "\n".join([text, *(f"{n}. {choice.label}" for n, choice in enumerate(choices, 1))]).strip()


def text_body(step: TextStep) -> dict[str, Any]:
    """The `message` of the API for a text."""
    if not step.buttons:
        return {"text": step.text}
    payload = {"buttons": [_button(choice, step.turn) for choice in step.buttons]}
    return {"text": step.text, "attachment": {"type": "template", "payload": payload}}


def photo_body(attachment_id: str) -> dict[str, Any]:
    element = {"media_type": "image", "attachment_id": attachment_id}
    payload = {"template_type": "media", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


def form_body(step: FormStep, title: str, image: str) -> dict[str, Any]:
    element = {
        "title": title[:MOST_FORM_TITLE],
        "subtitle": step.text[:MOST_FORM_WORDS],
        "image_url": image,
    }
    payload = {"template_type": "request_user_info", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


def echo_digest(kind: str, text: str) -> str:
    """What our message and its echo have in common. A message with buttons may come back as a template, and a
    photo with an empty caption or none."""
    return digest_of("image" if kind in ("image", "gif") else "words", "" if kind == "image" else text)


def is_echo_of(message: Outbound, digest: str) -> bool:
    """Whether the echo is the whole of this message: several parts are the channel's to count."""
    for style in (Style(), Style(buttons=True)):
        steps = render(message, style)
        if len(steps) == 1 and steps[0].digest == digest:
            return True
    return False


def _fit_buttons(message: Outbound) -> bool:
    return len(message.choices) <= MOST_BUTTONS and all(
        utf16_length(choice.label) <= MOST_TITLE and len(_payload(choice, message.turn)) <= MOST_PAYLOAD
        for choice in message.choices
    )


def _button(choice: Choice, turn: int) -> dict[str, str]:
    return {"title": choice.label, "type": "oa.query.hide", "payload": _payload(choice, turn)}


def _payload(choice: Choice, turn: int) -> str:
    return f"{CHOICE}{turn}:{choice.value}"
