"""Actions that the tests run: their effects are rows of the table `effect`."""

import os
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from reconciler.actions import ActionFailed, Run, action


@action("note", entity="job")
def note(run: Run, attributes: Mapping[str, Any]) -> None:
    values = {"who": run.user.email, "task": run.task.name, "moment": run.fire_time.isoformat()}
    run.connection.execute(text("INSERT INTO effect VALUES (:who, :task, :moment)"), values)


@action("boom", entity="job")
def boom(run: Run, attributes: Mapping[str, Any]) -> None:
    note(run, attributes)
    raise ActionFailed("the door is closed")


@action("quit", entity="job")
def quit_(run: Run, attributes: Mapping[str, Any]) -> None:
    note(run, attributes)
    raise SystemExit("enough")


@action("sleep", entity="job")
def sleep(run: Run, attributes: Mapping[str, Any]) -> None:
    note(run, attributes)
    time.sleep(float(attributes.get("seconds", os.environ.get("SLEEP", "60"))))


@action("commit", entity="job")
def commit(run: Run, attributes: Mapping[str, Any]) -> None:
    run.connection.exec_driver_sql("COMMIT")


@action("slow_sql", entity="job")
def slow_sql(run: Run, attributes: Mapping[str, Any]) -> None:
    words = {"postgresql": "SELECT pg_sleep(60)", "mysql": "SELECT sleep(60)"}
    run.connection.exec_driver_sql(words[run.connection.dialect.name])


@action("tell", entity="job")
def tell(run: Run, attributes: Mapping[str, Any]) -> None:
    """An action that is careless with what it is given."""
    run.logger.warning("signing in with %s", attributes["token"])
    raise ValueError(f"{attributes} were refused, {attributes['token']} above all")
