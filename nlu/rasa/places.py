"""Rasa's CRF for the words of places, which learns each writing once and keeps what it learnt.

Rasa's own keeps its training data in the model and learns from them again whenever a server starts, which
takes longer than all the rest of the start.
"""
# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return,unused-ignore"

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pycrfsuite
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.rasa.marker import split_context

_FILE = "places.crf"
_TAG = "entity"


class _Learnt:
    """What the CRF learnt, as Rasa's extractor asks for it."""

    def __init__(self, content: bytes) -> None:
        self._content = content  # the tagger reads from it as long as it lives
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(content)

    def predict_marginals_single(self, features: list[dict[str, Any]]) -> list[dict[str, float]]:
        """The probability of each tag for each token."""
        labels = self._tagger.labels()
        self._tagger.set(features)
        return [{label: self._tagger.marginal(label, at) for label in labels} for at in range(len(features))]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PlaceExtractor(CRFEntityExtractor):
    """The settings are those of Rasa's CRFEntityExtractor."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the first of all examples with the same words: the state of the talk names no place."""
        once: dict[str, Message] = {}
        for message in training_data.training_examples:
            text = message.get(TEXT) or ""
            once.setdefault(text[split_context(text)[1] :], message)
        return super().train(TrainingData(list(once.values())))

    def persist(self, dataset: Any) -> None:
        """Write what was learnt, not what it was learnt from."""
        if not self.entity_taggers:
            return
        content = Path(self.entity_taggers[_TAG].modelfile.name).read_bytes()
        with self._model_storage.write_to(self._resource) as folder:
            (folder / _FILE).write_bytes(content)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PlaceExtractor:
        """Read what was learnt; without it (no places in the training data) nothing is found."""
        try:
            with model_storage.read_from(resource) as folder:
                taggers = OrderedDict([(_TAG, _Learnt((folder / _FILE).read_bytes()))])
        except ValueError:  # nothing was kept
            return cls(config, model_storage, resource)
        return cls(config, model_storage, resource, taggers)
