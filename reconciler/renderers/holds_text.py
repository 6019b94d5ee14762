"""Holds, for people."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from reconciler.planning import Held, Hold, Restored
from reconciler.renderers.look import Look, visible
from reconciler.renderers.tables import table
from reconciler.report import HoldReport, HoldsReport, TaskHold, UnholdReport


def held_line(held: Held, zone: ZoneInfo, look: Look) -> str:
    """A row that a plan leaves alone."""
    inert = ", its row inert" if held.is_inert else ""
    waits = "; this waits:" if held.change else ""
    return (
        f"{look.paint(f'! {visible(held.name)}', 'cyan')}  on hold {told_hold(held.hold, zone)}{inert}{waits}"
    )


def restored_line(one: Restored, zone: ZoneInfo, look: Look) -> str:
    """A row that an apply restores."""
    levers = one.levers
    active = "active" if levers.active else "inactive"
    back = f"{active} again, as {visible(levers.as_user_email or 'nobody')}"
    name = look.paint(f"! {visible(one.row.name)}", "cyan")
    return f"{name}  {back}: its hold {told_hold(one.hold, zone)} is over"


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


def told_hold(hold: Hold, zone: ZoneInfo) -> str:
    """Until when, by whom and why."""
    return f"until {told_moment(hold.until, zone)} by {visible(hold.who)} ({visible(hold.reason)})"


def told_moment(moment: datetime, zone: ZoneInfo) -> str:
    """In the zone of the one who reads it, and in UTC, which cannot be mistaken."""
    utc = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return utc if zone.key == "UTC" else f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {zone.key} ({utc})"
