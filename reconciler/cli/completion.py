"""`completion SHELL`: the script with which a shell completes our words."""

import click


@click.command(short_help="Print what makes a shell complete words.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete commands, options and their values.

    \b
    bash  in ~/.bashrc:  source <(reconcile completion bash)
    zsh   in ~/.zshrc:   source <(reconcile completion zsh)
    fish  once:          reconcile completion fish \\
                             > ~/.config/fish/completions/reconcile.fish

    The same for task-scheduler.
    """
    from click.shell_completion import get_completion_class

    root = ctx.find_root()
    program = root.info_name or ""
    variable = f"_{program}_COMPLETE".replace("-", "_").upper()
    complete = get_completion_class(shell)
    assert complete is not None, "click knows the three"
    click.echo(complete(root.command, {}, program, variable).source())


COMMANDS = (completion,)
