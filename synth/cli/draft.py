"""synth draft"""

from __future__ import annotations

from pathlib import Path

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, json_option, note, notes, plural, print_json, progress, row
from synth.cli.options import engine_option, model_option


@click.command("draft")
@click.option(
    "-q",
    "--question",
    "questions",
    multiple=True,
    metavar="ID",
    help="Only this question (may be given again).",
)
@engine_option
@model_option
@json_option
@in_folder
def command(folder: Path, questions: tuple[str, ...], engine: str | None, model: str | None, as_json: bool) -> int:
    """Draft what is stale, into drafts/. The report is not touched.

    \b
    Example:
      synth -C tunis draft -q 1.1 -q 1.2
    """
    from synth import pipeline
    from vectorstore.lock import hold

    hold(folder, "draft", say=note)
    pipeline.take_edits(folder)
    corpus = pipeline.read_corpus(folder, engine, model)
    notes(corpus.problems)
    unknown = [q for q in questions if q not in corpus.labels()]
    if unknown:
        raise SynthError(f"there is no question {unknown[0]}; there are {', '.join(corpus.labels())}.")
    with progress("Draft") as say:
        retriever, _ = pipeline.sync_index(corpus)
        evidence = pipeline.gather(corpus, retriever)
        drafted = pipeline.draft_stale(corpus, evidence, questions, say=lambda stage, what: say(f"{stage} {what}"))
    notes(drafted.problems)
    if as_json:
        print_json({"renewed": drafted.renewed, "claims": {d.question: len(d.claims()) for d in drafted.drafts}})
    else:
        for draft in drafted.drafts:
            row(
                draft.question,
                f"{plural(len(draft.claims()), 'claim')}{' (new)' if draft.question in drafted.renewed else ''}",
            )
    return 3 if corpus.problems or drafted.problems else 0
