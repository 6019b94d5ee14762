"""A file in canonical form says what it said, with every comment, and is not changed again."""

import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.canonical import file_text, formatted
from reconciler.config.composer import compose
from reconciler.task import canonical_json
from tests.canonical.test_values import texts, values

PROFILE = settings(max_examples=100, derandomize=True, deadline=None, database=None)


class Author:
    """Writes the same values in every way that YAML has, with comments wherever they may stand."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.comments = 0
        self.anchors: list[tuple[str, str]] = []  # name, JSON of what it stands for

    def note(self) -> str:
        """A comment behind a value, perhaps."""
        if self.chance.random() < 0.75:
            return ""
        self.comments += 1
        return f"{' ' * self.chance.randint(1, 9)}# c{self.comments} {{a: 'b"

    def above(self, indent: int) -> str:
        """Empty lines and comments before a key or an item, perhaps."""
        lines = ""
        while self.chance.random() < 0.3:
            if self.chance.random() < 0.5:
                lines += "\n"
            else:
                self.comments += 1
                column = max(indent + self.chance.choice((0, 0, 0, -1, 2)), 1)
                lines += f"{' ' * column}# c{self.comments} - Name: x\n"
        return lines

    def scalar(self, value: Any, is_flow: bool) -> str:
        if not isinstance(value, str):
            return self.chance.choice(
                _SPELLINGS.get(value, (canonical_json(value),))
                if value is None or isinstance(value, bool)
                else (canonical_json(value),)
            )
        ways = [_double(value)]
        if value.isprintable():
            ways.append("'" + value.replace("'", "''") + "'")
        if _may_be_plain(value, is_flow):
            ways += [value, value]
        return self.chance.choice(ways)

    def flow(self, value: Any) -> str:
        space = self.chance.choice(("", " "))
        if isinstance(value, dict):
            inside = f",{space} ".join(
                f"{self.scalar(key, True)}: {self.flow(item)}" for key, item in value.items()
            )
            return f"{{{space}{inside}{space}}}"
        if isinstance(value, list):
            return f"[{space}{', '.join(map(self.flow, value))}{space}]"
        return self.scalar(value, True)

    def after(self, value: Any, indent: int) -> str:
        """What stands behind a key or a dash in column `indent`, with the line break."""
        way = self.chance.random()
        known = [name for name, text in self.anchors if text == canonical_json(value)]
        if known and way < 0.5:
            return f" *{known[-1]}{self.note()}\n"
        anchor = ""
        if way > 0.9 and value is not None:
            name = f"a{len(self.anchors)}"
            anchor = f" &{name}"
            self.anchors.append((name, canonical_json(value)))
        if isinstance(value, dict | list) and value and way < 0.7:
            return f"{anchor}{self.note()}\n{self.block(value, indent + self.chance.randint(1, 4))}"
        if isinstance(value, str) and way < 0.5 and _may_be_literal(value):
            pad = " " * (indent + self.chance.randint(1, 4))
            sign = self.chance.choice("|>") if "\n" not in value.rstrip("\n") else "|"
            body = "".join(
                f"{pad}{line}\n" if line else "\n" for line in value.removesuffix("\n").split("\n")
            )
            return f"{anchor} {sign}{'' if value.endswith(chr(10)) else '-'}{self.note()}\n{body}"
        return f"{anchor} {self.flow(value)}{self.note()}\n"

    def block(self, value: Any, indent: int) -> str:
        pad = " " * indent
        if isinstance(value, dict):
            return "".join(
                f"{self.above(indent)}{pad}{self.scalar(key, False)}:{self.after(item, indent)}"
                for key, item in value.items()
            )
        return "".join(f"{self.above(indent)}{pad}-{self.item(item, indent)}" for item in value)

    def item(self, value: Any, indent: int) -> str:
        if isinstance(value, dict) and value and self.chance.random() < 0.8:
            spaces = self.chance.randint(1, 3)
            (key, first), *rest = value.items()
            below = indent + 1 + spaces
            text = f"{' ' * spaces}{self.scalar(key, False)}:{self.after(first, below)}"
            return text + (self.block(dict(rest), below) if rest else "")
        return self.after(value, indent)

    def document(self, tasks: list[Any]) -> str:
        others = (
            "",
            "# head\n",
            "x-a: {b:   1}  # kept\n\n",
            "Tables:\n    - n:  'yes'\n      m: yes\n",
            "%YAML 1.1\n---\n",
        )
        head, tail = self.chance.choice(others), self.chance.choice(others[:4])
        if not tasks:
            return f"{head}Tasks: []{self.note()}\n{tail}"
        return f"{head}Tasks:{self.note()}\n{self.block(tasks, self.chance.randint(0, 4))}{tail}"


_SPELLINGS: dict[Any, tuple[str, ...]] = {
    None: ("null", "~", "Null"),
    True: ("true", "True"),
    False: ("false", "FALSE"),
}


def _double(text: str) -> str:
    return (
        '"'
        + "".join(one if one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}" for one in text)
        + '"'
    )


def _may_be_plain(text: str, is_flow: bool) -> bool:
    return text.isalnum() and text[0].isalpha() and text.lower() not in ("null", "true", "false")


def _may_be_literal(text: str) -> bool:
    lines = text.split("\n")
    return (
        all(line.isprintable() for line in lines)
        and bool(lines[0].strip())
        and lines[0][0] != " "
        and not text.endswith("\n\n")
        and text[-1] != " "
    )


tasks_ = st.lists(
    st.dictionaries(
        st.sampled_from(["Name", "Schedule", "EntityName", "ActionName", "AsUserEmail", "Active", "Else"]),
        texts,
        max_size=5,
    ).flatmap(
        lambda one: st.fixed_dictionaries(
            {},
            optional={
                "Attributes": st.dictionaries(texts, values, max_size=3),
                "Lifecycle": st.just({"IgnoreChanges": ["Active"], "Protected": True}),
                "Scheduler": st.just({"CatchUp": {"Window": "2h", "Policy": "once"}, "Overlap": "skip"}),
            },
        ).map(lambda more: more | one)
    ),
    max_size=4,
)


def comments_of(text: str) -> Counter[str]:
    return Counter(
        word for word in text.replace("\n", " ").split(" ") if word[:1] == "c" and word[1:].isdigit()
    )


@given(st.lists(tasks_, min_size=1, max_size=2), st.randoms(use_true_random=False))
@PROFILE
def test_what_a_file_says_is_kept(sets: list[Any], chance: random.Random) -> None:
    author = Author(chance)
    parts = []
    for tasks in sets:
        author.anchors = []
        parts.append(author.document(tasks))
    text = "---\n".join(parts) if "%YAML" not in "".join(parts[1:]) else parts[0]
    before = compose(text)
    assert before.faults == [], text
    result = formatted(text)
    after = compose(result)
    assert after.faults == []
    assert [canonical_json(one) for one in after.values] == [canonical_json(one) for one in before.values]
    assert comments_of(result) == comments_of(text)
    assert formatted(result) == result


LAYERED = """\
# of all
Defaults:   # d
    Attributes: {b: 1}
    # who
    AsUserEmail: 'x@y'
    Schedule: 1 * * * *
