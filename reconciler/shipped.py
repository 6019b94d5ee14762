"""The files that ship with the program: the JSON Schemas, and the documentation that it shows."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE, _PACKAGE.parent)  # of the wheel, of a checkout


def shipped_text(file: str) -> str:
    """The text of a file by its path in the project. KeyError where it was not shipped."""
    for root in _ROOTS:
        path = root / file
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise KeyError(file)


def schema_text(name: str) -> str:
    """The text of a schema: `schema_text("tasks")`. KeyError where there is none of that name."""
    return shipped_text(f"schemas/{name}.schema.json")


def schema_names() -> tuple[str, ...]:
    """The names that `schema_text` knows, sorted."""
    files = (path.name for root in _ROOTS for path in (root / "schemas").glob("*.schema.json"))
    return tuple(sorted({name.removesuffix(".schema.json") for name in files}))
