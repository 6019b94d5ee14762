"""Adopting and releasing rows by hand: what of the bookkeeping is written, with bare values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.planning.changes import NOWHERE, Existing, Plan, Record
from reconciler.planning.digest import after_of, before_of, plan_hash, remembered
from reconciler.planning.guards import Guards
from reconciler.planning.masking import secrets_text
from reconciler.planning.ownership import Claim, Declared, adopt, release
from reconciler.planning.plan import Ownership
from reconciler.task import SchedulerOptions, Secret
from tests.planning.build import existing, planned, record, row, task

HERE = Declared(file="tasks/a.yaml", line=7, column=5, commit="c0ffee", secrets=())
NO_GUARDS = Guards()


def adopted(
    there: Existing,
    *names: str,
    declared: Mapping[str, Declared] | None = None,
    guards: Guards = NO_GUARDS,
    is_all: bool = False,
) -> Plan:
    return adopt(
        there,
        Claim(names=names, is_all=is_all),
        ownership=Ownership(owner="default"),
        guards=guards,
        declared=declared or {},
    )


def recorded(plan: Plan) -> Record:
    """What is written for the only row that changes hands."""
    (change,) = plan.changes
    assert change.desired is not None
    assert change.desired.restores is not None
    assert not change.writes_row
    return change.desired.restores


def after(there: Existing, plan: Plan) -> Existing:
    """The table once the plan is written."""
    return Existing(rows=there.rows, records={**there.records, recorded(plan).reference_id: recorded(plan)})


def test_what_the_row_says_counts_as_applied() -> None:
    there = existing((row(task(schedule="@daily", attributes={"a": [1, {"b": None}]})), None))
    plan = adopted(there, "report", declared={"report": HERE})
    kept = recorded(plan)
    assert (kept.owner, kept.file, kept.line, kept.commit) == ("default", "tasks/a.yaml", 7, "c0ffee")
    same = task(schedule="@daily", attributes={"a": [1, {"b": None}]})
    assert planned([same], after(there, plan)).is_empty
    (change,) = planned([task()], after(there, plan)).changes
    assert (change.action, change.reason) == ("update", "git")
    assert adopted(after(there, plan), "report").is_empty


@pytest.mark.parametrize(
    "odd",
    [
        {"as_user_email": None},
        {"attributes": "not JSON"},
        {"attributes": "[1]"},
        {"schedule": "now and then"},
    ],
)
def test_rows_that_no_task_could_say_can_be_adopted(odd: dict[str, Any]) -> None:
    there = existing((row(task(), **odd), None))
    plan = adopted(there, "*")
    assert before_of(plan.changes[0]) == after_of(plan.changes[0])
    assert len(plan_hash(plan)) == 64
    text, _ = remembered(plan)
    assert '"adopt"' in text
    (change,) = planned([task()], after(there, plan)).changes
    assert (change.action, change.reason) == ("update", "git")


def test_a_row_that_no_file_declares_is_nowhere_and_left_alone() -> None:
    there = existing((row(task()), None))
    plan = adopted(there, "report")
    assert (recorded(plan).file, recorded(plan).commit) == (NOWHERE, None)
    left = planned([], after(there, plan))
    assert left.is_empty
    assert [one.row.name for one in left.undeclared] == ["report"]
    assert (left.elsewhere, left.unmanaged) == ((), ())


def test_a_row_deleted_before_it_was_declared_is_forgotten() -> None:
    there = existing((row(task()), None))
    gone = Existing(rows=(), records=after(there, adopted(there, "report")).records)
    assert [one.file for one in planned([], gone).orphans] == [NOWHERE]


def test_a_row_of_a_previous_name_is_the_task_s() -> None:
    there = existing((row(task()), record(task(), owner="other")))
    plan = adopted(there, "rep*", declared={"report": HERE}, guards=Guards(take_over=True))
    assert recorded(plan).owner == "default"


def test_all_means_those_of_no_owner() -> None:
    there = existing(
        (row(task("a"), id=1), None),
        (row(task("b"), id=2), record(task("b"), id=2)),
        (row(task("c"), id=3), record(task("c"), id=3, owner="other")),
    )
    assert [one.name for one in adopted(there, is_all=True).changes] == ["a"]
    take = adopted(there, is_all=True, guards=Guards(take_over=True))
    assert [one.name for one in take.changes] == ["a", "c"]
    assert [one.code for one in adopted(there, "c").blocked] == ["O005"]


def test_what_another_owner_s_bookkeeping_says_besides_stays_so() -> None:
    """Protection, and how the scheduler treats its fires: a row that is taken over goes on as it did."""
    theirs = task(scheduler=SchedulerOptions(overlap="skip"), attributes={"token": "s3cret"})
    theirs = theirs._replace(secrets=(Secret(("Attributes", "token"), "RECONCILE_VAR_TOKEN"),))
    secrets = secrets_text(theirs.secrets)
    there = existing((row(theirs), record(theirs, owner="other", protected=True, secrets=secrets)))
    plan = adopted(there, "report", guards=Guards(take_over=True))
    assert plan.changes[0].protected
    assert '"Scheduler":{"Overlap":"skip"}' in recorded(plan).applied
    assert "s3cret" not in recorded(plan).applied
    assert planned([theirs], after(there, plan)).changes == ()


def test_a_name_that_is_no_row_s_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as error:
        Claim(names=("reprot", "x*")).require(existing((row(task()), None)))
    assert error.value.message == "no task is named 'reprot', nor like 'x*'"
    assert error.value.hint == "did you mean 'report'?"


def test_another_repository_is_refused() -> None:
    claim = Claim(names=("*",))
    ownership = Ownership(owner="default", repository="b", last_repository="a")
    there = existing((row(task()), record(task())))
    refused = release(there, claim, ownership=ownership, guards=NO_GUARDS)
    assert [one.code for one in refused.blocked] == ["O007"]
    assert not release(there, claim, ownership=ownership, guards=Guards(take_over=True)).is_refused


def test_a_value_that_is_to_come_from_the_environment_is_kept_by_its_variable() -> None:
    secret = Secret(("Attributes", "token"), "RECONCILE_VAR_TOKEN")
    missing = Secret(("Attributes", "list", 0), "RECONCILE_VAR_LIST")
    there = existing((row(task(attributes={"token": "s3cret", "n": 1})), None))
    declared = {"report": replace(HERE, secrets=(secret, missing))}
    plan = adopted(there, "report", declared=declared)
    told = (repr(before_of(plan.changes[0])), repr(after_of(plan.changes[0])), *remembered(plan))
    assert "s3cret" not in "".join((*told, recorded(plan).applied))
    now = task(attributes={"token": "s3cret", "n": 1})._replace(secrets=(secret,))
    assert planned([now], after(there, plan)).changes == ()
    (change,) = planned([now._replace(schedule="@daily")], after(there, plan)).changes
    assert [one.path for one in change.fields] == ["Schedule"]
