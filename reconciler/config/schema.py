"""The JSON Schemas that ship with the program."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDERS = (_PACKAGE / "schemas", _PACKAGE.parent / "schemas")  # of the wheel, of a checkout


def schema_text(name: str) -> str:
    """The text of a schema: `schema_text("tasks")`. KeyError where there is none of that name."""
    for folder in _FOLDERS:
        path = folder / f"{name}.schema.json"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise KeyError(name)
