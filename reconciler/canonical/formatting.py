"""A file in its canonical form: its tasks say what they said, what is not about tasks is left as it is."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from reconciler.canonical.printing import Line, Printer, Unkept
from reconciler.canonical.tree import Leaf, Mapping, Node, Tree, keeps_breaks, parse
from reconciler.config.composer import compose
from reconciler.shipped import schema_text

OURS = ("Tasks", "Defaults")
"""The keys of a document that are ours; all others are left as they are."""

GAP = 2
"""Columns between a value and the comment behind it, at the least."""

_BREAKS = re.compile("[\x85\u2028\u2029]")


def formatted(text: str) -> str:
    """The text in canonical form. Raises Unkept where something in it would not be kept.

    It must be YAML without a fault. What has no tasks is left as it is.
    """
    original, text = text, text.replace("\r\n", "\n").replace("\r", "\n")
    if _BREAKS.search(text):
        raise Unkept("a line separator that an editor does not show as one (U+0085, U+2028, U+2029)")
    tree = parse(text)
    regions = list(_regions(tree))
    if not regions:
        return original
    result = _printed(tree, regions)
    if not _is_kept(tree, result):
        raise Unkept("something that the canonical form would lose")
    return result


def _printed(tree: Tree, regions: "Sequence[_Region]") -> str:
    text = tree.text
    printer = Printer(text, tree.comments, rank)
    pieces, at = [], 0
    for region in regions:
        pieces.append(text[at : region.start])
        pieces.append("\n".join(_aligned(printer.region(region.key, region.value, region.end))))
        at = region.end
    pieces.append(text[at:])
    result = "".join(pieces)
    return result if keeps_breaks(tree.roots[-1]) else result.rstrip("\n") + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    """A key of ours with its value and its comments, in whole lines."""

    key: Leaf
    value: Node
    start: int
    end: int  # without the last line break


def _regions(tree: Tree) -> Iterator[_Region]:
    text = tree.text
    for root in tree.roots:
        if not isinstance(root, Mapping) or root.is_flow:
            continue
        for key, value in root.pairs:
            if isinstance(key, Leaf) and key.style != "*" and not key.properties and key.value in OURS:
                if text[key.start - 1 : key.start] not in ("", "\n"):
                    raise Unkept(f"`{key.value}:` that does not start its line")
                end = _end(text, max(value.end, key.end))
                yield _Region(key=key, value=value, start=key.start, end=end)


def _end(text: str, end: int) -> int:
    """The end of the line, or of the last comment below it that is further in than the key."""
    end = _line_end(text, end)
    at = end
    while at < len(text):
        following = _line_end(text, at + 1)
        line = text[at + 1 : following]
        if line.lstrip().startswith("#") and line[0] in " \t":
            end = following
        elif line.strip():
            break
        at = following
    return end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _aligned(lines: Sequence[Line]) -> Iterator[str]:
    """With their comments; those of a task that stood in one column do so again."""
    group: list[Line] = []
    for line in lines:
        if line.text.startswith("  - "):
            yield from _with_notes(group)
            group = []
        group.append(line)
    yield from _with_notes(group)


def _with_notes(lines: Sequence[Line]) -> Iterator[str]:
    columns: dict[int, int] = {}
    for line in lines:
        if line.note:
            width = len(line.text) + GAP
            columns[line.column] = max(columns.get(line.column, 0), width)
    for line in lines:
        yield f"{line.text:<{columns[line.column]}}{line.note}" if line.note else line.text


def rank(path: Sequence[str], key: str) -> int:
    """The place of a key in a task, or in a block of one; every other key stays where it is."""
    order = _orders().get(_within_task(path), ())
    return order.index(key) if key in order else len(order)


def _within_task(path: Sequence[str]) -> tuple[str, ...] | None:
    """The same path from a task on; defaults are one too. None where it leads into neither."""
    if path[:2] == ["Tasks", "-"]:
        return tuple(path[2:])
    return tuple(path[1:]) if path[:1] == ["Defaults"] else None


@cache
def _orders() -> dict[tuple[str, ...] | None, tuple[str, ...]]:
    """The keys of a task and of its blocks, in the order of the schema."""
    parts = json.loads(schema_text("tasks"))["$defs"]
    return {
        (): tuple(parts["task"]["properties"]),
        ("Lifecycle",): tuple(parts["lifecycle"]["properties"]),
        ("Scheduler",): tuple(parts["scheduler"]["properties"]),
        ("Scheduler", "CatchUp"): tuple(
            parts["scheduler"]["properties"]["CatchUp"]["oneOf"][1]["properties"]
        ),
    }


def _is_kept(before: Tree, after: str) -> bool:
    """Whether our reader finds the same in both, and both have the same comments."""
    one, other = compose(before.text), compose(after)
    if one.faults or other.faults or not _same(one.values, other.values):
        return False
    return _comments(before) == _comments(parse(after))


def _comments(tree: Tree) -> Counter[str]:
    return Counter(one.text for one in tree.comments)


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other) or repr(one) == repr(other)
