"""From what a model believes to what a message means: the rules that stand before and after any model.

Shared by all engines, so that danger, codes, phones, complaints and precedence do not depend on which one is
asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.danger import Danger, DangerWords
from core.spans import find_on_behalf, find_phones, find_ticket_codes, is_complaint
from core.text import fold
from core.understanding import Context, Understanding
from nlu.apart import words_apart
from nlu.linear import NO_CATEGORY
from nlu.matter import matter_of
from nlu.pictograms import meaning_of_signs

_MOST_CATEGORIES = 5
_A_MATTER = 0.6
"""Belief that there is something to classify, from which even rude words are a report."""
_SURELY_CALM = 0.01
"""Probability of danger now below which even sure words of danger are a manner of speaking; of all true
emergencies of the development sets none is believed less than 0.16."""

_DOUBTFUL_DANGER = 0.1
"""The same from which words without marks that may mean danger are taken to mean it."""

_NOTHING_TO_CLASSIFY = 0.6
"""Probability of "no matter" from which a report is taken for the mere wish to tell something."""

_UNTOLD = 0.5
"""Probability that a report tells nothing yet from which it has no category."""

_MODEL_DANGER = 0.5
"""The same from which the model alone, without any rule, says emergency."""

_PAST_ALL_THE_SAME = 0.8
"""The same where words tell of the past: "rolled off the roof a while ago, he breathes heavily"."""

_MATTERLESS = frozenset(
    ("greet", "thanks", "confirm", "cancel", "human", "help", "out_of_scope", "abuse_spam")
)
NEEDS_QUESTION = frozenset(("confirm", "deny_correct"))
"""Intents that are impossible where no question stands."""

_CONTRAST = re.compile(
    r"(?:không phải|khong phai|ko phải|ko phai|k phải|k phai|nỏ phải|no phai|chứ không|chu khong)\b",
    re.IGNORECASE,
)
_CONTRASTED = 300
"""Characters in which a contrast is looked for."""
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


@dataclass(frozen=True, slots=True)
class Belief:
    """What a model believes about a message: probabilities by name, each table adding up to 1.

    `categories` has the class NO_CATEGORY for words with no matter in them; of "not A but B" they are those
    of B (`meant_by_contrast`). `peril` is the probability of danger to life now, `plights` are the categories
    if it is; empty where a model has no others. `untold` is the probability that a report tells nothing yet.
    """

    intents: Mapping[str, float]
    categories: Mapping[str, float]
    peril: float
    plights: Mapping[str, float] = field(default_factory=dict)
    untold: float | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """The rules of one province; `engine` is written on what is judged.

    `may_calm`: the disbelief of this engine takes back even sure words of danger; only of one that was
    measured on the development sets.
    """

    danger: DangerWords
    code_prefix: str
    engine: str
    may_calm: bool = False

    def without_model(self, text: str, context: Context) -> Understanding | None:
        """Of a cleaned text: what signs alone mean; None when there are words, which a model must look at."""
        if any(ch.isalnum() for ch in text):
            return None
        intent, confidence = meaning_of_signs(text, context)
        return Understanding(intent, confidence, engine=self.engine)

    def judge(self, text: str, heard: str, belief: Belief, places: list[tuple[int, int]]) -> Understanding:
        """What a cleaned text means; the model looked at its beginning, `heard`, which has these `places`."""
        phones = find_phones(text)
        codes = find_ticket_codes(text, self.code_prefix)
        matter = matter_of(text, phones, codes)
        apart = words_apart(heard, places)
        danger, said = self._danger_of(heard, apart, belief.peril)
        complaint = is_complaint(text)
        intent, confidence = _intent(
            belief.intents,
            danger,
            complaint=complaint,
            only_code=bool(codes) and len(fold(matter)) <= 2,
            has_matter=1.0 - belief.categories.get(NO_CATEGORY, 0.0) >= _A_MATTER,
        )
        place = _place(heard, intent, places)
        if intent == "report" and place and matter != text and not _beside(matter, place):
            intent = "greet"  # somebody of somewhere is addressed, nothing is told
        found = Understanding(
            intent,
            confidence,
            place_text=place,
            phones=tuple(dict.fromkeys(one.value for one in phones)),
            ticket_codes=tuple(dict.fromkeys(one.value for one in codes)),
            on_behalf=find_on_behalf(text),
            danger=danger.kind if danger and intent == "emergency" else None,
            danger_said=said,
            complaint=complaint,
            matter=matter,
            apart=apart,
            urgent=self.danger.warns(heard, apart),
            engine=self.engine,
        )
        if intent in _MATTERLESS:
            return found
        leaves = _of_danger(belief) if intent == "emergency" else belief.categories
        untold = belief.untold if intent == "report" else None
        return replace(found, categories=_categories(intent, leaves, untold))

    def _danger_of(self, text: str, apart: str, believed: float) -> tuple[Danger | None, bool]:
        """The danger, and whether words of danger told it; without them a model alone believes in it.

        `apart` is the text without its places, which may stand between the words of danger.
        """
        danger = self.danger.find(text, apart)
        if danger and believed >= self._belief_needed(danger):
            return danger, True
        if believed >= (_PAST_ALL_THE_SAME if self.danger.is_past(text) else _MODEL_DANGER):
            last = self.danger.kinds[-1]
            guessed = self.danger.guess(text) or Danger(last, self.danger.numbers(last), certain=False)
            return guessed, False
        return None, True

    def _belief_needed(self, danger: Danger) -> float:
        """How far a model must believe in danger that words tell."""
        if not danger.certain:
            return _DOUBTFUL_DANGER
        return _SURELY_CALM if self.may_calm and not danger.clear else 0.0


def beside_a_phone(whole: Belief, rest: Belief) -> Belief:
    """Of a message with a phone: what it is about the rest says alone; what is wanted both say. An offer with
    a number to call is an advertisement."""
    if max(whole.intents, key=lambda name: whole.intents[name]) == "abuse_spam":
        return whole
    halves = {name: (share + rest.intents.get(name, 0.0)) / 2 for name, share in whole.intents.items()}
    return replace(rest, intents=halves)


def _intent(
    intents: Mapping[str, float],
    danger: Danger | None,
    *,
    complaint: bool,
    only_code: bool,
    has_matter: bool,
) -> tuple[str, float]:
    """The rules that go before the model, then the model's choice."""
    urgent = intents.get("emergency", 0.0)
    if danger:
        return "emergency", max(0.97 if danger.certain else 0.6, urgent)
    if only_code:
        return "check_status", 0.99
    if complaint:
        return "report", max(0.9, intents.get("report", 0.0))
    best = max(intents, key=lambda name: intents[name])
    if best == "abuse_spam" and has_matter:  # rude words around a real matter are a report
        return "report", max(0.5, intents.get("report", 0.0))
    if best == "emergency":  # told as past, or only feared
        best = "report"
    return best, intents.get(best, 0.0) + (urgent if best == "report" else 0.0)


