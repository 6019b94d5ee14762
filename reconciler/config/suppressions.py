"""Comments that silence warnings: `# reconcile: ignore[S005] it is meant to fire on either day`."""

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.config.declarations import Declaration
from reconciler.config.lines import Lines
from reconciler.config.positions import scalar_spans
from reconciler.diagnostics import WARNINGS, Diagnostic, Place, diagnostic

_COMMENT = re.compile(r"#[ \t]*reconcile:[ \t]*ignore\b(?:\[([^\]\r\n]*)\])?")
_LAST = {"F": 9, "N": 5, "S": 7, "U": 3, "A": 4, "J": 5, "D": 4, "O": 7, "P": 6, "E": 10}
CODES = {f"{kind}{number:03}" for kind, last in _LAST.items() for number in range(1, last + 1)} | {"O009"}
"""Every code there is."""

_CODE = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ignore:
    """One code of one comment."""

    code: str | None  # None: the comment names none
    place: Place

    @property
    def spot(self) -> tuple[str, int | None, str | None]:
        return self.place.file, self.place.line, self.code


def silence(
    diagnostics: Iterable[Diagnostic],
    declarations: Iterable[Declaration],
    texts: Mapping[str, str],
    *,
    unchecked: Container[str] = (),
    lowered: Container[str] = (),
) -> list[Diagnostic]:
    """The diagnostics, already located, without the warnings that a comment silences, and with F008.

    A comment speaks for its line, and on a task's first line for the whole task. `unchecked` are the codes
    that this run could not find at all: to ignore one of them is no mistake. `lowered` are those that are
    errors of themselves and set to be warnings.
    """
    every = list(diagnostics)
    ignores = [one for file, text in texts.items() for one in _ignores(file, text)]
    if not ignores:
        return every
    starts = _starts(declarations)
    spots = {one.spot for one in ignores}
    used: set[tuple[str, int | None, str | None]] = set()
    kept = []
    for one in every:
        silenced = [spot for spot in _spots(one, starts) if spot in spots]
        used.update(silenced)
        if not silenced:
            kept.append(one)
    failed = {one.place.file for one in every if one.is_error and one.place}
    return kept + [
        fault for one in ignores if one.spot not in used and (fault := _idle(one, unchecked, failed, lowered))
    ]


def _starts(declarations: Iterable[Declaration]) -> Mapping[tuple[str, int, int], int]:
    """On which line each task starts, and each overlay of one."""
    starts = {}
    for one in declarations:
        starts[one.file, one.document, one.index] = one.line
        for layer in one.layers:
            if layer.kind == "overlay":
                starts[layer.file, layer.document, int(layer.path[1])] = layer.line
    return starts


def _spots(
    one: Diagnostic, starts: Mapping[tuple[str, int, int], int]
) -> Iterator[tuple[str, int | None, str | None]]:
    if one.is_error or one.place is None:
        return
    yield one.place.file, one.place.line, one.code
    at = one.pointer
    if at is not None and len(at.path) > 1 and at.path[0] == "Tasks" and isinstance(at.path[1], int):
        line = starts.get((at.file, at.document, at.path[1]))
        if line is not None:
            yield at.file, line, one.code


def _ignores(file: str, text: str) -> Iterator[_Ignore]:
    comments = _comments(text)
    if not comments:
        return
    lines = Lines(file, text)
    for comment in comments:
        codes = list(_CODE.finditer(text, *comment.span(1))) if comment.group(1) else []
        for code in codes:
            yield _Ignore(code=code.group(), place=lines.place(*code.span()))
        if not codes:
            yield _Ignore(code=None, place=lines.place(*comment.span()))


def _comments(text: str) -> list[re.Match[str]]:
    """The real comments: what looks like one inside a scalar is text."""
    if "reconcile:" not in text:
        return []
    matches = list(_COMMENT.finditer(text))
    if not matches:
        return []
    spans = scalar_spans(text)
    starts = [start for start, _ in spans]

    def is_text(index: int) -> bool:
        before = bisect_right(starts, index)
        return before > 0 and index < spans[before - 1][1]

    return [match for match in matches if not is_text(match.start())]


def _idle(
    one: _Ignore, unchecked: Container[str], failed: Container[str], lowered: Container[str]
) -> Diagnostic | None:
    """F008 for an ignore that silenced nothing, unless it might have in a run that could check everything."""
    if one.code is None:
        return diagnostic(
            "F008", "this comment names no code", hint="name the codes: `ignore[S005]`", place=one.place
        )
    if one.code not in WARNINGS - {"F008"} | {"F007"} and one.code not in lowered:
        return _no_warning(one.code, one.place)
    if one.code in unchecked or one.place.file in failed:
        return None
    message = f"there is no {one.code} here to ignore"
    return diagnostic("F008", message, hint="take the code out", place=one.place)


def _no_warning(code: str, place: Place) -> Diagnostic:
    message, hint = f"there is no code {code}", "`reconcile rules` lists them all"
    if code in CODES:
        message = f"`{code}` cannot be ignored: only warnings can"
        hint = "mend what it reports, and take the code out"
    elif code.upper() in CODES:
        hint = f"write {code.upper()}"
    return diagnostic("F008", message, hint=hint, place=place)
