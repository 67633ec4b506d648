"""synth report"""

from __future__ import annotations

from pathlib import Path

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, note, notes

_KNOWN = ("html", "md", "json")


@click.command("report")
@click.option(
    "--format", "formats", default="html,md,json", show_default=True, help="Which files, separated by commas."
)
@click.option("--lang", "languages", default="en,fr", show_default=True, help="In which languages.")
@in_folder
def command(folder: Path, formats: str, languages: str) -> int:
    """Write the report from the drafts as they stand, without drafting anything.

    \b
    Example:
      synth -C tunis report --format html --lang fr
    """
    from corpus.folder import load_discussion
    from synth import pipeline
    from synth.report.write import rendered, write_report
    from vectorstore.lock import hold

    wanted = [f.strip() for f in formats.split(",") if f.strip()]
    spoken = [part.strip() for part in languages.split(",") if part.strip()]
    if unknown := [f for f in wanted if f not in _KNOWN]:
        raise SynthError(f"the format {unknown[0]!r} is not part of this version; there are {', '.join(_KNOWN)}.")
    if unknown := [part for part in spoken if part not in ("en", "fr")]:
        raise SynthError(f"there is no report in {unknown[0]!r}; there are en and fr.")
    load_discussion(folder)
    hold(folder, "report", say=note)
    corpus = pipeline.read_corpus(folder)
    notes(corpus.problems)
    drafts, recommendations = pipeline.load_drafts(corpus)
    if not drafts:
        note("there is nothing to report yet. Draft first: synth run")
        return 3 if corpus.problems else 0
    checked, verdict = pipeline.check(corpus, drafts)
    report = pipeline.report_of(corpus, checked, recommendations)
    named = corpus.settings.attribution
    files = rendered(report, corpus.contributions, corpus.discussion, wanted, spoken, named)  # type: ignore[arg-type]
    for path in write_report(folder, files):
        click.echo(str(path))
    if verdict.failed:
        note(
            f"{verdict.failed} claims do not stand and were left out; `synth check` names them, `synth run` drafts anew."
        )
    return 1 if verdict.failed else 3 if corpus.problems else 0
