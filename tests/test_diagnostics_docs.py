"""docs/diagnostics.md, executed: each example yields its code and the message shown, each fix is clean."""

import contextlib
import re
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reconciler import checks, config
from reconciler.catalogue import Access, Action, Catalogue, Entity, Input, User
from reconciler.checks.context import Context
from reconciler.commands.rules import rules
from reconciler.config.policies import NO_POLICIES, Policies
from reconciler.config.settings import parse_settings
from reconciler.diagnostics import WARNINGS, Diagnostic, by_place
from reconciler.errors import UsageError
from reconciler.renderers.diagnostics_text import render_diagnostics
from reconciler.renderers.look import Look
from reconciler.renderers.text import render
from reconciler.rules import Rule
from tests.consoles import normal, rewritten, told

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "diagnostics.md"
NOT_EXECUTED = "<!-- not executed:"
PLANNED = {"F001", "N004", "O001", "O002", "O003", "O004", "O005", "O006", "O007", "O009", "P006"}
"""The only codes that a YAML text, a catalogue and policies cannot show, and no console does."""

_BLOCK = re.compile(r"^```(\w+)(.*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)
_CODE = re.compile(r"""["']([FNSUAJDOPE]\d{3})["']""")

OPEN = Access(owner_id=1, permission=561441)
OPERATORS = Access(owner_id=1, permission=0, groups={4: 1 << 19})
CATALOGUE = Catalogue(
    users={
        "reports@example.com": User(id=2, email="reports@example.com", groups=frozenset({3})),
        "backup@example.com": User(id=3, email="backup@example.com", groups=frozenset({3, 4})),
    },
    entities={name: Entity(name=name, access=OPEN) for name in ("report", "world", "site")},
    actions={
        ("report", "generate_report"): Action(
            name="generate_report",
            entity_name="report",
            access=OPEN,
            inputs=(Input(name="type"), Input(name="format", nullable=True)),
        ),
        ("world", "export_data"): Action(
            name="export_data", entity_name="world", access=OPERATORS, inputs=(Input(name="table_name"),)
        ),
        ("site", "sync_site_storage"): Action(
            name="sync_site_storage",
            entity_name="site",
            access=OPEN,
            inputs=(Input(name="path"),),
            instance_optional=False,
        ),
    },
    groups={1: "guests", 2: "administrators", 3: "users", 4: "operators"},
)

RULES = {rule.code: rule for rule in rules().rules}
TOLD = [rule for rule in RULES.values() if "```console" in rule.text]
"""Those of rows: commands show them."""
EXECUTED = [rule for rule in RULES.values() if NOT_EXECUTED not in rule.text and rule not in TOLD]

PREPARED = """
```console
$ reconcile init
$ reconcile users add reports@example.com
$ reconcile actions add report generate_report --input 'type?'
```
"""
"""The database in which the commands of a section are run."""


def blocks(rule: Rule, word: str) -> list[tuple[dict[str, str], str]]:
    """The settings and the text of each block of a section whose fence says `yaml WORD`, or `text`."""
    found = []
    for language, words, text in _BLOCK.findall(rule.text):
        marks = words.split()
        if (language == "yaml" and marks[:1] == [word]) or (language == word == "text"):
            found.append((dict(mark.split("=") for mark in marks[1:]), text))
    return found


def set_beside(rule: Rule, folder: Path) -> None:
    """Write the other files that an example needs."""
    for settings, text in blocks(rule, "beside"):
        (folder / settings["file"]).write_text(text, encoding="utf-8")


def agreed(rule: Rule) -> Policies:
    """The policies of the reconcile.yaml that a section may show."""
    return parse_settings("".join(text for _, text in blocks(rule, "settings"))).policies


def diagnostics(
    folder: Path, text: str, settings: dict[str, str], policies: Policies = NO_POLICIES
) -> list[Diagnostic]:
    """What the whole of reading and checking says of a text."""
    file = settings.get("file", "tasks.yaml")
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text, encoding="utf-8")
    context = Context(
        now=datetime(2026, 11, 23, 12, tzinfo=UTC),
        timezone=ZoneInfo("UTC"),
        catalogue=CATALOGUE,
        attributes_limit=int(settings["limit"]) if "limit" in settings else None,
        reader="daptin" if settings.get("reader") == "daptin" else "scheduler",
        executors=frozenset({tuple(settings["executors"].split("/"))}) if "executors" in settings else None,
        kind="sqlite" if settings.get("kind") == "sqlite" else None,
        policies=policies,
    )
    reading = config.read([settings.get("read", file)], environment=settings.get("env"))
    values = dict([settings["set"].split(":")]) if "set" in settings else {}
    allowed = config.Allowed(prefix="RECONCILE_VAR_", values=values)
    declarations, found = config.declare(reading.documents, reading.patches, allowed)
    unmatched = config.unmatched(reading.patches, declarations, reading.texts)
    every = [*reading.diagnostics, *found, *unmatched, *checks.check(declarations, context)]
    located = config.locate(every, reading.texts)
    return by_place(config.silence(located, declarations, reading.texts))


