"""YAML text to plain values, by the events of PyYAML's C parser: no node in between, where the time goes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not list what it imports
from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from reconciler.config.scalars import plain_value
from reconciler.config.syntax import Fault, syntax_fault
from reconciler.config.variables import TAG, variable_of
from reconciler.task import NESTING, Variable

ALIASED = 1_000_000
"""Values that the aliases of a file may stand for, all together."""

TEXTS = 5_000
"""Texts of a file that are known at a glance: names of keys, and what many tasks have in common."""

MERGE = "<<"
_BRACES = (
    "`{{` starts a mapping within a mapping: there are no templates here, and a text with braces is quoted"
)
TASK_DEPTH = 3  # the document, `Tasks`, the task

_OPEN = object()
"""Stands for an anchored collection that has not ended."""

_UNREAD = object()
"""Stands for a value with a fault in it."""

_UNREAD_KEY = object()
"""Stands for a key with a fault in it, and for the merge key: which keys were meant is not known."""


@dataclass(slots=True, kw_only=True)
class Composed:
    """What a text holds: a value for each YAML document, and what is wrong with it."""

    values: list[Any] = field(default_factory=list)
    starts: dict[int, list[int]] = field(default_factory=dict)
    """Where the items of a sequence start, by the list's id: of those at the top level, or with an anchor."""
    unread: dict[int, frozenset[Any]] = field(default_factory=dict)
    """The keys that a mapping lacks for a fault in their value, by its id; `<<`: it lacks unknown ones."""
    faults: list[Fault] = field(default_factory=list)
    has_duplicates: bool = False
    has_variables: bool = False  # `!env` stands somewhere
    is_whole: bool = True  # False: given up at a fault, what was read so far is of no use


def compose(text: str) -> Composed:
    """The values of a text. Never raises: bad YAML is a fault."""
    composer = _Composer(text)
    try:
        composer.stream()
    except YAMLError as error:
        composer.give_up(syntax_fault(error, text))
    except _Stop as stop:
        composer.give_up(stop.fault)
    finally:
        composer.parser.dispose()
    return composer.composed


