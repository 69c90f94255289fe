"""Working time: the week, holidays, swapped days, and what must hold for any moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import DayNote, WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
NOTE = DayNote("thử", "test", True)
CALENDAR = WorkingCalendar(
    timezone=ZONE,
    week=dict.fromkeys(range(1, 6), DAY),
    holidays={date(2026, 1, 2): NOTE, date(2026, 4, 27): NOTE},
    yearly={(1, 1): NOTE, (4, 30): NOTE, (5, 1): NOTE},
    worked={date(2026, 1, 10): NOTE},
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16 08:00", 1, "2026-11-16 09:00"),
        ("2026-11-16 10:30", 2, "2026-11-16 14:30"),  # over the midday break
        ("2026-11-16 16:00", 4, "2026-11-17 10:30"),  # over the night
        ("2026-11-20 16:00", 4, "2026-11-23 10:30"),  # over the weekend
        ("2026-11-21 22:00", 4, "2026-11-23 11:30"),  # from a Saturday night, to the closing itself
        ("2026-04-29 16:00", 1.5, "2026-05-04 08:00"),  # 30/4 and 1/5
        ("2025-12-31 16:30", 1, "2026-01-05 08:00"),  # 1/1 and the swapped 2/1
        ("2026-01-09 16:30", 1, "2026-01-10 08:00"),  # a Saturday worked in exchange
        ("2026-11-16 12:00", 0, "2026-11-16 13:30"),
        ("2026-11-16 09:00", 0, "2026-11-16 09:00"),
    ],
)
def test_hours_are_counted_only_while_offices_are_open(start: str, hours: float, end: str) -> None:
    assert CALENDAR.add_working_time(local(start), timedelta(hours=hours)) == local(end)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-16 08:00", 0, "2026-11-16 17:00"),
        ("2026-11-16 08:00", 5, "2026-11-23 17:00"),
        ("2026-11-16 18:00", 1, "2026-11-18 17:00"),  # received on Tuesday morning
        ("2026-04-29 08:00", 1, "2026-05-04 17:00"),
        ("2026-01-09 08:00", 1, "2026-01-10 17:00"),
    ],
)
def test_days_end_at_the_closing_and_the_day_of_receipt_is_not_counted(
    start: str, days: int, end: str
) -> None:
    assert CALENDAR.end_of_working_day(local(start), days) == local(end)


def test_a_moment_without_a_zone_and_a_span_backwards_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.is_working(datetime(2026, 11, 16, 8))  # noqa: DTZ001
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_working_time(local("2026-11-16 08:00"), timedelta(hours=-1))


def test_a_calendar_that_never_opens_is_refused_not_looped_over() -> None:
    never = WorkingCalendar(ZONE, {}, {}, {}, {})
    with pytest.raises(ValueError, match="no working time"):
        never.next_opening(local("2026-11-16 08:00"))


MOMENTS = st.integers(0, 761 * 24 * 60).map(
    lambda minutes: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
SPANS = st.integers(0, 200 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(MOMENTS, SPANS)
def test_the_end_lies_in_working_time_and_after_the_start(start: datetime, span: timedelta) -> None:
    end = CALENDAR.add_working_time(start, span)
    assert end >= start
    assert end.tzinfo is UTC
    assert CALENDAR.is_working(end) or CALENDAR.is_working(end - timedelta(microseconds=1))


@given(MOMENTS, SPANS, SPANS)
def test_two_spans_are_their_sum(start: datetime, one: timedelta, other: timedelta) -> None:
    twice = CALENDAR.add_working_time(CALENDAR.add_working_time(start, one), other)
    assert CALENDAR.next_opening(twice) == CALENDAR.next_opening(
        CALENDAR.add_working_time(start, one + other)
    )


@given(MOMENTS, st.integers(0, 60 * 24 * 30), SPANS, st.integers(0, 20))
def test_who_comes_later_is_never_due_earlier(start: datetime, wait: int, span: timedelta, days: int) -> None:
    later = start + timedelta(minutes=wait)
    assert CALENDAR.add_working_time(start, span) <= CALENDAR.add_working_time(later, span)
    assert CALENDAR.end_of_working_day(start, days) <= CALENDAR.end_of_working_day(later, days)


@given(MOMENTS)
def test_the_next_opening_is_open_and_nothing_is_open_before_it(moment: datetime) -> None:
    opening = CALENDAR.next_opening(moment)
    assert CALENDAR.is_working(opening)
    assert opening == moment or not CALENDAR.is_working(moment)
