"""One JSON object in, one out: what the command line's `understand` does with each line."""

from __future__ import annotations

from typing import Any, Protocol

from core.understanding import Context, Understanding


class Understands(Protocol):
    def understand(self, text: str, context: Context = ...) -> Understanding: ...


def understand_line(interpreter: Understands, obj: Any) -> dict[str, Any]:
    """{"id", "text", "context"?} → {"id", "intent", "confidence", "category", "categories", "place_text",
    "phones", "ticket_codes", …}; a bad line → {"id", "error"}.
    """
    if not isinstance(obj, dict):
        return {"id": None, "error": "expected a JSON object with `id` and `text`"}
    number = obj.get("id")
    text = obj.get("text")
    if not isinstance(text, str):
        return {"id": number, "error": "`text` must be a string"}
    try:
        context = Context(obj.get("context") or Context.IDLE)
    except ValueError:
        return {"id": number, "error": f"unknown context {obj['context']!r}: one of {', '.join(Context)}"}
    heard = interpreter.understand(text, context)
    return {
        "id": number,
        "intent": heard.intent,
        "confidence": round(heard.confidence, 4),
        "category": heard.category,
        "categories": [[leaf, p] for leaf, p in heard.categories],
        "place_text": heard.place_text,
        "phones": list(heard.phones),
        "ticket_codes": list(heard.ticket_codes),
        "on_behalf": heard.on_behalf,
        "danger": heard.danger,
        "complaint": heard.complaint,
        "matter": heard.matter,
    }
