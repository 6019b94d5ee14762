"""Where things stand: by going through the events of a text again, for the files that have a diagnostic."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not list what it imports
from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    StreamEndEvent,
)

from reconciler.config.lines import Lines
from reconciler.config.scalars import plain_value
from reconciler.diagnostics import Diagnostic, Place, Pointer, diagnostic

Span = tuple[int, int]


@dataclass(slots=True)
class _Spot:
    """A spot that is looked for, and those below it."""

    below: dict[Any, "_Spot"] = field(default_factory=dict)
    key: Span | None = None
    event: Any = None  # that starts the value
    end: int = 0  # of the value


def locate(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> list[Diagnostic]:
    """The diagnostics with a place for each pointer; those that have a place stay as they are."""
    every = list(diagnostics)
    found = places((one.pointer for one in every if one.place is None and one.pointer is not None), texts)
    return [
        replace(one, place=found[one.pointer]) if one.place is None and one.pointer is not None else one
        for one in every
    ]


def places(pointers: Iterable[Pointer], texts: Mapping[str, str]) -> dict[Pointer, Place]:
    """Where pointers point: each file is gone through once."""
    wanted: dict[str, list[Pointer]] = defaultdict(list)
    for pointer in pointers:
        wanted[pointer.file].append(pointer)
    found: dict[Pointer, Place] = {}
    for file, some in wanted.items():
        found |= _places(file, texts.get(file), some)
    return found


def _places(file: str, text: str | None, pointers: list[Pointer]) -> dict[Pointer, Place]:
    if text is None:
        return {pointer: Place(file=file) for pointer in pointers}
    roots = _roots(pointers)
    _find(text, roots)
    lines = Lines(file, text)
    return {pointer: _place(lines, roots[pointer.document], pointer) for pointer in pointers}


def _roots(pointers: Iterable[Pointer]) -> dict[int, _Spot]:
    roots: dict[int, _Spot] = defaultdict(_Spot)
    for pointer in pointers:
        spot = roots[pointer.document]
        for key in pointer.path:
            spot = spot.below.setdefault(_typed(key), _Spot())
    return roots


def _typed(key: Any) -> Any:
    """A key that differs wherever YAML's values differ: True, 1 and 1.0 are equal in Python."""
    return key if type(key) is str else (type(key), key)


def _find(text: str, roots: Mapping[int, _Spot]) -> None:
    parser = CParser(text)
    index = 0
    try:
        event = parser.get_event()
        while type(event) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                _descend(parser, parser.get_event(), roots.get(index))
                index += 1
            event = parser.get_event()
    except YAMLError:
        return  # the fault itself has its place; what stands behind it has none
    finally:
        parser.dispose()


def _descend(parser: Any, event: Any, spot: _Spot | None) -> None:
    """Go through one value, noting where the wanted spots of it are."""
    if spot is not None:
        spot.event = event
    end = event
    if isinstance(event, CollectionStartEvent):
        if spot is None or not spot.below:
            end = _skip(parser)
        elif type(event) is MappingStartEvent:
            end = _mapping(parser, spot)
        else:
            end = _sequence(parser, spot)
    if spot is not None:
        spot.end = end.end_mark.index


def _skip(parser: Any) -> Any:
    depth = 1
    while True:
        event = parser.get_event()
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
            if not depth:
                return event


def _mapping(parser: Any, spot: _Spot) -> Any:
    while True:
        event = parser.get_event()
        if isinstance(event, CollectionEndEvent):
            return event
        start = event.start_mark.index
        child = spot.below.get(_typed(_key(event)))
        _descend(parser, event, None)
        if child is not None:
            child.key = (start, event.end_mark.index)
        _descend(parser, parser.get_event(), child)


def _sequence(parser: Any, spot: _Spot) -> Any:
    index = 0
    while True:
        event = parser.get_event()
        if isinstance(event, CollectionEndEvent):
            return event
        _descend(parser, event, spot.below.get((int, index)))
        index += 1


def _key(event: Any) -> Any:
    if type(event) is ScalarEvent:
        return event.value if event.style else plain_value(event.value)
    return None


def _place(lines: Lines, root: _Spot, pointer: Pointer) -> Place:
    """The place of a pointer; where there is none, as inside an alias, of what is nearest above it."""
    nearest, exact = root, True
    for key in pointer.path:
        spot = nearest.below[_typed(key)]
        if spot.event is None:
            exact = False
            break
        nearest = spot
    if nearest.event is None:
        return Place(file=lines.file)
    if exact and pointer.on_key and nearest.key:
        return lines.place(*_bare(lines.text, *nearest.key))
    span = _value_span(lines, nearest)
    if exact and pointer.span is not None and type(nearest.event) is ScalarEvent:
        span = _span_within(lines.text, span, nearest.event.value, pointer.span)
    return lines.place(*span)


