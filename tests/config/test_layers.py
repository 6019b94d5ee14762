"""Layers: what counts for a key, put together by hand; and which layer a value is said to come from."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import Allowed, declare, locate, read, said_by, silence, unmatched
from reconciler.diagnostics import Diagnostic, diagnostic
from reconciler.errors import UsageError
from reconciler.planning.texts import task_keys
from tests.behaviour.program import yaml_of

KEYS = ("Schedule", "EntityName", "ActionName", "AsUserEmail", "JobType")
LAYERS = ("overlay", "task", "file", "near", "far")
FILES = {"far": "_defaults.yaml", "near": "team/_defaults.yaml", "overlay": "env/prod/x.yaml"}

values = st.recursive(
    st.integers(0, 9) | st.booleans() | st.sampled_from(["a", "b"]) | st.lists(st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=5,
)
mappings = st.dictionaries(st.sampled_from("xyz"), values, max_size=3)
layer = st.fixed_dictionaries(
    {},
    optional={
        **{key: st.sampled_from(["@daily", "@hourly", "@weekly"]) for key in KEYS},
        "Active": st.booleans(),
        "Attributes": mappings,
        "Scheduler": st.fixed_dictionaries(
            {},
            optional={
                "Overlap": st.sampled_from(["skip", "queue"]),
                "Timeout": st.sampled_from(["1s", "2s"]),
            },
        ),
    },
)


def by_hand(values: list[Any]) -> Any:
    """The strongest first. Mappings are one, down to the first value that is none; else the first counts."""
    head = values[0]
    if not isinstance(head, dict):
        return head
    mixed = []
    for one in values:
        if not isinstance(one, dict):
            break
        mixed.append(one)
    keys = {key for one in mixed for key in one}
    return {key: by_hand([one[key] for one in mixed if key in one]) for key in keys}


def origin_by_hand(layers: Mapping[str, Any], path: tuple[Any, ...]) -> str:
    """The strongest that has a value there."""
    for name in LAYERS:
        value = layers[name]
        for key in path:
            value = value[key] if isinstance(value, dict) and key in value else None
            if value is None:
                break
        if value is not None:
            return name
    raise AssertionError(path)


def set_up(folder: Path, layers: Mapping[str, Mapping[str, Any]]) -> None:
    for name, file in FILES.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        said = dict(layers[name])
        path.write_text(
            yaml_of([{"Name": "t", **said}]) if name == "overlay" else f"Defaults: {flow(said)}\n"
        )
    text = f"Defaults: {flow(layers['file'])}\n{yaml_of([{'Name': 't', **layers['task']}])}"
    (folder / "team" / "t.yaml").write_text(text)


def flow(value: Any) -> str:
    return yaml_of([value]).removeprefix("Tasks:\n  - ").strip()


@settings(deadline=None)
@given(layers=st.fixed_dictionaries(dict.fromkeys(LAYERS, layer)))
def test_layers_are_what_they_are_by_hand(
    layers: Mapping[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("layers")
    far = {**dict.fromkeys(KEYS, "@yearly"), **layers["far"]}
    layers = {**layers, "far": far}
    set_up(folder, layers)
    reading = read([str(folder)], environment="prod")
    ((one,), found) = declare(reading.documents, reading.patches)
    assert [*reading.diagnostics, *found] == []
    expected = by_hand([layers[name] for name in LAYERS])
    keys = task_keys(one.task)
    assert {key: keys[key] for key in expected if key in keys and key != "Scheduler"} == {
        key: value for key, value in expected.items() if key != "Scheduler"
    }
    assert keys.get("Scheduler", {}) == expected.get("Scheduler", {})
    ((said, origins),) = said_by([one], reading)
    assert {**said, "Name": None} == {**expected, "Name": None}
    for path, kind, place in origins:
        if path != ("Name",):
            name = origin_by_hand(layers, path)
            file = FILES.get(name, "team/t.yaml")
            assert (kind, place.file) == (
                {"near": "directory", "far": "directory"}.get(name, name),
                str(folder / file),
            )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def placed(found: list[Diagnostic], texts: Mapping[str, str]) -> list[str]:
    return [f"{one.code} {one.place and one.place.file}" for one in locate(found, texts)]


TASK = (
    '  - Name: {name}\n    Schedule: "@daily"\n    EntityName: e\n    ActionName: a\n    AsUserEmail: u@x\n'
)


def test_a_task_says_the_same_whatever_is_given_with_it(here: Path) -> None:
    (here / "tasks/team").mkdir(parents=True)
    (here / "tasks/env/prod").mkdir(parents=True)
    (here / "_defaults.yaml").write_text("Defaults: {JobType: root}\n")
    (here / "tasks/_defaults.yaml").write_text("Defaults: {Active: false}\n")
    (here / "tasks/team/a.yaml").write_text("Tasks:\n" + TASK.format(name="a"))
    (here / "tasks/b.yaml").write_text("Tasks:\n" + TASK.format(name="b"))
    (here / "tasks/env/prod/x.yaml").write_text("Tasks: [{Name: a, Active: true}, {Name: b, JobType: x}]\n")
    said = []
    whole = str(here / "tasks/team")
    for path in (".", "tasks", "tasks/team", "tasks/team/a.yaml", whole, "tasks/team/../team"):
        reading = read([path], environment="prod")
        declarations, found = declare(reading.documents, reading.patches)
        found += unmatched(reading.patches, declarations, reading.texts)
        assert found == [], path
        said += [task_keys(one.task) for one in declarations if one.task.name == "a"]
    assert said == [said[0]] * 6
    assert (said[0]["Active"], said[0]["JobType"]) == (True, "root")


def test_directories_above_the_base_say_nothing(here: Path) -> None:
    (here / "inner").mkdir()
    (here / "_defaults.yaml").write_text("Defaults: {JobType: outside}\n")
    (here / "inner/a.yaml").write_text("Tasks:\n" + TASK.format(name="a"))
    ((one,), _) = declare(read(["inner/a.yaml"], base=here / "inner").documents)
    assert one.task.job_type == ""
    ((one,), _) = declare(read(["inner/a.yaml"], base=here).documents)
    assert one.task.job_type == "outside"


def test_standard_input_has_only_its_own_defaults(here: Path) -> None:
    import io

    (here / "_defaults.yaml").write_text("Defaults: {JobType: folder}\n")
    text = "Defaults: {Active: false}\nTasks:\n" + TASK.format(name="a")
    ((one,), _) = declare(read(["-"], stdin=io.BytesIO(text.encode())).documents)
    assert (one.task.active, one.task.job_type) == (False, "")


def test_an_overlay_of_another_directory_does_not_reach_a_task(here: Path) -> None:
    for team in ("one", "two"):
        (here / team / "env/prod").mkdir(parents=True)
        (here / team / "t.yaml").write_text("Tasks:\n" + TASK.format(name=team))
    (here / "two/env/prod/x.yaml").write_text("Tasks: [{Name: one, Active: false}]\n")
    reading = read(["."], environment="prod")
    declarations, found = declare(reading.documents, reading.patches)
    found += unmatched(reading.patches, declarations, reading.texts)
    assert [one.task.active for one in declarations] == [True, True]
    assert placed(found, reading.texts) == ["E006 two/env/prod/x.yaml"]
    assert found[0].hint == "it is declared at one/t.yaml:2: an overlay lies beside its tasks"


def test_an_environment_that_is_only_listed_has_no_overlays(here: Path) -> None:
    (here / "t.yaml").write_text("Tasks:\n" + TASK.format(name="a"))
    assert read(["t.yaml"], environment="prod", listed=["prod"]).patches == ()
    with pytest.raises(UsageError, match="there is no environment 'prod', nor any other"):
        read(["t.yaml"], environment="prod")


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("string", "007", "007"),
        ("int", "42", 42),
        ("int", "-0x1F", None),
        ("int", "4.0", None),
        ("int", " 42", None),
        ("float", "1.5", 1.5),
        ("float", "2", 2),
        ("float", ".inf", None),
        ("bool", "true", True),
        ("bool", "yes", None),
        ("bool", "1", None),
        ("json", '{"a": [1, null]}', {"a": [1, None]}),
        ("json", "null", None),
        ("json", "{", ...),
        ("json", "NaN", ...),
        ("json", "1e999", ...),
        ("json", '"\\ud800"', ...),
        ("json", "[" * 60 + "]" * 60, ...),
        ("json", "[" * 100_000, ...),
        ("string", "\udcff", None),
    ],
)
def test_a_variable_is_read_as_its_type(here: Path, type_: str, text: str, expected: Any) -> None:
    variable = f"!env {{name: RECONCILE_VAR_X, type: {type_}}}"
    (here / "t.yaml").write_text("Tasks:\n" + TASK.format(name="a") + f"    Attributes: {{x: {variable}}}\n")
    allowed = Allowed(prefix="RECONCILE_VAR_", values={"RECONCILE_VAR_X": text})
    ((one,), found) = declare(read(["t.yaml"]).documents, (), allowed)
    is_wrong = expected is ... or (expected is None and text != "null")
    assert [fault.code for fault in found] == (["E002"] if is_wrong else [])
    assert text not in f"{found}" or text == "["
    assert [secret.variable for secret in one.task.secrets] == ["RECONCILE_VAR_X"]
    if not is_wrong:
        assert one.task.attributes == {"x": expected}
        assert type(one.task.attributes["x"]) is type(expected)


def test_a_comment_on_the_first_line_of_a_patch_speaks_for_it(here: Path) -> None:
    (here / "env/prod").mkdir(parents=True)
    (here / "t.yaml").write_text("Tasks:\n" + TASK.format(name="a"))
    text = (
        'Tasks:\n  - Name: a  # reconcile: ignore[S005] both\n    Active: true\n    Schedule: "0 0 1 * 1"\n'
    )
    (here / "env/prod/x.yaml").write_text(text)
    reading = read(["t.yaml"], environment="prod")
    declarations, _ = declare(reading.documents, reading.patches)
    (one,) = declarations
    warning = diagnostic("S005", "either", pointer=one.at("Schedule"))
    (located,) = locate([warning], reading.texts)
    assert located.place is not None
    assert (located.place.file, located.place.line) == ("env/prod/x.yaml", 4)
    assert silence([located], declarations, reading.texts) == []


@pytest.mark.parametrize("file", ["_defaults.yaml", "env/prod/x.yaml"])
def test_a_pipe_is_not_waited_for(here: Path, file: str) -> None:
    (here / "env/prod").mkdir(parents=True)
    (here / "t.yaml").write_text("Tasks:\n" + TASK.format(name="a"))
    os.mkfifo(here / file)
    found = read(["t.yaml"], environment="prod").diagnostics
    assert placed(list(found), {}) == [f"F001 {file}"]
