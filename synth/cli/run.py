"""synth run"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import click

from synth.cli.common import in_folder, json_option, note, notes, plural, print_json, progress, row
from synth.cli.options import engine_option, model_option


@click.command("run")
@engine_option
@model_option
@click.option("--dry-run", is_flag=True, help="Only say what is stale.")
@json_option
@in_folder
def command(folder: Path, engine: str | None, model: str | None, dry_run: bool, as_json: bool) -> int:
    """Bring everything up to date: index, draft what is stale, check every claim, write the report.

    A run with nothing changed makes no call and leaves every file as it is.

    \b
    Example:
      synth -C tunis run
    """
    return run(folder, engine, model, dry_run=dry_run, as_json=as_json)


def run(
    folder: Path,
    engine: str | None = None,
    model: str | None = None,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """The command as a function; the exit code."""
    from corpus.folder import load_discussion
    from synth.settings import resolve

    resolve(load_discussion(folder), engine, model)
    before = _inputs(folder, engine, model)
    if _unchanged(folder, before + _outputs(folder)):
        return _show(folder, None, [], [], as_json)
    from synth import pipeline
    from vectorstore.lock import hold

    if not dry_run:
        hold(folder, "run", say=note)
        pipeline.take_edits(folder)
    read = _inputs(folder, engine, model)  # as read now: what is edited while this runs is for the next run
    corpus = pipeline.read_corpus(folder, engine, model)
    notes(corpus.problems)
    if not corpus.active:
        note("there are no contributions yet. Take some in with: synth add FILES")
        return 3 if corpus.problems else 0
    if dry_run:
        return _say_stale(pipeline.stale_labels(corpus, pipeline.gather(corpus, pipeline.reader(corpus))))
    with progress("Index") as say:
        retriever, synced = pipeline.sync_index(corpus)
        say("Draft")
        evidence = pipeline.gather(corpus, retriever)
        drafted = pipeline.draft_stale(corpus, evidence, say=lambda stage, what: say(f"{stage} {what}"))
        say("Check")
        checked, _ = pipeline.check(corpus, drafted.drafts)
        say("Report")
        if (
            not drafted.problems
        ):  # a question whose draft is broken must not be missing from the report: the old one stays
            from synth.report.write import write_report

            report = pipeline.report_of(corpus, checked, drafted.recommendations)
            write_report(folder, report, corpus.contributions, corpus.discussion)
    problems = [*corpus.problems, *drafted.problems]
    notes(drafted.problems)
    if drafted.problems:
        note("the report was not written anew; the one before stands.")
    if not problems:
        _remember(folder, read + _outputs(folder))
    return _show(
        folder,
        f"{plural(len(corpus.passages), 'passage')}, {plural(synced.windows, 'window')}, {synced.new:,} new",
        drafted.renewed,
        problems,
        as_json,
    )


def _say_stale(stale: list[str]) -> int:
    if stale:
        click.echo(
            f"Stale: {', '.join(stale)}. `synth run` drafts them from the contributors' own sentences; no model is called."
        )
    else:
        click.echo("Nothing is stale.")
    return 0


def _show(folder: Path, indexed: str | None, renewed: list[str], problems: list[str], as_json: bool) -> int:
    """The summary of a run, from what lies on disk; the exit code."""
    from synth.report.build import UNREAD
    from synth.store import load_report, load_verdict

    report, verdict = load_report(folder), load_verdict(folder)
    if report is None or verdict is None:
        return 3
    code = 1 if verdict.failed else 3 if problems else 0
    if as_json:
        print_json(
            {
                "claims": verdict.claims,
                "failed": verdict.failed,
                "renewed": renewed,
                "problems": problems,
                "recommendations": len(report.recommendations),
            }
        )
        return code
    row("Index", indexed or "nothing new")
    drafted = " · ".join(f"{q.id} {len(q.claims())}" for q in report.questions)
    row(
        "Draft",
        (drafted + f" · recommendations {len(report.recommendations)}") if renewed or indexed else "nothing is stale",
    )
    supported = (
        "all supported" if not verdict.failed else f"{verdict.failed} NOT supported (report/verdict.json says which)"
    )
    dropped = f" · {len(verdict.dropped)} dropped (report/verdict.json)" if verdict.dropped else ""
    warned = f" · {plural(verdict.warned, 'warning')}" if verdict.warned else ""
    row(
        "Check",
        f"{plural(verdict.claims, 'claim')}, {supported}{warned}{dropped} · by {verdict.supported_by}; meaning was not checked",
    )
    heard = [c for c in report.contributors if report.coverage[c.id].claims]
    least = min(heard, key=lambda c: report.coverage[c.id].claims, default=None)
    fewest = f" · least: {least.id} ({plural(report.coverage[least.id].claims, 'claim')})" if least else ""
    unread = sum(n.why == UNREAD for n in report.not_represented)
    row("Heard", f"{len(heard)} of {plural(len(report.contributors) + unread, 'contributor')}{fewest}")
    for absent in report.not_represented:
        row("", f"{absent.id} is not in the report: {absent.why}")
    row("Report", " · ".join(str(p) for p in sorted((folder / "report").glob("report.*.html"))))
    row("Engine", "extractive (no model is configured; `synth doctor` says what works)")
    return code


# -- nothing changed: say so without loading anything heavy -----------------------------------------


def _inputs(folder: Path, engine: str | None, model: str | None) -> str:
    """Hash of all that a run reads but does not write: folder, options, environment and version."""
    import os

    from synth import __version__

    settings = {k: v for k, v in sorted(os.environ.items()) if k.startswith("SYNTH_") or k == "OPENAI_BASE_URL"}
    files = [
        folder / "discussion.toml",
        folder / "glossary.csv",
        *_in(folder, "contributions"),
        *_in(folder, "reviews"),
    ]
    return _hash(json.dumps([__version__, engine, model, settings]), files)


def _outputs(folder: Path) -> str:
    """Hash of what a run writes: a draft or report changed by somebody else makes it run again."""
    return _hash("", [*_in(folder, "drafts"), *_in(folder, "report")])


def _in(folder: Path, name: str) -> list[Path]:
    return sorted(p for p in (folder / name).glob("*") if not p.name.startswith("."))


def _hash(more: str, files: list[Path]) -> str:
    digest = hashlib.sha256(more.encode())
    for path in files:
        if path.is_file():
            digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _unchanged(folder: Path, fingerprint: str) -> bool:
    try:
        return (folder / ".synth" / "done").read_text() == fingerprint and (folder / "report" / "report.json").is_file()
    except OSError:
        return False


def _remember(folder: Path, fingerprint: str) -> None:
    from corpus.folder import write_if_changed

    write_if_changed(folder / ".synth" / "done", fingerprint)
