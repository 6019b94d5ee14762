"""JUnit XML: a suite for each file and a case for each task in it; the guards and the apply are a suite too.

Only elements and attributes that every reader knows: Jenkins' xunit schema refuses any other.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reconciler.renderers.findings import UNVERIFIED, Finding, Report, findings, path_of
from reconciler.renderers.look import Look, visible
from reconciler.report.plan import Declared, PlanReport

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

WHOLE = "the file as a whole"
Case = tuple[str, list[Finding]]
"""A name, and what was found about it."""


def render(report: Report, look: Look) -> str:
    from xml.etree.ElementTree import Element, indent, tostring

    root = Element("testsuites")
    root.extend(_suite(name, cases) for name, cases in _suites(report))
    for attribute in ("tests", "failures", "errors"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suites(report: Report) -> Iterator[tuple[str, list[Case]]]:
    found = findings(report)
    declared: dict[str, list[Declared]] = {path: [] for path in report.recorded.values()}
    for one in report.declared:
        declared.setdefault(path_of(one.file, report.recorded) or "-", []).append(one)
    by_file: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.place:
            by_file.setdefault(finding.path or "-", []).append(finding)
    for path in dict.fromkeys((*declared, *by_file)):
        yield path, _cases(declared.get(path, []), by_file.get(path, []))
    if isinstance(report, PlanReport):
        steps = list(_steps(report, [one for one in found if not one.place]))
        yield from [("reconcile", steps)] if steps else []


def _cases(declared: Sequence[Declared], found: Sequence[Finding]) -> list[Case]:
    """One for each task, with what was found between its line and that of the next; one for the rest."""
    tasks = sorted(declared, key=lambda one: one.line)
    starts = [one.line for one in tasks]
    cases: list[Case] = [(one.task.name or f"the task in line {one.line}", []) for one in tasks]
    whole: list[Finding] = []
    for one in found:
        line = (one.place.line if one.place else None) or 0
        at = bisect_right(starts, line)
        (cases[at - 1][1] if at else whole).append(one)
    return cases if cases and not whole else [(WHOLE, whole), *cases]


def _steps(report: PlanReport, found: Sequence[Finding]) -> Iterator[Case]:
    """The guards, and where there was one the apply."""
    if report.plan is not None:
        yield "guards", [one for one in found if one.code != UNVERIFIED]
    if report.outcome is not None:
        yield "apply", [one for one in found if one.code == UNVERIFIED]


def _suite(name: str, cases: Sequence[Case]) -> "Element":
    from xml.etree.ElementTree import Element

    failures = sum(any(one.is_error for one in found) for _, found in cases)
    suite = Element("testsuite", name=visible(name), tests=str(len(cases)), failures=str(failures))
    suite.attrib |= {"errors": "0", "skipped": "0"}
    suite.extend(_case(case, found, name) for case, found in cases)
    return suite


def _case(name: str, found: Sequence[Finding], suite: str) -> "Element":
    from xml.etree.ElementTree import Element, SubElement

    case = Element("testcase", name=visible(name), classname=visible(suite), time="0")
    errors = [one for one in found if one.is_error]
    if errors:
        message = visible(errors[0].message)
        SubElement(case, "failure", type=errors[0].code, message=message).text = _text(errors)
    if warnings := [one for one in found if not one.is_error]:
        SubElement(case, "system-out").text = _text(warnings)
    return case


def _text(found: Sequence[Finding]) -> str:
    return "\n".join(f"{_where(one)}{one.severity}[{one.code}]: {_lines(one.text)}" for one in found)


def _lines(text: str) -> str:
    return "\n  ".join(map(visible, text.split("\n")))


def _where(one: Finding) -> str:
    spots = [one.path, one.place.line, one.place.column] if one.place else []
    return "".join(f"{visible(str(spot))}:" for spot in spots if spot is not None) + (" " if spots else "")
