"""The texts that are put together are those that the encoder would give."""

import json

import pytest

from reconciler.planning.changes import Change, Plan
from reconciler.planning.digest import after_of, before_of, plan_hash, remembered
from reconciler.planning.kept import kept_changes, kept_of
from reconciler.planning.texts import applied_text, canonical_text, task_keys
from reconciler.task import Lifecycle, Task, canonical_json, json_text
from tests.planning.build import desired, record, row, task

TASKS = (
    task(),
    task('a "quoted" \\ name ☕', active=False, job_type="\u2028\ttab"),
    task(attributes={"b": [1.0, {"z": None, "a": 2.5}], "a": True, "é": "é", "n": [[], {}]}),
    task(lifecycle=Lifecycle(protected=True, previous_names=("older",))),
)


@pytest.mark.parametrize("one", TASKS, ids=range(len(TASKS)))
def test_the_texts_of_a_task(one: Task) -> None:
    assert (
        applied_text(one)
        == json_text(task_keys(one))
        == json.dumps(task_keys(one), ensure_ascii=False, separators=(",", ":"))
    )
    assert canonical_text(one) == canonical_json(task_keys(one))


def test_numbers_that_are_equal_are_written_alike() -> None:
    assert canonical_json({"b": [1.0, True], "a": {"x": 2.0}}) == '{"a":{"x":2},"b":[1,true]}'


@pytest.mark.parametrize("one", TASKS, ids=range(len(TASKS)))
def test_a_change_is_remembered_whole(one: Task) -> None:
    old = task(one.name, schedule="@daily")
    there, known = row(old), record(old, owner="ops", commit="c0ffee", protected=True)
    change = Change(
        action="update", name=one.name, reason="git", row=there, record=known, desired=desired(one)
    )
    deleted = Change(action="delete", name=one.name, reason="removed", row=there)
    plan = Plan(owner="ops", changes=(change, deleted))
    text, digest = remembered(plan)
    updated, gone = kept_changes(text)
    assert updated == kept_of(change)._replace(record=known)
    assert gone == kept_of(deleted)
    assert (updated.action, updated.version, updated.file, updated.line) == ("update", 1, "tasks/a.yaml", 2)
    assert (updated.before, updated.after) == (before_of(change), after_of(change))
    assert (gone.action, gone.after) == ("delete", None)
    assert digest == plan_hash(plan)


def test_the_hash_tells_a_delete_from_an_update() -> None:
    there = row(task())
    update = Change(action="update", name="report", reason="git", row=there, desired=desired(task()))
    delete = Change(action="delete", name="report", reason="removed", row=there)
    hashes = {plan_hash(Plan(owner="ops", changes=changes)) for changes in ((), (update,), (delete,))}
    assert len(hashes) == 3
