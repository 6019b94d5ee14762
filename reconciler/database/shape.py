"""The tables of the contract in Daptin's shape, for a database that has none yet.

Types, defaults and the names of indexes are those of Daptin 0.12.36: where it is started on such a database
later, it finds what it would have made.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.database.urls import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One table: its own columns, and what is indexed beside the standard ones."""

    name: str
    columns: Sequence[str]
    unique: Sequence[str] = ()
    indexed: Sequence[str] = ()
    references: Mapping[str, str]  # column -> table; each is indexed too
    together: Mapping[str, str]  # name of a unique index -> its columns
    is_join: bool = False
    has_standard_columns: bool = True


_TYPES: Mapping[Kind, Mapping[str, str]] = {
    "sqlite": {"id": "INTEGER not null PRIMARY KEY", "bytes": "blob", "int": "int(11)"},
    "postgresql": {"id": "SERIAL PRIMARY KEY", "bytes": "bytea", "int": "INTEGER"},
    "mysql": {"id": "INTEGER not null AUTO_INCREMENT PRIMARY KEY", "bytes": "blob", "int": "int(11)"},
}

_STANDARD = (
    "version INTEGER not null default 1",
    "created_at timestamp not null default current_timestamp",
    "updated_at timestamp null",
    "reference_id {bytes} not null",
    "permission {int} not null",
)


def _join(table: str, unique_index: str) -> Shape:
    return Shape(
        name=f"{table}_{table}_id_has_usergroup_usergroup_id",
        columns=(f"{table}_id {{int}} not null", "usergroup_id {int} not null"),
        references={f"{table}_id": table, "usergroup_id": "usergroup"},
        together={unique_index: f"{table}_id, usergroup_id"},
        is_join=True,
    )


SHAPES = (
    Shape(
        name="user_account",
        columns=(
            "name varchar(80) not null",
            "email varchar(80) not null",
            "password varchar(100) null",
            "confirmed bool not null default false",
            "auth_version INTEGER not null default 1",
            "user_account_id {int} null",
        ),
        unique=("email",),
        indexed=("name",),
        references={"user_account_id": "user_account"},
        together={},
    ),
    Shape(
        name="usergroup", columns=("name varchar(80) not null",), unique=("name",), references={}, together={}
    ),
    Shape(
        name="world",
        columns=(
            "table_name varchar(200) not null",
            "world_schema_json text not null",
            "is_top_level bool not null default true",
            "is_hidden bool not null default false",
            "is_join_table bool not null default false",
            "is_state_tracking_enabled bool not null default false",
            "default_order varchar(100) null default '+id'",
            "icon varchar(20) null default 'fa-star'",
            "user_account_id {int} null",
        ),
        unique=("table_name",),
        references={"user_account_id": "user_account"},
        together={},
    ),
    Shape(
        name="action",
        columns=(
            "action_name varchar(100) not null",
            "label varchar(100) not null",
            "instance_optional bool not null default true",
            "action_schema text not null",
            "user_account_id {int} null",
            "world_id {int} not null",
        ),
        indexed=("action_name", "label"),
        references={"user_account_id": "user_account", "world_id": "world"},
        together={"i8a72bc158cdd936536c235813bd5d8cc": "action_name, world_id"},
    ),
    Shape(
        name="task",
        columns=(
            "name varchar(100) not null",
            "action_name varchar(100) not null",
            "entity_name varchar(100) not null",
            "schedule varchar(100) not null",
            "active bool not null",
            "attributes text not null",
            "job_type varchar(100) not null",
            "user_account_id {int} null",
            "as_user_id {int} null",
        ),
        indexed=("name",),
        references={"user_account_id": "user_account", "as_user_id": "user_account"},
        together={},
    ),
    _join("user_account", "ide9e5ff7ea7f6f506eff9fa1e32825d6"),
    _join("world", "icee90d7d1f7f4656a25cf28160db53b1"),
    _join("action", "i83f208f065e2f99e2a22dc54b24c6e14"),
    _join("task", "ifc43a6d3a4b1ab3ded51188a1bfab97c"),
    Shape(
        name="_config",
        columns=(
            "name varchar(100) not null",
            "configtype varchar(100) not null",
            "configstate varchar(100) not null",
            "configenv varchar(100) not null",
            "value varchar(5000) null",
            "valuetype varchar(100) null",
            "previousvalue varchar(5000) null",
            "created_at timestamp not null default current_timestamp",
            "updated_at timestamp null",
        ),
        references={},
        together={},
        has_standard_columns=False,
    ),
)

ENTITIES = ("user_account", "usergroup", "world", "action", "task")
"""The tables that have a row in `world`."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    shape.name: tuple(column.split(" ", 1)[0] for column in shape.columns) for shape in SHAPES
}


def definitions(kind: Kind) -> Iterator[str]:
    """The statements that make the tables, with their indexes and, on the servers, foreign keys."""
    ending = " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci" if kind == "mysql" else ""
    for shape in SHAPES:
        standard = _STANDARD if shape.has_standard_columns else ()
        columns = ["id {id}", *standard, *shape.columns]
        body = ",\n  ".join(column.format_map(_TYPES[kind]) for column in columns)
        yield f"CREATE TABLE {shape.name} (\n  {body}){ending}"
    for shape in SHAPES:
        yield from _indexes(shape)
        if kind != "sqlite":
            yield from _foreign_keys(shape)


def _indexes(shape: Shape) -> Iterator[str]:
    for name, columns in shape.together.items():
        yield f"CREATE UNIQUE INDEX {name} ON {shape.name} ({columns})"
    if shape.is_join:
        entity, group = shape.references
        name = f"iauth{_digest(f'index_auth_{shape.name}_{group}_{entity}')}"
        yield f"CREATE INDEX {name} ON {shape.name} ({group}, {entity})"
    standard = ("created_at", "updated_at") if shape.has_standard_columns else ()
    for column in (*standard, *shape.indexed, *shape.references):
        yield f"CREATE INDEX i{_digest(f'index_{shape.name}_{column}_index')} ON {shape.name} ({column})"
    keys = ("reference_id",) if shape.has_standard_columns else ()
    for column in (*shape.unique, *keys):
        name = f"u{_digest(f'index_{shape.name}_{column}_unique')}"
        yield f"CREATE UNIQUE INDEX {name} ON {shape.name} ({column})"


def _foreign_keys(shape: Shape) -> Iterator[str]:
    for column, table in shape.references.items():
        name = f"fk{_digest(f'{shape.name}_{column}_{table}_id_fk')}"
        yield (
            f"ALTER TABLE {shape.name} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {table} (id)"
        )


def _digest(text: str) -> str:
    """As Daptin names things: not a matter of security."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
