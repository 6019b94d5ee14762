"""A task (what should be) and a row (what is)."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, NoReturn

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "Name": "name",
        "Schedule": "schedule",
        "EntityName": "entity_name",
        "ActionName": "action_name",
        "AsUserEmail": "as_user_email",
        "Active": "active",
        "JobType": "job_type",
        "Attributes": "attributes",
    }
)
"""The keys of a task in YAML that the table has a column for, and the field of Task that holds each."""

Reader = Literal["scheduler", "daptin"]
"""What reads the table and runs its tasks: our scheduler, or Daptin's own."""

NESTING = 100
"""Levels that a value may have, in a file of tasks and in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """How the reconciler treats the row; kept in the bookkeeping."""

    protected: bool | None = None  # None: git says nothing about it
    previous_names: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()  # keys of the YAML


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerOptions:
    """How the scheduler treats the task's fires; kept in the bookkeeping. Durations are as written: "30s"."""

    overlap: Literal["allow", "skip", "queue"] = "allow"
    catch_up: Literal["none", "once", "all"] = "none"
    catch_up_window: str | None = None
    timeout: str | None = None
    jitter: str | None = None


def lifecycle(block: Mapping[str, Any]) -> Lifecycle:
    """What a block `Lifecycle:` says that has the right shape."""
    return Lifecycle(
        protected=block.get("Protected"),
        previous_names=tuple(block.get("PreviousNames", ())),
        ignore_changes=tuple(block.get("IgnoreChanges", ())),
    )


def scheduler_options(block: Mapping[str, Any]) -> SchedulerOptions:
    """The options of a block `Scheduler:` that has the right shape."""
    catch_up = block.get("CatchUp", "none")
    if isinstance(catch_up, str):
        catch_up = {"Policy": catch_up}
    return SchedulerOptions(
        overlap=block.get("Overlap", "allow"),
        catch_up=catch_up["Policy"],
        catch_up_window=catch_up.get("Window"),
        timeout=block.get("Timeout"),
        jitter=block.get("Jitter"),
    )


NO_ATTRIBUTES: Mapping[str, Any] = {}
NO_LIFECYCLE = Lifecycle()
NO_OPTIONS = SchedulerOptions()


VariableType = Literal["string", "int", "float", "bool", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value that stands in the environment, as a file names it: `!env NAME`."""

    name: str
    type: VariableType = "string"  # as what it is read
    default: Any = None
    has_default: bool = False


class Secret(NamedTuple):
    """A value of a task that comes from the environment: it is shown by its variable, never as it is."""

    path: tuple[str | int, ...]  # keys of the YAML and indices of lists: ("Attributes", "hosts", 0)
    variable: str
    type: VariableType = "string"  # as what the variable is read

    @property
    def placeholder(self) -> str:
        """What is shown instead of the value."""
        return f"(from {self.variable})"


def value_at(value: Any, path: Sequence[str | int]) -> Any:
    """What stands at a path within a value; None where there is no such path."""
    for key in path:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return None
    return value


class Task(NamedTuple):
    """What should be. Matched to a row by its name, exactly.

    A tuple, as Row is one: there are as many of them.
    """

    name: str
    schedule: str
    entity_name: str
    action_name: str
    as_user_email: str
    active: bool = True
    job_type: str = ""
    attributes: Mapping[str, Any] = NO_ATTRIBUTES
    lifecycle: Lifecycle = NO_LIFECYCLE
    scheduler: SchedulerOptions = NO_OPTIONS
    secrets: tuple[Secret, ...] = ()  # in the order of the file

    def content(self, attributes: str) -> tuple[Any, ...]:
        """What its row is to say, `Row.content`; `attributes` is the JSON of the task's."""
        return (*self[:7], attributes)


def task_of(keys: Mapping[str, Any]) -> Task:
    """The task that keys of the YAML say, all of the right shape; one that is not there is empty."""
    get = keys.get
    return Task(
        name=get("Name", ""),
        schedule=get("Schedule", ""),
        entity_name=get("EntityName", ""),
        action_name=get("ActionName", ""),
        as_user_email=get("AsUserEmail", ""),
        active=get("Active", True),
        job_type=get("JobType", ""),
        attributes=get("Attributes", {}),
        lifecycle=lifecycle(keys["Lifecycle"]) if "Lifecycle" in keys else NO_LIFECYCLE,
        scheduler=scheduler_options(keys["Scheduler"]) if "Scheduler" in keys else NO_OPTIONS,
    )


class Row(NamedTuple):
    """What is: one row of the `task` table, as it stands there, sense or nonsense.

    A tuple, as the driver gives it: a frozen dataclass takes five times as long to make, and there is one for
    each row of the table.
    """

    id: int
    reference_id: bytes  # 16 bytes; other lengths only in rows that something else wrote
    version: int
    as_user_id: int | None
    name: str
    schedule: str
    entity_name: str
    action_name: str
    as_user_email: str | None  # None: no user named, or one that does not exist
    active: bool
    job_type: str
    attributes: str  # JSON text, or whatever was written there

    @property
    def content(self) -> tuple[Any, ...]:
        """What a task says too, in the order of its fields: from the name to the attributes."""
        return self[4:]


def _encoder(*, sort_keys: bool) -> Callable[[object, int], tuple[str, ...]]:
    """What a JSONEncoder of these separators makes anew, in C, for each value that it encodes.

    Making it is half the time of a small value. There are no circles to be looked for: YAML's are refused.
    """
    make: Any = vars(json.encoder)["c_make_encoder"]  # which its stubs do not list
    encoder: Callable[[object, int], tuple[str, ...]] = make(
        None, _refuse, json.encoder.encode_basestring, None, ":", ",", sort_keys, False, True
    )
    return encoder


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} is no JSON value")


_compact = _encoder(sort_keys=False)
_sorted = _encoder(sort_keys=True)


def json_text(value: object) -> str:
    """The text in which a JSON value is stored: keys in their order, nothing escaped that need not be."""
    return "".join(_compact(value, 0))


def canonical_json(value: object) -> str:
    """One text for every spelling of the same JSON value: keys sorted, 1.0 and 1 alike, true and 1 not."""
    return "".join(_sorted(_plain_numbers(value), 0))


_ATOMS = frozenset((str, int, bool, type(None)))
"""What stands for itself: nearly every value, so that it is asked for first."""


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        if _ATOMS.issuperset(map(type, value.values())):
            return value
        return {key: item if type(item) in _ATOMS else _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in _ATOMS else _plain_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return _plain_numbers(dict(value))
    return value
