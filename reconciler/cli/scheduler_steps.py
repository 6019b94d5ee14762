"""From the options of a command of `task-scheduler` to a shown report."""

import signal
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reconciler import commands
from reconciler.cli.steps import Given, clock_of, shown, url_of


def runs(given: Given) -> int:
    from reconciler.commands.runs import runs as command

    def step() -> Any:
        now, zone = clock_of(given)
        since = _since(given["since"], now, zone) if given["since"] else None
        return command(url_of(given), given["name"], given["states"], since, given["limit"], zone)

    return shown(step, given)


def run_now(given: Given) -> int:
    """SIGTERM is an interrupt, so that the run does not stay open."""
    from reconciler.actions.discover import find
    from reconciler.cli.serving import folder_of, prepare_log, remote_of
    from reconciler.commands.run_now import Executors
    from reconciler.commands.run_now import run_now as command
    from reconciler.scheduler import events
    from reconciler.scheduler.clock import SystemClock

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prepare_log(given["log_format"], given["log_level"])

    def step() -> Any:
        found, zone = find(given["actions"]), clock_of(given)[1]
        for problem in found.problems:
            events.warn(problem)
        folder = folder_of(given["folder"])
        executors = Executors(functions=found.functions, remote=remote_of(given), folder=folder)
        return command(url_of(given), given["name"], zone, executors, SystemClock())

    return shown(step, given)


def simulate(given: Given) -> int:
    from reconciler.commands.simulate import simulate as command

    def step() -> Any:
        now, zone = clock_of(given)
        since = commands.parse_moment(given["since"], zone) if given["since"] else now
        until = commands.parse_moment(given["until"], zone)
        limit = None if given["summary"] else given["limit"]
        return command(url_of(given), since, until, zone, given["pattern"], limit)

    return shown(step, given)


def status(given: Given) -> int:
    from reconciler.commands.status import status as command

    def step() -> Any:
        now, _ = clock_of(given)
        return command(url_of(given), now)

    return shown(step, given)


def _since(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """A moment, or so long ago: `90m`. Raises UsageError."""
    if text[-1] in "smh":
        return now - timedelta(seconds=commands.parse_duration(text))
    return commands.parse_moment(text, zone)
