"""A hold in a few words, for people."""

from datetime import datetime
from zoneinfo import ZoneInfo

from reconciler.planning.changes import Held, Hold, Restored
from reconciler.renderers.look import Look, in_utc, visible


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


def told_hold(hold: Hold, zone: ZoneInfo) -> str:
    """Until when, by whom and why."""
    return f"until {_told_moment(hold.until, zone)} by {visible(hold.who)} ({visible(hold.reason)})"


def _told_moment(moment: datetime, zone: ZoneInfo) -> str:
    """In the zone of the one who reads it, and in UTC."""
    utc = in_utc(moment)
    return utc if zone.key == "UTC" else f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {zone.key} ({utc})"
