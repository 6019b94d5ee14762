"""Every answer of the engine itself; see ORIGIN.md."""

import json
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconciler.schedule import ScheduleError, parse

LINES = [json.loads(line) for line in (Path(__file__).parent / "vectors.jsonl").read_text().splitlines()]
GROUPS = {name: list(lines) for name, lines in groupby(LINES, key=lambda line: line["group"])}


def answers(spec, local, start, count):
    """What we say to a line: None for a refusal, else as many next fires, "never" ending them."""
    try:
        schedule = parse(spec)
    except ScheduleError:
        return None
    moment, found = start, []
    while len(found) < count:
        following = schedule.next_after(moment, local)
        if following is None:
            return [*found, "never"]
        assert following > moment
        found.append(following)
        moment = following
    return found


def test_there_are_all_of_them():
    assert len(LINES) == 3594
    assert sum(map(len, GROUPS.values())) == len(LINES)


@pytest.mark.parametrize("group", GROUPS)
def test_every_line_holds(group):
    for line in GROUPS[group]:
        expected = None
        if line["ok"]:
            expected = [one if one == "never" else datetime.fromisoformat(one) for one in line["next"]]
        start = datetime.fromisoformat(line["from"])
        given = answers(line["spec"], ZoneInfo(line["local"]), start, len(expected or []))
        assert given == expected, line
