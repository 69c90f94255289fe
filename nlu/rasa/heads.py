"""What Rasa has no classifier for: the category of any message, and danger now, each with its own classes.

The answers come beside Rasa's own in the JSON of `/model/parse`: `category_ranking` and `danger_ranking`,
lists of {"name", "confidence"}, best first.
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
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack

from nlu.fitting import temperature_of, weights_of
from nlu.rasa.marker import split_context

NONE = "none"
_TOLD = frozenset(("emergency", "deny_correct", "feedback_negative", "feedback_positive"))
"""Intents that may be about something without saying what: no example of them is one of `none`."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LabelClassifier(IntentClassifier, GraphComponent):
    """The in-process interpreter's kind of head (`nlu.fitting`) on the sentence features.

    `label` is `category` or `danger`; `feature_scale` what the featurizer multiplied the features by.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"label": "category", "feature_scale": 1.0}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = storage
        self._resource = resource
        self._scale = float(self._config["feature_scale"])
        self._classes: list[str] = []
        self._weights = np.zeros((0, 0))
        self._bias = np.zeros(0)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LabelClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LabelClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._classes = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as kept:
                component._weights, component._bias = kept["weights"], kept["bias"]
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Each writing counts once: the state of the talk says nothing about category and danger."""
        label = _LABELS[self._config["label"]]
        rows: list[csr_matrix] = []
        labels: list[str] = []
        seen: set[str] = set()
        for message in training_data.intent_examples:
            text = message.get(TEXT) or ""
            words = text[split_context(text)[1] :]
            name = label(message, words)
            if name and words not in seen:
                rows.append(_features(message, self._scale))
                labels.append(name)
            seen.add(words)
        self._classes = sorted(set(labels))
        self._weights, self._bias = _fitted(vstack(rows).tocsr(), labels, self._classes)
        with self._storage.write_to(self._resource) as folder:
            (folder / "classes.json").write_text(json.dumps(self._classes), encoding="utf-8")
            np.savez(folder / "weights.npz", weights=self._weights, bias=self._bias)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the classes of every message."""
        for message in messages:
            scores = np.asarray(_features(message, self._scale) @ self._weights + self._bias).ravel()
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            ranking = [
                {"name": self._classes[number], "confidence": float(shares[number])}
                for number in np.argsort(-shares)
            ]
            message.set(f"{self._config['label']}_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data


def _fitted(x: csr_matrix, labels: list[str], classes: list[str]) -> tuple[Any, Any]:
    """Weights (features × classes) and bias, both already divided by the temperature."""
    numbers = {name: number for number, name in enumerate(classes)}
    y = np.array([numbers[name] for name in labels], dtype=np.int64)
    # copies of an example stand side by side: whole stretches are held out, not every second row
    folds = (np.arange(len(y)) // 40) % 2
    held_out = np.zeros((len(y), len(classes)))
    for fold in (0, 1):
        weights, bias = weights_of(x[folds != fold], y[folds != fold], len(classes))
        held_out[folds == fold] = x[folds == fold] @ weights + bias
    temperature = temperature_of(held_out, y)
    weights, bias = weights_of(x, y, len(classes))
    return weights / temperature, bias / temperature


def _features(message: Message, scale: float) -> csr_matrix:
    _, sentence = message.get_sparse_features(attribute=TEXT)
    return csr_matrix(sentence.features) / scale


def _category(message: Message, words: str) -> str:
    _, _, leaf = str(message.get(INTENT_RESPONSE_KEY) or "").partition("/")
    metadata = message.get("metadata") or {}
    told = leaf or next((m["category"] for m in metadata.values() if "category" in (m or {})), "")
    return told or ("" if message.get(INTENT) in _TOLD else NONE)


def _danger(message: Message, words: str) -> str:
    if message.get(INTENT) == "emergency":
        return "danger"
    return "calm" if len(words.split()) > 2 else ""


_LABELS = {"category": _category, "danger": _danger}