def _of_danger(belief: Belief) -> Mapping[str, float]:
    """Categories of what is taken for danger: those of danger as far as it is believed."""
    if not belief.plights:
        return belief.categories
    names = dict.fromkeys((*belief.plights, *belief.categories))
    sure = belief.peril
    return {
        name: sure * belief.plights.get(name, 0.0) + (1 - sure) * belief.categories.get(name, 0.0)
        for name in names
    }


def _categories(
    intent: str, believed: Mapping[str, float], untold: float | None
) -> tuple[tuple[str, float], ...]:
    """Leaves by probability; empty when there is nothing to classify in the words."""
    nothing = believed.get(NO_CATEGORY, 0.0)
    limit = _NOTHING_TO_CLASSIFY if intent in ("report", "emergency") else 0.35
    if untold is not None:
        if untold > _UNTOLD:
            return ()
    elif nothing > limit and nothing >= max(believed.values()):
        return ()
    total = sum(share for leaf, share in believed.items() if leaf != NO_CATEGORY)
    if not total:
        return ()
    ranked = [(leaf, share / total) for leaf, share in believed.items() if leaf != NO_CATEGORY]
    ranked.sort(key=lambda pair: -pair[1])
    return tuple((leaf, round(p, 4)) for leaf, p in ranked[:_MOST_CATEGORIES])


def _place(text: str, intent: str, places: list[tuple[int, int]]) -> str | None:
    if intent in ("greet", "thanks", "confirm", "abuse_spam"):
        return None
    return best_place(text, places)


def _beside(matter: str, place: str) -> bool:
    """Whether words are left beside the place."""
    return any(letter.isalnum() for letter in matter.replace(place, " "))


def meant_by_contrast(text: str) -> str | None:
    """Of "not A but B" or "B, not A": B. None when nothing is contrasted."""
    text = text[:_CONTRASTED]
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
