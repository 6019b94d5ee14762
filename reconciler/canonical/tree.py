"""A text as nodes that know where they stand, and the comments between them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not list what it imports
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A scalar, or an alias."""

    start: int
    end: int  # of what can be seen of it
    properties: str  # anchor and tag
    source: str  # as it stands there, without them
    value: str  # of an alias its name
    style: str | None  # None: plain; one of ' " | > as in YAML, * for an alias


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys and values, in their order."""

    start: int
    end: int
    properties: str  # anchor and tag
    is_flow: bool  # in brackets
    pairs: tuple[tuple["Node", "Node"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Items, in their order; the fields are those of a mapping."""

    start: int
    end: int
    properties: str
    is_flow: bool
    items: tuple["Node", ...]


Node = Leaf | Mapping | Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One line from its `#` on."""

    start: int
    text: str
    column: int  # from 0
    is_alone: bool  # on its line


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A text that is YAML, and what stands in it. Indices are code points of it, ends exclusive."""

    text: str
    roots: tuple[Node, ...]  # one of each document
    comments: tuple[Comment, ...]  # in their order


def parse(text: str) -> Tree:
    """The nodes of a text and its comments. Raises YAMLError."""
    reader = _Reader(text)
    roots = tuple(reader.documents())
    return Tree(text=text, roots=roots, comments=tuple(_comments(text, reader.spans)))


class _Reader:
    """One pass over the events of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parser = CParser(text)
        self.next: Callable[[], Any] = self.parser.get_event
        self.spans: list[tuple[int, int]] = []  # where the text of each scalar stands

    def documents(self) -> Iterator[Node]:
        try:
            while type(event := self.next()) is not StreamEndEvent:
                if type(event) is DocumentStartEvent:
                    yield self.node(self.next())
        finally:
            self.parser.dispose()

    def node(self, event: Any) -> Node:
        kind = type(event)
        if kind is ScalarEvent:
            return self.scalar(event)
        if kind is AliasEvent:
            return self.alias(event)
        inner: list[Node] = []
        while type(following := self.next()) not in _ENDS:
            inner.append(self.node(following))
        is_flow = bool(event.flow_style)
        start = event.start_mark.index
        end = following.end_mark.index if is_flow or not inner else inner[-1].end
        properties = _properties(event)
        if kind is MappingStartEvent:
            pairs = tuple(zip(inner[::2], inner[1::2], strict=True))
            return Mapping(start=start, end=end, properties=properties, is_flow=is_flow, pairs=pairs)
        return Sequence(start=start, end=end, properties=properties, is_flow=is_flow, items=tuple(inner))

    def alias(self, event: Any) -> Leaf:
        start, end = event.start_mark.index, event.end_mark.index
        source = self.text[start:end]
        return Leaf(start=start, end=end, properties="", source=source, value=source[1:], style="*")

    def scalar(self, event: Any) -> Leaf:
        start, end = event.start_mark.index, event.end_mark.index
        bare = start
        properties = _properties(event)
        if properties and (match := _PROPERTIES.match(self.text, start, end)):
            bare = match.end()
        source = self.text[bare:end]
        style = event.style or None
        if style in _BLOCKS:
            source = source.removesuffix("\n") if _KEPT.match(source) else source.rstrip()
            end = bare + len(source)
            self.spans.append((bare + len(source.partition("\n")[0]), end))  # the header may have a comment
        else:
            self.spans.append((bare, end))
        return Leaf(
            start=start, end=end, properties=properties, source=source, value=event.value, style=style
        )


_ENDS = (MappingEndEvent, SequenceEndEvent)
_BLOCKS = ("|", ">")
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:[^\S\n]*\n?[^\S\n]*)?)*")
_KEPT = re.compile(r"[|>][0-9]?\+")


def _properties(event: Any) -> str:
    if event.anchor is None and event.tag is None:
        return ""
    tag = event.tag.replace("tag:yaml.org,2002:", "!!") if event.tag is not None else ""
    return " ".join(filter(None, (f"&{event.anchor}" if event.anchor is not None else "", tag)))


def anchors(node: Node) -> Iterator[str]:
    """`&name` of each anchor in a node, and `*name` of each alias."""
    if isinstance(node, Leaf) and node.style == "*":
        yield node.source
    if node.properties.startswith("&"):
        yield node.properties.split(" ")[0]
    for child in children(node):
        yield from anchors(child)


def children(node: Node) -> tuple[Node, ...]:
    """The keys and values of a mapping, the items of a sequence."""
    if isinstance(node, Mapping):
        return tuple(child for pair in node.pairs for child in pair)
    return node.items if isinstance(node, Sequence) else ()


def keeps_breaks(node: Node) -> bool:
    """Whether the line breaks behind a node are a part of its last value, as those of `|+` are."""
    if isinstance(node, Leaf):
        return node.style in _BLOCKS and _KEPT.match(node.source) is not None
    inner = children(node)
    return bool(inner) and keeps_breaks(inner[-1])


_COMMENT = re.compile(r"(?<![^ \t\n])#[^\n]*")


def _comments(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Comment]:
    """What looks like a comment inside a scalar is none."""
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        if text.find("#", at, start) >= 0:
            yield from (_comment(text, match) for match in _COMMENT.finditer(text, at, start))
        at = end


def _comment(text: str, match: re.Match[str]) -> Comment:
    start = match.start()
    line = text.rfind("\n", 0, start) + 1
    return Comment(
        start=start,
        text=match.group().rstrip(),
        column=start - line,
        is_alone=not text[line:start].strip(),
    )