class _Stop(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Composer:
    """One pass over the events of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parser = CParser(text)
        self.next: Callable[[], Any] = self.parser.get_event
        self.composed = Composed()
        self.careful = "&" in text or "!" in text  # else no scalar has an anchor or a tag
        self.texts: dict[str, str] = {}  # that mean themselves, quoted or not: kept once, known at a glance
        self.depth = 0
        self.aliased = 0
        self.has_unread = False
        self.anchors: dict[str, Any] = {}
        self.measures: dict[int, tuple[int, int]] = {}  # of aliased values, by id: values in it, height

    def stream(self) -> None:
        event = self.next()
        while type(event) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                self.document()
            event = self.next()

    def document(self) -> None:
        self.anchors, self.measures = {}, {}
        value = self.value(self.next())
        self.composed.values.append(None if value is _UNREAD else value)

    def value(self, event: Any) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self.scalar(event)
        if kind is AliasEvent:
            return self.alias(event)
        return self.collection(event)

    def mapping(self) -> Any:
        result: dict[Any, Any] = {}
        following, known = self.next, self.texts.get
        keys = 0
        while True:
            event = following()
            if type(event) is ScalarEvent:
                key = known(event.value)
                if key is None:
                    key = self.key(event)
            elif type(event) is MappingEndEvent:
                if len(result) < keys:
                    self.composed.has_duplicates = True
                return self.without_unread(result) if self.has_unread else result
            else:
                key = self.key(event)
            keys += 1
            event = following()
            if type(event) is ScalarEvent:
                value = known(event.value)
                result[key] = self.scalar(event) if value is None else value
            else:
                result[key] = self.value(event)

    def without_unread(self, mapping: dict[Any, Any]) -> Any:
        """What could be read of it; below the keys of a task all or nothing."""
        unread = [key for key, value in mapping.items() if value is _UNREAD or key is _UNREAD_KEY]
        if unread and self.depth > TASK_DEPTH:
            return _UNREAD
        for key in unread:
            del mapping[key]
        if unread:
            names = (MERGE if key is _UNREAD_KEY else key for key in unread)
            self.composed.unread[id(mapping)] = frozenset(names)
        return mapping

    def sequence(self, is_anchored: bool) -> Any:
        result: list[Any] = []
        starts: list[int] = []
        if self.depth == 2 or is_anchored:
            self.composed.starts[id(result)] = starts
        while True:
            event = self.next()
            if type(event) is SequenceEndEvent:
                return self.sequence_without_unread(result) if self.has_unread else result
            starts.append(event.start_mark.index)
            result.append(self.value(event))

    def sequence_without_unread(self, items: list[Any]) -> Any:
        if not any(item is _UNREAD for item in items):
            return items
        if self.depth >= TASK_DEPTH:
            return _UNREAD
        for index, item in enumerate(items):
            if item is _UNREAD:  # a task: an empty one, or those after it would change their index
                items[index] = {}
                self.composed.unread[id(items[index])] = frozenset({MERGE})
        return items

    def collection(self, event: Any) -> Any:
        anchor = event.anchor
        if anchor is not None:
            opened = self.anchors[anchor] = (_OPEN,)
        self.depth += 1
        if self.depth > NESTING:
            raise _Stop(_too_deep(event))
        value = self.mapping() if type(event) is MappingStartEvent else self.sequence(anchor is not None)
        if event.tag is not None:
            value = self.tagged(event, value)
        self.depth -= 1
        if anchor is not None and self.anchors[anchor] is opened:
            self.anchors[anchor] = value
        return value

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        plain = plain_value(text)
        value = text if event.style else plain
        if event.tag is not None:
            value = self.tagged(event, text)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        if plain is text and not self.careful and len(self.texts) < TEXTS and text != MERGE:
            self.texts[text] = text
        return value

    def key(self, event: Any) -> Any:
        """A key; one that cannot be one stands as its text, so that the rest can still be read."""
        key = self.value(event)
        if isinstance(key, dict | list):
            at = event.start_mark.index
            hint = _BRACES if self.text[at - 1 : at + 1] == "{{" else "use a text as the key"
            self.fault(event, "F002", "a mapping or a sequence cannot be a key", hint)
            return str(event.start_mark.index)
        if type(key) is Variable:
            self.fault(event, "E005", "`!env` cannot be a key", "write the key out")
            key = _UNREAD
        if key is _UNREAD:
            return event.value if type(event) is ScalarEvent else _UNREAD_KEY
        if key == MERGE and type(event) is ScalarEvent and not event.style:
            self.refuse_merge(event)
            return _UNREAD_KEY
        return key

    def refuse_merge(self, event: Any) -> None:
        hint = "write the keys out, or give a whole mapping an anchor and use that: `Attributes: *shared`"
        if self.depth == TASK_DEPTH:
            hint = "write the keys out in each task"
        self.fault(event, "F002", "the merge key `<<` is not supported", hint)
        self.has_unread = True

    def alias(self, event: Any) -> Any:
        name = event.anchor
        if name not in self.anchors:
            self.fault(
                event,
                "F002",
                f"`*{name}` refers to an anchor that is not defined above it",
                f'define it with `&{name}`, or quote the value: "*{name}"',
            )
            return self.unread()
        value = self.anchors[name]
        if type(value) is tuple and value[0] is _OPEN:
            raise _Stop(
                _fault(event, "F006", f"the alias `*{name}` stands inside its own anchor: no end to it")
            )
        size, height = self.measure(value)
        self.aliased += size
        if self.aliased > ALIASED:
            raise _Stop(
                _fault(event, "F006", f"the aliases of this file stand for more than {ALIASED:,} values")
            )
        if self.depth + height > NESTING:
            raise _Stop(_too_deep(event))
        return value

    def measure(self, value: Any) -> tuple[int, int]:
        """How many values are in it, and how many levels."""
        if not isinstance(value, dict | list):
            return 1, 0
        known = self.measures.get(id(value))
        if known is None:
            items = value.values() if isinstance(value, dict) else value
            measures = [self.measure(item) for item in items]
            size = 1 + sum(size for size, _ in measures)
            known = self.measures[id(value)] = size, 1 + max((height for _, height in measures), default=0)
        return known

    def unread(self) -> Any:
        self.has_unread = True
        return _UNREAD

    def tagged(self, event: Any, value: Any) -> Any:
        """What a value with a tag is; a task or what is around it can be read without its tag."""
        if event.tag == TAG:
            return self.variable(event, value)
        self.refuse_tag(event)
        return value if isinstance(value, dict | list) and self.depth <= TASK_DEPTH else self.unread()

    def variable(self, event: Any, value: Any) -> Any:
        self.composed.has_variables = True
        if value is _UNREAD:
            return value
        found = variable_of(value)
        if isinstance(found, Variable):
            return found
        self.fault(event, found.code, found.message, found.hint)
        return self.unread()

    def refuse_tag(self, event: Any) -> None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self.fault(event, "F002", f"the tag `{tag}` is not supported", _TAG_HINTS.get(tag, _TAG_HINT))

    def fault(self, event: Any, code: str, message: str, hint: str) -> None:
        self.composed.faults.append(_fault(event, code, message, hint))

    def give_up(self, fault: Fault) -> None:
        self.composed.faults.append(fault)
        self.composed.is_whole = False


_TAG_HINT = "take it away: values are plain text, numbers, true, false and null"
_TAG_HINTS = {
    "!": "take it away, and quote the value if it should be text",
    "!!str": "quote the value instead",
    "!!binary": "write the text that it stands for, base64 included, as a quoted value",
    "!!timestamp": "take it away: a date is kept as the text that it is",
}


def _fault(event: Any, code: str, message: str, hint: str | None = None) -> Fault:
    return Fault(
        code=code, message=message, hint=hint, start=event.start_mark.index, end=event.end_mark.index
    )


def _too_deep(event: Any) -> Fault:
    return _fault(event, "F006", f"nested deeper than {NESTING} levels", "flatten it")
