"""Rows of a table as JSON, lines of JSON, or CSV: text that another program can read back."""

import base64
import csv
import io
import json
import math
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

Batches = Iterable[Sequence[Sequence[Any]]]
Encode = Callable[[Any], Any]


def json_array(names: Sequence[str], batches: Batches, headers: bool) -> Iterator[str]:
    """One array, an object a line; without headers it is the same."""
    before = "[\n"
    for batch in batches:
        yield before + ",\n".join(_json(dict(zip(names, row, strict=True))) for row in batch)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def json_lines(names: Sequence[str], batches: Batches, headers: bool) -> Iterator[str]:
    for batch in batches:
        yield "".join(_json(dict(zip(names, row, strict=True))) + "\n" for row in batch)


def comma_separated(names: Sequence[str], batches: Batches, headers: bool) -> Iterator[str]:
    """As RFC 4180, but with plain line feeds; NULL is an empty field."""
    if headers:
        yield _lines([names])
    for batch in batches:
        yield _lines([[_field(value) for value in row] for row in batch])


FORMATS: Mapping[str, Callable[[Sequence[str], Batches, bool], Iterator[str]]] = {
    "json": json_array,
    "ndjson": json_lines,
    "csv": comma_separated,
}


def encoder(name: str, declared: str) -> Encode:
    """What makes JSON values of a column's, as the driver gives them, by the column's declared type."""
    kind = declared.lower()
    if kind.startswith("bool") or kind == "tinyint(1)":
        return _truth
    if kind.startswith(("timestamp", "datetime")):
        return _timestamp
    if name == "reference_id" or name.endswith("_reference_id"):
        return _reference
    return plain


def plain(value: Any) -> Any:
    """Bytes are base64; what JSON has no type for, a decimal among them, is text, so that nothing is lost."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, dict | list) else str(value)


def _truth(value: Any) -> Any:
    """Two of the three databases keep 0 and 1."""
    return bool(value) if value in (0, 1) else plain(value)


def _timestamp(value: Any) -> Any:
    """SQLite keeps text, in whatever notation it was written; one that is not known stays as it is."""
    if not isinstance(value, str):
        return plain(value)
    try:
        return _iso(datetime.fromisoformat(value))
    except ValueError:
        return value


def _iso(moment: datetime) -> str:
    """A moment without a zone stays without one: the database does not tell which it is."""
    if moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _reference(value: Any) -> Any:
    if isinstance(value, bytes) and len(value) == 16:
        return str(uuid.UUID(bytes=value))
    return plain(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=plain)


def _field(value: Any) -> Any:
    if isinstance(value, bool | dict | list):
        return _json(value)
    return value


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
