"""The in-process interpreter: the trained weights, between the rules of `nlu.judgement`.

Needs numpy and the file that `nlu.train` wrote; scikit-learn is not imported here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.danger import DangerWords
from core.text import clean
from core.understanding import Context, Understanding
from nlu.apart import words_apart
from nlu.examples import fingerprint
from nlu.judgement import NEEDS_QUESTION, Belief, Judge, beside_a_phone, meant_by_contrast
from nlu.linear import NO_CATEGORY, Floats, LinearModel, softmax
from nlu.marks import Marks
from nlu.matter import matter_of, without_phones
from nlu.place_extent import Span, in_passing, settle_extent, words_beside
from nlu.place_tagger import PlaceTagger
from nlu.views import MAX_CHARS

ENGINE = "in-process"
FORMAT = 4
"""Of the file of weights; another one must be trained anew."""
_UNTOLD = f"report/{NO_CATEGORY}"
_HARDLY = 1e-4
_KNOWN = 0.5
"""From this share on a thing that is announced is known by its group."""
_TO_WHOM = frozenset(("lên", "với", "tới", "đến", "cho", "gửi"))
"""After a lead-in these tell to whom it goes: "phản ánh lên ủy ban"."""
DATA = Path(__file__).parent / "data"


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
    if meta.get("format") != FORMAT:
        raise ModelMissing(f"the model at {path} is of another version: run `python -m nlu.train`")
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
        classes: list[str] = meta["intents"]  # of a report one for each category: their sum counts
        self._intents = list(dict.fromkeys(name.partition("/")[0] for name in classes))
        self._intent_of = np.array([self._intents.index(name.partition("/")[0]) for name in classes])
        self._leaves: list[str] = meta["leaves"]
        self._plights: list[str] = meta["plights"]
        self._temperatures: tuple[float, float, float] = tuple(meta["temperatures"])
        self._tagger = PlaceTagger.from_json(meta["tagger"])
        self._marks = Marks.from_json(meta["marks"])
        self._judge = Judge(danger, code_prefix, ENGINE, may_calm=True)
        self._reports = [number for number, name in enumerate(classes) if name.startswith("report/")]
        self._untold = classes.index(_UNTOLD) if _UNTOLD in classes else None
        self._emergency = [number for number, name in enumerate(classes) if name == "emergency"]
        self._answers = [number for number, name in enumerate(classes) if name in NEEDS_QUESTION]

    async def interpret(self, text: str, context: Context) -> Understanding:
        """See `understand`; here because the port is asynchronous."""
        return self.understand(text, context)

    def understand(self, text: str, context: Context = Context.IDLE) -> Understanding:
        """What one message means. Never raises on any text; the model looks at its first 700 characters,
        and at words typed without marks as they are most likely meant."""
        text = clean(text)
        signs = self._judge.without_model(text, context)
        if signs is not None:
            return signs
        heard = text[:MAX_CHARS]
        meant = self._marks.restored(heard)
        places, told = self._places(meant), without_phones(meant)
        belief = self._believe(meant, context, places)
        if told != meant:
            belief = beside_a_phone(belief, self._believe(told, context, self._places(told)))
        return self._judge.judge(text, heard, belief, places)

    def _places(self, text: str) -> list[Span]:
        return settle_extent(text, self._tagger.spans(text))

    def _believe(self, text: str, context: Context, places: list[Span]) -> Belief:
        shares, categories, plights = self._heads(text, context)
        meant, told = meant_by_contrast(text), matter_of(text)
        if meant:
            categories = self._heads(meant, context)[1]
        else:
            if told != text and " " in told:  # courtesy has no say in what the matter is
                categories = self._heads(told, context)[1]
            categories = self._whatever_the_place(
                categories, words_beside(text, in_passing(text, places)), context
            )
        untold = self._untold_of(shares, 0.0) or 0.0
        announced = self._announced(text, told, places) if not meant and untold >= _KNOWN else None
        categories = categories if announced is None else announced
        answers = self._without_answers(shares) if context is Context.IDLE else 0.0
        by_intent = np.bincount(self._intent_of, shares)
        intents = dict(zip(self._intents, by_intent.tolist(), strict=True))
        return Belief(
            intents,
            dict(zip(self._leaves, categories.tolist(), strict=True)),
            self._peril(intents.get("emergency", 0.0), words_beside(text, places), context),
            dict(zip(self._plights, plights.tolist(), strict=True)),
            self._untold_of(shares, answers) if announced is None else 0.0,
        )

    def _announced(self, text: str, told: str, places: list[Span]) -> Floats | None:
        """ "Em muốn phản ánh vụ rác ở …": the lead-in tells nothing, what it leads to does."""
        start = text.find(told)
        if told in ("", text) or start < 0 or told.split(maxsplit=1)[0].lower() in _TO_WHOM:
            return None
        beside = [(begin - start, end - start) for begin, end in places if begin >= start]
        thing = words_apart(told, beside) if beside else told
        if not thing:
            return None
        shares, categories, _ = self._heads(thing, Context.IDLE)
        best = int(categories.argmax())
        known = self._leaves[best] != NO_CATEGORY and float(categories[best]) >= _KNOWN
        return categories if known and (self._untold_of(shares, 0.0) or 0.0) < _KNOWN else None

    def _whatever_the_place(self, categories: Floats, beside: str, context: Context) -> Floats:
        """A place in passing has no vote alone: a hole before a school is a matter of roads."""
        if not beside:
            return categories
        both = (categories + _HARDLY) * (self._heads(beside, context)[1] + _HARDLY)
        return np.asarray(both / both.sum(), dtype=np.float32)

    def _peril(self, believed: float, beside: str, context: Context) -> float:
        """Danger now, also by the words beside the place: what falls on somebody at a school is no matter of
        schools."""
        if not beside:
            return believed
        shares, _, _ = self._heads(beside, context)
        if context is Context.IDLE:
            self._without_answers(shares)
        return (believed + float(shares[self._emergency].sum())) / 2

    def _without_answers(self, shares: NDArray[np.float64]) -> float:
        """Where no question stands nothing is an answer: those intents are left out, their share is told."""
        answers = float(shares[self._answers].sum())
        shares[self._answers] = 0.0
        shares /= max(float(shares.sum()), 1e-30)
        return answers

    def _untold_of(self, shares: NDArray[np.float64], answers: float) -> float | None:
        """The share of reports that tell nothing yet among reports; words of assent to nothing tell none."""
        reports = float(shares[self._reports].sum())
        if self._untold is None or not reports:
            return None
        return max(float(shares[self._untold]) / reports, answers)

    def _heads(self, text: str, context: str) -> tuple[NDArray[np.float64], Floats, Floats]:
        """Shares of the classes of intents, of categories, and of those of danger."""
        scores = self._model.scores(text, str(context))
        split = len(self._intent_of)
        last = split + len(self._leaves)
        parts = (scores[:split], scores[split:last], scores[last:])
        intents, categories, plights = map(softmax, parts, self._temperatures)
        return intents.astype(np.float64), categories, plights
