"""Nodes as canonical lines, each comment where it was: behind a value, above a key, at the end of a block."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reconciler.canonical.tree import Comment, Leaf, Mapping, Node, anchors, children
from reconciler.canonical.tree import Sequence as SequenceNode
from reconciler.canonical.values import SIMPLE, STEP, literal, quoted, scalar
from reconciler.config.scalars import plain_value

WIDTH = 100
"""Columns that a collection in brackets may reach; a longer one becomes a block."""

Rank = Callable[[Sequence[str], str], int]
"""Where a key belongs, given the keys of the mappings around it."""


class Unkept(Exception):
    """Something that would not be kept as it is; the text says what."""


@dataclass(slots=True)
class Line:
    """A line, and the comment behind it with the column where that stood."""

    text: str
    note: str = ""
    column: int = 0


Lines = list[Line]


class Printer:
    """Prints nodes of one text, in their order, with the comments that stand before, in and behind them.

    Lines come without their ends; an `indent` is the columns in front of one. What may hold comments is told
    `until` which index of the text they are its own. Raises Unkept.
    """

    def __init__(self, text: str, comments: Sequence[Comment], rank: Rank) -> None:
        self.text = text
        self.comments = comments
        self.rank = rank
        self.at = 0  # the next comment
        self.last = 0  # where in the text what was printed last ends
        self.path: list[str] = []  # the keys around

    def region(self, key: Leaf, value: Node, end: int) -> Lines:
        """A key of a document with all that belongs to it, up to an index."""
        while self.at < len(self.comments) and self.comments[self.at].start < key.start:
            self.at += 1
        self.last = key.start
        return [*self.pair(key, value, 0, 0, end), *self.tail(STEP, 0, end)]

    def pair(self, key: Node, value: Node, indent: int, column: int, until: int) -> Lines:
        """A key with its value; `column` is where it stood, and the value ends before `until`."""
        name = self.key(key)
        self.path.append(key.value if isinstance(key, Leaf) else "")
        long = [Line(f"{' ' * indent}? {name}")] if len(name) > SIMPLE else []
        lines = self.value(":" if long else f"{name}:", key.end, value, indent, column, until)
        self.path.pop()
        return [*long, *lines]

    def key(self, key: Node, *, is_flow: bool = False) -> str:
        """A key up to its colon; an alias keeps the space that tells the two apart."""
        if not isinstance(key, Leaf):
            raise Unkept("a key that is a collection")
        return f"{key.source} " if key.style == "*" else self.leaf(key, is_flow=is_flow)

    def value(self, head: str, at: int, value: Node, indent: int, column: int, until: int) -> Lines:
        """What stands behind a key or a dash, which is `head` and ends at an index."""
        start = f"{' ' * indent}{head}"
        if isinstance(value, Leaf):
            if value.style in ("|", ">"):
                return self.block_scalar(start, value, indent)
            return [self.noted(Line(f"{start} {self.leaf(value)}".rstrip()), value.end, until)]
        if not children(value):
            inside = self.tail(indent + STEP, -1, value.end)
            return [self.noted(Line(f"{start} {self.flow(value)}"), value.end, until), *inside]
        if (line := self.short(start, value)) is not None:
            return [self.noted(Line(line), value.end, until)]
        first = Line(f"{start} {value.properties}".rstrip())
        if not value.is_flow:
            self.noted(first, at, children(value)[0].start)
        return [first, *self.collection(value, indent + STEP, column, until)]

    def short(self, start: str, value: Node) -> str | None:
        """A collection that stands in brackets and fits on the line."""
        if isinstance(value, Leaf) or not value.is_flow or self.peek(value.end):
            return None
        line = f"{start} {self.flow(value)}"
        return line if len(line) <= WIDTH else None

    def collection(self, value: Node, indent: int, column: int, until: int) -> Lines:
        """The entries of a collection, one below the other."""
        assert not isinstance(value, Leaf)
        if value.is_flow:
            lines = self.entries(value, indent, -1, value.end)
            self.noted(lines[-1], value.end, until)
            return lines
        return self.entries(value, indent, column, until)

    def entries(self, value: Mapping | SequenceNode, indent: int, column: int, until: int) -> Lines:
        """The same; `column` is where what is around them stood, -1 for what takes every comment left."""
        if isinstance(value, Mapping):
            return self.pairs(value, indent, column, until)
        return self.items(value, indent, column, until)

    def pairs(self, value: Mapping, indent: int, column: int, until: int) -> Lines:
        """Each key with its comments, by rank, unless an alias has to stay behind its anchor."""
        chunks: list[tuple[int, Lines, Lines]] = []
        own = self.column(value)
        starts = [key.start for key, _ in value.pairs]
        for (key, item), end in zip(value.pairs, [*starts[1:], until], strict=True):
            above = self.above(key.start, indent)
            name = key.value if isinstance(key, Leaf) else ""
            chunks.append((self.rank(self.path, name), above, self.pair(key, item, indent, own, end)))
        tail = self.tail(indent, column, until)
        if not _is_bound(value):
            chunks.sort(key=lambda chunk: chunk[0])
        lines = [line for _, above, body in chunks for line in (*above, *body)]
        return [*_without_blank(lines), *tail]

    def items(self, value: SequenceNode, indent: int, column: int, until: int) -> Lines:
        """Each item with its comments; behind an anchor it is not told where the dashes stood."""
        lines: Lines = []
        own = self.column(value) if not value.properties else column
        starts = [item.start for item in value.items]
        for item, end in zip(value.items, [*starts[1:], until], strict=True):
            lines += self.above(item.start, indent)
            lines += self.item(item, indent, own, end)
        return [*_without_blank(lines), *self.tail(indent, column, until)]

    def item(self, item: Node, indent: int, column: int, until: int) -> Lines:
        """A dash, and the item behind it: of a collection the first entry on the same line."""
        self.path.append("-")
        margin = " " * indent
        if isinstance(item, Leaf) or item.properties or not children(item):
            lines = self.value("-", item.start, item, indent, column, until)
        elif not self.is_task() and (short := self.short(f"{margin}-", item)) is not None:
            lines = [self.noted(Line(short), item.end, until)]
        else:
            lines = self.collection(item, indent + STEP, column, until)
            first = next(index for index, line in enumerate(lines) if not _is_comment(line))
            for line in lines[:first]:
                line.text = line.text[STEP:]
            lines[first].text = f"{margin}- {lines[first].text[indent + STEP :]}"
        self.path.pop()
        return lines

    def block_scalar(self, start: str, value: Leaf, indent: int) -> Lines:
        """A text of several lines, behind `start`: as we write one, else as it stands."""
        header, _, body = value.source.partition("\n")
        text = literal(value.value, indent + STEP) if value.style == "|" else None
        if text is None:
            text = _moved(header, body, indent + STEP, self.column_of_parent(value))
        head, *rest = text.split("\n")
        properties = f" {value.properties}" if value.properties else ""
        line = self.noted(Line(f"{start}{properties} {head}"), value.end - len(value.source), value.end)
        self.last = value.end
        return [line, *map(Line, rest)]

    def leaf(self, value: Leaf, *, is_flow: bool = False) -> str:
        """A scalar or an alias on one line; with `is_flow` it stands in brackets."""
        text = self.bare(value, is_flow=is_flow)
        return f"{value.properties} {text}".strip() if value.properties else text

    def bare(self, value: Leaf, *, is_flow: bool) -> str:
        """The same without its anchor and tag. What has a tag is kept to the letter: it may mean anything."""
        if value.style == "*":
            return value.source
        if "!" in value.properties:
            if "\n" in value.source:
                raise Unkept("a tag before a text of several lines")
            return value.source
        if value.style is None:
            meant = plain_value(value.value)
            if not isinstance(meant, str):
                return _word(value.value, meant, is_flow=is_flow)
        if self.path and self.path[-1] == "Schedule":
            return quoted(value.value)
        if is_flow and any(one in value.value for one in ",[]{}"):
            return quoted(value.value)
        return scalar(value.value)

    def flow(self, value: Node) -> str:
        """A collection on one line, in brackets."""
        if isinstance(value, Leaf):
            return self.leaf(value, is_flow=True)
        if isinstance(value, Mapping):
            inside = (f"{self.key(key, is_flow=True)}: {self.flow(item)}" for key, item in value.pairs)
            text = f"{{{', '.join(inside)}}}"
        else:
            text = f"[{', '.join(map(self.flow, value.items))}]"
        return f"{value.properties} {text}".strip()

    def is_task(self) -> bool:
        """Whether what is being printed is a task: it is never put in brackets."""
        return self.path == ["Tasks", "-"]

    def column(self, value: Node) -> int:
        """Where the entries of a block stand."""
        start = children(value)[0].start if isinstance(value, Mapping) else value.start
        return start - self.text.rfind("\n", 0, start) - 1

    def column_of_parent(self, value: Leaf) -> int:
        """Where the line starts on which a value stands: of what its block is measured from."""
        line = self.text[self.text.rfind("\n", 0, value.start) + 1 : value.start]
        inner = line.lstrip(" ")
        indent = len(line) - len(inner)
        while inner.startswith("- ") and inner.strip() != "-":
            rest = inner[1:].lstrip(" ")
            indent += len(inner) - len(rest)
            inner = rest
        return indent

    # comments

    def peek(self, until: int) -> Comment | None:
        """The next comment, if it begins before an index."""
        if self.at < len(self.comments) and self.comments[self.at].start < until:
            return self.comments[self.at]
        return None

    def taken(self, comment: Comment) -> Comment:
        """The next comment, which is printed now."""
        self.at += 1
        self.last = comment.start + len(comment.text)
        return comment

    def noted(self, line: Line, end: int, until: int) -> Line:
        """With the comment behind it, if one stands on the line where it ends, and before what comes next."""
        self.last = max(self.last, end)
        comment = self.peek(until)
        if comment and not comment.is_alone and not line.note and "\n" not in self.text[end : comment.start]:
            self.taken(comment)
            line.note, line.column = comment.text, comment.column
        return line

    def above(self, start: int, indent: int) -> Lines:
        """The comments before an index, and an empty line where some stand there."""
        lines: Lines = []
        while comment := self.peek(start):
            lines += self.blank(comment.start)
            lines.append(Line(f"{' ' * indent}{self.taken(comment).text}"))
        return [*lines, *self.blank(start)]

    def tail(self, indent: int, column: int, until: int) -> Lines:
        """The comments that end a block: those further in than what stands around it."""
        lines: Lines = []
        while (comment := self.peek(until)) and (comment.column > column or not comment.is_alone):
            lines += self.blank(comment.start)
            lines.append(Line(f"{' ' * indent}{self.taken(comment).text}"))
        return lines

    def blank(self, start: int) -> Lines:
        """An empty line where at least one stood between what was printed last and an index."""
        return [Line("")] if self.text.count("\n", self.last, start) > 1 else []


def _is_bound(value: Mapping) -> bool:
    """Whether an alias in it stands for an anchor in it: then its keys cannot change places."""
    named = set(anchors(value))
    return any(f"*{name[1:]}" in named for name in named if name.startswith("&"))


def _is_comment(line: Line) -> bool:
    return line.text.lstrip().startswith("#") or not line.text


def _without_blank(lines: Lines) -> Lines:
    """A collection does not begin with an empty line."""
    return lines[1:] if lines and not lines[0].text else lines


def _word(text: str, meant: object, *, is_flow: bool) -> str:
    """A plain scalar that is no text: words have one spelling, numbers keep theirs."""
    if meant is None:
        return "null" if text or is_flow else ""
    return str(meant).lower() if isinstance(meant, bool) else text


def _moved(header: str, body: str, indent: int, column: int) -> str:
    """A block as it stands, further in or further out."""
    signs = header.split("#")[0].strip()
    digit = next((int(one) for one in signs if one.isdigit()), 0)
    lines = body.split("\n")
    first = next((line for line in lines if line.strip()), "")
    own = column + digit if digit else len(first) - len(first.lstrip(" "))
    moved = [f"{' ' * indent}{line[own:]}" if line[own:] else "" for line in lines]
    sign = signs[0] + (str(STEP) if digit or first[own:][:1] == " " else "") + signs[1:].strip("0123456789")
    return "\n".join((sign, *moved))
