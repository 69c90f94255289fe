"""The in-process interpreter: rules first, then the trained weights, then the precedence of intents.

Needs numpy and the file that `nlu.train` wrote; scikit-learn is not imported here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.danger import Danger, DangerWords
from core.spans import find_on_behalf, find_phones, find_ticket_codes, is_complaint
from core.text import clean, fold
from core.understanding import Context, Understanding
from nlu.examples import fingerprint
from nlu.linear import NO_CATEGORY, Floats, LinearModel, softmax
from nlu.matter import matter_of
from nlu.pictograms import meaning_of_signs
from nlu.place_tagger import PlaceTagger
from nlu.views import MAX_CHARS

ENGINE = "in-process"
DATA = Path(__file__).parent / "data"

_MOST_CATEGORIES = 5
_DOUBTFUL_DANGER = 0.013
"""Probability of danger now from which words without marks that may mean danger are taken to mean it."""

_NOTHING_TO_CLASSIFY = 0.6
"""Probability of "no matter" from which a report is taken for the mere wish to tell something."""

_MODEL_DANGER = 0.35
"""Probability from which the model alone, without any rule, says emergency."""

_MATTERLESS = frozenset(
    ("greet", "thanks", "confirm", "cancel", "human", "help", "out_of_scope", "abuse_spam")
)
_NEEDS_QUESTION = frozenset(("confirm", "deny_correct"))
_ANSWERED = frozenset((Context.DRAFT_OPEN, Context.PHOTO_SENT, Context.CONFIRM_DRAFT))
_CONTRAST = re.compile(
    r"(?:không phải|khong phai|ko phải|ko phai|k phải|k phai|nỏ phải|no phai|chứ không|chu khong)\b",
    re.IGNORECASE,
)
_NOT_THIS_BUT = re.compile(
    r"(?:không|khong|ko|k|hông|nỏ|chẳng|đâu|mô)(?: có)? (?:phải|phai|fai)(?: là| la)? (?P<not>[^,;.]{2,60}?)"
    r"\s*(?:,|;|\.|\bmà\b|\bma\b|\bnhưng\b)\s*(?:mà |ma )?(?:là |la )?(?P<but>\S.{3,})",
    re.IGNORECASE,
)
_THIS_NOT = re.compile(
    r"(?P<but>\S.{3,}?)\s*,?\s*(?:chứ|chu|chớ|cho)\s+(?:không|khong|ko|k|nỏ|no|đâu|dau|mô"
    r"|mo)(?: có)?(?: (?:phải|phai|fai))?(?: là| la)? (?P<not>\S.+)",
    re.IGNORECASE,
)


class ModelMissing(Exception):
    """There is no trained model, or it was built from other data; the text says what to run."""


def load(
    path: Path, danger: DangerWords, code_prefix: str, data_dir: Path | None = DATA
) -> InProcessInterpreter:
    """Read a trained model. Raises ModelMissing when it is absent, unreadable or older than the data.

    With `data_dir` None the data are not looked at (a deployment that ships only the model).
    """
    if not path.is_file():
        raise ModelMissing(f"no trained model at {path}: run `python -m nlu.train`")
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ("names", "idf", "weights", "bias", "meta")}
        meta = json.loads(arrays["meta"].tobytes())
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing(
            f"the model at {path} cannot be read ({error}): run `python -m nlu.train`"
        ) from error
    if data_dir is not None and data_dir.is_dir() and meta["fingerprint"] != fingerprint(data_dir):
        raise ModelMissing(
            f"the model at {path} was built from other training data: run `python -m nlu.train`"
        )
    model = LinearModel(
        arrays["names"].tobytes().decode().split("\n"),
        arrays["idf"],
        arrays["weights"].astype(np.float32),
        arrays["bias"],
        {term: tuple(concepts) for term, concepts in meta["lexicon"].items()},
    )
    return InProcessInterpreter(model, meta, danger, code_prefix)


class InProcessInterpreter:
    """Fills `core.understanding.Interpreter`. One instance may serve all conversations of a process."""

    def __init__(
        self, model: LinearModel, meta: Mapping[str, Any], danger: DangerWords, code_prefix: str
    ) -> None:
        self._model = model
        self._intents: list[str] = meta["intents"]
        self._leaves: list[str] = meta["leaves"]
        self._temperatures: tuple[float, float, float] = tuple(meta["temperatures"])
        self._tagger = PlaceTagger.from_json(meta["tagger"])
        self._danger = danger
        self._prefix = code_prefix
        self._emergency = self._intents.index("emergency")
        self._report = self._intents.index("report")
        self._question_only = [self._intents.index(intent) for intent in sorted(_NEEDS_QUESTION)]

    async def interpret(self, text: str, context: Context) -> Understanding:
        """See `understand`; here because the port is asynchronous."""
        return self.understand(text, context)

    def understand(self, text: str, context: Context = Context.IDLE) -> Understanding:
        """What one message means. Never raises on any text; the model looks at its first 1,000 characters."""
        text = clean(text)
        if not any(ch.isalnum() for ch in text):
            intent, confidence = meaning_of_signs(text, context)
            return Understanding(intent, confidence, engine=ENGINE)
        heard = text[:MAX_CHARS]
        phones = find_phones(text)
        codes = find_ticket_codes(text, self._prefix)
        matter = matter_of(text, phones, codes)
        intents, categories, peril = self._probabilities(heard, context)
        danger = self._danger_of(heard, peril)
        complaint = is_complaint(text)
        intent, confidence = self._intent(
            intents, danger, complaint=complaint, only_code=bool(codes) and len(fold(matter)) <= 2
        )
        found = Understanding(
            intent,
            confidence,
            place_text=self._place(heard, intent),
            phones=tuple(dict.fromkeys(one.value for one in phones)),
            ticket_codes=tuple(dict.fromkeys(one.value for one in codes)),
            on_behalf=find_on_behalf(text),
            danger=danger.kind if danger and intent == "emergency" else None,
            complaint=complaint,
            matter=matter,
            engine=ENGINE,
        )
        if intent in _MATTERLESS:
            return found
        return replace(found, categories=self._categories(heard, intent, context, categories))

    def _probabilities(self, text: str, context: str) -> tuple[Floats, Floats, float]:
        """Of intents (those that need a question are impossible where none stands), categories, and danger
        now."""
        scores = self._model.scores(text, str(context))
        split = len(self._intents)
        last = split + len(self._leaves)
        if context == Context.IDLE:
            scores[self._question_only] = -20.0
        return (
            softmax(scores[:split], self._temperatures[0]),
            softmax(scores[split:last], self._temperatures[1]),
            float(softmax(scores[last:], self._temperatures[2])[1]),
        )

    def _danger_of(self, text: str, believed: float) -> Danger | None:
        danger = self._danger.find(text)
        if danger and (danger.certain or believed >= _DOUBTFUL_DANGER):
            return danger
        if believed >= _MODEL_DANGER and not self._danger.is_past(text):
            return self._danger.guess(text) or Danger(
                self._danger.kinds[-1], self._danger.numbers(self._danger.kinds[-1]), certain=False
            )
        return None

    def _intent(
        self, intents: Floats, danger: Danger | None, *, complaint: bool, only_code: bool
    ) -> tuple[str, float]:
        """The rules that go before the model, then the model's choice."""
        if danger:
            return "emergency", max(0.97 if danger.certain else 0.6, float(intents[self._emergency]))
        if only_code:
            return "check_status", 0.99
        if complaint:
            return "report", max(0.9, float(intents[self._report]))
        order = np.argsort(-intents)
        best = int(order[0])
        if best == self._emergency:  # told as past, or only feared
            best = self._report
        return self._intents[best], float(
            intents[best] + (intents[self._emergency] if best == self._report else 0)
        )

    def _categories(
        self, text: str, intent: str, context: Context, believed: Floats
    ) -> tuple[tuple[str, float], ...]:
        """Leaves by probability; empty when there is nothing to classify in the words."""
        meant = _meant_by_contrast(text)
        if meant:
            _, believed, _ = self._probabilities(meant, context)
        nothing = float(believed[self._leaves.index(NO_CATEGORY)])
        limit = _NOTHING_TO_CLASSIFY if intent in ("report", "emergency") else 0.35
        if nothing > limit and believed.argmax() == self._leaves.index(NO_CATEGORY):
            return ()
        ranked = [
            (leaf, float(believed[number]) / (1.0 - nothing))
            for number, leaf in enumerate(self._leaves)
            if leaf != NO_CATEGORY
        ]
        ranked.sort(key=lambda pair: -pair[1])
        return tuple((leaf, round(p, 4)) for leaf, p in ranked[:_MOST_CATEGORIES])

    def _place(self, text: str, intent: str) -> str | None:
        if intent in ("greet", "thanks", "confirm", "abuse_spam"):
            return None
        text = unicodedata.normalize("NFC", text)
        return best_place(text, self._tagger.spans(text))


