"""Options that several commands share."""

from __future__ import annotations

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
