"""What Rasa has no classifier for: the category of any message, and danger now, each with its own classes.

The answers come beside Rasa's own in the JSON of `/model/parse`: `category_ranking` and `danger_ranking`, lists
of {"name", "confidence"}, best first.
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
from sklearn.linear_model import LogisticRegression

from nlu.rasa.marker import split_context

NONE = "none"
_TOLD = frozenset(("emergency", "deny_correct", "feedback_negative", "feedback_positive"))
"""Intents that may be about something without saying what: no example of them is one of `none`."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LabelClassifier(IntentClassifier, GraphComponent):
    """Logistic regression on the sentence features. `label` is `category` or `danger`; `penalty` is 1/C."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"label": "category", "penalty": 1.0, "max_iter": 60}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = storage
        self._resource = resource
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
                rows.append(_features(message))
                labels.append(name)
            seen.add(words)
        model = LogisticRegression(
            C=1 / float(self._config["penalty"]),
            max_iter=int(self._config["max_iter"]),
            tol=1e-3,
            random_state=7,
        )
        model.fit(vstack(rows), labels)
        self._classes = [str(name) for name in model.classes_]
        self._weights, self._bias = _table(model)
        with self._storage.write_to(self._resource) as folder:
            (folder / "classes.json").write_text(json.dumps(self._classes), encoding="utf-8")
            np.savez(folder / "weights.npz", weights=self._weights, bias=self._bias)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the classes of every message."""
        for message in messages:
            scores = np.asarray(_features(message) @ self._weights + self._bias).ravel()
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


def _table(model: LogisticRegression) -> tuple[Any, Any]:
    """Weights (features × classes) and bias; two classes, which scikit-learn keeps as one, as two."""
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        return np.hstack([np.zeros_like(weights), weights]), np.array([0.0, float(bias[0])])
    return weights, bias


def _features(message: Message) -> csr_matrix:
    _, sentence = message.get_sparse_features(attribute=TEXT)
    return csr_matrix(sentence.features)


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
