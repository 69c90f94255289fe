"""Answers as Rasa 3.6.21 gives them to `POST /model/parse`, recorded and shortened."""

from __future__ import annotations

from typing import Any

from nlu.rasa.marker import marker_length


def recorded(text: str, context: str = "idle") -> dict[str, Any]:
    """The answer to "đống rác to ở xã Cẩm Bình" said in a state; the entity's offsets count the marker."""
    shift = marker_length(context)
    start = shift + text.index("xã Cẩm Bình")
    return {
        "text": f"⟦{context}⟧ {text}",
        "intent": {"name": "report", "confidence": 0.9953},
        "entities": [
            {
                "entity": "place", "start": start, "end": start + 11, "confidence_entity": 0.9999,
                "value": "xã Cẩm Bình", "extractor": "PlaceExtractor",
            }
        ],
        "text_tokens": [[0, 6], [7, 11]],
        "intent_ranking": [
            {"name": "report", "confidence": 0.9953},
            {"name": "change_location", "confidence": 0.0016},
            {"name": "emergency", "confidence": 0.0002},
            {"name": "confirm", "confidence": 0.0001},
        ],
        "danger": 0.0002,
        "untold": 0.0019,
        "category_ranking": [
            {"name": "rac_thai", "confidence": 0.998},
            {"name": "hanh_chinh", "confidence": 0.0005},
            {"name": "none", "confidence": 0.0003},
        ],
        "plight_ranking": [
            {"name": "an_ninh", "confidence": 0.9106},
            {"name": "y_te", "confidence": 0.0496},
        ],
    }  # fmt: skip
