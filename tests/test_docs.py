"""The documents, executed; `python -m tests.test_docs` writes their outputs anew."""

import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler.errors import ExitCode
from tests.consoles import ROOT, Step, normal, rewritten, steps, told
from tests.test_architecture import MAY_IMPORT

DOCUMENTS = (
    "README.md",
    "docs/configuration.md",
    "docs/policies.md",
    "docs/refs.md",
    "docs/ci.md",
    "docs/exit-codes.md",
    "docs/plan-json.md",
    "docs/daptin.md",
    "docs/architecture.md",
    "docs/actions.md",
    "docs/scheduler.md",
    "docs/history.md",
    "docs/operations.md",
    "docs/export.md",
    "docs/calendar.md",
    "docs/schedules.md",
    "docs/environments.md",
)
EXAMPLES = ("quickstart", "patterns", "adopt", "ci", "actions", "broken", "environments")
PROSE = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (ROOT, ROOT / "docs", ROOT / "examples")
    for path in (folder.glob("*.md") if folder != ROOT / "examples" else folder.rglob("*.md"))
)

_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_tells_what_happens(document: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    for step, output in told(_text(document), folder):
        assert normal(output) == normal(step.expected), f"$ {step.command}"


@pytest.mark.parametrize("document", PROSE)
def test_links_lead_somewhere(document: str) -> None:
    folder = (ROOT / document).parent
    missing = [link for link in _LINK.findall(_text(document)) if not (folder / link).exists()]
    assert missing == []


def test_the_readme_runs_something() -> None:
    assert _text("README.md").count("\n$ reconcile --dry-run") >= 2
    assert len(_text("README.md").splitlines()) <= 125


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    names = {re.split(r"[\[>=<]", one)[0] for one in project["dependencies"]}
    assert {name for name in names if f"`{name}`" not in _text("README.md")} == set()


def test_every_exit_code_has_a_row() -> None:
    rows = re.findall(r"^\| (\d+) \|", _text("docs/exit-codes.md"), re.MULTILINE)
    assert rows == [str(int(code)) for code in ExitCode]


def test_the_example_of_the_plan_is_one() -> None:
    """The JSON of the page keeps to the schema; that it is what is printed is tested above."""
    schema = json.loads(_text("schemas/plan.schema.json"))
    every = (step.expected for step in steps(_text("docs/plan-json.md")) if isinstance(step, Step))
    shown = [json.loads(text) for text in every if text.startswith("{")]
    assert len(shown) == 2
    for one in shown:
        Draft202012Validator(schema).validate(one)
    assert {change["action"] for change in shown[0]["changes"]} == {"create", "update", "delete"}


def test_every_setting_is_explained() -> None:
    pages = _text("docs/configuration.md") + _text("docs/policies.md")
    keys = set(_keys(json.loads(_text("schemas/reconcile.schema.json"))))
    assert {key for key in keys if not re.search(rf"`{key}`|\b{key}:", pages)} == set()


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from _keys(value)


def test_the_import_table_of_the_page_is_the_one_that_is_tested() -> None:
    rows = dict(re.findall(r"^\| `([a-z0-9_]+)` \| (.*?) \|$", _text("docs/architecture.md"), re.MULTILINE))
    nouns = {room for room, others in MAY_IMPORT.items() if not others}
    told_of = {room: set(re.findall(r"`([a-z0-9_]+)`", others)) for room, others in rows.items()}
    assert told_of == {room: others for room, others in MAY_IMPORT.items() if room not in nouns}
    (sentence,) = re.findall(
        r"^The nouns import nothing of ours: (.*)\.$", _text("docs/architecture.md"), re.M
    )
    assert set(re.findall(r"`([a-z0-9_]+)`", sentence)) == nouns


def test_what_the_architecture_names_exists() -> None:
    """`room/file.py` and `file.function` of the page are there."""
    page = _text("docs/architecture.md")
    package = ROOT / "reconciler"
    files = re.findall(r"`(?:reconciler/)?([a-z_0-9/]+\.py)`", page)
    assert [file for file in files if not (package / file).exists() and not (ROOT / file).exists()] == []
    for module, function in re.findall(r"`([a-z_0-9/]+)\.([a-z_0-9]+)\(\)`", page):
        candidates = [package / f"{module}.py", package / module / "__init__.py"]
        text = "".join(path.read_text(encoding="utf-8") for path in candidates if path.exists())
        assert re.search(rf"\b(def {function}\b|import .*\b{function}\b)", text), f"{module}.{function}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_yaml_of_a_readme_is_yaml(name: str) -> None:
    for block in re.findall(r"^```yaml[^\n]*\n(.*?)^```$", _text(f"examples/{name}/README.md"), re.M | re.S):
        assert yaml.safe_load(block)


def test_a_different_output_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    document = "```yaml a/b.yaml\nx: 1\n```\n\n```console\n$ cat a/b.yaml\nx: 2\n$ false\n$ echo $?\n1\n```\n"
    assert [output == step.expected for step, output in told(document, folder)] == [False, True, True]
    assert rewritten(document, folder) == document.replace("x: 2", "x: 1")


def _text(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def rewrite() -> None:
    """Each document in an empty folder, the README of an example in a copy of its own."""
    for document in (*DOCUMENTS, *(f"examples/{name}/README.md" for name in EXAMPLES)):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary, "here")
            if document.startswith("examples/"):
                left = shutil.ignore_patterns("daptin.db*", "prod.*", "staging.*")
                shutil.copytree((ROOT / document).parent, folder, ignore=left)
            else:
                folder.mkdir()
            (ROOT / document).write_text(rewritten(_text(document), folder), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
