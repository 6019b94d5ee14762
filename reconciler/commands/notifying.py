"""`--notify`: a URL or a command is told of an apply, which has taken place: nothing here changes that.

Messages name of a URL its host only: what comes before and after may be a secret.
"""

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from reconciler import __version__
from reconciler.config import Settings
from reconciler.errors import UsageError

TIMEOUT = 10.0
"""Seconds in which it is to be told; a pipeline waits no longer."""

COMMAND = "command:"
STDERR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is told: what messages call it, and how it is done. Telling returns what went wrong."""

    name: str
    tell: Callable[[bytes, float], str | None] = field(repr=False)


def recipient(given: Mapping[str, Any], settings: Settings) -> Recipient | None:
    """The one of --notify, else of reconcile.yaml. Raises UsageError where it is no URL and no command."""
    text = given.get("notify") or settings.notify
    if not text:
        return None
    return _command(text.removeprefix(COMMAND)) if text.startswith(COMMAND) else _url(text)


def notify(to: Recipient, document: str) -> str | None:
    """Tells of an apply; what went wrong, in one line. It is tried once."""
    wrong = to.tell(document.encode(errors="replace"), TIMEOUT)
    return f"applied, but {to.name} could not be told: {wrong}" if wrong else None


def _command(text: str) -> Recipient:
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words:
        hint = "write it like `command:./told.sh production`; quotes come in pairs"
        raise UsageError("--notify: the command cannot be split into words", hint=hint)
    return Recipient(name=words[0], tell=lambda document, timeout: _run(words, document, timeout))


def _run(words: list[str], document: bytes, timeout: float) -> str | None:
    """What it prints goes to stderr: stdout is the report's."""
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=STDERR, start_new_session=True)
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    with process:
        try:
            process.communicate(document, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with what it started
            return f"it did not end within {timeout:g} s"
    return f"it ended with exit code {process.returncode}" if process.returncode else None


def _url(text: str) -> Recipient:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(
            "--notify is neither an http(s) URL nor a command",
            hint="write it like https://example.com/hook or `command:./told.sh`",
        )
    shown = f"[{host}]" if ":" in host else host
    name = f"{parts.scheme}://{shown}{f':{port}' if port else ''}"
    return Recipient(name=name, tell=lambda document, timeout: _post(text, document, timeout))


def _post(url: str, document: bytes, timeout: float) -> str | None:
    """In a thread that is left behind: a server that sends a byte now and then would never time out."""
    answers: list[str | None] = []
    thread = threading.Thread(target=lambda: answers.append(_answer(url, document, timeout)), daemon=True)
    thread.start()
    thread.join(timeout)
    return answers[0] if answers else f"no answer within {timeout:g} s"


def _answer(url: str, document: bytes, timeout: float) -> str | None:
    import httpx  # which takes a while, and few are told

    headers = {"Content-Type": "application/json", "User-Agent": f"task-reconciler/{__version__}"}
    try:
        with httpx.stream("POST", url, content=document, headers=headers, timeout=timeout) as answer:
            return None if answer.is_success else f"it answered {answer.status_code}"
    except httpx.TimeoutException:
        return f"no answer within {timeout:g} s"
    except httpx.ConnectError:
        return "no connection"
    except Exception as error:  # of whatever kind: the apply was good
        return type(error).__name__
