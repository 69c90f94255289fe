"""The views of the in-process interpreter (`nlu.features`) as a featurizer of Rasa's.

A message's sentence features are those of `nlu.features`, each block brought to its own length. The state of
the talk is read from the marker. What is typed without marks is looked at as it is most likely meant
(`nlu.marks`), except while learning.
"""
# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return,unused-ignore"

from __future__ import annotations

import json
import math
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import coo_matrix

from core.text import fold
from nlu.features import Lexicon, all_features, block_weights
from nlu.lexicon import build_lexicon
from nlu.marks import Marks
from nlu.rasa.marker import split_context

_FILE = "views.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ViewsFeaturizer(SparseFeaturizer, GraphComponent):
    """Needs a tokenizer only because Rasa asks for one: the syllables are cut by `nlu.views`."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return dict(SparseFeaturizer.get_default_config())

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to set."""

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        name: str,
        learnt: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._lexicon: Lexicon = learnt["lexicon"] if learnt else {}
        self._set_idf(learnt["idf"] if learnt else {})
        self._marks = Marks.from_json(learnt["marks"]) if learnt else Marks({}, {})

    def _set_idf(self, idf: dict[str, float]) -> None:
        self._idf = idf
        self._column = {name: number for number, name in enumerate(idf)}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ViewsFeaturizer:
        return cls(config, model_storage, resource, execution_context.node_name)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ViewsFeaturizer:
        with model_storage.read_from(resource) as folder:
            kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, execution_context.node_name, kept)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the vocabulary: features of at least two messages (differing in more than marks), and all
        whole syllables and states."""
        tables = {table["name"]: tuple(table["elements"]) for table in training_data.lookup_tables}
        self._lexicon = {term: list(concepts) for term, concepts in build_lexicon(tables).items()}
        seen: dict[str, int] = {}
        last: dict[str, str] = {}
        messages: set[str] = set()
        texts = sorted({m.get(TEXT) for m in training_data.nlu_examples if m.get(TEXT)}, key=_plain)
        for text in texts:
            plain = _plain(text)
            messages.add(plain)
            for name in _names(text, self._lexicon):
                if last.get(name) != plain:
                    last[name] = plain
                    seen[name] = seen.get(name, 0) + 1
        total = len(messages)
        self._set_idf(
            {
                name: math.log((1 + total) / (1 + count)) + 1
                for name, count in sorted(seen.items())
                if count > 1 or name[0] in "45" or (name[0] == "3" and " " not in name)
            }
        )
        self._marks = Marks.learnt_from(text[split_context(text)[1] :] for text in texts)
        with self._storage.write_to(self._resource) as folder:
            kept = {"idf": self._idf, "lexicon": self._lexicon, "marks": self._marks.to_json()}
            (folder / _FILE).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Examples are learnt from as they stand: their own words would restore them too well."""
        for message in training_data.training_examples:
            self._add(message, lambda words: words)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Give every message its sentence features."""
        for message in messages:
            self._add(message, self._marks.restored)
        return messages

    def _add(self, message: Message, read: Callable[[str], str]) -> None:
        text = message.get(TEXT)
        if text:
            context, begin = split_context(text)
            row = self._row(read(unicodedata.normalize("NFC", text[begin:])), context)
            self.add_features_to_message(None, row, TEXT, message)

    def _row(self, words: str, context: str) -> coo_matrix:
        columns: list[int] = []
        values: list[float] = []
        weights = block_weights(words)
        for block, names in all_features(words, context, self._lexicon):
            counts = Counter(name for name in names if name in self._column)
            if not weights[block]:
                continue
            length = math.sqrt(sum(n * self._idf[name] ** 2 for name, n in counts.items()))
            for name, n in counts.items():
                columns.append(self._column[name])
                values.append(weights[block] * n * self._idf[name] / length)
        where = (np.zeros(len(columns), dtype=np.int32), np.array(columns, dtype=np.int32))
        return coo_matrix((np.array(values, dtype=np.float64), where), shape=(1, len(self._column)))


def _names(text: str, lexicon: Lexicon) -> set[str]:
    context, begin = split_context(text)
    return {name for _, names in all_features(text[begin:], context, lexicon) for name in names}


def _plain(text: str) -> str:
    """The words of a message without marks and state: its copies are one message."""
    return fold(text[split_context(text)[1] :])
