"""synth verify"""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import in_folder, json_option, note, notes, plural, print_json

SHOWN = 40


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@in_folder
def command(folder: Path, file: Path, as_json: bool) -> int:
    """Prove an exported report again: every quotation still in its contribution, no claim added, changed or without source.

    FILE is a report as it was sent out (.html, .md or .json). Exit 1 if it deviates; every deviation is named.

    \b
    Example:
      synth -C tunis verify ~/mail/report.en.html
    """
    from eval.harness import check_drafts
    from synth import pipeline
    from synth.report.proof import deviations, languages_of
    from synth.report.write import rendered
    from synth.review.apply import reviewed

    corpus = pipeline.read_corpus(folder)
    notes(corpus.problems)
    drafts, recommendations = pipeline.load_drafts(corpus)
    if not drafts:
        note("there is nothing to verify against yet. Draft first: synth run")
        return 3
    checked, _ = check_drafts(drafts, corpus.grounds, reviewed=reviewed(drafts, corpus.rulings))
    report = pipeline.report_of(corpus, checked, recommendations)
    expected = rendered(
        report,
        corpus.contributions,
        corpus.discussion,
        languages=languages_of(file),
        attribution=corpus.settings.attribution,
    )
    found = deviations(file, expected, corpus.contributions, corpus.grounds)
    if as_json:
        print_json([d.model_dump() for d in found])
        return 1 if found else 0
    for d in found[:SHOWN]:
        click.echo(f"{d.where}: {d.kind}: {d.detail}")
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN} more (--json names all)")
    claims = plural(len(report.claims()), "claim")
    click.echo(
        f"{file.name}: {plural(len(found), 'deviation')}"
        if found
        else f"{file.name}: {claims}, each as it was checked; every quotation stands in its contribution"
    )
    return 1 if found else 0
