"""`reconcile.yaml`: what would otherwise stand on every command line."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reconciler.config.composer import compose
from reconciler.config.lines import Lines
from reconciler.config.positions import duplicate_keys, locate
from reconciler.diagnostics import Diagnostic, Pointer, diagnostic, did_you_mean
from reconciler.errors import UsageError

FILE = "reconcile.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the file says; None where it says nothing."""

    paths: tuple[str, ...] = ()
    owner: str | None = None
    timezone: str | None = None  # the name of a zone that exists
    reader: Literal["scheduler", "daptin"] | None = None
    strict: bool | None = None
    max_delete: str | None = None  # as on the command line: "10", "30%"
    max_update: str | None = None


def read_settings(folder: Path) -> Settings:
    """The settings of a folder; empty ones where there is no file. UsageError for a file that is wrong."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise UsageError(f"{FILE} is not UTF-8", hint="save it as UTF-8") from error
    except OSError as error:
        raise UsageError(f"{FILE} cannot be read: {(error.strerror or str(error)).lower()}") from error
    return parse_settings(text)


def parse_settings(text: str) -> Settings:
    """The settings that a text holds. UsageError names the place of the first thing wrong with it."""
    composed = compose(text)
    lines = Lines(FILE, text)
    for fault in composed.faults:
        place = lines.place(fault.start, fault.end)
        _refuse(diagnostic(fault.code, fault.message, hint=fault.hint, place=place))
    found = duplicate_keys(lines) if composed.has_duplicates else []
    value = composed.values[0] if composed.values else None
    for one in locate([*found, *_faults(value, len(composed.values))], {FILE: text}):
        _refuse(one)
    return _settings(value or {})


def _refuse(one: Diagnostic) -> None:
    place = one.place
    where = f"{FILE}:{place.line}:{place.column}" if place and place.line else FILE
    raise UsageError(f"{where}: {one.message}", hint=one.hint)


def _faults(value: Any, documents: int) -> list[Diagnostic]:
    if documents > 1:
        return [diagnostic("F004", "more than one document", pointer=Pointer(file=FILE, document=1))]
    if value is None:
        return []
    if not isinstance(value, dict):
        return [diagnostic("F004", "not a mapping of settings", pointer=Pointer(file=FILE))]
    return [_unknown(key) if key not in _WANTED else _wrong(key) for key in value if not _is_fine(key, value)]


def _is_fine(key: Any, value: Mapping[Any, Any]) -> bool:
    return key in _WANTED and _WANTED[key][0](value[key])


def _unknown(key: Any) -> Diagnostic:
    meant = did_you_mean(str(key), _WANTED)
    hint = f"did you mean `{meant}`?" if meant else f"known here: {', '.join(_WANTED)}"
    pointer = Pointer(file=FILE, path=(key,), on_key=True)
    return diagnostic("F005", f"unknown key `{key}`", hint=hint, pointer=pointer)


def _wrong(key: str) -> Diagnostic:
    return diagnostic("F004", f"`{key}` must be {_WANTED[key][1]}", pointer=Pointer(file=FILE, path=(key,)))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_paths(value: object) -> bool:
    return _is_text(value) or (isinstance(value, list) and bool(value) and all(map(_is_text, value)))


def _is_zone(value: object) -> bool:
    from zoneinfo import ZoneInfo

    try:
        return isinstance(value, str) and bool(ZoneInfo(value))
    except (KeyError, ValueError, OSError):  # what ZoneInfo raises for names that are no zones
        return False


def _is_limit(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[0-9]+(\.[0-9]+)?%", value) is not None
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_LIMIT = 'a count or a percentage ("30%")'
_WANTED: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "paths": (_is_paths, "a path or a list of paths"),
    "owner": (_is_text, "text"),
    "timezone": (_is_zone, 'the name of a time zone ("Europe/Berlin")'),
    "reader": (lambda value: value in ("scheduler", "daptin"), "scheduler or daptin"),
    "strict": (lambda value: isinstance(value, bool), "true or false"),
    "max_delete": (_is_limit, _LIMIT),
    "max_update": (_is_limit, _LIMIT),
}


def _settings(value: Mapping[str, Any]) -> Settings:
    paths = value.get("paths", ())
    return Settings(
        paths=(paths,) if isinstance(paths, str) else tuple(paths),
        owner=value.get("owner"),
        timezone=value.get("timezone"),
        reader=value.get("reader"),
        strict=value.get("strict"),
        max_delete=_text(value.get("max_delete")),
        max_update=_text(value.get("max_update")),
    )


def _text(limit: int | str | None) -> str | None:
    return None if limit is None else str(limit)
