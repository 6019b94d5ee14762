"""`--help` of the programs and of every command."""

from collections.abc import Callable, Iterator

import click
import pytest

from reconciler.cli import main, scheduler

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
        listed = said.partition("Show this message and exit.\n")[2]
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