def _meant_by_contrast(text: str) -> str | None:
    """Of "not A but B" or "B, not A": B. None when nothing is contrasted."""
    if not _CONTRAST.search(text):
        return None
    match = _NOT_THIS_BUT.search(text) or _THIS_NOT.search(text)
    return match["but"] if match else None


_JOINED = re.compile(
    r"[\s,.;()\-–]*(?:(?:ở|tại|thuộc|o|tai|thuoc|của|gần|gan|trên|địa bàn)\s+)?", re.IGNORECASE
)
_DENIED = re.compile(
    r"(?:không phải|khong phai|ko phải|ko phai|k phải|k phai|nỏ phải|no phai|chứ không|chu khong|chứ k"
    r"|chu k|chứ ko|chu ko|không thuộc|khong thuoc|mô phải)"
    r"(?: là| la| ở| o| tại| thuộc| thuoc)*\s*$",
    re.IGNORECASE,
)


def best_place(text: str, spans: list[tuple[int, int]]) -> str | None:
    """The words that name where: neighbouring spans in one, a place that is denied left out, the fullest
    of the rest."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and _JOINED.fullmatch(text, joined[-1][1], start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    meant = [span for span in joined if not _DENIED.search(text, max(0, span[0] - 30), span[0])]
    if not meant:
        return None
    start, end = max(meant, key=lambda span: (span[1] - span[0], -span[0]))
    words = text[start:end].strip(" ,;.-–()")
    # one small word alone names no place
    return words if words and (" " in words or words != words.lower()) else None
