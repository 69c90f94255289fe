"""Alembic's entry: runs the revisions on the connection that `migrations.alembic_config` was given."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.sql.elements import False_, True_

from core.storage.schema import Instant, metadata


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Revisions are frozen and serve both databases: they name SQLAlchemy's types, never the program's,
    and leave true and false to the dialect."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    default = item.arg if kind == "server_default" and isinstance(item, sa.DefaultClause) else None
    if isinstance(default, True_ | False_):
        return "sa.true()" if isinstance(default, True_) else "sa.false()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
