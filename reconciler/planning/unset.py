"""Tasks whose values from the environment are not set here, for those who only look."""

from collections.abc import Mapping, Sequence

from reconciler.planning.changes import Desired
from reconciler.planning.masking import Path, replaced
from reconciler.planning.texts import row_keys
from reconciler.task import Row, value_at

Unset = Mapping[str, Sequence[Path]]
"""By the name of a task, where the values stand that nothing is known of."""


def as_in_table(wanted: Sequence[Desired], unset: Unset, rows: Sequence[Row]) -> Sequence[Desired]:
    """The tasks, saying of such values what their rows say: so nothing is told to change there.

    What no row has yet stays the placeholder that it is.
    """
    if not unset:
        return wanted
    by_name = {row.name: row for row in rows}
    return [_taken(one, unset[one.task.name], by_name) if one.task.name in unset else one for one in wanted]


def _taken(one: Desired, paths: Sequence[Path], rows: Mapping[str, Row]) -> Desired:
    names = (one.task.name, *one.task.lifecycle.previous_names)
    row = next((rows[name] for name in names if name in rows), None)
    if row is None:
        return one
    keys = row_keys(row)
    found = [(path, value_at(keys, path)) for path in paths]
    there = [(path, value) for path, value in found if value is not None]  # no variable can be null
    attributes = replaced({"Attributes": one.task.attributes}, there)["Attributes"]
    task = one.task._replace(attributes=attributes)
    return Desired.of(task, one.file, one.line, one.column, one.pointer, one.written)
