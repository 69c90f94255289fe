"""Understanding by rules alone, for when no model can be asked: danger, codes, phones, a few plain words.

It never stops a report: what it cannot tell is a report that a person looks at.
"""

from __future__ import annotations

from core.danger import DangerWords
from core.phrases import Phrases
from core.spans import find_on_behalf, find_phones, find_ticket_codes, is_complaint
from core.understanding import Context, Understanding


class PlainInterpreter:
    """Fills the port of understanding without a model."""

    def __init__(self, danger: DangerWords, phrases: Phrases, code_prefix: str) -> None:
        self._danger = danger
        self._phrases = phrases
        self._prefix = code_prefix

    async def interpret(self, text: str, context: Context) -> Understanding:
        return self.understand(text, context)

    def understand(self, text: str, context: Context) -> Understanding:
        """What the rules alone can tell; `engine` is "rules"."""
        danger = self._danger.find(text)
        codes = tuple(found.value for found in find_ticket_codes(text, self._prefix))
        intent = self._intent(text, context, bool(codes))
        return Understanding(
            intent="emergency" if danger else intent,
            confidence=1.0 if danger else 0.5,
            categories=(("khac", 0.1),) if intent == "report" else (),
            phones=tuple(found.value for found in find_phones(text)),
            ticket_codes=codes,
            on_behalf=find_on_behalf(text),
            danger=danger.kind if danger else None,
            complaint=is_complaint(text),
            matter=text,
            urgent=self._danger.warns(text),
            engine="rules",
        )

    def _intent(self, text: str, context: Context, has_code: bool) -> str:
        phrases = self._phrases
        if phrases.is_one_of("human", text):
            return "human"
        if has_code or phrases.is_one_of("mine", text):
            return "check_status"
        if phrases.is_one_of("cancel", text):
            return "cancel"
        if context is Context.CONFIRM_DRAFT and phrases.is_one_of("confirm", text):
            return "confirm"
        if phrases.is_one_of("greetings", text):
            return "greet"
        return "report"
