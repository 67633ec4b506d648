"""synth publish"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, note, plural
from synth.cli.options import by_option


@click.command("publish")
@by_option
@in_folder
def command(folder: Path, by: str) -> int:
    """Mark the report as it lies there as published: later ones say what is new against it.

    Nothing is sent anywhere. A line in reviews/published.jsonl keeps which claims it had, without their words.

    \b
    Example:
      synth -C tunis publish --by "Ada"
    """
    from corpus.folder import load_discussion
    from synth import pipeline
    from synth.changes import Published, faces, publish
    from synth.store import load_report
    from vectorstore.lock import hold

    load_discussion(folder)
    hold(folder, "publish", say=note)
    report = load_report(folder)
    if report is None:
        raise SynthError(f"{folder}: there is no report yet. Make one with: synth run")
    if pipeline.decided_since(pipeline.read_corpus(folder)):
        raise SynthError(f"{folder}: decisions were made since the report was written. Give synth run first.")
    claims = report.claims()
    open_ = sum(c.status == "draft" for c in claims)
    if open_:
        note(f"{open_} of {plural(len(claims), 'claim')} were decided on by nobody.")
    digest = hashlib.sha256((folder / "report" / "report.json").read_bytes()).hexdigest()
    today = date.today().isoformat()
    publish(folder, Published(on=today, by=by, report=digest, claims=faces(claims)))
    click.echo(f"Published on {today}: {plural(len(claims), 'claim')}. The next report says what is new since.")
    return 0
