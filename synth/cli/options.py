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
