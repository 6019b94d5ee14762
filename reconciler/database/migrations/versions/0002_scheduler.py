"""The scheduler's processes, runs, anchors and holds."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import DATETIME, LONGBLOB, LONGTEXT

revision = "0002"
down_revision = "0001"

LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
LONG_BYTES = sa.LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")
SIXTEEN_BYTES = sa.LargeBinary(16).with_variant(sa.BINARY(16), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb")
EXACT: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

OPEN = sa.text("state IN ('claimed', 'running')")
INDEXES: tuple[tuple[str, list[str], dict[str, Any]], ...] = (
    # The moment in front: the claims of a second stand together, and the newest, the oldest, those of a gap.
    ("reconciler_run_once", ["moment", "reference_id"], {"unique": True}),
    ("reconciler_run_open", ["state"], {"postgresql_where": OPEN, "sqlite_where": OPEN}),  # what is swept
    ("reconciler_run_name", ["name", "moment"], {"mysql_length": {"name": 100}}),  # those of a task
)


def upgrade() -> None:
    # As in 0001: what is there already, after an upgrade that was cut short on MySQL, is passed over.
    _add_processes()
    _add_runs()
    _add_anchors_and_holds()


def _add_processes() -> None:
    op.create_table(
        "reconciler_process",
        sa.Column("process_id", SIXTEEN_BYTES, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False, comment="scheduler, manual"),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("tool", sa.String(100), nullable=False, comment="version of the program"),
        sa.Column("timezone", sa.String(100), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("heartbeat_at", MOMENT, nullable=False, comment="by the clock of the database"),
        sa.Column("settled_until", MOMENT, comment="each fire up to then has a run"),
        sa.Column("ended_at", MOMENT),
        sa.Column("loaded", LONG_BYTES, comment="what it loaded: JSON, zlib"),
        if_not_exists=True,
        **EXACT,
    )


def _add_runs() -> None:
    op.create_table(
        "reconciler_run",
        sa.Column("run_id", SIXTEEN_BYTES, primary_key=True),
        sa.Column("reference_id", SIXTEEN_BYTES, nullable=False, comment="of the task"),
        sa.Column("moment", MOMENT, nullable=False, comment="that was due"),
        sa.Column("name", LONG_TEXT, nullable=False),
        sa.Column("entity_name", LONG_TEXT, nullable=False),
        sa.Column("action_name", LONG_TEXT, nullable=False),
        sa.Column("as_user", LONG_TEXT),
        sa.Column("cause", sa.String(20), nullable=False, comment="schedule, catch-up, manual"),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("process_id", SIXTEEN_BYTES, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("error", LONG_TEXT),
        sa.Column("missed_until", MOMENT, comment="of a record of misses: the last moment"),
        sa.Column("missed_count", sa.Integer, comment="and how many"),
        if_not_exists=True,
        **EXACT,
    )
    for name, columns, options in INDEXES:
        if not sa.inspect(op.get_bind()).has_index("reconciler_run", name):  # MySQL knows no IF NOT EXISTS
            op.create_index(name, "reconciler_run", columns, **options)


def _add_anchors_and_holds() -> None:
    op.create_table(
        "reconciler_anchor",
        sa.Column("reference_id", SIXTEEN_BYTES, primary_key=True),
        sa.Column("seconds", sa.BigInteger, nullable=False, comment="the interval"),
        sa.Column("anchor", MOMENT, nullable=False, comment="from which it counts"),
        if_not_exists=True,
        **EXACT,
    )
    op.create_table(
        "reconciler_hold",
        sa.Column("reference_id", SIXTEEN_BYTES, primary_key=True),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("reason", LONG_TEXT, nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        if_not_exists=True,
        **EXACT,
    )
