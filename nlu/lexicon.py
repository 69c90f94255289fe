"""Terms of the field: words that by themselves point to a category or an intent.

Written as Rasa lookup tables `term_<concept>` in `nlu/data/terms.yml`; a term counts as a feature of its
concept, so that a word that no example uses still speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlu.views import writings

_PREFIX = "term_"


def build_lexicon(lookups: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Plain writing of a term → its concepts, of all tables whose name begins with `term_`."""
    lexicon: dict[str, tuple[str, ...]] = {}
    for table, terms in sorted(lookups.items()):
        if not table.startswith(_PREFIX):
            continue
        concept = table.removeprefix(_PREFIX)
        for term in terms:
            plain = " ".join(word for syllable in writings(term) for word in syllable.plain)
            known = lexicon.get(plain, ())
            if plain and concept not in known:
                lexicon[plain] = (*known, concept)
    return lexicon
