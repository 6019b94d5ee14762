"""What was exported, for people; and the YAML itself, where it goes to stdout."""

from collections.abc import Iterator

from reconciler.canonical import file_text
from reconciler.renderers.look import Look, counted, visible
from reconciler.report.export import ExportedRow, ExportReport


def yaml_pieces(report: ExportReport) -> Iterator[str]:
    """The YAML of an export that was not written to files."""
    for file in report.files:
        yield from file_text((one.keys, one.reasons) for one in file.rows)


def export_parts(report: ExportReport, look: Look) -> Iterator[str]:
    """What is in which file, and what is a comment there."""
    yield "\n".join(_warning(one, look) for one in report.left_out)
    if look.quiet:
        return
    yield "\n".join(_others(report))
    if report.is_written:
        yield "\n".join(
            f"{visible(file.path)}: {counted(file.tasks, 'task')}"
            for file in report.files
            if file.path is not None
        )
    tasks = sum(file.tasks for file in report.files)
    comments = f", {counted(len(report.left_out), 'row')} as comments" if report.left_out else ""
    yield f"Exported {counted(tasks, 'task')} of {visible(report.target.url)}{comments}."


def _warning(one: ExportedRow, look: Look) -> str:
    codes = ",".join(dict.fromkeys(fault.code for fault in one.faults))
    label = look.paint(f"warning[{codes}]", "yellow", "bold")
    reasons = "; ".join(fault.message for fault in one.faults)
    return f"{label}: row {one.row.id}, {visible(one.row.name)}, is a comment: {visible(reasons)}"


def _others(report: ExportReport) -> Iterator[str]:
    for owner, count in report.of_others.items():
        name = visible(owner)
        yield f"{counted(count, 'row')} of owner {name} left out: `--owner {name}` exports them."
