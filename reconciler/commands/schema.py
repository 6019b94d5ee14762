"""`reconcile schema`."""

from reconciler.diagnostics import did_you_mean
from reconciler.errors import UsageError
from reconciler.shipped import schema_names, schema_text


def schema(name: str) -> str:
    """The text of a JSON Schema that we ship. Raises UsageError for a name that there is not."""
    names = schema_names()
    if name in names:
        return schema_text(name)
    near = did_you_mean(name, names)
    hint = f"did you mean {near!r}? " if near else ""
    raise UsageError(f"there is no schema {name!r}", hint=f"{hint}There are {', '.join(names)}.")
