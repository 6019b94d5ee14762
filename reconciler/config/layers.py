"""Layers: what is said of a task in several places, and which of them counts for a key.

From the strongest: the overlay of an environment, the task, the `Defaults:` of its file, the `_defaults.yaml`
of its directory and of each directory above. Mappings are merged key by key at any depth; any other value,
a list too, is replaced as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from reconciler.diagnostics import Pointer

Kind = Literal["overlay", "task", "file", "directory"]
Path = tuple[str | int, ...]

BLOCKS = ("Attributes", "Lifecycle", "Scheduler")
"""The keys of a task whose values are mappings."""


class Layer(NamedTuple):
    """One mapping of keys of a task."""

    kind: Kind
    keys: Mapping[str, Any]  # without those that have no usable value
    file: str
    document: int
    path: Path  # where it stands in the document: ("Tasks", 3) or ("Defaults",)
    line: int = 1  # on which a task starts
    has_variables: bool = False

    def at(self, *keys: str | int, on_key: bool = False, span: tuple[int, int] | None = None) -> Pointer:
        """The spot of a key of it."""
        return Pointer(
            file=self.file, document=self.document, path=(*self.path, *keys), on_key=on_key, span=span
        )


class Origin(NamedTuple):
    """Which layer says a value."""

    path: Path  # of the value: ("Schedule",), ("Attributes", "format")
    layer: Layer

    @property
    def pointer(self) -> Pointer:
        return self.layer.at(*self.path)


def merged(layers: Sequence[Layer]) -> Mapping[str, Any]:
    """What layers say together, the strongest first."""
    result = layers[-1].keys
    for layer in layers[-2::-1]:
        result = laid_over(layer.keys, result)
    return result


def laid_over(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the lower one says, but for what the upper one says."""
    result = {**lower, **upper}
    for key, value in upper.items():
        if type(value) is dict and type(beneath := lower.get(key)) is dict:
            result[key] = laid_over(value, beneath)
    return result


def home(layers: Sequence[Layer], keys: Path) -> Layer:
    """The layer that says the value of a key; the task itself where none does."""
    own = next(layer for layer in layers if layer.kind == "task")
    best, most = own, 0
    for layer in layers:
        depth = _depth(layer.keys, keys)
        if depth > most:
            best, most = layer, depth
    return best


def _depth(value: Any, keys: Path) -> int:
    """How many of the keys lead somewhere."""
    for depth, key in enumerate(keys):
        if isinstance(value, list) and isinstance(key, int):
            value = dict(enumerate(value))
        if not isinstance(value, dict) or key not in value:
            return depth
        value = value[key]
    return len(keys)


def origins(layers: Sequence[Layer]) -> Iterator[Origin]:
    """Where each value comes from: of the blocks each key, and deeper where several layers are mixed."""
    return _origins([(layer, layer.keys) for layer in layers], ())


def _origins(sides: Sequence[tuple[Layer, Mapping[str, Any]]], path: Path) -> Iterator[Origin]:
    for key in dict.fromkeys(key for _, keys in reversed(sides) for key in keys):
        said = [(layer, keys[key]) for layer, keys in sides if key in keys]
        mixed = _mappings(said)
        if len(mixed) > 1 or (mixed and not path and key in BLOCKS and mixed[0][1]):
            yield from _origins(mixed, (*path, key))
        else:
            yield Origin((*path, key), said[0][0])


def _mappings(said: Sequence[tuple[Layer, Any]]) -> list[tuple[Layer, Mapping[str, Any]]]:
    """Those that are merged: down to the first that is no mapping."""
    found: list[tuple[Layer, Mapping[str, Any]]] = []
    for layer, value in said:
        if not isinstance(value, dict):
            break
        found.append((layer, value))
    return found
