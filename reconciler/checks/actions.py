"""What a task runs: the entity (A001), the action on it (A002), and the subject it may need (A003)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.catalogue import Action, Catalogue
from reconciler.checks.context import Context
from reconciler.checks.names import is_name
from reconciler.checks.quoting import MOST_COMPARED, listed, quoted, suggestion
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic, did_you_mean, some_of

Verdict = tuple[str, str, str, str | None]  # code, key, message, hint

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID_HINT = "a UUID is written as 0190163d-8694-739b-aea5-966c26f8ad91: lower case, hyphens, no braces"
_MOST_LISTED = 6


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """A001, A002 and A003; nothing where no catalogue is known."""
    catalogue = context.catalogue
    if catalogue is None:
        return []
    found = []
    verdicts: dict[tuple[str, str], Verdict | None] = {}
    mistakes = 0
    for declaration in declarations:
        asked = (declaration.task.entity_name, declaration.task.action_name)
        if asked not in verdicts:
            suggest = mistakes * (len(catalogue.entities) + len(catalogue.actions)) <= MOST_COMPARED
            verdicts[asked] = _verdict(catalogue, *asked, suggest=suggest)
            mistakes += verdicts[asked] is not None
        verdict = verdicts[asked]
        action = catalogue.actions.get(asked)
        if verdict is not None:
            code, key, message, hint = verdict
            found.append(diagnostic(code, message, hint=hint, pointer=declaration.at(key)))
        elif action is not None and not action.instance_optional:
            found += _subject(declaration, action)
    return found


def is_unread(declaration: Declaration) -> bool:
    """Whether the attributes stand there in a shape that the reader has refused."""
    return "Attributes" in declaration.unusable


def subject_key(entity_name: str) -> str:
    """The attribute that names the row an action is about."""
    return f"{entity_name}_id"


def misspelt_subject(action: Action, attributes: Mapping[str, Any]) -> str | None:
    """The attribute that probably was to be the subject of an action that needs one and has none."""
    wanted = subject_key(action.entity_name)
    if action.instance_optional or wanted in attributes:
        return None
    inputs = {one.name for one in action.inputs}
    return did_you_mean(wanted, (key for key in attributes if isinstance(key, str) and key not in inputs))


def _verdict(catalogue: Catalogue, entity_name: str, action_name: str, *, suggest: bool) -> Verdict | None:
    if not is_name(entity_name):
        return None
    if entity_name not in catalogue.entities:
        hint = _entity_hint(catalogue, entity_name, action_name) if suggest else None
        return "A001", "EntityName", f"no entity {quoted(entity_name)}", hint
    if (entity_name, action_name) in catalogue.actions or not is_name(action_name):
        return None
    hint = _action_hint(catalogue, entity_name, action_name) if suggest else None
    message = f"no action {quoted(action_name)} on the entity {quoted(entity_name)}"
    return "A002", "ActionName", message, hint


def _entity_hint(catalogue: Catalogue, entity_name: str, action_name: str) -> str:
    entity, separator, action = entity_name.partition("/")
    if separator and (entity, action) in catalogue.actions:
        return f"write `EntityName: {entity}` and `ActionName: {action}`"
    near = did_you_mean(entity_name, catalogue.entities)
    elsewhere = _elsewhere(catalogue, action_name)
    return suggestion(near) or elsewhere or "`reconcile actions list` shows what there is"


def _action_hint(catalogue: Catalogue, entity_name: str, action_name: str) -> str:
    own = sorted(action for entity, action in catalogue.actions if entity == entity_name)
    hints = [_elsewhere(catalogue, action_name), suggestion(did_you_mean(action_name, own))]
    return "; ".join([hint for hint in hints if hint] or [_known(entity_name, own)])


def _elsewhere(catalogue: Catalogue, action_name: str) -> str | None:
    entities = sorted(entity for entity, action in catalogue.actions if action == action_name)
    if not entities:
        return None
    return f"{quoted(action_name)} exists on {listed(entities[:_MOST_LISTED])}"


def _known(entity_name: str, actions: list[str]) -> str:
    if not actions:
        return f"{entity_name} has no action"
    return f"{entity_name} has {some_of(actions, _MOST_LISTED)}"


def _subject(declaration: Declaration, action: Action) -> list[Diagnostic]:
    key = subject_key(action.entity_name)
    attributes = declaration.task.attributes
    if key not in attributes:
        return _no_subject(declaration, action, key)
    value = attributes[key]
    if isinstance(value, str) and _UUID.fullmatch(value):
        return []
    shown = quoted(value) if isinstance(value, str) else f"{value!r}"
    hint = _as_uuid(value)
    if any(secret.path == ("Attributes", key) for secret in declaration.unset()):
        return []
    if declaration.is_secret("Attributes", key):
        shown, hint = "the value that the variable has", _UUID_HINT
    message = f"`{key}` is to be the UUID of a row of {action.entity_name}, not {shown}"
    return [diagnostic("A003", message, hint=hint, pointer=declaration.at("Attributes", key))]


def _no_subject(declaration: Declaration, action: Action, key: str) -> list[Diagnostic]:
    attributes = declaration.task.attributes
    if is_unread(declaration):
        return []
    near = misspelt_subject(action, attributes)
    pointer = declaration.at("Attributes", near, on_key=True) if near else declaration.at("ActionName")
    return [
        diagnostic(
            "A003",
            f"{action.name} is about one row of {action.entity_name}: `Attributes` must name it by `{key}`",
            hint=f"rename `{near}` to `{key}`" if near else f"add `{key}:` with the row's UUID",
            pointer=pointer,
        )
    ]


def _as_uuid(value: Any) -> str:
    """How to write it: the digits are often right, and only the spelling is another one."""
    digits = re.sub("[^0-9a-f]", "", value.lower()) if isinstance(value, str) else ""
    spelt = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    if len(digits) == 32 and isinstance(value, str) and len(value) <= 45:
        return f"it is compared as text: write {quoted(spelt)}"
    return _UUID_HINT
