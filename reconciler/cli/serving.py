"""From the options of `task-scheduler` to a service, its signals and its log."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reconciler import commands
from reconciler.actions.discover import find
from reconciler.cli.steps import shown
from reconciler.errors import ExitCode, UsageError
from reconciler.scheduler import events
from reconciler.scheduler.clock import SystemClock
from reconciler.scheduler.runs import Remote
from reconciler.scheduler.service import Options, Service
from reconciler.uuid7 import uuid7

FORCED = 128
"""What a shell adds to the number of a signal that ended a process."""


def serve(given: Mapping[str, Any]) -> int:
    """Serve until a signal; the exit code."""
    prepare_log(given["log_format"], given["log_level"])
    found = find(given["actions"])
    for problem in found.problems:
        events.warn(problem)
    service = Service(
        options=_options(given),
        functions=found.functions,
        remote=_remote(given),
        clock=SystemClock(),
        new_id=uuid7,
    )
    _listen(service)
    with _web(service, given["http"]) as port:
        if port is not None:
            events.note(f"Health and metrics on port {port}", port=port)
        return service.run()


def runs(given: Mapping[str, Any]) -> int:
    from reconciler.commands.runs import runs as command

    zone = _clock(given)[1]
    since = commands.parse_moment(given["since"], zone) if given["since"] else None
    return shown(lambda: command(_url(given), given["name"], given["states"], since, given["limit"]), given)


def run_now(given: Mapping[str, Any]) -> int:
    """Exit 1 where the run fails."""
    from reconciler.commands.run_now import run_now as command

    prepare_log(given["log_format"], given["log_level"])
    functions, zone = find(given["actions"]).functions, _clock(given)[1]
    report = None

    def step() -> Any:
        nonlocal report
        folder = _folder(given["folder"])
        report = command(_url(given), given["name"], zone, functions, _remote(given), folder, SystemClock())
        return report

    code = shown(step, given)
    return code if report is not None and report.runs[0].state == "ok" else code or ExitCode.ERRORS


def simulate(given: Mapping[str, Any]) -> int:
    from reconciler.commands.simulate import simulate as command

    now, zone = _clock(given)
    since = commands.parse_moment(given["since"], zone) if given["since"] else now
    until = commands.parse_moment(given["until"], zone)
    return shown(lambda: command(_url(given), since, until, zone, given["pattern"], given["limit"]), given)


def status(given: Mapping[str, Any]) -> int:
    from reconciler.commands.status import status as command

    now, zone = _clock(given)
    return shown(lambda: command(_url(given), now, zone, None), given)


def _clock(given: Mapping[str, Any]) -> tuple[datetime, ZoneInfo]:
    settings = commands.read_settings(Path.cwd())
    return commands.resolve_clock({"now": None, **given}, settings, lambda: datetime.now(UTC))


def _url(given: Mapping[str, Any]) -> commands.TargetUrl:
    return commands.target_url(given["database_url"], os.environ)


def prepare_log(form: str, level: str) -> None:
    """The scheduler's events go to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(events.JsonFormatter() if form == "json" else events.TextFormatter())
    events.log.addHandler(handler)
    events.log.setLevel(level.upper())
    events.log.propagate = False
    logging.raiseExceptions = False  # a log that nobody reads any more ends nothing


def _options(given: Mapping[str, Any]) -> Options:
    settings = commands.read_settings(Path.cwd())
    reload_every = given["reload_every"]
    return Options(
        url=commands.target_url(given["database_url"], os.environ),
        zone=commands.find_zone(given["timezone"] or settings.timezone or "UTC"),
        host=socket.gethostname(),
        pid=os.getpid(),
        workers=given["workers"],
        grace=commands.parse_duration(given["grace"]),
        max_lateness=commands.parse_duration(given["max_lateness"]),
        keep_runs=timedelta(seconds=commands.parse_duration(given["keep_runs"])),
        reload_every=commands.parse_duration(reload_every) if reload_every else None,
        folder=_folder(given["folder"]),
        system_tasks=given["system_tasks"],
    )


def _folder(text: str | None) -> Path | None:
    if text is None:
        return None
    folder = Path(text).absolute()
    if not folder.is_dir():
        raise UsageError(f"--folder {text!r} is no directory", hint="make it first")
    return folder


def _remote(given: Mapping[str, Any]) -> Remote | None:
    if given["daptin_url"] is None:
        return None
    from reconciler.scheduler.remote import daptin

    source = given["daptin_database_url"] or given["database_url"]
    return daptin(
        given["daptin_url"],
        commands.target_url(source, os.environ),
        secret=os.environ.get("RECONCILE_DAPTIN_JWT_SECRET"),
        issuer=os.environ.get("RECONCILE_DAPTIN_JWT_ISSUER"),
        timeout=commands.parse_duration(given["request_timeout"]),
    )


def _listen(service: Service) -> None:
    """The first signal stops gently, a second one ends the process at once."""

    def stop(number: int, frame: object) -> None:
        if service.is_stopping:
            os._exit(FORCED + number)
        service.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _web(service: Service, address: str | None) -> AbstractContextManager[Any]:
    """Raises UsageError where the address cannot be had."""
    if address is None:
        return nullcontext()
    from reconciler import web  # which takes a while, and not every scheduler is asked

    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--http {address!r} is no address", hint="write it like 127.0.0.1:6337")
    return web.serving(service, host.strip("[]") or "127.0.0.1", int(port))
