"""Short ways to say tasks, rows and records in tests."""

from typing import Any

from reconciler.planning.changes import Desired, Existing, Plan, Record
from reconciler.planning.guards import Guards
from reconciler.planning.masking import secrets_text
from reconciler.planning.plan import Ownership, plan
from reconciler.planning.scope import Scope
from reconciler.planning.selection import EVERYTHING, Selection
from reconciler.planning.texts import applied_text, fingerprint
from reconciler.task import KEYS, Row, Task, json_text

NO_GUARDS = Guards()
HERE = Scope(paths=("tasks",))


def task(name: str = "report", **fields: Any) -> Task:
    given = {
        "schedule": "0 8 * * *",
        "entity_name": "report",
        "action_name": "generate_report",
        "as_user_email": "reports@example.com",
    }
    return Task(name=name, **(given | fields))


def desired(one: Task, file: str = "tasks/a.yaml", line: int = 2) -> Desired:
    return Desired.of(one, file=file, line=line)


def row(one: Task, id: int = 1, version: int = 1, **fields: Any) -> Row:
    values: dict[str, Any] = {field: getattr(one, field) for field in KEYS.values()}
    values |= {"attributes": json_text(one.attributes), "as_user_id": 7} | fields
    return Row(id=id, reference_id=bytes([id] * 16), version=version, **values)


def record(one: Task, id: int = 1, **fields: Any) -> Record:
    values: dict[str, Any] = {
        "owner": "default",
        "file": "tasks/a.yaml",
        "line": 2,
        "commit": None,
        "secrets": secrets_text(one.secrets),
        "protected": bool(one.lifecycle.protected),
    }
    return Record(
        reference_id=bytes([id] * 16),
        applied=applied_text(one),
        fingerprint=fingerprint(one),
        **(values | fields),
    )


def existing(*pairs: tuple[Row, Record | None]) -> Existing:
    records = {one.reference_id: one for _, one in pairs if one}
    return Existing(rows=tuple(one for one, _ in pairs), records=records)


def planned(
    tasks: list[Task],
    there: Existing,
    scope: Scope = HERE,
    guards: Guards = NO_GUARDS,
    selection: Selection = EVERYTHING,
    **ownership: Any,
) -> Plan:
    return plan(
        [desired(one) for one in tasks],
        there,
        ownership=Ownership(owner="default", **ownership),
        scope=scope,
        guards=guards,
        selection=selection,
    )


def told(result: Plan) -> list[tuple[str, str, str]]:
    return [(change.action, change.name, change.reason) for change in result.changes]
