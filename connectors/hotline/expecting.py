"""What is expected of a caller after a message: how long they may think, and which words are likely."""

from __future__ import annotations

from connectors.hotline.ear import Patience
from connectors.hotline.spoken import keyed_choices, wants_few_words
from connectors.hotline.wording import Timing, Wording
from core.message import Outbound


def patience_for(last: Outbound | None, timing: Timing, *, pushed_to_talk: bool = False) -> Patience:
    """Short for yes or no, long for an open question; longest for who ends by a key."""
    if wants_few_words(last):
        return Patience(timing.short_end, timing.pause, timing.short_longest, timing.sustained)
    if pushed_to_talk:
        return Patience(timing.no_input, timing.no_input, timing.open_longest, timing.sustained)
    return Patience(timing.open_end, timing.pause, timing.open_longest, timing.sustained)


def likely_words(last: Outbound | None, wording: Wording) -> tuple[str, ...]:
    """What a recognizer may lean to when `last` was asked."""
    labels = tuple(choice.label for choice in keyed_choices(last)) if last else ()
    short = wording.likely.get("short", ()) if wants_few_words(last) else ()
    return (*labels, *short, *wording.likely.get("person", ()))
