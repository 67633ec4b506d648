"""synth draft"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, json_option, note, notes, plural, print_json, row
from synth.cli.options import budget_option, dry_run_option, engine_option, fresh_option, model_option

if TYPE_CHECKING:
    from synth.evidence import Evidence
    from synth.pipeline import Drafted
    from synth.workspace import Corpus


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
@budget_option
@dry_run_option
@fresh_option
@click.option("--show-prompt", is_flag=True, help="Print what would be sent to the model, and send nothing.")
@click.option("--batch", is_flag=True, help="Send the calls through the Batch API: up to a day, half the price.")
@click.option("--collect", is_flag=True, help="Take in what a batch has ready, and go on from there.")
@json_option
@in_folder
def command(
    folder: Path,
    questions: tuple[str, ...],
    engine: str | None,
    model: str | None,
    budget: int | None,
    dry_run: bool,
    fresh: bool,
    show_prompt: bool,
    batch: bool,
    collect: bool,
    as_json: bool,
) -> int:
    """Draft what is stale, into drafts/. The report is not touched.

    \b
    Example:
      synth -C tunis draft -q 1.1 -q 1.2
      synth -C tunis draft --engine llm --show-prompt -q 1.1
    """
    from synth import pipeline
    from synth.cli import drafting
    from vectorstore.lock import hold

    looks_only = dry_run or show_prompt
    if not looks_only:
        hold(folder, "draft", say=note)
        pipeline.take_edits(folder)
    if (show_prompt or batch or collect) and engine is None:
        engine = "llm"
    corpus = pipeline.read_corpus(folder, engine, model, budget)
    notes(corpus.problems)
    unknown = [q for q in questions if q not in corpus.labels()]
    if unknown:
        raise SynthError(f"there is no question {unknown[0]}; there are {', '.join(corpus.labels())}.")
    if not corpus.active:
        note("there are no contributions yet. Take some in with: synth add FILES")
        return 3 if corpus.problems else 0
    if looks_only:
        evidence = pipeline.gather(corpus, pipeline.reader(corpus))
        if show_prompt:
            return _show_prompts(corpus, evidence, questions, fresh, as_json)
        drafting.say_forecast(corpus, evidence, questions, fresh)
        return 0
    retriever, _ = pipeline.sync_index(corpus)
    evidence = pipeline.gather(corpus, retriever)
    with drafting.questions_in_flight() as say:
        if batch or collect:
            drafted = pipeline.draft_in_batches(corpus, evidence, questions, say, fresh)
        else:
            drafted = pipeline.draft_stale(corpus, evidence, questions, say, fresh=fresh)
    return _say(corpus, drafted, as_json)


def _say(corpus: Corpus, drafted: Drafted, as_json: bool) -> int:
    """What was drafted, what was not, and what it cost; the exit code."""
    from synth.cli import drafting

    notes(drafted.problems)
    drafting.say_unfinished(drafted)
    if as_json:
        print_json(
            {
                "renewed": drafted.renewed,
                "unfinished": drafted.unfinished,
                "waiting": drafted.waiting,
                "claims": {d.question: len(d.claims()) for d in drafted.drafts},
                "usage": corpus.client.spent.model_dump() if corpus.settings.engine == "llm" else None,
            }
        )
    else:
        for draft in drafted.drafts:
            dropped = f", {len(draft.dropped)} dropped" if draft.dropped else ""
            new = " (new)" if draft.question in drafted.renewed else ""
            row(draft.question, f"{plural(len(draft.claims()), 'claim')}{dropped}{new}")
        if drafted.waiting:
            row("Batch", f"{', '.join(drafted.waiting)} wait for their batch. Take it in later: synth draft --collect")
        drafting.say_cost(corpus)
    if drafted.failed:
        return 4
    return 3 if corpus.problems or drafted.problems else 0


def _show_prompts(
    corpus: Corpus, evidence: dict[str, Evidence], questions: tuple[str, ...], fresh: bool, as_json: bool
) -> int:
    """Exactly what would be sent, message by message, with the schema of the reply. Where nothing is stale, what drafting
    anew would send."""
    from prompts import schema
    from synth.llm.client import prompt_tokens
    from synth.pipeline import prompts_for, stale_labels

    model = corpus.settings.model
    if model is None:
        return 0
    wanted = questions or tuple(stale_labels(corpus, evidence))
    if not wanted and not fresh:
        note("nothing is stale; this is what --fresh would send.")
    found = prompts_for(corpus, evidence, wanted or corpus.labels(), fresh, kept=False)
    if as_json:
        print_json([{"system": p.system, "user": p.user, "schema": schema(p.reply)} for p in found])
        return 0
    for number, prompt in enumerate(found, start=1):
        size = prompt_tokens(prompt, model)
        click.echo(f"===== call {number} of {len(found)} to {model.name}, about {size:,} tokens")
        for part, text in (("system", prompt.system), ("user", prompt.user)):
            click.echo(f"----- {part}\n{text}")
        click.echo(f"----- schema of the reply\n{json.dumps(schema(prompt.reply), ensure_ascii=False, indent=1)}")
    return 0
