"""Drift: what was last applied, what the row says and what git says, three-way."""

from typing import Any

import pytest

from reconciler.planning.changes import Existing
from reconciler.planning.drift import Drift, drift_of
from reconciler.planning.masking import secrets_text
from reconciler.planning.selection import Selection
from reconciler.planning.texts import applied_text, fingerprint
from reconciler.task import Lifecycle, Secret, Task
from tests.planning.build import existing, planned, record, row, task


def seen(now: list[Task], then: Task, there: Task | None, **fields: Any) -> Drift:
    """What is seen of one row that was applied as `then`."""
    if there is None:
        return drift_of(planned(now, Existing(rows=(), records={bytes([1] * 16): record(then)})))
    return drift_of(planned(now, existing((row(there, **fields), record(then)))))


def fields_of(drift: Drift) -> list[tuple[str, str, Any, Any, Any]]:
    (one,) = (*drift.drifted, *drift.same)
    return [(field.path, field.side, field.applied, field.table, field.git) for field in one.fields]


def counts(drift: Drift) -> tuple[int, int, int]:
    return len(drift.drifted), len(drift.same), len(drift.pending)


DAILY, HOURLY = task(schedule="@daily"), task(schedule="@hourly")


@pytest.mark.parametrize(
    ("now", "then", "there", "expected"),
    [
        ([task()], task(), task(), (0, 0, 0)),
        ([task()], task(), HOURLY, (1, 0, 0)),
        ([HOURLY], task(), task(), (0, 0, 1)),
        ([DAILY], task(), HOURLY, (1, 0, 0)),
        ([HOURLY], task(), HOURLY, (0, 1, 0)),
        ([], task(), task(), (0, 0, 1)),
        ([], task(), HOURLY, (1, 0, 0)),
        ([task()], task(), None, (1, 0, 0)),
        ([HOURLY], task(), None, (1, 0, 0)),
        ([], task(), None, (0, 1, 0)),
    ],
)
def test_who_moved(now: list[Task], then: Task, there: Task | None, expected: tuple[int, ...]) -> None:
    assert counts(seen(now, then, there)) == expected


def test_each_field_tells_its_side() -> None:
    then = task(attributes={"table": 1, "git": 1, "both": 1, "same": 1, "kept": 1})
    now = task(attributes={"table": 1, "git": 2, "both": 2, "same": 2, "kept": 1})
    there = task(attributes={"table": 2, "git": 1, "both": 3, "same": 2, "kept": 1})
    drift = seen([now], then, there)
    assert fields_of(drift) == [
        ("Attributes.table", "table", 1, 2, 1),
        ("Attributes.git", "git", 1, 1, 2),
        ("Attributes.both", "both", 1, 3, 2),
        ("Attributes.same", "same", 1, 2, 2),
    ]
    (one,) = drift.drifted
    assert (one.table, one.git) == ("changed", "changed")


def test_git_ahead_of_the_same_change_is_no_drift() -> None:
    """The table moved, but nowhere other than git did; what git moved besides is pending."""
    drift = seen([task(schedule="@hourly", active=False)], task(), HOURLY)
    assert counts(drift) == (0, 0, 1)


def test_attributes_that_are_no_json() -> None:
    drift = seen([task()], task(), task(), attributes="not JSON")
    assert fields_of(drift) == [("Attributes", "table", {}, "not JSON", {})]


def test_a_row_renamed_in_the_table() -> None:
    (one,) = seen([task()], task(), task("other")).drifted
    assert (one.name, one.table, one.git) == ("report", "changed", "as applied")
    assert [field.path for field in one.fields] == ["Name"]


def test_a_row_that_git_renames_and_the_table_moves() -> None:
    now = task("new", lifecycle=Lifecycle(previous_names=("report",)))
    drift = seen([now], task(), HOURLY)
    assert [(path, side) for path, side, *_ in fields_of(drift)] == [("Name", "git"), ("Schedule", "table")]


def test_what_is_left_to_operators_is_no_drift() -> None:
    lenient = task(lifecycle=Lifecycle(ignore_changes=("Active",)))
    assert counts(seen([lenient], lenient, task(active=False))) == (0, 0, 0)
    assert counts(seen([], lenient, task(active=False))) == (0, 0, 1)
    (one,) = seen([lenient], lenient, task(active=False, schedule="@hourly")).drifted
    assert [field.path for field in one.fields] == ["Schedule"]


def test_rows_of_others_and_of_nobody_are_pending_at_most() -> None:
    of_other = existing((row(HOURLY), record(task(), owner="other")))
    assert counts(drift_of(planned([task()], of_other))) == (0, 0, 1)
    assert counts(drift_of(planned([task()], existing((row(HOURLY), None))))) == (0, 0, 1)


SECRET = Secret(("Attributes", "token"), "RECONCILE_VAR_TOKEN", "str")


def with_token(value: str, *secrets: Secret) -> Task:
    return task(attributes={"token": value})._replace(secrets=secrets)


def seen_with_secret(git: Task, applied: str, table: str) -> Drift:
    then = with_token(applied, SECRET)
    kept = record(then)._replace(
        applied=applied_text(then), fingerprint=fingerprint(then), secrets=secrets_text(then.secrets)
    )
    return drift_of(planned([git], existing((row(with_token(table)), kept))))


@pytest.mark.parametrize(
    ("git", "table", "side"),
    [("s3cret", "moved", "table"), ("t0ken", "s3cret", "git"), ("t0ken", "moved", "both")],
)
def test_values_from_the_environment_are_compared_and_never_shown(git: str, table: str, side: str) -> None:
    drift = seen_with_secret(with_token(git, SECRET), "s3cret", table)
    if side == "git":
        assert counts(drift) == (0, 0, 1)
        return
    ((path, who, *values),) = fields_of(drift)
    assert (path, who) == ("Attributes.token", side)
    assert set(values) == {"(from RECONCILE_VAR_TOKEN)"}


def test_a_value_that_moves_to_the_environment_is_not_told() -> None:
    then = with_token("s3cret")
    there = with_token("s3cret")._replace(schedule="@hourly")
    drift = drift_of(planned([with_token("s3cret", SECRET)], existing((row(there), record(then)))))
    assert "s3cret" not in repr([one.fields for one in drift.drifted])


def test_a_fix_repairs_what_drifted_and_is_declared() -> None:
    pairs = [
        (
            row(task(name, schedule="@hourly" if moved else "0 8 * * *"), id=number),
            record(task(name), id=number),
        )
        for number, (name, moved) in enumerate(
            [("drifted", True), ("pending", False), ("removed", True), ("alike", True)], start=1
        )
    ]
    tasks = [task("drifted"), task("pending", active=False), task("alike", schedule="@hourly"), task("new")]
    result = planned(tasks, existing(*pairs), selection=Selection(drifted=True))
    assert [(one.action, one.name) for one in result.changes] == [("update", "drifted")]
    assert [(one.action, one.name) for one in result.left_out] == [
        ("delete", "removed"),
        ("update", "pending"),
        ("create", "new"),
    ]
    assert result.recordings == ()
