"""synth completion"""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what makes SHELL complete synth's commands and options.

    \b
    Example:
      synth completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    from synth.cli import cli

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(cli, {}, "synth", "_SYNTH_COMPLETE").source())
