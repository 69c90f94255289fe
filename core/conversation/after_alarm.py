"""What a message after an alarm says of the danger: it goes on, it is over, or there was none.

One reading for all rules that follow an alarm. It goes by clauses, the last first: “dập rồi nhưng còn người
kẹt” goes on, “còn người kẹt nhưng cứu được rồi” is over. A denied denial (“không phải đùa”, “chưa hết”) says
that it goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from core.conversation.address import has_hamlet
from core.conversation.contrast import told_apart
from core.conversation.emergency import alarm_words, tells_other_matter
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.perils import THE_ALARM, is_peril, marked, perils_of
from core.conversation.reading import names_place
from core.conversation.tokens import Token, covered, term_at, terms, tokens_of
from core.phrases import Phrases
from core.text import fold

LONGEST = 16
"""Words in the longest message that is read so; a longer one tells more than this."""


class Danger(Enum):
    """What is said of the danger that an alarm told."""

    GOES_ON = auto()
    OVER = auto()
    DENIED = auto()


@dataclass(frozen=True, slots=True)
class _Clause:
    """Folded words, those of the danger marked. `turns`: “nhưng”, “mà”, “lại”, “còn” or “vẫn” leads it."""

    marked: str
    turns: bool
    empty: bool


def hear_danger(floor: Floor, heard: Heard, code: str) -> Danger | None:
    """What the words say of the danger of this urgent report; None when they do not speak of it."""
    alarm, phrases = alarm_words(floor, code), floor.known.phrases
    tokens = tokens_of(heard.text)
    if not alarm or not tokens or len(tokens) > LONGEST or tells_other_matter(floor, heard, code):
        return None
    if _corrects_the_thing(heard, alarm, phrases):
        return Danger.GOES_ON
    clauses = _clauses(tokens, perils_of(alarm, phrases), phrases)
    called = phrases.speaks_of("called", fold(heard.text))
    for index in range(len(clauses) - 1, -1, -1):
        says = _says(clauses[index], phrases, called=called)
        rest = clauses[index + 1 :]
        if says is Danger.OVER and any(_disappoints(clause, phrases) for clause in rest):
            return Danger.GOES_ON
        if says is not None:
            return says
    return None


def denies(floor: Floor, heard: Heard, alarm: str) -> bool:
    """Whether the words deny or withdraw what the alarm told: “không cháy nữa”, “rút lại vụ cháy”."""
    phrases = floor.known.phrases
    return phrases.speaks_of("denies_alarm", _of(heard.text, alarm, phrases))


def _says(clause: _Clause, phrases: Phrases, *, called: bool) -> Danger | None:
    """Of one clause. What is said to burn by somebody who tells of a call is no second call."""
    if phrases.speaks_of("danger_goes_on", clause.marked):
        return Danger.GOES_ON
    if any(phrases.speaks_of(name, clause.marked) for name in ("denies_alarm", "false_alarm")):
        return Danger.DENIED
    if phrases.speaks_of("help_came", clause.marked):
        return Danger.OVER
    back = clause.turns and THE_ALARM in clause.marked and not phrases.speaks_of("reassures", clause.marked)
    if (back or phrases.speaks_of("danger_again", clause.marked)) and not called:
        return Danger.GOES_ON
    return None


def _disappoints(clause: _Clause, phrases: Phrases) -> bool:
    """“… tới rồi mà không có nước”: what turns against the good news, and is no comfort itself."""
    return clause.turns and not clause.empty and not phrases.speaks_of("reassures", clause.marked)


def _corrects_the_thing(heard: Heard, alarm: str, phrases: Phrases) -> bool:
    """“Không phải nhà mà là chợ”: it is put right what burns, not whether it does."""
    contrast, folded = told_apart(heard.text, phrases), fold(heard.text)
    if contrast is None or not contrast.right or not contrast.wrong or names_place(heard):
        return False
    if has_hamlet(contrast.right, phrases) or has_hamlet(contrast.wrong, phrases):
        return False  # where it is
    denies_danger = any(is_peril(token, phrases) for token in tokens_of(contrast.wrong))
    opposed = phrases.speaks_of("thing_put_right", folded) and not phrases.speaks_of("reassures", folded)
    return opposed and not denies_danger and THE_ALARM not in _of(contrast.wrong, alarm, phrases)


def _of(text: str, alarm: str, phrases: Phrases) -> str:
    """The text with the words of the danger marked."""
    return marked(tokens_of(text), perils_of(alarm, phrases), phrases)


def _clauses(tokens: Sequence[Token], perils: frozenset[str], phrases: Phrases) -> list[_Clause]:
    """Cut before commas and the like, before “nhưng”, “mà”, and before “lại”, “còn”, “vẫn” after “rồi”."""
    against, again = terms(phrases, "against"), terms(phrases, "again")
    small = terms(phrases, "fillers", "against", "again", "courtesy")
    starts, turning = [0], set()
    for index, token in enumerate(tokens):
        after_news = index == 0 or token.opens or tokens[index - 1].folded in phrases.words("news_ends")
        turns = term_at(tokens, index, against) or (after_news and term_at(tokens, index, again))
        if turns:
            turning.add(index)
        if index and (turns or token.opens) and index - 1 not in turning:
            starts.append(index)
    ends = [*starts[1:], len(tokens)]
    return [
        _Clause(marked(tokens[a:b], perils, phrases), a in turning, all(covered(tokens[a:b], small)))
        for a, b in zip(starts, ends, strict=True)
    ]
