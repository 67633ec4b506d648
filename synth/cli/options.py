"""Options that several commands share."""

from __future__ import annotations

import getpass

import click

engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "extractive", "llm"]),
    default=None,
    help="Who writes (default: auto).",
)
model_option = click.option("--model", default=None, metavar="PROVIDER:NAME", help="The model of the llm engine.")
budget_option = click.option(
    "--budget",
    type=click.IntRange(min=100),
    default=None,
    metavar="TOKENS",
    help="Let a model read at most so much of the contributions; what was left out is named in the verdict.",
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what is stale and what it would cost.")
fresh_option = click.option(
    "--fresh",
    is_flag=True,
    help="Draft anew from all passages, stale or not, instead of bringing up to date. What reviewers decided stands.",
)
LONGEST_NAME = 80


def _named(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """The name given, or that of the account."""
    name = " ".join((value if value is not None else _account()).split())
    if not name or len(name) > LONGEST_NAME:
        raise click.BadParameter("say who this is, in 80 characters at most.")
    return name


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "somebody"


by_option = click.option(
    "--by",
    default=None,
    callback=_named,
    metavar="NAME",
    help="Who this is, as it is kept with what was decided (default: the name you are logged in with).",
)
