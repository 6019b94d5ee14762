"""From the options of `task-scheduler` to a service, its signals and its log."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

from reconciler import commands
from reconciler.actions.discover import find
from reconciler.errors import UsageError
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
        remote=remote_of(given),
        clock=SystemClock(),
        new_id=uuid7,
    )
    _listen(service)
    with _web(service, given["http"]) as port:
        if port is not None:
            events.note(f"Health and metrics on port {port}", port=port)
        return service.run()


def prepare_log(form: str, level: str) -> None:
    """The scheduler's events go to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(events.JsonFormatter() if form == "json" else events.TextFormatter())
    events.log.addHandler(handler)
    events.log.setLevel(level.upper())
    events.log.propagate = False
    logging.raiseExceptions = False  # a log that nobody reads any more ends nothing


def _options(given: Mapping[str, Any]) -> Options:
    settings = commands.read_settings(Path.cwd(), given["env"])
    reload_every = given["reload_every"]
    return Options(
        url=commands.resolve_target(given, os.environ, Path.cwd()),
        zone=commands.find_zone(given["timezone"] or settings.timezone or "UTC"),
        host=socket.gethostname(),
        pid=os.getpid(),
        workers=given["workers"],
        grace=commands.parse_duration(given["grace"]),
        max_lateness=commands.parse_duration(given["max_lateness"]),
        keep_runs=timedelta(seconds=commands.parse_duration(given["keep_runs"])),
        reload_every=commands.parse_duration(reload_every) if reload_every else None,
        folder=folder_of(given["folder"]),
        system_tasks=given["system_tasks"],
    )


def folder_of(text: str | None) -> Path | None:
    """Where actions may write. Raises UsageError."""
    if text is None:
        return None
    folder = Path(text).absolute()
    if not folder.is_dir():
        raise UsageError(f"--folder {text!r} is no directory", hint="make it first")
    return folder


def remote_of(given: Mapping[str, Any]) -> Remote | None:
    """What calls a Daptin server, where one is named. Raises UsageError and TargetError."""
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
