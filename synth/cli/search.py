"""synth search"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, json_option, notes, print_json

if TYPE_CHECKING:
    from vectorstore.retrieve import Hit


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(1, 200), help="How many passages.")
@json_option
@in_folder
def command(folder: Path, query: tuple[str, ...], count: int, as_json: bool) -> int:
    """The passages nearest to QUERY, in English and French alike, whatever the language of the query.

    \b
    Example:
      synth -C tunis search access to credit for returnees
    """
    from synth import pipeline
    from vectorstore.lock import try_hold

    if not " ".join(query).strip():
        raise SynthError("say what to search for: synth search WORDS")
    corpus = pipeline.read_corpus(folder)
    notes(corpus.problems)
    # Whoever reads never waits: while somebody else writes the index, the vectors are compared directly.
    retriever = pipeline.sync_index(corpus)[0] if try_hold(folder, "search") else pipeline.reader(corpus)
    hits = retriever.search(" ".join(query), count)
    if as_json:
        print_json([_row(hit) for hit in hits])
        return 3 if corpus.problems else 0
    for hit in hits:
        labels = " ".join(hit.passage.questions) or "–"
        click.echo(f"{hit.passage.id:<9} {hit.passage.language}  {labels:<8} {' '.join(hit.window.text.split())}")
    return 3 if corpus.problems else 0


def _row(hit: Hit) -> dict[str, Any]:
    return {
        "passage": hit.passage.id,
        "questions": hit.passage.questions,
        "language": hit.passage.language,
        "score": round(hit.score, 3),
        "start": hit.window.start,
        "end": hit.window.end,
        "text": hit.window.text,
    }
