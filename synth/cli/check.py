"""synth check"""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import by_whom, in_folder, json_option, note, notes, plural, print_json


@click.command("check")
@click.option("--judge", metavar="PROVIDER:NAME", help="Also ask this model whether the quotes bear each claim.")
@json_option
@in_folder
def command(folder: Path, judge: str | None, as_json: bool) -> int:
    """Check every claim against the contributions as they are now; write report/verdict.json; exit 1 if one is unsupported.

    With a judge (--judge, SYNTH_JUDGE, or judge = "…" in discussion.toml) meaning is checked too.

    \b
    Example:
      synth -C tunis check
      synth -C tunis check --judge openai:gpt-4.1
    """
    from corpus.folder import load_discussion
    from synth import pipeline
    from vectorstore.lock import hold

    load_discussion(folder)
    hold(folder, "check", say=note)
    corpus = pipeline.read_corpus(folder, judge=judge)
    notes(corpus.problems)
    drafts, _ = pipeline.load_drafts(corpus)
    if not drafts:
        note("there is nothing to check yet. Draft first: synth run")
        return 3 if corpus.problems else 0
    _, verdict = pipeline.check(corpus, drafts)
    if as_json:
        print_json(verdict.model_dump(mode="json", by_alias=True))
    else:
        for bad in verdict.unsupported:
            click.echo(f"{bad.claim}: {bad.check}: {bad.detail}")
        click.echo(
            f"{plural(verdict.claims, 'claim')}: {verdict.supported} supported, {verdict.claims - verdict.supported} not, {verdict.warned} with warnings ({by_whom(verdict)})"
        )
    doubt = corpus.judge.problem if corpus.judge is not None else ""
    if doubt:
        note(f"not every claim was judged: {doubt}. What was judged is kept.")
    return 1 if verdict.failed else 4 if doubt else 1 if verdict.unsupported else 3 if corpus.problems else 0
