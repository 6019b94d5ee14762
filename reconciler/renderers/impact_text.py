"""What depends on a user or an action, for people."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from reconciler.renderers.look import Look, counted, in_utc, visible
from reconciler.report.impact import Asked, Dependent, ImpactReport


def impact_parts(report: ImpactReport, look: Look) -> Iterator[str]:
    broken = [one for one in report.tasks if one.broken]
    paused = [one for one in report.tasks if not one.broken and not one.active]
    yield "\n".join(_asked(one) for one in report.asked if not one.exists)
    yield _listed("Would stop working", report.would_stop, report, look)
    yield _listed("Inactive, and could not be switched on again", paused, report, look)
    yield _listed("Does not work already", broken, report, look)
    yield _last_line(report)


def _asked(one: Asked) -> str:
    return f"There is no {one.kind} {visible(one.name)}."


def _listed(title: str, tasks: Sequence[Dependent], report: ImpactReport, look: Look) -> str:
    if not tasks:
        return ""
    lines = (line for one in tasks for line in _task(one, report, look))
    return "\n".join((f"{title}:", *(f"  {line}" for line in lines)))


def _task(one: Dependent, report: ImpactReport, look: Look) -> Iterator[str]:
    owner = f"owner {visible(one.owner)}" if one.owner is not None else "of no owner"
    place = f", {visible(one.file)}:{one.line}" if one.file is not None else ""
    where = "" if one.in_table else ", not applied yet"
    yield f"{visible(one.name)}  {look.paint(f'({owner}{place}{where})', 'dim')}"
    needs = f"needs {' and '.join(map(visible, one.why))}" if len(report.asked) > 1 else ""
    if remarks := "; ".join(filter(None, (needs, _next(one, report.timezone)))):
        yield f"    {remarks}"
    yield from (f"    {visible(reason)}" for reason in one.broken)


def _next(one: Dependent, zone: ZoneInfo) -> str:
    if one.next is None:
        return "never fires" if one.active else ""
    local = "" if zone.key == "UTC" else f"{one.next.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}, "
    return f"fires next {local}{in_utc(one.next)}"


def _last_line(report: ImpactReport) -> str:
    names = ", ".join(visible(one.name) for one in report.asked)
    looked = "" if report.has_files else " in the table; no files were looked at"
    count = counted(len(report.would_stop), "task") if report.would_stop else "No task"
    return f"{count} would stop working without {names}{looked}."