def shown(found: Iterable[Diagnostic]) -> str:
    return render_diagnostics(found, Look(color=False, width=200)) + "\n"


@pytest.mark.parametrize("rule", EXECUTED, ids=lambda rule: rule.code)
def test_the_example_yields_the_message(rule: Rule, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    set_beside(rule, tmp_path)
    [(settings, text)] = blocks(rule, "wrong")
    found = diagnostics(tmp_path, text, settings, agreed(rule))
    assert {one.code for one in found if one.is_error or one.code == rule.code} == {rule.code}
    [(_, message)] = blocks(rule, "text")
    assert shown(one for one in found if one.code == rule.code) == message


@pytest.mark.parametrize("rule", EXECUTED, ids=lambda rule: rule.code)
def test_the_fix_is_clean(rule: Rule, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    set_beside(rule, tmp_path)
    [(settings, text)] = blocks(rule, "right")
    found = diagnostics(tmp_path, text, settings, agreed(rule))
    assert shown(one for one in found if one.code == rule.code or "reader" not in settings) == "\n"


@pytest.mark.parametrize("rule", TOLD, ids=lambda rule: rule.code)
def test_the_commands_yield_the_message(rule: Rule, tmp_path: Path) -> None:
    folder = prepared(tmp_path)
    outputs = []
    for step, output in told(rule.text, folder):
        assert normal(output) == normal(step.expected), f"$ {step.command}"
        outputs.append(output)
    assert any(f"[{rule.code}]" in output for output in outputs)
    assert rule.code not in outputs[-1]


def prepared(folder: Path) -> Path:
    """A folder with the database of `PREPARED`."""
    here = folder / "here"
    here.mkdir()
    assert [step.command for step, output in told(PREPARED, here) if "reconcile:" in output] == []
    return here


def test_only_what_needs_more_than_a_dry_run_is_not_executed() -> None:
    assert set(RULES) - {rule.code for rule in (*EXECUTED, *TOLD)} == PLANNED


def test_every_code_that_is_given_has_a_section() -> None:
    given = {
        code
        for file in (ROOT / "reconciler").rglob("*.py")
        for code in _CODE.findall(file.read_text(encoding="utf-8"))
    }
    assert given == set(RULES)


def test_the_severities_are_those_given() -> None:
    assert {rule.code for rule in RULES.values() if rule.severity == "warning"} == WARNINGS


def test_every_heading_of_the_second_level_is_a_rule() -> None:
    headings = re.findall(r"^## ", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(headings) == len(RULES)


def test_one_rule() -> None:
    [rule] = rules("s005").rules
    assert (rule.code, rule.severity) == ("S005", "warning")
    assert rule.title == "day of month and day of week both restricted"
    assert rule.text.startswith("Where both fields are restricted")
    assert "S006" not in rule.text
    assert "\n# " not in rules("S007").rules[0].text


def test_a_rule_on_a_terminal() -> None:
    plain = render(rules("o001"), Look())
    assert "not executed" not in plain
    assert "```" not in plain
    assert "\n\n\n" not in plain
    assert "\n    Refused, nothing is applied:\n      O001 6 of 12 rows would be deleted" in plain


@pytest.mark.parametrize(
    ("code", "hint"), [("S05", "did you mean S005?"), ("x", "`reconcile rules` lists them all")]
)
def test_an_unknown_rule_is_a_usage_error(code: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        rules(code)
    assert caught.value.hint == hint


def rewrite() -> None:
    """Write the messages that are given today into the document: `python -m tests.test_diagnostics_docs`."""
    document = DOCUMENT.read_text(encoding="utf-8")
    for rule in EXECUTED:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            set_beside(rule, Path(folder))
            [(settings, text)] = blocks(rule, "wrong")
            found = diagnostics(Path(folder), text, settings, agreed(rule))
        message = shown(one for one in found if one.code == rule.code)
        [(_, before)] = blocks(rule, "text")
        section = rule.text.replace(f"```text\n{before}```", f"```text\n{message}```")
        document = document.replace(rule.text, section)
    for rule in TOLD:
        with tempfile.TemporaryDirectory() as folder:
            document = document.replace(rule.text, rewritten(rule.text, prepared(Path(folder))))
    DOCUMENT.write_text(document, encoding="utf-8")


if __name__ == "__main__":
    rewrite()
