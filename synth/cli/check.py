"""synth check"""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import in_folder, json_option, note, notes, plural, print_json


@click.command("check")
@json_option
@in_folder
def command(folder: Path, as_json: bool) -> int:
    """Check every claim against the contributions as they are now; write report/verdict.json; exit 1 if one is unsupported.

    \b
    Example:
      synth -C tunis check
    """
    from corpus.folder import load_discussion
    from synth import pipeline
    from vectorstore.lock import hold

    load_discussion(folder)
    hold(folder, "check", say=note)
    corpus = pipeline.read_corpus(folder)
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
            f"{plural(verdict.claims, 'claim')}: {verdict.supported} supported, {verdict.failed} not, {verdict.warned} with warnings (by {verdict.supported_by}; meaning was not checked)"
        )
    return 1 if verdict.failed else 3 if corpus.problems else 0
