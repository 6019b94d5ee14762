from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.planning.beats import beats_of
from reconciler.planning.changes import Change
from tests.planning.build import desired, row, task

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def change(text, before="0 8 * * *"):
    wanted = desired(task(schedule=text))
    return Change(
        action="update", name="report", reason="git", row=row(task(schedule=before)), desired=wanted
    )


def up(*hours):
    """Spans from so many hours before now to so many."""
    return [(NOW - start * HOUR, NOW - end * HOUR) for start, end in hours]


def told(beats):
    return beats and (beats.restarts, beats.ran, beats.due)


@pytest.mark.parametrize(
    ("text", "spans", "kept", "anew"),
    [
        # up all the time
        ("@every 1h", up((720, 0)), (0, 720, 720), (0, 720, 720)),
        ("@every 1h", up((10_000, 0)), (0, 720, 720), (0, 720, 720)),
        # a restart every twelve hours: counted anew, an interval of a day never comes round
        (
            "@every 24h",
            up(*((12 * n - 1, 12 * n - 13 + 1 / 120) for n in range(61, 1, -1))),
            (59, 29, 30),
            (59, 0, 30),
        ),
        # a night without any scheduler
        ("@every 1h", up((48, 34.5), (24.5, 0)), (1, 38, 48), (1, 37, 48)),
        # two replicas: what one of them sees is enough; Daptin would run it twice
        ("@every 1h", up((10, 0), (5, 0)), (1, 10, 10), (1, 15, 10)),
        # known for a shorter time
        ("@every 1h", up((3, 0)), (0, 3, 3), (0, 3, 3)),
        # longer than what is known, none, or none that is new
        ("@every 4h", up((3, 0)), None, None),
        ("@every 1h", [], None, None),
        ("0 9 * * *", up((720, 0)), None, None),
    ],
)
def test_what_restarts_make_of_an_interval(text, spans, kept, anew):
    assert told(beats_of(change(text), spans, NOW, "scheduler")) == kept
    assert told(beats_of(change(text), spans, NOW, "daptin")) == anew


def test_an_interval_that_stays_is_not_told():
    assert beats_of(change("@every 1h", before="@every 1h"), up((720, 0)), NOW, "scheduler") is None


spans_of_seconds = st.lists(st.tuples(st.integers(1, 900), st.integers(0, 900)), min_size=1, max_size=6)


@given(spans_of_seconds, st.integers(1, 300))
def test_each_beat_is_counted_as_if_one_went_through_them(pairs, interval):
    spans = [(NOW - timedelta(seconds=max(pair)), NOW - timedelta(seconds=min(pair))) for pair in pairs]
    first = max(max(pair) for pair in pairs)
    since = NOW - timedelta(seconds=first)
    moments = [since + timedelta(seconds=interval * n) for n in range(1, first // interval + 1)]
    beats = beats_of(change(f"@every {interval}s"), spans, NOW, "scheduler")
    if not moments:
        assert beats is None
    else:
        assert beats.due == len(moments)
        assert beats.ran == sum(any(start <= one <= end for start, end in spans) for one in moments)
    anew = beats_of(change(f"@every {interval}s"), spans, NOW, "daptin")
    if anew is not None:
        assert anew.ran == sum(int((end - start).total_seconds()) // interval for start, end in spans)
