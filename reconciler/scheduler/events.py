"""What the scheduler says of itself. The texts are a contract: people search their logs for them."""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from reconciler.scheduler.fires import Claim

log = logging.getLogger("task-scheduler")

LONGEST = 4000
"""Characters of an error that are told: a log is not the place for what a server sent."""

LEVELS = {logging.DEBUG: "DEBU", logging.INFO: "INFO", logging.WARNING: "WARN", logging.ERROR: "ERRO"}


def fields_of(claim: Claim) -> dict[str, Any]:
    """What the events of a run have in common; it stands in their JSON form."""
    row = claim.task.row
    return {
        "run_id": str(uuid.UUID(bytes=claim.run_id)),
        "task": row.name,
        "action": f"{row.entity_name}/{row.action_name}",
        "user": row.as_user_email,
        "fire_time": claim.moment.isoformat().replace("+00:00", "Z"),
        "cause": claim.cause,
    }


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


def bare(text: str) -> str:
    """Nothing in it is to be hidden."""
    return text


def raised(fields: Mapping[str, Any], error: BaseException, veil: Callable[[str], str] = bare) -> None:
    """Where in the action it happened, for whoever wants to know: `failed` tells in one line that it did."""
    extra = {"event": "raised", "fields": fields, "veil": veil}
    log.debug("The action of task [%s] raised", fields["task"], exc_info=error, extra=extra)


def failed(fields: Mapping[str, Any], error: str, duration: float) -> None:
    message = f"Errors while executing action 109: {error}"
    say(logging.ERROR, "failed", message, **fields, error=error, duration=round(duration, 6))


def cancelled(fields: Mapping[str, Any], reason: str) -> None:
    message = f"Cancelled task [{fields['task']}]: {reason}"
    say(logging.ERROR, "cancelled", message, **fields, error=reason)


def skipped(name: str, moment: datetime, reason: str) -> None:
    at = _second(moment)
    message = f"Skipped task [{name}] at {at}: {reason}"
    say(logging.WARNING, "skipped", message, task=name, fire_time=at, reason=reason)


def missed(name: str, first: datetime, last: datetime, count: int) -> None:
    fields = {"first": _second(first), "last": _second(last), "count": count}
    when = "{first}" if count == 1 else "{count} times from {first} to {last}"
    message = f"Missed task [{name}] {when.format_map(fields)}"
    say(logging.WARNING, "missed", message, task=name, **fields)


def lost(name: str, moment: datetime) -> None:
    at = _second(moment)
    message = f"Lost task [{name}] of {at}: its process died"
    say(logging.ERROR, "lost", message, task=name, fire_time=at)


def _second(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def note(message: str, **fields: Any) -> None:
    say(logging.INFO, "note", message, **fields)


def warn(message: str, **fields: Any) -> None:
    say(logging.WARNING, "warning", message, **fields)


def broken(who: str, error: BaseException) -> None:
    """A fault of ours: nothing stops for it, and its traceback is always told."""
    extra = {"event": "broken", "fields": {}}
    log.error("%s failed, and goes on: %s", who, told(error), exc_info=error, extra=extra)


class TextFormatter(logging.Formatter):
    """`INFO[2026-11-24 10:00:00] message`, in UTC: one event, one line; a traceback is indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        level = LEVELS.get(record.levelno, record.levelname[:4])
        said = f"{level}[{at:%Y-%m-%d %H:%M:%S}] {one_line(_message(record))}"
        return "\n    ".join([said, *map(one_line, _traceback(self, record))])


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        said = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "log"),
            "message": _message(record),
        }
        if lines := _traceback(self, record):
            said["traceback"] = "\n".join(lines)
        said |= getattr(record, "fields", {})
        line = json.dumps(said, ensure_ascii=False, default=str)
        return (
            line if line.isprintable() else json.dumps(said, default=str)
        )  # nothing that a terminal acts upon


def _message(record: logging.LogRecord) -> str:
    return _veil(record)(record.getMessage())


def _veil(record: logging.LogRecord) -> Callable[[str], str]:
    """What takes out of a record of a run what is to be seen nowhere."""
    veil: Callable[[str], str] = getattr(record, "veil", bare)
    return veil


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    if not record.exc_info or record.exc_info[0] is None:
        return []
    try:
        return _veil(record)(formatter.formatException(record.exc_info)).splitlines()
    except Exception as error:  # an exception can be one that cannot be shown
        return [f"the traceback cannot be shown: {type(error).__name__}"]


def words(error: BaseException, veil: Callable[[str], str] = bare) -> str:
    """What an exception says, in one line; SQLAlchemy's what the driver said, without what it adds."""
    try:
        said = str(getattr(error, "orig", None) or error)
    except BaseException as other:
        said = f"its message cannot be read: {type(other).__name__}"
    return one_line(veil(said)[:LONGEST].strip())


def told(error: BaseException, veil: Callable[[str], str] = bare) -> str:
    """An exception in one line, with its type."""
    said = words(error, veil)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def one_line(text: str) -> str:
    """A name or a server may say anything: neither line breaks nor control characters get into the log."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
