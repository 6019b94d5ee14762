"""When tasks run, as one page for a browser: nothing is loaded from anywhere."""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from reconciler import __version__
from reconciler.renderers.calendar_style import SCRIPT, STYLE
from reconciler.renderers.calendar_text import title
from reconciler.renderers.density import Scale, scale_of
from reconciler.renderers.look import Look, counted, visible
from reconciler.report.calendar import CalendarReport, Drawing
from reconciler.schedule.hours import KEPT, Herd

FOLDED = 12
"""Longer lists of names are folded."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

_SATURDAY = 5


def render(report: CalendarReport, look: Look) -> str:
    return "\n".join(_page(report)) + "\n"


def _page(report: CalendarReport) -> Iterator[str]:
    first, last = report.days[0], report.days[-1]
    span = f"{first:%a %Y-%m-%d} to {last:%a %Y-%m-%d}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>When tasks run: {span}</title>"
    yield f"<style>{STYLE}</style></head><body><main>"
    yield "<header><h1>When tasks run</h1>"
    yield f'<p class="span">{span}, hours of {_text(report.timezone.key)}</p></header>'
    scale = scale_of(report.drawings)
    for number, drawing in enumerate(report.drawings):
        before = report.drawings[0] if number else None
        yield from _section(drawing, before, number, scale, report)
    for note in report.notes:
        yield f'<p class="note">{_text(note)}</p>'
    moment = report.now.astimezone(report.timezone)
    yield f"<footer>Drawn by task-reconciler {__version__} for {moment:%a %Y-%m-%d %H:%M}.</footer>"
    yield f'</main><p id="detail" role="status"></p><script>{SCRIPT}</script></body></html>'


def _section(
    drawing: Drawing, before: Drawing | None, number: int, scale: Scale, report: CalendarReport
) -> Iterator[str]:
    what, much = title(drawing, report)
    yield f'<section aria-labelledby="drawing-{number}">'
    yield f'<h2 id="drawing-{number}">{_text(what)} <small>{_text(much)}</small></h2>'
    yield f'<a class="skip" href="#herds-{number}">Skip the hours</a>'
    yield '<div class="scroll"><table class="hours">'
    yield f'<caption class="unseen">Fires by day and hour. {_text(what)}</caption>'
    hours = "".join(f'<th scope="col">{hour:02}</th>' for hour in range(24))
    yield f'<thead><tr><th class="day" scope="col"><span class="unseen">day</span></th>{hours}'
    yield '<th class="sum" scope="col">fires</th></tr></thead><tbody>'
    for place, day in enumerate(report.days):
        yield _row(place, day, drawing, before, scale)
    yield "</tbody></table></div>"
    yield from _legend(scale, report.many, before is not None)
    yield f'<h3 id="herds-{number}">Many at once</h3>'
    yield from _herds(drawing.hours.herds, report)
    yield "</section>"


def _row(place: int, day: date, drawing: Drawing, before: Drawing | None, scale: Scale) -> str:
    kind = "weekend" if day.weekday() >= _SATURDAY else "monday" if place and not day.weekday() else ""
    label = f"{day:%a %d %b}" if not place or day.day == 1 else f"{day:%a %d}"
    cells = "".join(_cell(place, hour, drawing, before, scale) for hour in range(24))
    head = f'<th class="day" scope="row"><time datetime="{day}">{label}</time></th>'
    return f'<tr class="{kind}">{head}{cells}<td class="sum">{sum(drawing.hours.counts[place]):,}</td></tr>'


def _cell(day: int, hour: int, drawing: Drawing, before: Drawing | None, scale: Scale) -> str:
    count = drawing.hours.counts[day][hour]
    old = before.hours.counts[day][hour] if before else count
    classes = [f"l{scale.level(count)}"] if count else []
    classes += ["herd"] if (day, hour) in drawing.hours.crowded else []
    classes += ["more"] if count > old else ["less"] if count < old else []
    kind = f' class="{" ".join(classes)}"' if classes else ""
    told = _told(day, hour, drawing, old) if count or old else ""
    return f'<td tabindex="-1"{kind} title="{_text(told)}">{count or ""}</td>'


def _told(day: int, hour: int, drawing: Drawing, old: int) -> str:
    hours = drawing.hours
    count, names = hours.counts[day][hour], hours.names[day][hour]
    was = f", before {old:,}" if old != count else ""
    more = ", ..." if len(names) == KEPT else ""
    listed = f": {', '.join(map(visible, names))}{more}" if names else ""
    return f"{hour:02}:00 {counted(count, 'fire')}{was}{listed}"


def _legend(scale: Scale, many: int, is_after: bool) -> Iterator[str]:
    def item(classes: str, words: str) -> str:
        return f'<li><table aria-hidden="true"><tr><td class="{classes}"></td></tr></table>{words}</li>'

    yield '<ul class="legend">'
    yield from (item(f"l{level}", f"{words} fires") for level, words in scale.ranges())
    yield item("herd", f"{many:,} tasks or more start in one minute")
    if is_after:
        yield item("more", "more than before") + item("less", "fewer than before")
    yield "</ul>"


def _herds(herds: Sequence[Herd], report: CalendarReport) -> Iterator[str]:
    if not herds:
        yield f'<p class="note">There is no minute in which {report.many:,} tasks start.</p>'
        return
    yield '<ul class="herds">'
    for herd in herds:
        days = f"{herd.days} of {len(report.days)} days, such as " if herd.days > 1 else ""
        yield f"<li><b>{herd.moment:%H:%M}</b> {counted(len(herd.names), 'task')} start together on {days}"
        yield f"{herd.moment:%a %Y-%m-%d}{_names(herd.names)}</li>"
    yield "</ul>"


def _names(names: Sequence[str]) -> str:
    told = _text(", ".join(map(visible, names)))
    if len(names) <= FOLDED:
        return f'<div class="names">{told}</div>'
    return f'<details class="names"><summary>{len(names):,} names</summary>{told}</details>'


def _text(text: str) -> str:
    return escape(visible(text))