def _value_span(lines: Lines, spot: _Spot) -> Span:
    event = spot.event
    start, end = _bare(lines.text, event.start_mark.index, spot.end)
    if isinstance(event, CollectionStartEvent) and not event.flow_style:
        line = lines.line(start)
        end = min(end, lines.starts[line - 1] + len(lines.line_text(line)))
        end = start + len(_without_comment(lines.text[start:end]))
    end = start + len(lines.text[start:end].rstrip(" \t\r\n\x85\u2028\u2029"))
    if start == end and spot.key:  # nothing stands after the key
        return _bare(lines.text, *spot.key)
    return start, end


def _without_comment(line: str) -> str:
    """A line up to the comment that closes it; a # within a scalar is none."""
    scalars = scalar_spans(line)
    for mark in _COMMENT.finditer(line):
        if not any(start <= mark.start() < end for start, end in scalars):
            return line[: mark.start()]
    return line


_COMMENT = re.compile(r"\s#")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")


def _bare(text: str, start: int, end: int) -> Span:
    """Without the anchor and the tag in front."""
    match = _PROPERTIES.match(text, start, end)
    return (match.end(), end) if match else (start, end)


_DOUBLE = re.compile(r"\\x..|\\u....|\\U........|\\.|.")
_QUOTED = {'"': _DOUBLE, "'": re.compile(r"''|.")}


def _span_within(text: str, span: Span, value: str, part: Span) -> Span:
    """Where a part of a scalar's value stands: exact on one line, the whole scalar if it is folded."""
    source = text[span[0] : span[1]]
    if source == value:
        return span[0] + part[0], span[0] + min(part[1], len(value))
    tokens = _QUOTED.get(source[:1])
    if tokens is None or "\n" in source or "\r" in source:
        return span
    starts = [span[0] + 1 + match.start() for match in tokens.finditer(source[1:-1])]
    if len(starts) != len(value):
        return span
    starts.append(span[1] - 1)
    return starts[min(part[0], len(value))], starts[min(part[1], len(value))]


def duplicate_keys(lines: Lines) -> list[Diagnostic]:
    """F003 for each key that its mapping has already, at the later place."""
    parser = CParser(lines.text)
    try:
        return list(_duplicates(parser, lines))
    finally:
        parser.dispose()


def _duplicates(parser: Any, lines: Lines) -> Iterator[Diagnostic]:
    open_: list[dict[Any, int] | None] = []  # for each open collection the keys so far; None: a sequence
    is_key = [False]  # for each open collection whether a key comes next
    anchors: dict[str, Any] = {}
    for event in _events(parser):
        if isinstance(event, CollectionEndEvent):
            open_.pop()
            is_key.pop()
            continue
        if is_key[-1] and (key := _scalar(event, anchors)) is not None:
            known = open_[-1]
            assert known is not None
            earlier = known.setdefault(key, event.start_mark.index)
            if earlier != event.start_mark.index:
                yield _duplicate(lines, event, earlier)
        else:
            _scalar(event, anchors)
        if open_ and open_[-1] is not None:
            is_key[-1] = not is_key[-1]
        if isinstance(event, CollectionStartEvent):
            open_.append({} if type(event) is MappingStartEvent else None)
            is_key.append(type(event) is MappingStartEvent)


def _events(parser: Any) -> Iterator[Any]:
    """The events of values, up to the end or a fault."""
    try:
        while type(event := parser.get_event()) is not StreamEndEvent:
            if isinstance(event, NodeEvent | CollectionEndEvent):
                yield event
    except YAMLError:
        return


def _scalar(event: Any, anchors: dict[str, Any]) -> Any:
    """The value of a scalar, through an alias too, in a form that differs wherever YAML's values differ."""
    if isinstance(event, AliasEvent):
        return anchors.get(event.anchor or "")
    value = (_typed(_key(event)),) if type(event) is ScalarEvent else None
    if event.anchor is not None:
        anchors[event.anchor] = value
    return value


def _duplicate(lines: Lines, event: Any, earlier: int) -> Diagnostic:
    start, end = _bare(lines.text, event.start_mark.index, event.end_mark.index)
    key = lines.text[start:end]
    return diagnostic(
        "F003",
        f"the key `{key}` stands here twice: it is already on line {lines.line(earlier)}",
        hint="keep one of them",
        place=lines.place(start, end),
    )


def scalar_spans(text: str) -> list[Span]:
    """Where the scalars of a text stand, ascending; a block without its header, which may have a comment."""
    parser = CParser(text)
    try:
        return [_scalar_span(text, event) for event in _events(parser) if type(event) is ScalarEvent]
    finally:
        parser.dispose()


def _scalar_span(text: str, event: Any) -> Span:
    start, end = event.start_mark.index, event.end_mark.index
    if event.style in ("|", ">"):
        header = _REST_OF_LINE.match(text, start)
        start = header.end() if header else start
    return start, end
