"""`--only` and `--exclude`: what is selected is planned, and rules over the whole set still hold."""

from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.planning.changes import Existing, Plan
from reconciler.planning.guards import Guards, Limit
from reconciler.planning.narrowing import require_matches
from reconciler.planning.selection import Selection
from reconciler.task import Lifecycle
from tests.planning.build import desired, existing, planned, record, row, task, told

NAMES = ("a1", "a2", "b1", "old")
OWNED = existing(*((row(task(name), id=id), record(task(name), id=id)) for id, name in enumerate(NAMES, 1)))
TASKS = [*(task(name, active=False) for name in NAMES[:3]), task("new")]


def narrowed(**selection: Any) -> Plan:
    return planned(TASKS, OWNED, selection=Selection(**selection))


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ({"only": ("a*",)}, ["a1", "a2"]),
        ({"only": ("a1", "new")}, ["a1", "new"]),
        ({"exclude": ("a*",)}, ["old", "b1", "new"]),
        ({"only": ("?1",), "exclude": ("b*",)}, ["a1"]),
        ({"only": ("[ab]1",)}, ["a1", "b1"]),
    ],
)
def test_the_changes_of_the_selected_tasks(selection: dict[str, Any], names: list[str]) -> None:
    result = narrowed(**selection)
    assert [change.name for change in result.changes] == names
    assert len(result.left_out) == 5 - len(names)


def test_what_is_left_out_is_told_in_order() -> None:
    assert [(one.action, one.name) for one in narrowed(only=("b1",)).left_out] == [
        ("delete", "old"),
        ("update", "a1"),
        ("update", "a2"),
        ("create", "new"),
    ]


def test_case_matters_and_a_name_is_itself_whatever_is_in_it() -> None:
    odd = planned([task("job[1]"), task("Job1")], Existing(rows=()), selection=Selection(only=("job[1]",)))
    assert [one.name for one in odd.changes] == ["job[1]"]


def test_unchanged_tasks_are_counted_where_they_are_selected() -> None:
    tasks = [task(name) for name in NAMES]
    assert planned(tasks, OWNED, selection=Selection(only=("a*",))).unchanged == 2


def test_limits_are_of_all_rows_of_the_owner() -> None:
    guards = Guards(max_update=Limit(percent=50), max_delete=Limit(count=0))
    assert not planned(TASKS, OWNED, guards=guards, selection=Selection(only=("a*",))).is_refused
    whole = planned(TASKS, OWNED, guards=guards)
    assert [one.code for one in whole.blocked] == ["O001", "O002"]


def test_an_empty_configuration_is_one_that_is_empty_as_a_whole() -> None:
    assert [one.code for one in planned([], OWNED, selection=Selection(only=("old",))).blocked] == ["O003"]
    assert not narrowed(only=("old",)).is_refused


def test_what_a_guard_refuses_of_a_task_that_is_left_out_refuses_nothing() -> None:
    there = existing((row(task("a1")), record(task("a1"), owner="other")))
    result = planned([task("a1"), task("b1")], there, selection=Selection(only=("b1",)))
    assert not result.is_refused
    assert [(one.action, one.name) for one in result.left_out] == [("adopt", "a1")]


def test_two_rows_of_a_name_are_told_whatever_is_selected() -> None:
    twins = existing((row(task("a1"), id=1), None), (row(task("a1"), id=2), None))
    result = planned([task("a1"), task("b1")], twins, selection=Selection(only=("b1",)))
    assert [one.code for one in result.diagnostics] == ["N004"]


def test_records_and_places_of_what_is_left_out_stay_as_they_are() -> None:
    gone = Existing(rows=(), records={bytes([1] * 16): record(task("a1"))})
    assert planned([], gone, selection=Selection(only=("b*",))).is_empty
    moved = existing((row(task("a1")), record(task("a1"), file="tasks/b.yaml")))
    assert planned([task("a1")], moved, selection=Selection(exclude=("a*",))).is_empty
    assert len(planned([task("a1")], moved, selection=Selection(only=("a*",))).recordings) == 1


def test_a_renamed_task_answers_to_both_names() -> None:
    there = existing((row(task("old")), record(task("old"))))
    tasks = [task("new", lifecycle=Lifecycle(previous_names=("old",)))]
    for only in ("old", "new"):
        assert told(planned(tasks, there, selection=Selection(only=(only,)))) == [("rename", "new", "git")]
    assert planned(tasks, there, selection=Selection(exclude=("old",))).changes == ()


def test_ignored_differences_of_what_is_left_out_are_not_told() -> None:
    lenient = task(lifecycle=Lifecycle(ignore_changes=("Active",)))
    there = existing((row(task(active=False)), record(lenient)))
    assert planned([lenient], there, selection=Selection(exclude=("report",))).ignored == ()


@pytest.mark.parametrize("glob", ["a1", "a*", "old", "new", "moved"])
def test_a_glob_may_mean_a_task_a_row_or_the_name_that_a_row_had(glob: str) -> None:
    strayed = (row(task("elsewhere"), id=9), record(task("moved"), id=9))
    there = Existing(
        rows=(*OWNED.rows, strayed[0]), records={**OWNED.records, strayed[1].reference_id: strayed[1]}
    )
    require_matches(Selection(only=(glob,)), [desired(one) for one in TASKS], there, "default")


@pytest.mark.parametrize(
    ("selection", "hint"),
    [
        (Selection(only=("oldd",)), "did you mean 'old'?"),
        (Selection(exclude=("x*",)), "a name, or a glob such as 'report_*' in quotes"),
    ],
)
def test_a_glob_that_means_nothing_is_a_usage_error(selection: Selection, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        require_matches(selection, [desired(one) for one in TASKS], OWNED, "default")
    assert error.value.hint == hint
