"""Three schedulers, killed, paused and started at random: each moment has one effect, or a record why not."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter

import pytest

from tests.databases import Database
from tests.scheduler.build import seconds
from tests.scheduler.conftest import eventually
from tests.scheduler.program import apply, end, start, task

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))
"""How long the storm lasts; `make soak` makes it minutes."""

TASKS = 8
LEASE = 15


class Fleet:
    """Three places for a scheduler, each empty, running or paused."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self.database, self.chance = database, chance
        self.places: list[subprocess.Popen[bytes] | None] = [None, None, None]

    def meddle(self) -> None:
        place = self.chance.randrange(3)
        process = self.places[place]
        if process is None:
            self.places[place] = start(self.database, "--workers", "3", log=f"log{place}")
            return
        what = self.chance.choice(("kill", "pause", "resume", "stop", "leave"))
        if what == "kill":
            process.kill()
            process.wait()
            self.places[place] = None
        elif what == "stop":
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(60)
            self.places[place] = None
        elif what != "leave":
            process.send_signal(signal.SIGSTOP if what == "pause" else signal.SIGCONT)

    def end(self) -> None:
        for process in self.places:
            if process is not None:
                process.kill()
                process.wait()


def test_each_moment_has_one_effect_or_one_record(stage: Database) -> None:
    if stage.kind == "sqlite":
        pytest.skip("SQLite takes one scheduler")
    apply(stage, [task(f"t{number}") for number in range(TASKS)])
    seed = random.randrange(1 << 32)
    fleet = Fleet(stage, random.Random(seed))
    last = None
    with contextlib.ExitStack() as stack:
        stack.callback(fleet.end)
        fleet.meddle()
        eventually(lambda: stage.query("SELECT count(*) FROM reconciler_run WHERE state = 'ok'")[0][0] > 0)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            fleet.meddle()
            time.sleep(fleet.chance.uniform(0.1, 1.5))
        fleet.end()
        last = start(stage, log="last")
        stack.callback(last.kill)
        time.sleep(LEASE + 8)  # every lease has run out, and what was left is swept and looked into
        assert end(last) == 0
    check(stage, seed)


def check(stage: Database, seed: int) -> None:
    effects = Counter((name, seconds(at)) for name, at in stage.query("SELECT task, moment FROM effect"))
    rows = stage.query("SELECT name, moment, state, missed_until FROM reconciler_run")
    assert max(effects.values()) == 1, f"seed {seed}: a moment ran twice"
    states = Counter(state for _, _, state, _ in rows)
    assert not states.keys() & {"claimed", "running"}, f"seed {seed}: something sticks: {states}"
    ok = {(name, seconds(at)) for name, at, state, _ in rows if state == "ok"}
    assert ok == set(effects), f"seed {seed}"
    explained = ok | {
        (name, second)
        for name, at, state, missed_until in rows
        if state != "ok"
        for second in range(seconds(at), seconds(missed_until or at) + 1)
    }
    first, final = min(at for _, at in ok), max(at for _, at in ok)
    due = {(f"t{number}", second) for number in range(TASKS) for second in range(first, final + 1)}
    assert due - explained == set(), f"seed {seed}: {states}"
