"""The in-process interpreter: the trained weights, between the rules of `nlu.judgement`.

Needs numpy and the file that `nlu.train` wrote; scikit-learn is not imported here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.danger import DangerWords
from core.text import clean
from core.understanding import Context, Understanding
from nlu.examples import fingerprint
from nlu.judgement import NEEDS_QUESTION, Belief, Judge, meant_by_contrast
from nlu.linear import Floats, LinearModel, softmax
from nlu.place_tagger import PlaceTagger
from nlu.views import MAX_CHARS

ENGINE = "in-process"
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
        self._temperatures: tuple[float, float, float] = tuple(meta["temperatures"])
        self._tagger = PlaceTagger.from_json(meta["tagger"])
        self._judge = Judge(danger, code_prefix, ENGINE)
        self._question_only = [number for number, name in enumerate(classes) if name in NEEDS_QUESTION]

    async def interpret(self, text: str, context: Context) -> Understanding:
        """See `understand`; here because the port is asynchronous."""
        return self.understand(text, context)

    def understand(self, text: str, context: Context = Context.IDLE) -> Understanding:
        """What one message means. Never raises on any text; the model looks at its first 1,000 characters."""
        text = clean(text)
        signs = self._judge.without_model(text, context)
        if signs is not None:
            return signs
        heard = text[:MAX_CHARS]
        return self._judge.judge(text, heard, self._believe(heard, context), self._tagger.spans)

    def _believe(self, text: str, context: Context) -> Belief:
        intents, categories, peril = self._probabilities(text, context)
        meant = meant_by_contrast(text)
        if meant:
            _, categories, _ = self._probabilities(meant, context)
        return Belief(
            dict(zip(self._intents, intents.tolist(), strict=True)),
            dict(zip(self._leaves, categories.tolist(), strict=True)),
            peril,
        )

    def _probabilities(self, text: str, context: str) -> tuple[Floats, Floats, float]:
        """Of intents (those that need a question are impossible where none stands), categories, and danger
        now."""
        scores = self._model.scores(text, str(context))
        split = len(self._intent_of)
        last = split + len(self._leaves)
        if context == Context.IDLE:
            scores[self._question_only] = -20.0
        intents = np.bincount(self._intent_of, softmax(scores[:split], self._temperatures[0]))
        return (
            intents.astype(np.float32),
            softmax(scores[split:last], self._temperatures[1]),
            float(softmax(scores[last:], self._temperatures[2])[1]),
        )
