"""How a function becomes an action."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.actions import Run, action
from reconciler.actions.discover import find


def test_a_function_stays_what_it_is() -> None:
    def greet(run: Run, attributes: Mapping[str, Any]) -> None:
        raise LookupError(attributes["who"])

    marked = action("greet", entity="person")(greet)
    assert marked is greet
    with pytest.raises(LookupError, match="Ann"):
        marked(None, {"who": "Ann"})  # type: ignore[arg-type]


def test_a_function_may_be_several_actions(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "from reconciler.actions import action\n"
        '@action("a", entity="x")\n@action("b", entity="y")\ndef both(run, attributes): ...\n'
    )
    (tmp_path / "several_actions.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    functions = find(["several_actions"], ()).functions
    assert functions.keys() == {("x", "a"), ("y", "b")}
    assert functions["x", "a"] is functions["y", "b"]


def test_what_would_do_nothing_when_it_is_called_is_refused() -> None:
    async def later(run: Run, attributes: Mapping[str, Any]) -> None: ...

    def lazily(run: Run, attributes: Mapping[str, Any]) -> Any:
        yield 1

    async def both(run: Run, attributes: Mapping[str, Any]) -> Any:
        yield 1

    for function in (later, lazily, both):
        with pytest.raises(TypeError, match="report/send: an action is an ordinary function"):
            action("send", entity="report")(function)
