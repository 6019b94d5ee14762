"""`--help` of the programs and of every command."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from reconciler.cli import main, scheduler
from reconciler.cli.options import FINDINGS_FORMATS
from reconciler.errors import ExitCode

WIDTH = 80


def commands(group: click.Group, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command of a program, with the words that lead to it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *words, name)


EVERY = [
    *((main.run, words, command) for words, command in commands(main.reconcile)),
    *((scheduler.run, words, command) for words, command in commands(scheduler.scheduler)),
]


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_the_programs_tell_of_their_commands(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    for run, group in ((main.run, main.reconcile), (scheduler.run, scheduler.scheduler)):
        with pytest.raises(SystemExit) as end:
            run([option])
        said = capsys.readouterr().out
        assert end.value.code == 0
        listed = said.partition("Show this message and exit.\n")[2].partition("Exit codes:")[0]
        named = [line.split()[0] for line in listed.splitlines() if line[:2] == "  " and line[2:3].strip()]
        assert sorted(named) == sorted(group.list_commands(click.Context(group)))


def test_paths_and_commands_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.run(["--help"])
    said = capsys.readouterr().out
    assert said.startswith(
        "Usage: reconcile [OPTIONS] [PATH]...\n   or: reconcile [OPTIONS] COMMAND [ARGS]...\n"
    )
    assert "--dry-run" in said


def test_the_exit_codes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.run(["--help"])
    told = capsys.readouterr().out.partition("Exit codes:\n")[2]
    assert re.findall(r"^  (\d+)  ", told, re.MULTILINE) == [str(int(code)) for code in ExitCode]


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: " ".join(entry[1]))
def test_every_command_says_what_it_is_for(
    entry: tuple[Callable[..., object], tuple[str, ...], click.Command], capsys: pytest.CaptureFixture[str]
) -> None:
    run, words, command = entry
    with pytest.raises(SystemExit) as end:
        run([*words, "--help"])
    said = capsys.readouterr()
    assert (end.value.code, said.err) == (0, "")
    assert command.help or command.short_help
    assert max(map(len, said.out.splitlines())) <= WIDTH
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help and not one.hidden] == []


def chosen(command: click.Command) -> list[str]:
    """The formats that `--format` of a command takes."""
    return [
        str(one)
        for parameter in command.params
        if parameter.name == "format_" and isinstance(parameter.type, click.Choice)
        for one in parameter.type.choices
    ]


WITH_FORMATS = [entry for entry in EVERY if chosen(entry[2])]


def test_most_commands_have_formats() -> None:
    assert len(WITH_FORMATS) > 30
    assert {tuple(chosen(command)) for *_, command in WITH_FORMATS} == {
        ("text", "json"),
        ("text", "json", "markdown", "github"),
        FINDINGS_FORMATS,
    }


@pytest.mark.parametrize("entry", WITH_FORMATS, ids=lambda entry: " ".join(entry[1]))
def test_a_format_that_a_command_has_not_is_refused_before_anything_is_done(
    entry: tuple[Callable[..., object], tuple[str, ...], click.Command],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    run, words, command = entry
    known = chosen(command)
    for wrong in [*(one for one in FINDINGS_FORMATS if one not in known), "html"]:
        for option, told in (
            (f"--format={wrong}", f"'{wrong}' is not one of {', '.join(map(repr, known))}."),
            (f"--output={wrong}=x", f"--output: '{wrong}' is no format of this command"),
        ):
            with pytest.raises(SystemExit) as end:
                run([*words, option])
            said = capsys.readouterr()
            assert (end.value.code, said.out) == (64, "")
            assert sum(told in line for line in said.err.splitlines()) == 1
            assert ", ".join(known) in said.err.replace("'", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("entry", WITH_FORMATS, ids=lambda entry: " ".join(entry[1]))
def test_the_help_of_a_command_lists_the_formats_that_it_has(
    entry: tuple[Callable[..., object], tuple[str, ...], click.Command], capsys: pytest.CaptureFixture[str]
) -> None:
    run, words, command = entry
    with pytest.raises(SystemExit):
        run([*words, "--help"])
    listed = "".join(capsys.readouterr().out.split())
    assert f"--format[{'|'.join(chosen(command))}]" in listed
