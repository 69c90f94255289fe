"""What a post in the officers' group says. Citizens' words are shown with their phones hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.staff.wording import StaffWords
from core.pack import Pack
from core.reports.announcements import Due, Telling
from core.reports.handoffs import Handoff, Matter
from core.spans import find_phones
from core.text import utf16_length

LONGEST = 1_000
"""UTF-16 units (Telegram's measure; a post has 4,096) of one text of a citizen; the console has all of it."""

Buttons = tuple[tuple[str, str], ...]
"""(label, what it does) from left to right."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Writes the posts. `can_write` says whether words reach citizens of a channel."""

    words: StaffWords
    pack: Pack
    can_write: Callable[[str], bool]

    def post(self, due: Due, now: datetime) -> tuple[str, Buttons]:
        """The text and the buttons of a new post."""
        if due.telling is Telling.LATER:
            return self._later(due), ()
        again = due.telling is Telling.AGAIN
        head = [self.words.say("again", times=due.handoff.announcements)] if again else []
        ago = self._ago(now - due.handoff.at)
        since = self.words.say("since", ago=ago, time=self.time(due.handoff.at))
        return "\n".join([*head, *self._card(due.handoff, since)]), self.buttons(due.handoff)

    def standing(self, handoff: Handoff) -> str:
        """The same post as it stands now: who took it, what became of it."""
        return "\n".join(self._card(handoff, self.time(handoff.at)))

    def bare(self, handoff: Handoff) -> str:
        """A post without anything that Telegram may refuse."""
        return self.words.say("bare", number=handoff.id, code=handoff.report_code or "-")

    def buttons(self, handoff: Handoff) -> Buttons:
        if handoff.closed_at is not None or handoff.is_erased:
            return ()
        first = "take" if handoff.taken_at is None else "done"
        return tuple(
            (self.words.get("buttons", action), f"{action}:{handoff.id}") for action in (first, "phone")
        )

    def taker(self, handoff: Handoff) -> str:
        """Who took it, as the group knows them."""
        return (handoff.taken_by or "").rpartition(" (tg:")[0] or handoff.taken_by or ""

    def channel(self, handoff: Handoff) -> str:
        name = handoff.address.channel
        return self.words.name("channels", name.removeprefix("sim_"), name)

    def time(self, moment: datetime) -> str:
        """“14:05 21/11”, local time of the province."""
        return moment.astimezone(self.pack.timezone).strftime("%H:%M %d/%m")

    def _card(self, handoff: Handoff, since: str) -> list[str]:
        say = self.words.say
        lines = [self._heading(handoff), since]
        if not handoff.is_erased:
            lines.append(say("words", words=shown(handoff.words)) if handoff.words else say("no_words"))
            if handoff.said and not handoff.is_danger:
                lines.append(say("before", words=" / ".join(shown(text, 300) for text in handoff.said)))
        if handoff.matter is not None:
            lines += self._matter(handoff, handoff.matter)
        elif handoff.is_danger:
            lines.append(say("no_place"))
        lines.append(say("channel", channel=self.channel(handoff)))
        return lines + self._standing(handoff)

    def _heading(self, handoff: Handoff) -> str:
        if handoff.is_danger:
            kind = (handoff.matter.danger if handoff.matter else None) or "general"
            return self.words.say("danger", kind=self.words.name("dangers", kind, "general"))
        return self.words.say("calm", reason=self.words.name("reasons", handoff.reason, "other"))

    def _matter(self, handoff: Handoff, matter: Matter) -> list[str]:
        say, category = self.words.say, self.pack.categories.get(matter.category)
        lines = [say("report", code=matter.code, category=category.name if category else matter.category)]
        if matter.description and matter.description != handoff.words and not handoff.is_erased:
            lines.append(say("told", words=shown(matter.description)))
        commune = self.pack.places.communes.get(matter.commune or "")
        place = " – ".join(filter(None, (shown(matter.address, 300), commune.full_name if commune else "")))
        if place or matter.point is None:
            lines.append(say("place", place=place) if place else say("no_place"))
        if matter.point is not None:
            lines.append(say("map", lat=f"{matter.point.lat:.6f}", lon=f"{matter.point.lon:.6f}"))
        if matter.photos:
            lines.append(say("photos", count=matter.photos))
        agency = self.pack.agencies.get(matter.agency)
        lines.append(say("agency", agency=agency.name if agency else matter.agency))
        return lines

    def _standing(self, handoff: Handoff) -> list[str]:
        say, lines = self.words.say, []
        if handoff.taken_at is not None:
            lines.append(say("taken", who=self.taker(handoff), time=self.time(handoff.taken_at)))
        if handoff.answered_at is not None:
            lines.append(say("answered", time=self.time(handoff.answered_at)))
        if handoff.closed_at is not None:
            lines.append(say("closed", time=self.time(handoff.closed_at)))
        elif handoff.taken_at is not None and not handoff.is_erased:
            can_write = self.can_write(handoff.address.channel)
            lines.append(say("how_to_answer" if can_write else "how_to_call"))
        return lines

    def _later(self, due: Due) -> str:
        say, matter = self.words.say, due.handoff.matter
        lines = [say("later", code=due.handoff.report_code or "")]
        for addition in due.additions:
            if addition.words:
                lines.append(say("words", words=shown(addition.words, 400)))
            if addition.photos:
                lines.append(say("photos", count=addition.photos))
        if matter is not None and matter.point is not None and any(one.has_point for one in due.additions):
            lines.append(say("new_point"))
            lines.append(say("map", lat=f"{matter.point.lat:.6f}", lon=f"{matter.point.lon:.6f}"))
        return "\n".join(lines)

    def _ago(self, passed: timedelta) -> str:
        minutes = int(passed / timedelta(minutes=1))
        if minutes < 1:
            return self.words.say("just_now")
        if minutes < 60:
            return self.words.say("minutes_ago", count=minutes)
        if minutes < 24 * 60:
            return self.words.say("hours_ago", count=minutes // 60)
        return self.words.say("days_ago", count=minutes // (24 * 60))


def shown(text: str, longest: int = LONGEST) -> str:
    """A citizen's text for the group: every phone but its last three digits hidden, cut when too long."""
    for phone in reversed(find_phones(text)):
        text = f"{text[: phone.start]}•••{phone.value[-3:]}{text[phone.end :]}"
    if utf16_length(text) <= longest:
        return text
    return text.encode("utf-16-le")[: 2 * longest - 2].decode("utf-16-le", "ignore") + "…"
