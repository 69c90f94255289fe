"""Write the next revision from what changed in `schema.py`:

    python -m core.storage.migrations "what changes"

Read what it wrote, then set HEAD in `__init__.py` to it. Data may have to be moved by hand, a changed server
default is not seen (Alembic misreads empty strings on SQLite; the tests see it), and a rebuilt
`report_events` needs its triggers again (`append_only.guard_statements`, copied: revisions are frozen).
There is no way down: an update that disappoints is undone with the backup made before it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from core.storage import migrations


def write_revision(message: str) -> None:
    """Compare the metadata with a database brought up by the existing revisions, and write the difference."""
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{folder}/compared.sqlite3")
        with engine.begin() as connection:
            config = migrations.alembic_config(connection)
            command.upgrade(config, "head")
            number = len(list((Path(__file__).parent / "versions").glob("[0-9]*.py"))) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()


if __name__ == "__main__":
    write_revision(" ".join(sys.argv[1:]))
