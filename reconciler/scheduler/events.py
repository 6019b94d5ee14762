"""What the scheduler says of itself. The texts are a contract: people search their logs for them."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger("task-scheduler")

LEVELS = {logging.DEBUG: "DEBU", logging.INFO: "INFO", logging.WARNING: "WARN", logging.ERROR: "ERRO"}


def say(level: int, event: str, message: str, **fields: Any) -> None:
    """One line; the fields stand in its JSON form alone."""
    if log.isEnabledFor(level):
        log.log(level, "%s", message, extra={"event": event, "fields": fields})


def registered(name: str, action_name: str, schedule: str) -> None:
    say(
        logging.INFO,
        "registered",
        f"Register task [{action_name}] at {schedule}",
        task=name,
        action=action_name,
        schedule=schedule,
    )


def refused(name: str, reason: str) -> None:
    message = f"Failed to start scheduled job: {name}: {reason}"
    say(logging.ERROR, "refused", message, task=name, reason=reason)


def executing(fields: Mapping[str, Any], reference: str, action_name: str, email: str) -> None:
    say(
        logging.INFO,
        "executing",
        f"[82] Execute task [{reference}][{action_name}] as user [{email}]",
        **fields,
    )


def succeeded(fields: Mapping[str, Any], duration: float) -> None:
    message = f"Executed task [{fields['task']}] in {duration:.3f} s"
    say(logging.DEBUG, "ok", message, **fields, duration=round(duration, 6))


def failed(fields: Mapping[str, Any], error: str, duration: float) -> None:
    message = f"Errors while executing action 109: {error}"
    say(logging.ERROR, "failed", message, **fields, error=error, duration=round(duration, 6))


def cancelled(fields: Mapping[str, Any], reason: str) -> None:
    message = f"Cancelled task [{fields['task']}]: {reason}"
    say(logging.ERROR, "cancelled", message, **fields, error=reason)


def skipped(name: str, moment: str, reason: str) -> None:
    message = f"Skipped task [{name}] at {moment}: {reason}"
    say(logging.WARNING, "skipped", message, task=name, fire_time=moment, reason=reason)


def missed(name: str, first: str, last: str, count: int) -> None:
    when = first if count == 1 else f"{count} times from {first} to {last}"
    say(
        logging.WARNING,
        "missed",
        f"Missed task [{name}] {when}",
        task=name,
        first=first,
        last=last,
        count=count,
    )


def lost(name: str, moment: str) -> None:
    message = f"Lost task [{name}] of {moment}: its process died"
    say(logging.ERROR, "lost", message, task=name, fire_time=moment)


def note(message: str, **fields: Any) -> None:
    say(logging.INFO, "note", message, **fields)


def warn(message: str, **fields: Any) -> None:
    say(logging.WARNING, "warning", message, **fields)


class TextFormatter(logging.Formatter):
    """`INFO[2026-11-24 10:00:00] message`, in UTC: one event, one line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        level = LEVELS.get(record.levelno, record.levelname[:4])
        return f"{level}[{at:%Y-%m-%d %H:%M:%S}] {one_line(record.getMessage())}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        said = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "log"),
            "message": record.getMessage(),
        }
        return json.dumps(said | getattr(record, "fields", {}), ensure_ascii=False, default=str)


def one_line(text: str) -> str:
    """A name or a server may say anything: neither line breaks nor control characters get into the log."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
