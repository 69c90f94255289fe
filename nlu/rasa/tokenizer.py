"""Rasa's tokenizer for Vietnamese: offsets of the text as typed, plain writing as the lemma.

CountVectorsFeaturizer reads the lemma (`use_lemma: true`, its default), the entity extractors read the text:
each gets the view that serves it.
"""
# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return,unused-ignore"

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.rasa.tokens import cut


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Syllables and numbers, with the state of the talk as a first token."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        return [
            Token(one.text, one.start, one.end, lemma=one.lemma) for one in cut(message.get(attribute) or "")
        ]
