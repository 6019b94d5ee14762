"""P001-P005: what a team has agreed on, at its limits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reconciler.checks import check
from reconciler.checks.context import Context
from reconciler.checks.globs import file_glob, relative
from reconciler.checks.quoting import spelt
from reconciler.config.declarations import Declaration
from reconciler.config.policies import Policies

Declare = Callable[..., Declaration]


def context(**policies: Any) -> Context:
    return Context(
        now=datetime(2026, 11, 24, 6, 0, 30, tzinfo=UTC),
        timezone=ZoneInfo("UTC"),
        policies=Policies(**policies),
        directory=Path("/work/team"),
    )


def found(declarations: list[Declaration], **policies: Any) -> list[tuple[str, int]]:
    """Code and index of the task of each policy that is not kept."""
    every = check(declarations, context(**policies))
    return [(one.code, int(one.pointer.path[1])) for one in every if one.pointer and one.code[0] == "P"]


@pytest.mark.parametrize(
    ("glob", "file", "matches"),
    [
        ("tasks/*.yaml", "tasks/a.yaml", True),
        ("tasks/*.yaml", "tasks/b/a.yaml", False),
        ("tasks/**", "tasks/b/a.yaml", True),
        ("tasks/**/a.yaml", "tasks/a.yaml", True),
        ("tasks/**/a.yaml", "tasks/b/c/a.yaml", True),
        ("tasks/**/a.yaml", "tasks/ba.yaml", False),
        ("**", "-", True),
        ("**", "../other/a.yaml", True),
        ("tasks/", "tasks/b/a.yaml", True),
        ("./tasks/a.yaml", "tasks/a.yaml", True),
        ("a?.yaml", "ab.yaml", True),
        ("a?.yaml", "a/.yaml", False),
        ("a[b].yaml", "ab.yaml", False),
        ("a[b].yaml", "a[b].yaml", True),
        ("*.yaml", "a\n.yaml", True),
    ],
)
def test_a_glob_of_files(glob: str, file: str, matches: bool) -> None:
    assert (file_glob(glob).fullmatch(file) is not None) is matches


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("tasks/a.yaml", "tasks/a.yaml"),
        ("./tasks/../tasks//a.yaml", "tasks/a.yaml"),
        ("/work/team/tasks/a.yaml", "tasks/a.yaml"),
        ("../other/a.yaml", "../other/a.yaml"),
        ("-", "-"),
    ],
)
def test_no_spelling_of_a_path_escapes(given: str, seen: str) -> None:
    assert relative(given, context()) == seen


@pytest.mark.parametrize(
    ("name", "codes"), [("billing_a", []), ("billing_", []), ("xbilling_a", ["P001"]), ("billing", ["P001"])]
)
def test_the_whole_name_matches(declare: Declare, name: str, codes: list[str]) -> None:
    one = declare(name=name, file="tasks/billing/a.yaml")
    assert [code for code, _ in found([one], names={"tasks/billing/**": "billing_.*"})] == codes
    assert found([declare(name=name, file="tasks/a.yaml")], names={"tasks/billing/**": "billing_.*"}) == []


def test_every_glob_that_matches_must_allow_the_user(declare: Declare) -> None:
    users = {"**": ("*@example.com",), "billing/**": ("billing-*",)}
    emails = ("billing-a@example.com", "ann@example.com", "billing-a@evil.example", "Billing-a@example.com")
    declared = [declare(index, as_user_email=one, file="billing/a.yaml") for index, one in enumerate(emails)]
    assert found(declared, users=users) == [("P003", 1), ("P003", 2), ("P003", 3)]
    assert found([declare(as_user_email="ann@example.com", file="a.yaml")], users=users) == []


def test_a_user_that_is_not_there_is_told_once(declare: Declare) -> None:
    absent = {"as_user_email": "", "absent": {"AsUserEmail"}, "unusable": {"AsUserEmail"}}
    assert found([declare(**absent)], users={"**": ("a",)}) == []


@pytest.mark.parametrize(
    ("job_type", "codes"), [("report", []), ("Report", ["P004"]), ("", ["P004"]), ("export-7", [])]
)
def test_the_job_type(declare: Declare, job_type: str, codes: list[str]) -> None:
    job_types = {"**": ("report", "export-?")}
    assert [code for code, _ in found([declare(job_type=job_type)], job_types=job_types)] == codes


def test_any_job_type_but_none(declare: Declare) -> None:
    declared = [declare(0, job_type="x"), declare(1)]
    assert found(declared, job_types={"**": ("?*",)}) == [("P004", 1)]


def test_a_herd_is_told_at_the_one_too_many(declare: Declare) -> None:
    at_eight = [declare(index) for index in range(4)]
    assert found(at_eight, most_in_a_minute=4) == []
    assert found(at_eight, most_in_a_minute=2) == [("P005", 2)]
    inactive = [declare(index, active=index > 1) for index in range(4)]
    assert found(inactive, most_in_a_minute=2) == []


def test_herds_of_several_times_of_day_the_worst_first(declare: Declare) -> None:
    hours = (8, 8, 8, 9, 9, 7, 7, 6, 5, 4, 4, 3, 3)
    declared = [declare(index, schedule=f"0 {hour} * * *") for index, hour in enumerate(hours)]
    every = [one for one in check(declared, context(most_in_a_minute=1)) if one.code == "P005"]
    assert [one.message for one in every] == [
        f"{tasks} tasks fire at {when} (UTC), which is one of 7 such days; agreed on is 1 in one minute at "
        "most; there are 5 such times of day"
        for tasks, when in (
            (3, "08:00 on Tue 2026-11-24"),
            (2, "07:00 on Tue 2026-11-24"),
            (2, "09:00 on Tue 2026-11-24"),
            (2, "03:00 on Wed 2026-11-25"),
            (2, "04:00 on Wed 2026-11-25"),
        )
    ]


def test_one_task_is_told_of_one_herd_only(declare: Declare) -> None:
    always = [declare(index, schedule="* * * * *") for index in range(3)]
    assert found(always, most_in_a_minute=2) == [("P005", 2)]


def test_a_schedule_that_is_none_is_another_matter(declare: Declare) -> None:
    assert found([declare(schedule="61 * * * *")], most_in_a_minute=1, shortest_interval=timedelta(1)) == []


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(hours=62), "2d14h"),
        (timedelta(days=30), "30d"),
    ],
)
def test_a_duration_is_spelt(duration: timedelta, text: str) -> None:
    assert spelt(duration) == text
