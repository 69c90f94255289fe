"""Messages without any letter or digit: emoji, dots, question marks. Answered before any model looks."""

from __future__ import annotations

from core.understanding import Context

_YES = frozenset("👍👌🆗✅✔☑🙆")
_NO = frozenset("👎❌✖✘🙅")
_THANKS = frozenset("🙏❤💖💕🥰😍🌹💐💯😘♥🤝💓")
_GREETING = frozenset("👋🤚🖐")
_GLAD = frozenset("😀😁😃😄😊🙂☺🎉😆👏🤩⭐🌟")
_SAD = frozenset("😡😠😤😞😒😢😭🤬💩😔🙁☹")


def meaning_of_signs(text: str, context: Context) -> tuple[str, float]:
    """(intent, confidence). Nothing said is `out_of_scope` with confidence 0: the talk asks again."""
    signs = set(text)
    if "🆘" in signs:
        return "emergency", 0.7
    if context == Context.RATE_RESULT:
        stars = sum(text.count(star) for star in "⭐🌟★")
        if stars:
            return ("feedback_positive" if stars >= 3 else "feedback_negative"), 0.9
        if signs & (_NO | _SAD):
            return "feedback_negative", 0.9
        if signs & (_YES | _THANKS | _GLAD):
            return "feedback_positive", 0.9
    if context in (Context.CONFIRM_DRAFT, Context.DRAFT_OPEN, Context.PHOTO_SENT):
        if signs & _YES:
            return "confirm", 0.9 if context == Context.CONFIRM_DRAFT else 0.6
        if signs & _NO:
            return "deny_correct", 0.9 if context == Context.CONFIRM_DRAFT else 0.6
    if signs & (_THANKS | _YES):
        return "thanks", 0.8
    if signs & _GREETING:
        return "greet", 0.9
    if "?" in signs:
        return "help", 0.5
    return "out_of_scope", 0.0