Tasks:
- Attributes:
    token:   !env   RECONCILE_VAR_TOKEN  # secret
    port: !env {name: RECONCILE_VAR_PORT,   type: int}
    list: [!env RECONCILE_VAR_A, !env {"name": RECONCILE_VAR_B, default: 'no'}]
  Name: a
"""


def test_defaults_and_values_from_the_environment() -> None:
    assert formatted(LAYERED) == (
        "# of all\n"
        "Defaults:  # d\n"
        '  Schedule: "1 * * * *"\n'
        "  # who\n"
        "  AsUserEmail: x@y\n"
        "  Attributes: {b: 1}\n"
        "Tasks:\n"
        "  - Name: a\n"
        "    Attributes:\n"
        "      token: !env RECONCILE_VAR_TOKEN  # secret\n"
        "      port: !env {name: RECONCILE_VAR_PORT, type: int}\n"
        '      list: [!env RECONCILE_VAR_A, !env {name: RECONCILE_VAR_B, default: "no"}]\n'
    )


def test_line_breaks_at_the_end_are_kept_where_they_are_a_part_of_a_value() -> None:
    head = "Tasks:\n  - Name: a\n    Attributes:\n      text: |+\n"
    kept = head + "        a line\n" * 100 + "\n\n"
    assert formatted(kept) == kept
    assert formatted("Tasks:\n  - Name: a  # a + b\n\n\n") == "Tasks:\n  - Name: a  # a + b\n"


@given(st.lists(st.tuples(st.dictionaries(texts, values, max_size=4), st.booleans()), max_size=3))
@PROFILE
def test_what_is_exported_is_canonical(rows: list[Any]) -> None:
    items = [
        ({"Name": "a", "Attributes": attributes}, ("why",) if is_comment else ())
        for attributes, is_comment in rows
    ]
    text = "".join(file_text(items))
    assert formatted(text) == text
