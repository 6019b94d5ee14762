"""The user a task runs as: named (U001), existing (U002), allowed to execute the action (U003)."""

from collections.abc import Iterable, Sequence

from reconciler.catalogue import ADMINISTRATORS, GROUP_EXECUTE, Action, Catalogue, Entity, User
from reconciler.checks.context import Context
from reconciler.checks.names import is_name
from reconciler.checks.quoting import MOST_COMPARED, listed, quoted, suggestion
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, diagnostic, did_you_mean

Verdict = tuple[str, str, str | None]  # code, message, hint


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """U001 for each task without a user; U002 and U003 where a catalogue is known."""
    found = []
    verdicts: dict[tuple[str, str, str], Verdict | None] = {}
    mistakes = 0
    for declaration in declarations:
        task = declaration.task
        asked = (task.as_user_email, task.entity_name, task.action_name)
        if "AsUserEmail" in declaration.absent:
            found.append(_unnamed(declaration))
        elif context.catalogue is not None:
            if asked not in verdicts:
                suggest = mistakes * len(context.catalogue.emails) <= MOST_COMPARED
                verdicts[asked] = _verdict(context.catalogue, *asked, suggest=suggest)
                mistakes += verdicts[asked] is not None
            verdict = verdicts[asked]
            if verdict is not None:
                code, message, hint = verdict
                found.append(diagnostic(code, message, hint=hint, pointer=declaration.at("AsUserEmail")))
    return found


def _unnamed(declaration: Declaration) -> Diagnostic:
    return diagnostic(
        "U001",
        "`AsUserEmail` is missing: a task without a user never runs",
        hint="add `AsUserEmail:` with the e-mail address of the user that the action shall run as",
        pointer=declaration.at(),
    )


def _verdict(
    catalogue: Catalogue, email: str, entity_name: str, action_name: str, *, suggest: bool
) -> Verdict | None:
    if not is_name(email, longest=len(email)):
        return None
    user = catalogue.find_user(email)
    if user is None:
        return _unknown(email, catalogue, catalogue.emails if suggest else ())
    action = catalogue.actions.get((entity_name, action_name))
    if action is None or entity_name not in catalogue.entities:
        return None
    refusals = catalogue.refusals(user, action)
    return _refused(catalogue, user, action, refusals) if refusals else None


def _unknown(email: str, catalogue: Catalogue, known: Iterable[str]) -> Verdict:
    otherwise = "`reconcile users list` shows those that there are"
    if catalogue.salt is not None:
        otherwise = "only hashes of the e-mails are known here, so that none can be suggested"
    hint = suggestion(_nearest(email, known)) or otherwise
    return "U002", f"no user {quoted(email)}", hint


def _nearest(email: str, known: Iterable[str]) -> str | None:
    """The nearest address: of the same domain by what stands before it, or two strangers there look alike."""
    name, _, domain = email.partition("@")
    colleagues = [one.partition("@")[0] for one in known if one.partition("@")[2] == domain]
    near = did_you_mean(name, colleagues)
    if near is not None:
        return f"{near}@{domain}"
    return did_you_mean(email, (one for one in known if one.partition("@")[2] != domain))


def _refused(
    catalogue: Catalogue, user: User, action: Action, refusals: tuple[Entity | Action, ...]
) -> Verdict:
    names = [_named(gate) for gate in refusals]
    verb = "refuses" if len(names) == 1 else "refuse"
    message = (
        f"{quoted(user.email)} may not execute {action.name} of {action.entity_name}: {listed(names)} {verb}"
    )
    return "U003", message, "; or ".join(_grants(catalogue, user, refusals))


def _named(gate: Entity | Action) -> str:
    return f"the entity {gate.name}" if isinstance(gate, Entity) else f"the action {gate.name}"


def _grants(catalogue: Catalogue, user: User, refusals: tuple[Entity | Action, ...]) -> list[str]:
    """What would let the user through: a group that all that refuses is shared with, or a new share."""
    granting = set.intersection(*(_granting(gate) for gate in refusals)) - {ADMINISTRATORS}
    known = sorted(catalogue.groups[group] for group in granting if group in catalogue.groups)
    hints = [f"put the user in the group {listed(known, 'or')}"] if known else []
    own = sorted(catalogue.groups[group] for group in user.groups if group in catalogue.groups)
    with_whom = f"the user's group {listed(own, 'or')}" if own else "a group of the user"
    share = f"share {listed([_named(gate) for gate in refusals])} with {with_whom}"
    hints.append(f"{share} (the join row's permission with GroupExecute, {GROUP_EXECUTE})")
    return hints if known else [*hints, "name an administrator"]


def _granting(gate: Entity | Action) -> set[int]:
    return {group for group, permission in gate.access.groups.items() if permission & GROUP_EXECUTE}
