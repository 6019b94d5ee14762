"""Who may import whom. The table is the architecture: a change of it is a decision, to be made on purpose."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "reconciler"

NOUNS = {"task", "catalogue", "diagnostics", "git", "errors", "schedule", "uuid7", "shipped"}

MAY_IMPORT: dict[str, set[str]] = {
    **{noun: set() for noun in NOUNS},
    "rules": {"diagnostics", "errors", "shipped"},
    "config": {"task", "diagnostics", "schedule", "errors", "shipped"},
    "canonical": {"task", "config", "shipped"},
    "refs": {"catalogue", "errors", "shipped"},
    "checks": {"config", "task", "catalogue", "schedule", "diagnostics"},
    "planning": {"task", "diagnostics", "schedule", "errors"},
    "database": {"task", "catalogue", "planning", "errors", "uuid7"},
    "report": {"git", "task", "catalogue", "planning", "diagnostics", "schedule", "errors", "rules"},
    "causes": {"diagnostics", "config", "planning", "database", "git", "report"},
    "saved_plan": {"config", "shipped", "planning", "report", "task", "errors", "git"},
    "renderers": {
        "git",
        "canonical",
        "report",
        "planning",
        "task",
        "catalogue",
        "diagnostics",
        "schedule",
        "rules",
        "saved_plan",
    },
    "request": {"task", "planning", "config", "catalogue"},
    "pipeline": {
        "causes",
        "config",
        "checks",
        "planning",
        "database",
        "catalogue",
        "task",
        "diagnostics",
        "git",
        "report",
        "request",
        "errors",
    },
    "intent": {"pipeline", "planning", "database", "report", "request", "git"},
    "applying": {"intent", "planning", "database", "report", "request", "errors"},
    "exporting": {"checks", "config", "task", "planning", "diagnostics", "report"},
    "actions": {"task", "catalogue", "database", "errors"},
    "scheduler": {"actions", "database", "planning", "task", "catalogue", "schedule", "errors", "uuid7"},
    "web": {"scheduler", "database", "task", "schedule", "errors"},
    "commands": {
        *NOUNS,
        "rules",
        "actions",
        "scheduler",
        "config",
        "checks",
        "planning",
        "database",
        "report",
        "request",
        "pipeline",
        "intent",
        "applying",
        "causes",
        "saved_plan",
        "canonical",
        "exporting",
        "refs",
    },
    "cli": {
        "commands",
        "renderers",
        "report",
        "request",
        "diagnostics",
        "errors",
        "scheduler",
        "actions",
        "web",
        "uuid7",
    },
}


def room_of(module: str) -> str:
    """`reconciler.planning.plan` is in the room `planning`; the package itself is no room."""
    return module.split(".")[1] if "." in module else ""


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def imports_of(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names = [
                f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base for alias in node.names
            ]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "reconciler")


@pytest.mark.parametrize("module", MODULES)
def test_a_room_imports_only_what_it_may(module: str) -> None:
    room = room_of(module)
    if not room:
        return
    allowed = MAY_IMPORT[room] | {room, ""}  # the package itself holds the version
    foreign = {name for name in imports_of(MODULES[module]) if room_of(name) not in allowed}
    assert not foreign, f"{module} may not import {foreign}"


def test_rooms_have_no_cycle() -> None:
    rooms: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        room = room_of(module)
        rooms.setdefault(room, set()).update({room_of(name) for name in imports_of(path)} - {room, ""})
    assert set(TopologicalSorter(rooms).static_order()) == set(rooms)


def test_files_have_no_cycle() -> None:
    """Imports for type checking alone are left out: nothing is loaded by them."""
    files = {
        module: {name for name in _loaded_imports(path) if name != module and name in MODULES}
        for module, path in MODULES.items()
    }
    TopologicalSorter(files).prepare()


def _loaded_imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            base = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            for name in names:
                full = f"{base}.{name}" if base else name
                yield full if full in MODULES else base


def test_the_map_names_every_room() -> None:
    text = (ROOT / "__init__.py").read_text(encoding="utf-8")
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert {name for name in folders if f"{name}/" not in text} == set()
