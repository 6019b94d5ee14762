"""Owned rows, applies, settings."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import DATETIME, LONGBLOB, LONGTEXT

revision = "0001"
down_revision = None

LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
LONG_BYTES = sa.LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")
SIXTEEN_BYTES = sa.LargeBinary(16).with_variant(sa.BINARY(16), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb")
EXACT: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    # MySQL commits after each table: one killed between two of them must be able to go on.
    op.create_table(
        "reconciler_task",
        sa.Column("reference_id", SIXTEEN_BYTES, primary_key=True, comment="of the row in task"),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("applied", LONG_TEXT, nullable=False, comment="the task as last applied, JSON"),
        sa.Column("fingerprint", SIXTEEN_BYTES, nullable=False, comment="of the same task"),
        sa.Column("file", LONG_TEXT, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("commit_id", sa.String(64)),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("apply_id", sa.String(36), nullable=False, comment="the apply that wrote this"),
        if_not_exists=True,
        **EXACT,
    )
    op.create_table(
        "reconciler_apply",
        sa.Column("apply_id", sa.String(36), primary_key=True),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("repository", LONG_TEXT, comment="what the owner was applied from"),
        sa.Column("commit_id", sa.String(64)),
        sa.Column("dirty", sa.Boolean),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("tool", sa.String(100), nullable=False, comment="version of the program"),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("plan", LONG_BYTES, comment="JSON, zlib; dropped after a year"),
        sa.Column("plan_hash", sa.String(64), nullable=False),
        sa.Column("outcome", LONG_TEXT, nullable=False, comment="JSON"),
        if_not_exists=True,
        **EXACT,
    )
    op.create_table(
        "reconciler_setting",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("value", LONG_TEXT, nullable=False),
        if_not_exists=True,
        **EXACT,
    )
