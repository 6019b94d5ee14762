"""A saved plan: the JSON of a plan, and under `saved` what an apply of it needs besides the database."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from reconciler.config.shape import are_tasks
from reconciler.config.variables import Allowed, Problem, read_again
from reconciler.errors import ReconcilerError
from reconciler.git import Blame
from reconciler.planning.changes import Action, Desired
from reconciler.planning.guards import Guards, Limit
from reconciler.planning.kept import Kept
from reconciler.planning.masking import replaced, secrets_from, secrets_keys
from reconciler.planning.scope import Scope
from reconciler.planning.selection import Selection
from reconciler.planning.texts import shown_task
from reconciler.planning.wanted import Wanted
from reconciler.report.plan import Basis, Cause
from reconciler.shipped import schema_text
from reconciler.task import Secret, task_of

VERSION = "1.0"
"""Of what stands under `saved`. Another first number: an older program cannot apply it."""

HINT = "`reconcile plan --out FILE` saves a plan that can be applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    basis: Basis
    kind: str  # of the target
    url: str  # without any secret
    commit: str | None
    dirty: bool
    changes: tuple[Kept, ...]
    held: frozenset[str]  # the rows that were on hold
    plan_hash: str
    causes: Mapping[tuple[Action, str], Cause]  # as it was planned; the files that tell them may not be here


def text_of(plan: Mapping[str, Any], basis: Basis) -> str:
    """The file of a plan, given as its JSON document."""
    document = {**plan, "saved": _saved_keys(basis)}
    document["saved"]["digest"] = _digest(document)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read(text: str, name: str, allowed: Allowed) -> SavedPlan:
    """The plan that a file of that name holds, with what it takes from the environment.

    Raises ReconcilerError for one that is not as it was saved, and where a variable is not set.
    """
    document = _parsed(text, name)
    _require_known(document["saved"], name)
    if document["saved"].get("digest") != _digest(document):
        raise ReconcilerError(f"{name} is not as it was saved: its digest is another", hint="plan again")
    try:
        return _plan_of(document, allowed)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise ReconcilerError(f"{name} is no saved plan: it has not the shape of one", hint=HINT) from None


def _saved_keys(basis: Basis) -> dict[str, Any]:
    wanted, guards = basis.wanted, basis.wanted.guards
    return {
        "version": VERSION,
        "at": basis.at.isoformat(),
        "repository": wanted.repository,
        "database": basis.database,
        "environment": basis.environment,
        "scope": {"paths": list(wanted.scope.paths), "prune": wanted.scope.prune},
        "guards": asdict(guards) | {"allow_protected": sorted(guards.allow_protected)},
        "files": dict(basis.files),
        "tasks": [
            {
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "written_schedule": one.written,
                "task": shown_task(one.task),
                "secrets": secrets_keys(one.task.secrets),
            }
            for one in wanted.desired
        ],
    }


def _digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of everything but itself, whatever the spelling of the JSON."""
    saved = {key: value for key, value in document["saved"].items() if key != "digest"}
    return hashlib.sha256(json.dumps({**document, "saved": saved}, sort_keys=True).encode()).hexdigest()


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ReconcilerError(
            f"{name} is no saved plan, or was cut short: it is not JSON", hint=HINT
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("saved"), dict):
        is_plan = isinstance(document, dict) and "plan_hash" in document
        what = "it is the JSON of a plan, without what an apply needs" if is_plan else "it has no `saved`"
        raise ReconcilerError(f"{name} is no saved plan: {what}", hint=HINT)
    return document


def _require_known(saved: Mapping[str, Any], name: str) -> None:
    version = saved.get("version")
    if version != VERSION:
        raise ReconcilerError(
            f"{name} was saved by another version of the program: it is of version {version!r}, "
            f"and {VERSION!r} is known",
            hint="apply it with the program that saved it, or plan again",
        )


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(json.loads(schema_text("saved-plan")))


def _plan_of(document: Mapping[str, Any], allowed: Allowed) -> SavedPlan:
    """Raises whatever comes of a document that has not the shape of a saved plan."""
    tasks = [one["task"] for one in document["saved"]["tasks"]]
    if not (_validator().is_valid(document) and are_tasks(tasks)):
        raise ValueError
    saved, source = document["saved"], document["source"]
    return SavedPlan(
        basis=Basis(
            at=datetime.fromisoformat(saved["at"]),
            wanted=Wanted(
                desired=[_desired(one, allowed) for one in saved["tasks"]],
                owner=document["owner"],
                repository=saved["repository"],
                scope=Scope(paths=tuple(saved["scope"]["paths"]), prune=saved["scope"]["prune"]),
                guards=_guards(saved["guards"]),
                selection=_selection(document["selection"]),
            ),
            database=saved["database"],
            environment=saved["environment"],
            files=saved["files"],
        ),
        kind=document["target"]["kind"],
        url=document["target"]["url"],
        commit=source["commit"],
        dirty=source["dirty"],
        changes=tuple(_change(one) for one in document["changes"]),
        held=frozenset(one["name"] for one in document["held"]),
        plan_hash=document["plan_hash"],
        causes={(one["action"], one["name"]): _cause(one) for one in document["changes"]},
    )


def _desired(known: Mapping[str, Any], allowed: Allowed) -> Desired:
    secrets = secrets_from(known["secrets"])
    values = [(secret.path, _value(secret, allowed)) for secret in secrets]
    task = task_of(replaced(known["task"], values) if values else known["task"])
    return Desired.of(
        task._replace(secrets=secrets) if secrets else task,
        known["file"],
        known["line"],
        known["column"],
        written=known["written_schedule"],
    )


def _value(secret: Secret, allowed: Allowed) -> Any:
    value = read_again(secret, allowed)
    if isinstance(value, Problem):
        hint = "a plan holds no value from the environment: set the variable where it is applied"
        raise ReconcilerError(f"the plan cannot be applied: {value.message}", hint=hint)
    return value


def _selection(known: Mapping[str, Any]) -> Selection:
    return Selection(only=tuple(known["only"]), exclude=tuple(known["exclude"]))


def _guards(known: Mapping[str, Any]) -> Guards:
    limits = {key: Limit(**known[key]) if known[key] else None for key in ("max_delete", "max_update")}
    return Guards(**{**known, **limits, "allow_protected": frozenset(known["allow_protected"])})


def _change(known: Mapping[str, Any]) -> Kept:
    source, reference = known["source"] or {}, known["reference_id"]
    return Kept(
        action=known["action"],
        name=known["name"],
        reason=known["reason"],
        reference_id=reference.replace("-", "") if reference else None,
        version=known["row_version"],
        file=source.get("file"),
        line=source.get("line"),
        before=known["before"],
        after=known["after"],
        secrets=secrets_from(known["secrets"]),
    )


def _cause(known: Mapping[str, Any]) -> Cause:
    blame, last_run = known["blame"], known["last_run"]
    return Cause(
        blame=Blame(**blame | {"at": blame["at"] and datetime.fromisoformat(blame["at"])}) if blame else None,
        last_run=datetime.fromisoformat(last_run) if last_run else None,
        runs=known["runs_30_days"],
    )
