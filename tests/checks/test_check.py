"""The checks together."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler import checks
from reconciler.checks import users
from reconciler.config.declarations import Declaration
from reconciler.task import Task

TEXTS = st.one_of(
    st.text(max_size=120),
    st.sampled_from(["report", "generate_report", "Report", " world", "0 8 * * *", "@daily ", "a@b.c"]),
)
KEYS = st.one_of(
    st.text(max_size=8), st.sampled_from(["type", "site_id"]), st.none(), st.integers(), st.floats()
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just(10**4000)),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(KEYS, below, max_size=3)),
    max_leaves=6,
)
DECLARATIONS = st.lists(
    st.builds(
        Declaration,
        task=st.builds(
            Task,
            name=TEXTS,
            schedule=TEXTS,
            entity_name=TEXTS,
            action_name=TEXTS,
            as_user_email=TEXTS,
            active=st.booleans(),
            job_type=TEXTS,
            attributes=st.dictionaries(KEYS, VALUES, max_size=4),
        ),
        file=st.just("tasks.yaml"),
        document=st.just(0),
        index=st.integers(0, 5),
        line=st.integers(1, 99),
    ),
    max_size=3,
)


def test_everything_that_is_wrong_is_told_in_one_run(declare, context):
    task = declare(
        name="daily ",
        entity_name="reprot",
        as_user_email="report@example.com",
        schedule="",
        job_type="j" * 101,
        attributes={"type": float("nan"), "id": 2**60},
    )
    codes = sorted(one.code for one in checks.check([task], context))
    assert codes == ["A001", "J001", "J004", "N002", "N003", "N003", "U002"]


def test_clean_tasks_are_clean(declare, context):
    assert checks.check([declare(index) for index in range(3)], context) == []


def test_offline_nothing_is_told_that_needs_a_target(declare, offline):
    task = declare(entity_name="x", action_name="y", as_user_email="z", attributes={"a": "b" * 70_000})
    assert checks.check([task], offline) == []


@given(declarations=DECLARATIONS)
def test_no_task_is_too_strange(declarations, context):
    for given_ in (context, replace(context, catalogue=None, attributes_limit=None)):
        for one in checks.check(declarations, given_):
            assert one.message
            assert one.pointer is not None
            assert one.pointer.path[0] == "Tasks"
            assert given_.catalogue is not None or one.code not in checks.NEEDS_TARGET


def test_suggestions_stop_where_they_would_take_minutes(declare, context, monkeypatch):
    monkeypatch.setattr(users, "MOST_COMPARED", 3)
    unknown = [declare(index, as_user_email=f"reports{index}@example.com") for index in range(3)]
    hints = [one.hint or "" for one in checks.check(unknown, context) if one.code == "U002"]
    assert [hint.startswith("did you mean") for hint in hints] == [True, True, False]
