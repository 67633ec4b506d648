"""What `draft` and `run` say about drafting: the live view, the forecast, what it cost, what is unfinished."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence

import click

from synth.cli.common import note, plural, row
from synth.engines.engine import Say
from synth.evidence import Evidence
from synth.llm.cost import forecast, money, tokens
from synth.pipeline import Drafted, prompts_for, stale_labels
from synth.workspace import Corpus


@contextlib.contextmanager
def questions_in_flight() -> Iterator[Say]:
    """A live table on stderr, one row a question; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda label, what: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

    states: dict[str, str] = {}
    spinner = Spinner("dots")

    def table() -> Table:
        grid = Table.grid(padding=(0, 2))
        for label, what in states.items():
            grid.add_row(Text(label), Text(what), spinner if what in _IN_FLIGHT else "")
        return grid

    with Live(console=Console(stderr=True), transient=True, get_renderable=table, refresh_per_second=8):

        def say(label: str, what: str) -> None:
            states[label] = what

        yield say


_IN_FLIGHT = ("reading", "writing")


def say_forecast(corpus: Corpus, evidence: dict[str, Evidence], only: Sequence[str] = (), fresh: bool = False) -> None:
    """What is stale, or with `fresh` all of it, and what drafting it would take."""
    wanted = [x for x in (corpus.labels() if fresh else stale_labels(corpus, evidence)) if not only or x in only]
    if not wanted:
        click.echo("Nothing is stale.")
        return
    what = f"{'Anew' if fresh else 'Stale'}: {', '.join(wanted)}."
    model = corpus.settings.model
    if corpus.settings.engine == "extractive" or model is None:
        click.echo(f"{what} They are drafted from the contributors' own sentences; no model is called.")
        return
    used = forecast(prompts_for(corpus, evidence, wanted, fresh), model)
    cost = money(used, model.prices)
    click.echo(what)
    click.echo(
        f"Drafting with {model.name} would take {plural(used.calls, 'call')}, about {_round(used.prompt)} tokens in and "
        f"{_round(used.completion)} out{f', about {cost} ({money(used, model.prices, half=True)} as a batch)' if cost else ''}; "
        "more where claims have to be written again."
    )


def _round(number: int) -> str:
    step = 1000 if number >= 10_000 else 100
    return f"{max(step, round(number / step) * step):,}"


def say_unfinished(drafted: Drafted) -> None:
    """One line a reason for which questions have no current draft; that they wait for a batch is said elsewhere."""
    reasons: dict[str, list[str]] = {}
    for label, why in drafted.unfinished.items():
        if label not in drafted.waiting:
            reasons.setdefault(why, []).append(label)
    for why, labels in reasons.items():
        what = f"question {labels[0]} was" if len(labels) == 1 else f"questions {', '.join(labels)} were"
        what = "the recommendations were" if labels == ["recommendations"] else what
        note(f"{what} not drafted: {why}. What is finished is kept; the same command goes on from there.")
    if drafted.refused:
        note(
            "the model, or a filter before it, refused to read every contribution. Set another model (`synth doctor` says how)."
        )


def say_cost(corpus: Corpus) -> None:
    """What the model was asked in this run."""
    model = corpus.settings.model
    if corpus.settings.engine != "llm" or model is None:
        return
    spent, saved = corpus.client.spent, corpus.client.saved
    cost = money(spent, model.prices)
    before = f" · {plural(saved.calls, 'reply', 'replies')} from before" if saved.calls else ""
    row("Model", f"{model.name} · {tokens(spent)}{f' · {cost}' if cost else ''}{before}")
