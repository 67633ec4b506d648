"""The command line. Commands load what they need when they run, so that `synth --help` answers at once."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from synth import __version__

# Order of the help: that of the work. Name → (module, one line).
COMMANDS = {
    "demo": ("synth.cli.demo", "The bundled sample discussion through everything; no key, no network."),
    "new": ("synth.cli.new", "Make a discussion folder from an announcement."),
    "add": ("synth.cli.add", "Take in contributions: split, label, redact."),
    "run": ("synth.cli.run", "Index, draft what is stale, check, report: the one command."),
    "status": ("synth.cli.status", "What is there, and what is stale."),
    "search": ("synth.cli.search", "Search the contributions, in both languages at once."),
    "draft": ("synth.cli.draft", "Draft one question or all that are stale."),
    "check": ("synth.cli.check", "Check every claim against the contributions; exit 1 if one fails."),
    "report": ("synth.cli.report", "Write the report from the drafts as they stand."),
    "review": ("synth.cli.review", "Decide on the draft claim by claim: in the browser or a spreadsheet."),
    "publish": ("synth.cli.publish", "Mark the report as published: later ones say what is new."),
    "withdraw": ("synth.cli.withdraw", "Take a contribution out: its words leave every file but sources/."),
    "eval": ("synth.cli.eval", "Measure: checks on labelled claims, whole reports, spot checks."),
    "verify": ("synth.cli.verify", "Prove an exported report again, quotation by quotation."),
    "completion": ("synth.cli.completion", "Print what makes your shell complete synth."),
    "doctor": ("synth.cli.doctor", "Try what synth needs on this machine and say what works."),
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The discussion folder (default: here).",
)
@click.option("--debug", is_flag=True, help="Show a traceback when something goes wrong.")
@click.version_option(__version__, prog_name="synth")
@click.pass_context
def cli(ctx: click.Context, folder: Path, debug: bool) -> None:
    """From an e-discussion in English and French to one consolidated reply in which every sentence has its source.

    \b
    Example:
      synth new tunis --from announcement.txt
      synth -C tunis add mails.txt
      synth -C tunis run
    """
    ctx.obj = {"folder": folder, "debug": debug}


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: errors are one line and an exit code, never a traceback unless --debug."""
    # Nothing is ever sent anywhere by the libraries below, whatever the environment says.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    os.environ["ANONYMIZED_TELEMETRY"] = "false"
    given: list[str] = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(given, debug="--debug" in given))


def _run(arguments: list[str], debug: bool) -> int:
    from corpus.errors import SynthError

    try:
        result: Any = cli.main(args=arguments, prog_name="synth", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("synth: interrupted. What was finished is kept; the same command goes on from there.", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except SynthError as error:
        if debug:
            raise
        click.echo(f"synth: {error}", err=True)
        return error.exit_code
    except Exception as error:  # a defect of synth's: still one line, with the way to see more
        if debug:
            raise
        click.echo(
            f"synth: something went wrong inside synth ({type(error).__name__}: {error}). Run the same with --debug for details.",
            err=True,
        )
        return 70
    return result if isinstance(result, int) else 0
