"""What the commands of holds did, for people."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from reconciler.renderers.held_text import told_hold
from reconciler.renderers.look import Look, visible
from reconciler.renderers.tables import table
from reconciler.report.holds import HoldReport, HoldsReport, TaskHold, UnholdReport


def hold_parts(report: HoldReport, look: Look) -> Iterator[str]:
    first = report.holds[0].hold
    heading = f"On hold {told_hold(first, report.timezone)}:"
    yield "\n".join((heading, *(_placed(one, report.timezone) for one in report.holds)))
    if not look.quiet:
        yield "\n".join(report.advice)


def _placed(one: TaskHold, zone: ZoneInfo) -> str:
    inert = ", its row inactive and without a user" if one.is_inert else ""
    instead = f", instead of {told_hold(one.replaced, zone)}" if one.replaced else ""
    return f"  {visible(one.name)}{inert}{instead}"


def unhold_parts(report: UnholdReport, look: Look) -> Iterator[str]:
    lines = (
        f"  {visible(one.name)}  was {told_hold(one.hold, report.timezone)}{_remark(one, 'its row restored')}"
        for one in report.holds
    )
    yield "\n".join(("On hold no longer:", *lines))
    if not look.quiet:
        yield "\n".join(report.advice)


def holds_parts(report: HoldsReport, look: Look) -> Iterator[str]:
    if not report.holds:
        yield "Nothing is on hold."
        return
    head = ("task", f"until ({report.timezone.key})", "by", "reason", "")
    yield table((head, *(_line(one, report.timezone) for one in report.holds)))


def _line(one: TaskHold, zone: ZoneInfo) -> tuple[str, ...]:
    hold = one.hold
    remark = _remark(one, "its row inert").removeprefix(", ")
    if one.has_ended:
        remark = (
            f"ended; {'the next apply restores its row' if one.is_inert else 'the next apply forgets it'}"
        )
    if one.is_gone:
        remark = "there is no such row any more"
    return one.name, f"{hold.until.astimezone(zone):%Y-%m-%d %H:%M}", hold.who, hold.reason, remark


def _remark(one: TaskHold, inert: str) -> str:
    if one.hold.restores is None:
        return ""
    return f", {inert}" if one.is_inert else ", its row made active or given a user by somebody since"
