"""Which actions are found, and what is said of those that are not."""

import itertools
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from reconciler.actions import ActionFailed, Run
from reconciler.actions.discover import GROUP, find
from reconciler.errors import UsageError

Make = Callable[[str], str]
NUMBERS = itertools.count()

SEND = """
from reconciler.actions import action

@action("send", entity="report")
def send(run, attributes):
    raise LookupError(__name__)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes a module that can be imported, with a name that no other test has."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(text: str) -> str:
        name = f"found_{next(NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return make


def point(value: str, name: str = "some") -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_an_entry_point_names_a_module_or_a_function(module: Make) -> None:
    whole, one = module(SEND), module(SEND.replace("send", "print"))
    found = find(installed=[point(whole), point(f"{one}:print")])
    assert found.functions.keys() == {("report", "send"), ("report", "print")}
    assert found.functions["report", "send"].__module__ == whole
    assert found.problems == ()


def test_an_action_that_a_package_imports_is_found_once(module: Make) -> None:
    inner = module(SEND)
    outer = module(f"from {inner} import send\n")
    found = find([outer], [point(outer), point(inner), point(f"{inner}:send")])
    assert found.functions["report", "send"].__module__ == inner
    assert found.problems == ()


def test_a_module_that_is_named_comes_before_what_is_installed(module: Make) -> None:
    mine, installed = module(SEND), module(SEND)
    found = find([mine], [point(installed)])
    assert found.functions["report", "send"].__module__ == mine
    assert found.problems == ()


@pytest.mark.parametrize("named", [False, True])
def test_of_two_functions_for_one_action_neither_runs(named: bool, module: Make, run: Run) -> None:
    first, second, other = module(SEND), module(SEND), module(SEND.replace("send", "print"))
    names = [first, second, other]
    found = find(names, ()) if named else find((), [point(name) for name in names])
    (problem,) = found.problems
    for name in (first, second):
        assert f"{name}.send" in problem
    assert problem.startswith("report/send is defined by ")
    with pytest.raises(ActionFailed, match="neither runs"):
        found.functions["report", "send"](run, {})
    with pytest.raises(LookupError, match=other):
        found.functions["report", "print"](run, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("def (", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise ValueError('one\\ntwo')", "ValueError: one two"),
        ("raise ValueError", "ValueError"),
    ],
)
def test_a_package_that_cannot_be_imported_is_a_problem(text: str, said: str, module: Make) -> None:
    broken, sound = module(text), module(SEND)
    found = find(installed=[point(broken, "theirs"), point(sound)])
    assert found.functions.keys() == {("report", "send")}
    (problem,) = found.problems
    assert problem.startswith(f"the actions of theirs ({broken}) cannot be loaded: {said}")
    assert "\n" not in problem


def test_a_package_without_an_action_is_a_problem(module: Make) -> None:
    name = module("def send(run, attributes): ...\n")
    (problem,) = find(installed=[point(f"{name}:send")]).problems
    assert (
        problem == f'some ({name}:send) has no action: mark a function with @action("NAME", entity="ENTITY")'
    )
    (problem,) = find(installed=[point(f"{name}:sent")]).problems
    assert "has no attribute 'sent'" in problem


def test_a_named_module_that_cannot_be_imported_is_a_usage_error(module: Make) -> None:
    with pytest.raises(
        UsageError, match=r"'no_such' of --actions cannot be imported: ModuleNotFound"
    ) as caught:
        find(["no_such"], ())
    assert "PYTHONPATH" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="cannot be imported") as caught:
        find(["./acts.py"], ())
    assert "without a folder and `.py`" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="SystemExit: 3"):
        find([module("raise SystemExit(3)")], ())
    with pytest.raises(UsageError, match="has no action"):
        find([module("x = 1")], ())


def test_what_is_installed_here_is_found() -> None:
    found = find()
    assert found.problems == ()
    assert {("world", "export_data"), ("world", "export_csv_data")} <= found.functions.keys()
