"""The shipped actions: a table written to a file. Actions and attributes are named as Daptin's."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, column, inspect, select, table, text

from reconciler.actions.declare import action
from reconciler.actions.encoding import FORMATS, encoder
from reconciler.actions.files import new_file
from reconciler.actions.run import ActionFailed, Run

BATCH = 1_000
"""Rows that are in memory at a time; between two batches the run looks whether it is cancelled."""

SECRET_TYPES = frozenset(("password", "bcrypt", "md5", "md5-bcrypt", "encrypted"))
"""The types of columns, in Daptin's schema of a table, that are never exported."""

SETTINGS = "_config"
"""Daptin's settings: the secret that signs its tokens is among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be exported."""

    table: str
    columns: tuple[str, ...] = ()  # none: all
    format: str = "json"
    headers: bool = True


@action("export_data", entity="world")
def export_data(run: Run, attributes: Mapping[str, Any]) -> None:
    """A table, or some of its columns, as `format` json (the default), ndjson or csv."""
    known = ("table_name", "format", "columns", "include_headers")
    _require_known(run, attributes, known)
    _export(
        run,
        Request(
            table=_text(attributes, "table_name"),
            columns=_names(attributes.get("columns")),
            format=_one_of(attributes.get("format") or "json", FORMATS, "format"),
            headers=_truth(attributes.get("include_headers")),
        ),
    )


@action("export_csv_data", entity="world")
def export_csv_data(run: Run, attributes: Mapping[str, Any]) -> None:
    """A table as CSV."""
    _require_known(run, attributes, ("table_name",))
    _export(run, Request(table=_text(attributes, "table_name"), format="csv"))


def _export(run: Run, request: Request) -> None:
    _require_table(run.connection, request.table)
    types = _declared_types(run.connection, request.table)
    columns = _chosen(request, types, _secret_columns(run.connection, request.table))
    batches = _batches(run, request.table, columns, "id" if "id" in types else None)
    with new_file(run, request.table, request.format) as file:
        for part in FORMATS[request.format](tuple(columns), batches, request.headers):
            file.write(part.encode())


def _require_table(connection: Connection, name: str) -> None:
    _one_of(name, inspect(connection).get_table_names(), "table")
    if name == SETTINGS:
        raise ActionFailed(f"the table {SETTINGS} holds the server's secrets and is never exported")


def _chosen(request: Request, types: Mapping[str, str], secret: set[str]) -> dict[str, str]:
    """The columns asked for, or all, with their types. Raises ActionFailed for secret or missing ones."""
    for name in request.columns:
        _one_of(name, types, f"column of {request.table}")
        if name in secret:
            raise ActionFailed(f"the column {name} of {request.table} is secret and is never exported")
    return {name: types[name] for name in request.columns or types if name not in secret}


_TYPES = {
    "sqlite": "SELECT name, type FROM pragma_table_info(:name) ORDER BY cid",
    "postgresql": "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name = :name ORDER BY ordinal_position",
    "mysql": "SELECT column_name, column_type FROM information_schema.columns"
    " WHERE table_schema = database() AND table_name = :name ORDER BY ordinal_position",
}
"""SQLAlchemy's own reflection warns of each type that it does not know."""


def _declared_types(connection: Connection, name: str) -> dict[str, str]:
    rows = connection.execute(text(_TYPES[connection.dialect.name]), {"name": name})
    return {str(column_name): str(declared) for column_name, declared in rows}


def _secret_columns(connection: Connection, name: str) -> set[str]:
    """By the schema that Daptin keeps of a table, and in any case the users' passwords."""
    found = {"password"} if name == "user_account" else set()
    if not inspect(connection).has_table("world"):
        return found
    world = table("world", column("table_name"), column("world_schema_json"))
    schema = select(world.c.world_schema_json).where(world.c.table_name == name)
    for stored in connection.scalars(schema):
        columns = json.loads(stored or "{}").get("Columns") or ()
        found |= {one["ColumnName"] for one in columns if one.get("ColumnType") in SECRET_TYPES}
    return found


def _batches(
    run: Run, name: str, columns: Mapping[str, str], order: str | None
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows, through a cursor of the server's where the driver would else fetch them all."""
    query = select(table(name, *map(column, columns)))
    if order:
        query = query.order_by(column(order))
    encoders = [encoder(*one) for one in columns.items()]
    result = run.connection.execute(query, execution_options={"yield_per": BATCH})
    with closing(result):
        for batch in result.partitions():
            if run.cancelled.is_set():
                raise ActionFailed("cancelled; nothing was written")
            yield [tuple(encode(value) for encode, value in zip(encoders, row, strict=True)) for row in batch]


def _require_known(run: Run, attributes: Mapping[str, Any], known: Sequence[str]) -> None:
    """A misspelt `columns` would else export them all. The subject's id may stand among any attributes."""
    for name in attributes:
        if name != f"{run.task.entity_name}_id":
            _one_of(name, known, "attribute")


def _one_of(word: object, known: Iterable[str], what: str) -> str:
    """Raises ActionFailed, with what was meant where one is near."""
    names = list(known)
    if isinstance(word, str) and word in names:
        return word
    near = get_close_matches(str(word), names, n=1)
    if near:
        hint = f"did you mean {near[0]}?"
    else:
        hint = f"there are {', '.join(names)}" if len(names) <= 10 else f"there are {len(names)} others"
    raise ActionFailed(f"there is no {what} {word!r}: {hint}")


def _text(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name)
    if not isinstance(value, str) or not value:
        raise ActionFailed(f"the attribute {name} must be the name of a table, and is {value!r}")
    return value


def _names(value: object) -> tuple[str, ...]:
    """A list of names, or a text with commas; each once."""
    names = [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value
    if names is None:
        return ()
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise ActionFailed(f"the attribute columns must be a list of names, and is {value!r}")
    return tuple(dict.fromkeys(names))


_TRUTHS = {"none": True, "true": True, "1": True, "false": False, "0": False}


def _truth(value: object) -> bool:
    """Daptin's type truefalse: text and numbers pass as well."""
    try:
        return _TRUTHS[str(value).lower()]
    except KeyError:
        raise ActionFailed(f"the attribute include_headers must be true or false, and is {value!r}") from None
