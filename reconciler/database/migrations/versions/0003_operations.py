"""What the operators' commands keep: where a value came from, what a held row said, which database it is."""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0003"
down_revision = "0002"

LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
COLUMNS = (
    (
        "reconciler_task",
        sa.Column("secrets", LONG_TEXT, comment="paths of environment values, JSON"),
    ),
    ("reconciler_hold", sa.Column("restores", LONG_TEXT, comment="what the row said before the hold, JSON")),
)


def upgrade() -> None:
    # As in 0001: what is there already, after an upgrade that was cut short on MySQL, is passed over.
    inspector = sa.inspect(op.get_bind())
    for table, column in COLUMNS:
        if column.name not in {one["name"] for one in inspector.get_columns(table)}:
            op.add_column(table, column)
    _name_the_database()


def _name_the_database() -> None:
    """Whatever its address is: a saved plan is applied to the database that it was made for."""
    settings = sa.table("reconciler_setting", sa.column("name"), sa.column("value"))
    named = sa.select(settings.c.value).where(settings.c.name == "database")
    if op.get_bind().execute(named).scalar() is None:
        op.execute(sa.insert(settings).values(name="database", value=str(uuid.uuid4())))
