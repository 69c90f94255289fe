"""History cannot be rewritten: triggers that keep `report_events` append-only on both databases.

Erasure on a citizen's request is the one exception: a row's `note` may become ERASED and its `data` NULL;
who did what and when stays.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.storage.schema import report_events

ERASED = "[erased]"
"""What stands in `report_events.note` after an erasure."""

_REFUSAL = "report_events is append-only"
_KEPT = ("id", "report_id", "at", "actor", "kind", "from_status", "to_status")


def erase_words(reports: sa.ColumnElement[bool]) -> sa.Update:
    """The one allowed update of the history: blank the words and data of the events that `reports` selects,
    for instance `report_events.c.report_id == 7`. Empty notes become ERASED too."""
    return sa.update(report_events).where(reports).values(note=ERASED, data=sa.null())


def guard_statements(dialect: str) -> tuple[str, ...]:
    """The triggers' DDL for "sqlite" or "postgresql". A refused change raises an IntegrityError."""
    if dialect == "sqlite":
        same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _KEPT)
        words = (
            f"(NEW.note IS OLD.note OR NEW.note = '{ERASED}')"
            " AND (NEW.data IS OLD.data OR NEW.data IS NULL OR NEW.data = 'null')"
        )
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        return (
            f"CREATE TRIGGER report_events_keep BEFORE DELETE ON report_events {refuse}",
            "CREATE TRIGGER report_events_freeze BEFORE UPDATE ON report_events"
            f" WHEN NOT ({same} AND {words}) {refuse}",
        )
    same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in _KEPT)
    words = (
        f"(NEW.note = OLD.note OR NEW.note = '{ERASED}')"
        " AND (NEW.data::text IS NOT DISTINCT FROM OLD.data::text"
        " OR NEW.data IS NULL OR NEW.data::text = 'null')"
    )
    return (
        "CREATE FUNCTION report_events_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER report_events_keep BEFORE DELETE ON report_events"
        " FOR EACH ROW EXECUTE FUNCTION report_events_refuse()",
        "CREATE TRIGGER report_events_freeze BEFORE UPDATE ON report_events"
        f" FOR EACH ROW WHEN (NOT ({same} AND {words})) EXECUTE FUNCTION report_events_refuse()",
        "CREATE TRIGGER report_events_keep_all BEFORE TRUNCATE ON report_events"
        " FOR EACH STATEMENT EXECUTE FUNCTION report_events_refuse()",
    )
