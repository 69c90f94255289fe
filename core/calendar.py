"""Working time: when the offices are open, and what moment lies so much working time ahead.

All moments that come in are aware; all that go out are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST_BREAK = timedelta(days=60)
"""A calendar without an opening in so long a time is wrong and is refused."""

Hours = tuple[tuple[time, time], ...]
"""Opening and closing times of one day, in order, not touching midnight from both sides."""


@dataclass(frozen=True)
class DayNote:
    """Why a day is not what its weekday says. `confirmed` is False where the source is inferred."""

    name: str
    source: str
    confirmed: bool


@dataclass(frozen=True)
class WorkingCalendar:
    """`week` maps ISO weekdays (1 is Monday) to opening hours; a weekday left out is a day off.

    `holidays` are days off, `yearly` are days off as (month, day) of every year, `worked` are days off that
    are worked in exchange and keep the hours of `worked_as` (an ISO weekday). `worked` wins over the
    others.
    """

    timezone: ZoneInfo
    week: Mapping[int, Hours]
    holidays: Mapping[date, DayNote]
    yearly: Mapping[tuple[int, int], DayNote]
    worked: Mapping[date, DayNote]
    worked_as: int = 1

    def hours(self, day: date) -> Hours:
        """The opening hours of a day, empty when it is a day off."""
        if day in self.worked:
            return self.week[self.worked_as]
        if day in self.holidays or (day.month, day.day) in self.yearly:
            return ()
        return self.week.get(day.isoweekday(), ())

    def note(self, day: date) -> DayNote | None:
        """Why the day is a holiday or a swapped day; None for an ordinary one."""
        return self.worked.get(day) or self.holidays.get(day) or self.yearly.get((day.month, day.day))

    def is_working(self, moment: datetime) -> bool:
        """True from an opening up to, not including, its closing."""
        local = self._local(moment)
        return any(opens <= local.time() < closes for opens, closes in self.hours(local.date()))

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself when the offices are open, else the next opening."""
        return self._intervals_from(moment)[0].astimezone(UTC)

    def add_working_time(self, start: datetime, duration: timedelta) -> datetime:
        """The moment when `duration` of working time has passed since `start`.

        Nothing to wait for gives the next opening (or `start`, when open). A duration that ends with a
        working interval ends at its closing, not at the next opening.
        """
        if duration < timedelta(0):
            raise ValueError("working time only runs forward")
        begin, end = self._intervals_from(start)
        while duration > end - begin:
            duration -= end - begin
            begin, end = self._intervals_from(end)
        return (begin + duration).astimezone(UTC)

    def end_of_working_day(self, start: datetime, days: int) -> datetime:
        """The closing of the `days`-th working day after the day on which `start` is received.

        What comes in outside working time is received at the next opening. The day of receipt is not counted.
        """
        if days < 0:
            raise ValueError("working days only run forward")
        day = self._local(self.next_opening(start)).date()
        while days:
            day += timedelta(days=1)
            days -= bool(self.hours(day))
        return self._at(day, self.hours(day)[-1][1]).astimezone(UTC)

    def _intervals_from(self, moment: datetime) -> tuple[datetime, datetime]:
        """The rest of the working interval that holds `moment`, or the next whole one; local, never empty."""
        local = self._local(moment)
        day = local.date()
        while day - local.date() <= LONGEST_BREAK:
            for opens, closes in self.hours(day):
                begin, end = self._at(day, opens), self._at(day, closes)
                if local < end:
                    return max(begin, local), end
            day += timedelta(days=1)
        raise ValueError(f"no working time within {LONGEST_BREAK.days} days after {local.isoformat()}")

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.timezone)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(self.timezone)
