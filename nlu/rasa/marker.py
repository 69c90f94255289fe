"""The state of the talk, written before a message: Rasa's server takes a text and nothing else.

`⟦confirm_draft⟧ được rồi` is "được rồi" said when the draft was read back. What stands before a message also
keeps one that begins with "/" from being read as a command of Rasa's (`/confirm`). Runs on Python 3.10 too.
"""

from __future__ import annotations

import re

DEFAULT = "idle"
_MARKER = re.compile(r"⟦([a-z_]{1,24})⟧ ?")


def with_context(text: str, context: str) -> str:
    """The text as it is sent to Rasa."""
    return f"⟦{context}⟧ {text}"


def marker_length(context: str) -> int:
    """Characters by which offsets in Rasa's answer are too large."""
    return len(with_context("", context))


def split_context(text: str) -> tuple[str, int]:
    """The state of the talk, and where the message begins. A text without a marker is said when idle."""
    match = _MARKER.match(text)
    return (match[1], match.end()) if match else (DEFAULT, 0)
