"""A freeze: nothing is applied without a reason, and the reason is kept."""

import json
from pathlib import Path

from tests.behaviour.program import all_of, dry_run, guests, on, succeed, write
from tests.databases import Database

ALWAYS = 'policies: {freezes: [{schedule: "* * * * *", duration: 1h, reason: audit}]}\n'
NEVER = 'policies: {freezes: [{schedule: "0 0 29 2 *", duration: 1m}]}\n'


def test_nothing_is_applied_in_a_freeze(daptin: Database) -> None:
    Path("reconcile.yaml").write_text(ALWAYS)
    file, before = write("tasks.yaml", [guests("new")]), all_of(daptin)
    refused = on(daptin, "--yes", file)
    assert refused.code == 3
    assert "O009 there is a freeze (audit) until " in refused.out
    assert all_of(daptin) == before


def test_no_moment_of_ones_own_gets_around_it(daptin: Database) -> None:
    Path("reconcile.yaml").write_text('policies: {freezes: [{schedule: "0 0 1 * *", duration: 31d}]}\n')
    file = write("tasks.yaml", [guests("new")])
    assert on(daptin, "--yes", "--now", "2026-03-31T23:59", file).code == 3
    Path("reconcile.yaml").write_text(NEVER)
    assert on(daptin, "--dry-run", "--now", "2028-02-29T00:00", file).code == 3
    assert on(daptin, "--yes", "--now", "2028-02-29T00:00", file).code == 0


def test_a_reason_is_kept_with_the_apply(daptin: Database) -> None:
    Path("reconcile.yaml").write_text(ALWAYS)
    file = write("tasks.yaml", [guests("new")])
    done = succeed(daptin, "--yes", "--during-freeze", "INC-42", "--format", "json", file).json
    assert "this does not wait: INC-42" in done["notes"][0]
    ((outcome,),) = daptin.query("SELECT outcome FROM reconciler_apply")
    assert json.loads(outcome)["during_freeze"] == "INC-42"
    (apply,) = succeed(daptin, "history", "--format", "json").json["applies"]
    assert apply["during_freeze"] == "INC-42"
    assert "in a freeze, for INC-42" in succeed(daptin, "history", apply["apply_id"]).out
    assert (
        "Nothing to apply." in succeed(daptin, "--yes", file).out
    )  # which is no change, and needs no reason


def test_without_a_freeze_no_reason_is_kept(daptin: Database) -> None:
    succeed(daptin, "--yes", "--during-freeze", "INC-42", write("tasks.yaml", [guests("new")]))
    (apply,) = succeed(daptin, "history", "--format", "json").json["applies"]
    assert apply["during_freeze"] is None


def test_a_plan_is_saved_in_a_freeze_and_applied_after_it(daptin: Database) -> None:
    Path("reconcile.yaml").write_text(ALWAYS)
    file = write("tasks.yaml", [guests("new")])
    assert "apply this plan after it" in succeed(daptin, "plan", "--out", "plan.json", file).out
    refused = on(daptin, "apply", "--yes", "plan.json")
    assert (refused.code, "O009" in refused.out, "O006" in refused.out) == (3, True, False)
    succeed(daptin, "apply", "--yes", "--during-freeze", "INC-42", "plan.json")
    assert dry_run(daptin, file)["changes"] == []
