"""History is append-only: report_events refuses deletes and updates, but for the blanking of an erasure."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


SQLITE = (
    "CREATE TRIGGER report_events_keep BEFORE DELETE ON report_events BEGIN SELECT RAISE(ABORT, "
    "'report_events is append-only'); END",
    "CREATE TRIGGER report_events_freeze BEFORE UPDATE ON report_events WHEN NOT (NEW.id IS OLD.id "
    "AND NEW.report_id IS OLD.report_id AND NEW.at IS OLD.at AND NEW.actor IS OLD.actor AND NEW.kind"
    " IS OLD.kind AND NEW.from_status IS OLD.from_status AND NEW.to_status IS OLD.to_status AND "
    "(NEW.note IS OLD.note OR NEW.note = '[erased]') AND (NEW.data IS OLD.data OR NEW.data IS NULL "
    "OR NEW.data = 'null')) BEGIN SELECT RAISE(ABORT, 'report_events is append-only'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION report_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
    "EXCEPTION 'report_events is append-only' USING ERRCODE = 'integrity_constraint_violation'; END "
    "$$",
    "CREATE TRIGGER report_events_keep BEFORE DELETE ON report_events FOR EACH ROW EXECUTE FUNCTION "
    "report_events_refuse()",
    "CREATE TRIGGER report_events_freeze BEFORE UPDATE ON report_events FOR EACH ROW WHEN (NOT "
    "(NEW.id IS NOT DISTINCT FROM OLD.id AND NEW.report_id IS NOT DISTINCT FROM OLD.report_id AND "
    "NEW.at IS NOT DISTINCT FROM OLD.at AND NEW.actor IS NOT DISTINCT FROM OLD.actor AND NEW.kind IS"
    " NOT DISTINCT FROM OLD.kind AND NEW.from_status IS NOT DISTINCT FROM OLD.from_status AND "
    "NEW.to_status IS NOT DISTINCT FROM OLD.to_status AND (NEW.note = OLD.note OR NEW.note = "
    "'[erased]') AND (NEW.data::text IS NOT DISTINCT FROM OLD.data::text OR NEW.data IS NULL OR "
    "NEW.data::text = 'null'))) EXECUTE FUNCTION report_events_refuse()",
    "CREATE TRIGGER report_events_keep_all BEFORE TRUNCATE ON report_events FOR EACH STATEMENT "
    "EXECUTE FUNCTION report_events_refuse()",
)
