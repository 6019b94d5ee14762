"""The plan as a comment: it fits, it is whole, and nothing that stands in a file or a row is Markdown there.

markdown-it-py, another reader of GitHub's dialect, is the witness.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.planning.changes import Blocked, Change
from reconciler.renderers import Look
from reconciler.renderers.look import visible
from reconciler.renderers.markdown import SHORTENED, render
from reconciler.report.plan import Outcome, PlanReport
from tests.renderers.build import created, deleted, found, report, updated, validated

GITHUBS = 65_536
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = re.compile(r"<br>|<details><summary><b>[\d,]+ [a-z ,\d]+</b></summary>\n?|</details>\n?")

EVIL = "EVIL"
_PIECES = st.sampled_from(
    [
        *(
            "|",
            "`",
            "``",
            "```",
            "\\",
            "\\|",
            "<",
            ">",
            "&amp;",
            "<b>",
            "</details>",
            "<!--",
            "-->",
            "@ann",
            "#12",
        ),
        *(
            "\n",
            "\r\n",
            "\t",
            "\x00",
            "\u2028",
            "\u202e",
            "*",
            "_",
            "~~",
            "[x](http://x)",
            "![",
            "http://x.y",
        ),
        *("- ", "# ", "> ", "1. ", "---", "| --- |", "$x$", ":smile:", "é", "日本", "😀", " ", "a"),
    ]
)
hostile = st.lists(_PIECES, min_size=2, max_size=8).map(EVIL.join)


def tokens(text: str) -> Iterator[Token]:
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def is_whole(text: str) -> None:
    """Within GitHub's limit, with all that is opened closed, and no word of a user's outside of code."""
    assert len(text.encode("utf-16-le", "surrogatepass")) // 2 < GITHUBS
    opened = 0
    for token in tokens(text):
        if token.type in ("html_block", "html_inline"):
            assert OURS.fullmatch(token.content), token.content
            opened += token.content.count("<details>") - token.content.count("</details>")
        elif token.type not in ("code_inline", "fence", "inline"):
            assert EVIL not in token.content
            assert token.type not in ("code_block", "link_open", "image", "blockquote_open", "hr", "s_open")
    assert opened == 0
    for line in text.split("\n"):
        assert line.isprintable()


def tables(text: str) -> Iterator[list[list[Token]]]:
    """The rows of each table, as inline tokens."""
    every = READER.parse(text)
    for start, token in enumerate(every):
        if token.type == "table_open":
            rows: list[list[Token]] = []
            for inner in every[start:]:
                if inner.type == "tr_open":
                    rows.append([])
                elif inner.type == "inline":
                    rows[-1].append(inner)
                elif inner.type == "table_close":
                    break
            yield rows


def spans(cell: Token) -> list[str]:
    return [child.content for child in cell.children or () if child.type == "code_inline"]


changes = st.one_of(
    st.builds(created, hostile, schedule=hostile, entity_name=hostile, as_user_email=hostile),
    st.builds(deleted, hostile, schedule=hostile, action_name=hostile),
    st.builds(
        updated,
        hostile,
        st.fixed_dictionaries({"schedule": hostile, "attributes": st.dictionaries(hostile, hostile)}),
        st.fixed_dictionaries({"schedule": hostile, "attributes": st.dictionaries(hostile, hostile)}),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, max_size=30), st.lists(hostile, max_size=3), hostile)
def test_whatever_stands_in_a_plan_is_shown_as_it_is(
    every: list[Change], messages: list[str], owner: str
) -> None:
    blocked = [Blocked(code="O004", name=message, message=message) for message in messages]
    one = report(every, blocked=blocked, owner=owner, notes=tuple(messages))
    text = render(one, Look())
    is_whole(text)
    assert one.plan is not None
    if SHORTENED not in text:
        named = [spans(row[0])[0] for table in tables(text) for row in table[1:] if row[0].content]
        assert named == [_shown(change.name) for change in one.plan.changes]


def _shown(name: str) -> str:
    """As a code span gives it back: one space is taken from either end, if there is anything else."""
    text = visible(name)
    return text if len(text) <= 400 else f"{text[:399]}…"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.builds(found, message=hostile, text=hostile, hint=hostile, file=hostile), max_size=40))
def test_whatever_is_wrong_is_shown_as_it_is(diagnostics: list[object]) -> None:
    for one in (report(diagnostics=diagnostics), validated(diagnostics)):  # type: ignore[arg-type]
        is_whole(render(one, Look()))


LONG = EVIL + "`|<x>@" * 20
HUGE: dict[str, Callable[[], PlanReport]] = {
    "creates": lambda: report([created(f"{LONG}{number}") for number in range(20_000)]),
    "deletes": lambda: report([deleted(f"{LONG}{number}") for number in range(2_000)]),
    "updates": lambda: report(
        [
            updated(
                f"job{number}", {"schedule": "@daily"}, {"schedule": "@hourly", "attributes": {LONG: LONG}}
            )
            for number in range(300)
        ]
    ),
    "refusals": lambda: report(
        blocked=[Blocked(code="O004", name=LONG, message=LONG * 9) for _ in range(5_000)]
    ),
    "errors": lambda: report(diagnostics=[found(message=LONG * 200, text="x" * 10_000)] * 3_000),
    "notes": lambda: report(notes=(LONG * 1_000, *(LONG * 20,) * 5_000)),
    "a difference": lambda: report(
        outcome=Outcome(applied=True, verified=False, apply_id="x"),
        difference=report([deleted(LONG) for _ in range(9_000)]).plan,
    ),
    "astral": lambda: report([created("😀" * 100 + str(number)) for number in range(400)]),
    "an owner": lambda: report(owner=LONG * 1_000),
}


@pytest.mark.parametrize("case", HUGE)
def test_what_is_huge_is_said_in_fewer_words(case: str) -> None:
    text = render(HUGE[case](), Look())
    is_whole(text)
    assert case == "an owner" or text.rstrip().endswith(SHORTENED)


def test_as_much_is_said_as_fits() -> None:
    """Fields go before tasks do, and tasks before their number."""
    few, many = (_updates(number) for number in (100, 1_000))
    assert "next fires" in render(_updates(20), Look())
    assert "`Active`" in render(few, Look())
    assert "`job99`" in render(few, Look())
    text = render(many, Look())
    assert "1,000 to change" in text
    assert len(text) > 10_000
    assert "| `false` |" not in text


def _updates(number: int) -> PlanReport:
    before, after = {"schedule": "@daily", "active": True}, {"schedule": "@hourly", "active": False}
    return report([updated(f"job{index}", before, after) for index in range(number)])


def test_deletes_come_first_and_long_lists_are_folded() -> None:
    text = render(report([*(created(f"new{i}") for i in range(11)), deleted("old")]), Look())
    assert text.index("#### 1 to delete") < text.index("<details><summary><b>11 to add</b></summary>")
    assert text.index("`new10`") < text.index("</details>")


def test_a_fence_is_longer_than_what_it_holds() -> None:
    text = render(report(notes=("```", EVIL, "````")), Look())
    is_whole(text)
    assert [token.content for token in tokens(text) if token.type == "fence"] == [f"```\n{EVIL}\n````\n"]
