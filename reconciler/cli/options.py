"""The options, in the groups in which commands share them."""

import os
import re
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from reconciler.errors import UsageError

Decorator = Callable[[Any], Any]


def together(*decorators: Decorator) -> Decorator:
    """Options as one, in their order."""

    def decorate(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _refuse_url(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """A database named without its option: it is not quoted, for it may hold a password."""
    if any("://" in path for path in value):
        raise click.UsageError("PATH is a URL; name the database with --database-url", ctx)
    return value


def said(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """An empty text is a variable that was not set, and no way to ask for the default."""
    if value == "":
        raise click.BadParameter("it is empty", ctx=ctx, param=param)
    return value


def _files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shell knows them best."""
    return [CompletionItem(incomplete, type="file")]


def named_file(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A URL in the place of a file may be a database's: it is not quoted, for it may hold a password."""
    if value is not None and "://" in value:
        message = "it is a URL; name a file here, and the database with --database-url"
        raise click.BadParameter(message, ctx=ctx, param=param)
    return said(ctx, param, value)


paths = click.argument("paths", nargs=-1, metavar="[PATH]...", callback=_refuse_url, shell_complete=_files)

env = click.option(
    "--env",
    metavar="NAME",
    callback=said,
    envvar="RECONCILE_ENV",
    help="The environment: its database and settings in reconcile.yaml, and its files in env/NAME/, beside "
    "the tasks, which are laid over them. Else RECONCILE_ENV.",
)

database_url = click.option(
    "--database-url",
    metavar="URL",
    callback=said,
    help="The database, such as postgresql://host/daptin. Else the one of --env, RECONCILE_DATABASE_URL, "
    "Daptin's DAPTIN_DB_TYPE and DAPTIN_DB_CONNECTION_STRING, or sqlite:///daptin.db.",
)

target = together(database_url, env)

owner = click.option(
    "--owner",
    metavar="NAME",
    callback=said,
    envvar="RECONCILE_OWNER",
    help="The configuration that the rows belong to. Else RECONCILE_OWNER, `owner:` in reconcile.yaml, "
    "or default.",
)

strict = click.option("--strict", is_flag=True, help="Warnings are errors.")

reader = click.option(
    "--reader",
    type=click.Choice(["scheduler", "daptin"]),
    help="Who reads the table: task-scheduler (default), or Daptin's own scheduler: then D002-D004 say what "
    "that one gets wrong.",
)

prune = click.option(
    "--prune",
    type=click.Choice(["paths", "owned", "none"]),
    default="paths",
    show_default=True,
    help="Which rows of the owner are deleted when nothing declares them: those that came from the given "
    "paths, all that it owns, or none.",
)

during_freeze = click.option(
    "--during-freeze", metavar="REASON", callback=said, help="Why this cannot wait for a freeze to end."
)

selection = together(
    click.option(
        "--only",
        metavar="GLOB",
        multiple=True,
        help="Change these tasks alone, by name or glob. Everything is checked all the same.",
    ),
    click.option("--exclude", metavar="GLOB", multiple=True, help="Leave these tasks as they are."),
)

limits = together(
    click.option(
        "--max-delete",
        metavar="N|N%",
        callback=said,
        help="Refuse more deletes. [default: 30%, from ten rows on]",
    ),
    click.option(
        "--max-update",
        metavar="N|N%",
        callback=said,
        help="Refuse more updates. [default: 30%, from ten rows on]",
    ),
    click.option("--allow-protected", metavar="NAME", multiple=True, help="This protected row may go."),
)

guards = together(
    limits,
    click.option("--allow-empty", is_flag=True, help="The configuration is meant to be empty."),
    click.option(
        "--take-over", is_flag=True, help="Take rows of another owner, or the owner to this repository."
    ),
    during_freeze,
)

lock_timeout = click.option(
    "--lock-timeout",
    metavar="TIME",
    default="30s",
    show_default=True,
    help="How long to wait for another apply.",
)

timezone = click.option(
    "--timezone",
    metavar="ZONE",
    callback=said,
    envvar="RECONCILE_TIMEZONE",
    help="The zone of the scheduler that reads the table. Else RECONCILE_TIMEZONE, or UTC.",
)

clock = together(
    click.option(
        "--now", metavar="TIME", callback=said, help="Judge schedules from this moment: 2026-12-01T06:00."
    ),
    timezone,
)

FORMATS = ("text", "json")
"""In which every report can be shown."""

FINDINGS_FORMATS = (*FORMATS, "markdown", "github", "gitlab", "sarif", "junit")
"""In which a plan can be shown, an apply, and what is wrong in files."""


def _chosen_format() -> str:
    """Annotations where a log of GitHub Actions shows them, unless another format is asked for."""
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


ENDINGS = {".json": "json", ".md": "markdown", ".sarif": "sarif", ".xml": "junit"}
"""The format of a file that names none."""


def output_file(text: str) -> tuple[str | None, str]:
    """`json=plan.json`, or a file alone: the format (None: the one that is printed) and the file."""
    format_, separator, file = text.partition("=")
    return (format_, file) if separator else (ENDINGS.get(os.path.splitext(text)[1]), text)


def formats(*known: str) -> Decorator:
    """`--format` and `--output` of a command whose report can be shown in these."""
    has_annotations = "github" in known

    def refuse_unknown(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
        """Before anything is done that could then not be told. Raises UsageError."""
        for format_, _ in map(output_file, value):
            if format_ not in (*known, None):
                message = f"--output: {format_!r} is no format of this command"
                raise UsageError(message, hint=f"one of {', '.join(known)}")
        return value

    return together(
        click.option(
            "--format",
            "format_",
            type=click.Choice(known),
            default=_chosen_format if has_annotations else "text",
            show_default="github in GitHub Actions, else text" if has_annotations else True,
            help="What is printed.",
        ),
        click.option(
            "--output",
            "outputs",
            metavar="[FORMAT=]FILE",
            multiple=True,
            callback=refuse_unknown,
            shell_complete=_files,
            help="Write a file besides, in the format that its ending tells (.md, .sarif, .xml, .json).",
        ),
    )


amount = together(
    click.option("-q", "--quiet", is_flag=True, help="Only problems, changes and the last line."),
    click.option("-v", "--verbose", is_flag=True, help="Lists whole, and progress on stderr."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
)

output = together(formats(*FORMATS), amount)
"""Of a report that only people and programs of one's own look at."""

findings = together(formats(*FINDINGS_FORMATS), amount)
"""Of a plan, an apply, and what is wrong in files."""

noticed = together(formats(*FORMATS, "markdown", "github"), amount)
"""Of what is to be looked at, and is wrong in no file."""


def _hash(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[0-9a-f]{64}", value):
        message = "it is no plan_hash, of 64 hexadecimal digits, as `--format json` prints it"
        raise click.BadParameter(message, ctx=ctx, param=param)
    return value


expect_plan = click.option(
    "--expect-plan",
    metavar="HASH",
    callback=_hash,
    help="Refuse any plan but the one of this plan_hash.",
)

notify = click.option(
    "--notify",
    metavar="URL|command:...",
    callback=said,
    envvar="RECONCILE_NOTIFY",
    help="Tell a URL (POST) or a command (standard input) of an apply, with its JSON. Else RECONCILE_NOTIFY, "
    "or `notify:` in reconcile.yaml.",
)

detailed_exitcode = click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if changes are pending.")

actions = click.option(
    "--actions", metavar="MODULE", multiple=True, help="A module of actions, beside the installed packages."
)

executors = together(
    click.option("--executors", is_flag=True, help="Warn of actions that no installed package executes."),
    actions,
)

comparing = together(target, owner, selection, guards, lock_timeout, reader, executors, strict, clock)
"""What compares git with the table takes."""

asking = together(prune, comparing)
"""What is asked of a plan."""

planning = together(asking, findings, detailed_exitcode)
"""What a plan and an apply take."""

yes = click.option("--yes", "-y", is_flag=True, help="Apply without asking on a terminal.")

validating = together(owner, env, reader, executors, strict, clock, findings)

refs = click.option(
    "--refs",
    metavar="FILE",
    callback=named_file,
    help="A snapshot of users and actions to check against. Else `refs:` in reconcile.yaml.",
)

log = together(
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How events are written to stderr.",
    ),
    click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        default="info",
        show_default=True,
        help="The least that is written.",
    ),
)

daptin = together(
    click.option(
        "--daptin-url", metavar="URL", callback=said, help="A Daptin server, for actions without a function."
    ),
    click.option(
        "--daptin-database-url",
        metavar="URL",
        callback=said,
        envvar="RECONCILE_DAPTIN_DATABASE_URL",
        help="Daptin's own database, which has the key of its tokens. Else the one of the tasks.",
    ),
    click.option(
        "--request-timeout",
        metavar="TIME",
        default="60s",
        show_default=True,
        help="How long one of its actions may take.",
    ),
)

executing = together(
    actions,
    click.option("--folder", metavar="DIR", callback=said, help="Where actions may write files."),
    log,
)
"""What running an action takes."""

serving = together(
    click.option(
        "--workers", default=10, show_default=True, type=click.IntRange(1, 1000), help="Runs at once."
    ),
    click.option(
        "--grace",
        metavar="TIME",
        default="30s",
        show_default=True,
        help="How long runs may go on after SIGTERM or SIGINT.",
    ),
    click.option(
        "--max-lateness",
        metavar="TIME",
        default="10s",
        show_default=True,
        help="A fire that could not start for longer was missed.",
    ),
    click.option(
        "--keep-runs",
        metavar="TIME",
        default="720h",
        show_default=True,
        help="How long runs are remembered.",
    ),
    click.option("--reload-every", metavar="TIME", callback=said, help="Read the table again so often."),
    click.option("--http", metavar="HOST:PORT", callback=said, help="Serve health and metrics there."),
    click.option("--system-tasks", is_flag=True, help="Fire Daptin's built-in tasks too."),
    executing,
)
