"""Where each value of a task comes from: asked for by those who show it, and by nobody else."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from reconciler.config.declarations import Declaration
from reconciler.config.documents import Reading
from reconciler.config.layers import Kind, Layer, Path, merged, origins
from reconciler.config.positions import places
from reconciler.diagnostics import Place


class Said(NamedTuple):
    """What the layers of a task say together: as it is written, variables and an `H` included."""

    keys: Mapping[str, Any]
    origins: tuple["PlacedOrigin", ...]


class PlacedOrigin(NamedTuple):
    """Which layer says a value, and where."""

    path: Path  # ("Schedule",), ("Attributes", "format")
    layer: Kind
    place: Place


def said_by(declarations: Iterable[Declaration], reading: Reading) -> list[Said]:
    """For each declaration what is said of it; what nothing says, and is built in, is not there."""
    layers_of = _layering(reading)
    stacks = [layers_of(one) for one in declarations]
    found = [list(origins(layers)) for layers in stacks]
    placed = places((origin.pointer for some in found for origin in some), reading.texts)
    return [
        Said(
            merged(layers),
            tuple(PlacedOrigin(one.path, one.layer.kind, placed[one.pointer]) for one in some),
        )
        for layers, some in zip(stacks, found, strict=True)
    ]


def _layering(reading: Reading) -> Callable[[Declaration], tuple[Layer, ...]]:
    documents = {(one.file, one.index): one for one in reading.documents}

    def layers_of(one: Declaration) -> tuple[Layer, ...]:
        if one.layers:
            return one.layers
        keys = documents[one.file, one.document].tasks[one.index]
        return (Layer("task", keys, one.file, one.document, ("Tasks", one.index), one.line),)

    return layers_of
