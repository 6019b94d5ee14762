"""The group that takes paths or a subcommand: `reconcile tasks/`, `reconcile validate tasks/`."""

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

YAML_SUFFIXES = (".yaml", ".yml")
WORD = "reconciler.word"

ELSEWHERE = {
    **dict.fromkeys(("diff", "preview-changes"), "reconcile plan"),
    **dict.fromkeys(("sync", "deploy"), "reconcile"),
    **dict.fromkeys(("log", "applies"), "reconcile history"),
    **dict.fromkeys(("rollback", "revert"), "reconcile undo"),
    **dict.fromkeys(("check", "lint", "test"), "reconcile validate"),
    **dict.fromkeys(("list", "ls", "get", "state"), "reconcile export"),
    **dict.fromkeys(("show", "describe"), "reconcile explain"),
    **dict.fromkeys(("import", "dump", "pull"), "reconcile export"),
    **dict.fromkeys(("pause", "suspend"), "reconcile hold"),
    **dict.fromkeys(("resume", "unpause"), "reconcile unhold"),
    "help": "reconcile --help",
    "version": "reconcile --version",
}
"""The words of other tools, and ours for the same."""


EXIT_CODES = (
    ("0", "Done, or nothing to do."),
    ("1", "Errors in the files, or an unexpected failure; nothing is written."),
    ("2", "Changes are pending (--detailed-exitcode), or rows have drifted (drift)."),
    ("3", "Refused by a guard; the plan says by which word it passes."),
    ("4", "No database that can be reached, read or written."),
    ("5", "Applied, but not as planned, or nobody can tell: make a dry run."),
    ("64", "Wrong usage."),
    ("130", "Interrupted, or answered with no."),
)
"""As `--help` tells them."""


class ReconcileGroup(click.Group):
    """A subcommand's name wins wherever it stands first among the words; other words are paths.

    Options may come before a subcommand and count for it: they become its defaults.
    """

    def __init__(
        self,
        *,
        default: click.Command,
        sections: Mapping[str, Mapping[str, str]],
        **attributes: Any,
    ) -> None:
        options = [one for one in default.params if isinstance(one, click.Option)]
        super().__init__(params=options, help=default.help, **attributes)
        self.default = default
        self.sections = sections
        self.files = {name: file for files in sections.values() for name, file in files.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.files)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; a run pays for the file of no other."""
        if cmd_name not in self.files:
            return None
        family: Sequence[click.Command] = import_module(f"reconciler.cli.{self.files[cmd_name]}").COMMANDS
        return next(command for command in family if command.name == cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:  # a shell asks how a line could go on
            return super().parse_args(ctx, args)
        options, word = self._read_ahead(ctx, args)
        if word in self.files or self._asks_about_itself(ctx, options):
            ctx.meta[WORD] = word
            return super().parse_args(ctx, args)
        if word is not None:
            self._refuse_unless_path(ctx, word)
        ctx.args = args
        return args

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.params:
            given = {name: value for name, value in ctx.params.items() if _is_given(ctx, name)}
            word = ctx.meta[WORD]
            command = self.get_command(ctx, word)
            assert command is not None, "it was found among the words"
            self._refuse_foreign(ctx, word, command, given)
            ctx.default_map = {word: _defaults(command, given)}
            return super().invoke(ctx)
        with self.default.make_context(ctx.info_name, ctx.args, parent=ctx.parent) as inner:
            return self.default.invoke(inner)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Options; or subcommands, and where none begins like that, files."""
        words = super().shell_complete(ctx, incomplete)
        return words if incomplete.startswith("-") else [CompletionItem(incomplete, type="file"), *words]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] [PATH]...")
        formatter.write_usage(ctx.command_path, "[OPTIONS] COMMAND [ARGS]...", prefix="   or: ")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Section by section: two dozen in the order of the alphabet tell nobody where to look."""
        limit = formatter.width - 6 - max(map(len, self.files))
        for title, names in self.sections.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, one.get_short_help_str(limit)) for name, one in commands if one])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl(EXIT_CODES)

    def _asks_about_itself(self, ctx: click.Context, options: dict[str, Any]) -> bool:
        """`--help` or `--version`: what click answers before anything else."""
        return any(one.is_eager and one.name in options for one in self.get_params(ctx))

    def _read_ahead(self, ctx: click.Context, args: list[str]) -> tuple[dict[str, Any], str | None]:
        """The options before the first word, and that word."""
        ctx.allow_interspersed_args = False
        options, words, _ = self.make_parser(ctx).parse_args(list(args))
        return options, words[0] if words else None

    def _refuse_foreign(
        self, ctx: click.Context, word: str, command: click.Command, given: dict[str, Any]
    ) -> None:
        """An option that a subcommand does not have must not be passed over: it may be --dry-run."""
        known = _options_of(command)
        for option in self.params:
            if option.name in given and option.name not in known:
                ctx.fail(f"{option.opts[0]} does not go with {word}")

    def _refuse_unless_path(self, ctx: click.Context, word: str) -> None:
        """A typing error in a subcommand is a usage error, not a file that is missing."""
        if word == "-" or os.sep in word or word.endswith(YAML_SUFFIXES) or os.path.lexists(word):
            return
        from reconciler.diagnostics import did_you_mean

        nearest = ELSEWHERE.get(word) or did_you_mean(word, (*self.files, *os.listdir()))
        hint = f"; did you mean {nearest!r}?" if nearest else ""
        ctx.fail(f"{word!r} is neither a path nor a subcommand{hint}")


def _options_of(command: click.Command) -> set[str | None]:
    """The names of a command's options; of a group's, of all its commands."""
    if isinstance(command, click.Group):
        return set().union(*map(_options_of, command.commands.values()))
    return {one.name for one in command.params}


def _is_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _defaults(command: click.Command, given: dict[str, Any]) -> dict[str, Any]:
    """Those of a command, or of each command of a group."""
    if isinstance(command, click.Group):
        return {name: _defaults(one, given) for name, one in command.commands.items()}
    return given
