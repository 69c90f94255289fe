"""The in-process interpreter's heads (`nlu.heads`) as classifiers of Rasa's.

Each learns the class that `nlu.rasa.export` wrote beside an example. The head `intent` is Rasa's intent
classifier: `intent` and `intent_ranking`, and with them `danger`, what it believes of an emergency now, and
`untold`, the share of reports that tell nothing yet. The others add `<head>_ranking` to the JSON of
`/model/parse`: lists of {"name", "confidence"}, best first.
"""
# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return,unused-ignore"

from __future__ import annotations

import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack

from nlu.fitting import weights_of
from nlu.linear import softmax
from nlu.rasa.beliefs import intents_of, ranking, untold_of

_JOINT = "intent"


class NoLabels(ValueError):
    """The training data have no classes for a head; the text says which file has."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HeadClassifier(IntentClassifier, GraphComponent):
    """One head on the sentence features. `head`, `bayes` and `temperature` are those of `nlu.heads.HEADS`."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"head": _JOINT, "bayes": 1.0, "temperature": 1.0}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._head = str(config["head"])
        self._bayes = float(config["bayes"])
        self._temperature = float(config["temperature"])
        self._storage = storage
        self._resource = resource
        self._classes: list[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._bias = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HeadClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> HeadClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._classes = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as kept:
                component._weights = kept["weights"].astype(np.float32)
                component._bias = kept["bias"]
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples that have a class for this head. Raises NoLabels when none has."""
        used = [
            (message, label) for message in training_data.intent_examples if (label := self._label(message))
        ]
        if not used:
            raise NoLabels(f"no example has a class for {self._head}: train on what nlu.rasa.export writes")
        self._classes = sorted({label for _, label in used})
        numbers = {name: number for number, name in enumerate(self._classes)}
        y = np.array([numbers[label] for _, label in used], dtype=np.int64)
        x = vstack([_features(message) for message, _ in used]).tocsr()
        weights, bias = weights_of(x, y, len(self._classes), self._bayes)
        with self._storage.write_to(self._resource) as folder:
            (folder / "classes.json").write_text(json.dumps(self._classes), encoding="utf-8")
            np.savez_compressed(
                folder / "weights.npz", weights=weights.astype(np.float16), bias=bias.astype(np.float32)
            )
        return self._resource

    def _label(self, message: Message) -> str:
        metadata = message.get("metadata") or {}
        return next(
            (one["heads"].get(self._head, "") for one in metadata.values() if "heads" in (one or {})), ""
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Say of every message what this head believes."""
        for message in messages:
            scores = np.asarray(_features(message) @ self._weights + self._bias, dtype=np.float32).ravel()
            shares = dict(zip(self._classes, softmax(scores, self._temperature).tolist(), strict=True))
            for name, value in self._said(shares).items():
                message.set(name, value, add_to_output=True)
        return messages

    def _said(self, shares: dict[str, float]) -> dict[str, Any]:
        if self._head != _JOINT:
            return {f"{self._head}_ranking": ranking(shares)}
        intents = intents_of(shares)
        ranked = ranking(intents)
        return {
            INTENT: ranked[0],
            INTENT_RANKING_KEY: ranked,
            "danger": intents.get("emergency", 0.0),
            "untold": untold_of(shares),
        }

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data


def _features(message: Message) -> csr_matrix:
    _, sentence = message.get_sparse_features(attribute=TEXT)
    return csr_matrix(sentence.features)
