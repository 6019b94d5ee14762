"""Task sets drawn at random, that the captured database `lived-in` takes."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tests.behaviour.program import task

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names_ = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Cn", "Co"]),
    min_size=1,
    max_size=40,
)
blocks = st.fixed_dictionaries(
    {},
    optional={
        "Active": st.booleans(),
        "JobType": st.sampled_from(["", "report", "été"]),
        "Attributes": st.dictionaries(texts, values, max_size=4),
        "Lifecycle": st.sampled_from(
            [{"Protected": False}, {"IgnoreChanges": ["Active"]}, {"PreviousNames": ["x"]}]
        ),
        "Scheduler": st.sampled_from(
            [
                {"Overlap": "skip"},
                {"CatchUp": {"Policy": "all", "Window": "2h"}, "Timeout": "30s"},
                {"Jitter": "5m"},
            ]
        ),
    },
)
tasks = st.builds(
    lambda name, schedule, user, rest: task(name, Schedule=schedule, AsUserEmail=user, **rest),
    names_,
    st.sampled_from(["0 8 * * *", "@every 1h", "@daily", "CRON_TZ=Europe/Paris 30 6 * * 1-5"]),
    st.sampled_from(["ann@example.com", "admin@example.com"]),
    blocks,
)


def _previous_names(one: dict[str, Any]) -> tuple[str, ...]:
    """An old name can be claimed by one task only (N005); those that claim none differ in nothing else."""
    return tuple(one.get("Lifecycle", {}).get("PreviousNames", (one["Name"],)))


task_sets = st.lists(tasks, max_size=5, unique_by=(lambda one: one["Name"], _previous_names))


def examples(count: int) -> Any:
    return settings(settings.get_profile("behaviour"), max_examples=count)
