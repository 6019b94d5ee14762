"""The texts of a task as texts: names once (N001, N005), not too long (N002), none that deceives (N003)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.checks.context import Context
from reconciler.checks.quoting import quoted
from reconciler.config.declarations import Declaration
from reconciler.diagnostics import Diagnostic, Pointer, diagnostic
from reconciler.schedule import schedule_of
from reconciler.task import KEYS

LONGEST = 100
"""What the columns hold, in code points. Source: the table `task` of Daptin 0.12.36."""

_TEXTS = ("Name", "Schedule", "EntityName", "ActionName", "AsUserEmail", "JobType")
_LIMITED = frozenset(_TEXTS) - {"AsUserEmail"}  # an address is no column of the table

# C0 and C1 controls, line and paragraph separators, and the characters that reorder what is displayed
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a text: `is ...` of a message, and where in the text."""

    reason: str
    hint: str | None = None
    span: tuple[int, int] | None = None


def check(declarations: Sequence[Declaration], context: Context) -> list[Diagnostic]:
    """N001, N002, N003, and N005 as far as files alone can tell; what rows make of it is a plan's to tell."""
    return [*_repeated(declarations), *_contradicted(declarations), *_malformed(declarations)]


def _text_fault(text: str) -> Fault | None:
    """Why a text cannot be a name: blank, padded, or with characters that control what is displayed."""
    if text.isprintable() and text and text.strip() == text:
        return None
    if not text.strip():
        return Fault(reason="is blank")
    if text != text.strip():
        return _padding(text)
    control = _CONTROL.search(text)
    if control is None:
        return None
    return Fault(
        reason=f"holds the character U+{ord(control[0]):04X}, which cannot be seen",
        hint="take it out",
        span=control.span(),
    )


def schedule_fault(text: str) -> Fault | None:
    """The same for a schedule, where the engine skips white space between fields and around them.

    None as well where the schedule is wrong for another reason: that is S001's to tell.
    """
    fault = _text_fault(text)
    if fault is None or not text.strip():
        return fault
    if schedule_of(text):
        return None
    if text != text.strip():
        return fault if schedule_of(text.strip()) else None
    return None if fault.span is None or text[fault.span[0]].isspace() else fault


def is_name(text: str, longest: int = LONGEST) -> bool:
    """Whether a text is worth looking up: neither N002 nor N003 speaks of it."""
    return len(text) <= longest and _text_fault(text) is None


def _repeated(declarations: Sequence[Declaration]) -> list[Diagnostic]:
    if len({declaration.task.name for declaration in declarations}) == len(declarations):
        return []
    found = []
    first: dict[str, Declaration] = {}
    for declaration in declarations:
        earlier = first.setdefault(declaration.task.name, declaration)
        if earlier is not declaration and declaration.task.name.strip():
            found.append(_repetition(declaration, earlier))
    return found


def _repetition(declaration: Declaration, earlier: Declaration) -> Diagnostic:
    return diagnostic(
        "N001",
        f"a task of the name {quoted(declaration.task.name)} stands already at {earlier.file}:{earlier.line}",
        hint="a name is a task's identity: rename one of the two, or remove it",
        pointer=declaration.at("Name"),
    )


def _contradicted(declarations: Sequence[Declaration]) -> list[Diagnostic]:
    """Previous names that cannot be: one that is still declared, or that two tasks had."""
    renamed = [one for one in declarations if one.task.lifecycle.previous_names]
    if not renamed:
        return []
    declared = {one.task.name: one for one in declarations}
    claims: dict[str, Declaration] = {}
    found = []
    for declaration in renamed:
        for index, name in enumerate(declaration.task.lifecycle.previous_names):
            pointer = declaration.at("Lifecycle", "PreviousNames", index)
            if name in declared:
                found.append(_still_declared(declaration, declared[name], pointer))
            elif (earlier := claims.setdefault(name, declaration)) is not declaration:
                found.append(_claimed_twice(name, earlier, pointer))
    return found


def _still_declared(declaration: Declaration, other: Declaration, pointer: Pointer) -> Diagnostic:
    name = quoted(other.task.name)
    if other.task.name == declaration.task.name:
        message = f"{name} is the task's own name, not a previous one"
    else:
        message = f"{name} is still the name of a task, at {other.file}:{other.line}"
    hint = f"take {name} out of `PreviousNames`"
    return diagnostic("N005", message, hint=hint, pointer=pointer)


def _claimed_twice(name: str, earlier: Declaration, pointer: Pointer) -> Diagnostic:
    return diagnostic(
        "N005",
        f"{quoted(name)} is a previous name of the task at {earlier.file}:{earlier.line} too",
        hint="a row becomes one task: leave the name in one of the two lists",
        pointer=pointer,
    )


def _malformed(declarations: Sequence[Declaration]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    sound: set[str] = set()  # texts seen that nothing is wrong with: most keys repeat a few of them
    for declaration in declarations:
        task = declaration.task
        name = task.name
        if (
            name.isprintable()
            and name
            and name.strip() == name
            and len(name) <= LONGEST
            and task.schedule in sound
            and task.entity_name in sound
            and task.action_name in sound
            and task.as_user_email in sound
            and (task.job_type in sound or not task.job_type)
        ):
            continue
        for key in _TEXTS:
            found += _faults(declaration, key, sound)
    return found


def _faults(declaration: Declaration, key: str, sound: set[str]) -> list[Diagnostic]:
    text: str = getattr(declaration.task, KEYS[key])
    if text in sound or key in declaration.unusable or (key == "JobType" and not text):
        return []
    fault = schedule_fault(text) if key == "Schedule" else _text_fault(text)
    found = [_fault_of(declaration, key, text, fault)] if fault else []
    kept = text.strip() if fault else text
    if key in _LIMITED and len(kept) > LONGEST:
        found.append(_too_long(declaration, key, kept))
    if not found:
        sound.add(text)
    return found


def _fault_of(declaration: Declaration, key: str, text: str, fault: Fault) -> Diagnostic:
    shown = f": {quoted(text)}" if text.strip() else ""
    pointer = declaration.at(key, span=fault.span)
    return diagnostic("N003", f"`{key}` {fault.reason}{shown}", hint=fault.hint, pointer=pointer)


def _too_long(declaration: Declaration, key: str, text: str) -> Diagnostic:
    return diagnostic(
        "N002",
        f"`{key}` is {len(text)} characters long; its column holds {LONGEST}",
        hint=f"shorten it by {len(text) - LONGEST}",
        pointer=declaration.at(key, span=(LONGEST, len(text))),
    )


def _padding(text: str) -> Fault:
    stripped = text.strip()
    start = text.index(stripped)
    if start:
        return Fault(reason="starts with white space", hint=f"write {quoted(stripped)}", span=(0, start))
    hint = f"write {quoted(stripped)}"
    if text.endswith("\n"):
        hint += " on one line, or use `|-`, which keeps no line break at the end"
    return Fault(reason="ends with white space", hint=hint, span=(len(stripped), len(text)))
