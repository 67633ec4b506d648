"""synth status"""

from __future__ import annotations

from pathlib import Path

import click

from corpus.model import Draft
from synth.cli.common import in_folder, json_option, notes, plural, print_json, row


@click.command("status")
@json_option
@in_folder
def command(folder: Path, as_json: bool) -> int:
    """What is there and what is stale. Never waits for a run that is going on.

    \b
    Example:
      synth -C tunis status
    """
    from synth import pipeline
    from vectorstore.index import Index

    corpus = pipeline.read_corpus(folder)
    current = Index(folder, corpus.embedder).is_current(corpus.windows)
    drafts, recommendations = pipeline.load_drafts(corpus)
    drafted = {d.question: d for d in drafts}
    stale = pipeline.stale_labels(corpus, pipeline.gather(corpus, pipeline.reader(corpus))) if corpus.active else {}
    touched = {label: _why(label, drafted, stale) for label in corpus.labels()}
    decided = pipeline.decided_since(corpus)
    reported = {label: sum(c.status != "rejected" for c in d.claims()) for label, d in drafted.items()}
    rulings = [corpus.rulings.get(c.id) for d in drafts for c in d.claims()]
    state = {
        "contributions": len(corpus.active),
        "withdrawn": len(corpus.contributions) - len(corpus.active),
        "passages": len(corpus.passages),
        "index": "current" if current else "stale",
        "questions": {
            label: {
                "claims": reported.get(label, 0),
                "state": why or "current",
            }
            for label, why in touched.items()
        },
        "decided": sum(r is not None and r.decided for r in rulings),
        "decisions_since": decided,
        "recommendations": len(recommendations.recommendations) if recommendations else 0,
        "problems": corpus.problems,
    }
    notes(corpus.problems)
    if as_json:
        print_json(state)
        return 3 if corpus.problems else 0
    row(
        "Folder",
        f"{plural(len(corpus.active), 'contribution')}, {plural(len(corpus.passages), 'passage')}; index {state['index']}",
    )
    for label, why in touched.items():
        claims = plural(reported[label], "claim") if label in drafted else "no draft"
        row(label, f"{claims}{f'; {why}' if why else ''}{'; decisions were made since' if label in decided else ''}")
    if any(rulings):
        row("Review", f"{state['decided']} of {plural(len(rulings), 'claim')} decided")
    return 3 if corpus.problems else 0


def _why(label: str, drafted: dict[str, Draft], stale: dict[str, str]) -> str:
    """What a stale label is, and why."""
    if label not in stale:
        return ""
    return f"stale: {stale[label]}" if label in drafted else "never drafted"
