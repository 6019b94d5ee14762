"""`reconcile schema`."""

from reconciler.shipped import schema_text


def schema(name: str) -> str:
    """The text of a JSON Schema that we ship: tasks, plan or reconcile."""
    return schema_text(name)
