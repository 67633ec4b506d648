"""synth run"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from synth.cli.common import by_whom, in_folder, json_option, note, notes, plural, print_json, progress, row
from synth.cli.options import budget_option, dry_run_option, engine_option, fresh_option, model_option

if TYPE_CHECKING:
    from synth.pipeline import Drafted
    from synth.settings import Settings
    from synth.workspace import Corpus


@click.command("run")
@engine_option
@model_option
@budget_option
@dry_run_option
@fresh_option
@click.option("--watch", is_flag=True, help="Go on: take in what is dropped into inbox/ and run again, until Ctrl+C.")
@json_option
@in_folder
def command(
    folder: Path,
    engine: str | None,
    model: str | None,
    budget: int | None,
    dry_run: bool,
    fresh: bool,
    watch: bool,
    as_json: bool,
) -> int:
    """Bring everything up to date: index, draft what is stale, check every claim, write the report.

    A run with nothing changed makes no call and leaves every file as it is. With --watch, a file that was taken in is deleted
    from inbox/ (sources/ keeps it), and one that could not be read is put aside in inbox/refused/.

    \b
    Example:
      synth -C tunis run
      synth -C tunis run --watch
    """
    if watch:
        return _watch(folder, engine, model, budget, dry_run or fresh, as_json)
    return run(folder, engine, model, budget, dry_run=dry_run, fresh=fresh, as_json=as_json)


def _watch(folder: Path, engine: str | None, model: str | None, budget: int | None, once: bool, as_json: bool) -> int:
    if once:
        raise click.UsageError("--watch does not go with --fresh or --dry-run: those are for one run.")
    from corpus.folder import load_discussion
    from synth.cli.watch import watch

    load_discussion(folder)
    given = {"--engine": engine, "--model": model, "--budget": budget}
    watch(folder, [x for name, value in given.items() if value is not None for x in (name, str(value))] + ["--json"] * as_json)  # fmt: skip
    return 0


def run(
    folder: Path,
    engine: str | None = None,
    model: str | None = None,
    budget: int | None = None,
    dry_run: bool = False,
    fresh: bool = False,
    as_json: bool = False,
) -> int:
    """The command as a function; the exit code."""
    from corpus.folder import load_discussion
    from synth.settings import resolve

    settings = resolve(load_discussion(folder), engine, model, budget)
    if not dry_run and not fresh and _unchanged(folder, _inputs(folder, settings) + _outputs(folder)):
        return _show(folder, None, None, [], as_json)
    from synth import pipeline
    from synth.cli import drafting
    from vectorstore.lock import hold

    if not dry_run:
        hold(folder, "run", say=note)
        pipeline.take_edits(folder)
    read = _inputs(folder, settings)  # as read now: what is edited while this runs is for the next run
    corpus = pipeline.read_corpus(folder, engine, model, budget)
    notes(corpus.problems)
    if not corpus.active:
        note("there are no contributions yet. Take some in with: synth add FILES")
        return 3 if corpus.problems else 0
    if dry_run:
        drafting.say_forecast(corpus, pipeline.gather(corpus, pipeline.reader(corpus)), fresh=fresh)
        return 0
    with progress("Index"):
        retriever, synced = pipeline.sync_index(corpus)
        evidence = pipeline.gather(corpus, retriever)
    with drafting.questions_in_flight() as say:
        if corpus.settings.engine == "llm" and corpus.batches_wait:
            drafted = pipeline.draft_in_batches(corpus, evidence, say=say, fresh=fresh)
        else:
            drafted = pipeline.draft_stale(corpus, evidence, say=say, fresh=fresh)
    with progress("Check and report"):
        problems = [*corpus.problems, *drafted.problems]
        _finish(corpus, drafted)
    doubt = corpus.judge.problem if corpus.judge is not None else ""
    if doubt:
        note(f"not every claim was judged: {doubt}. What was judged is kept; the same command goes on from there.")
    if not problems and not drafted.unfinished and not drafted.failed and not doubt:
        _remember(folder, read + _outputs(folder))
    indexed = f"{plural(len(corpus.passages), 'passage')}, {plural(synced.windows, 'window')}, {synced.new:,} new"
    code = _show(folder, indexed, drafted, problems, as_json)
    if not as_json:
        drafting.say_cost(corpus)
    return 4 if (drafted.failed or doubt) and code != 1 else code


def _finish(corpus: Corpus, drafted: Drafted) -> None:
    """Check and report; a question whose draft is broken must not be missing from the report: then the old one stays."""
    from synth import pipeline
    from synth.cli import drafting

    checked, _ = pipeline.check(corpus, drafted.drafts)
    notes(drafted.problems)
    drafting.say_unfinished(drafted)
    if drafted.problems:
        note("the report was not written anew; the one before stands.")
        return
    from synth.report.write import rendered, write_report

    report = pipeline.report_of(corpus, checked, drafted.recommendations, drafted.unfinished)
    named = corpus.settings.attribution
    write_report(corpus.folder, rendered(report, corpus.contributions, corpus.discussion, attribution=named))


def _show(folder: Path, indexed: str | None, drafted: Drafted | None, problems: list[str], as_json: bool) -> int:
    """The summary of a run, from what lies on disk; the exit code."""
    renewed = drafted.renewed if drafted else []
    from synth.report.build import UNREAD
    from synth.store import load_report, load_verdict

    report, verdict = load_report(folder), load_verdict(folder)
    if report is None or verdict is None:
        return 3
    code = 1 if verdict.failed else 3 if problems else 0
    if as_json:
        from dataclasses import asdict

        from synth.changes import Changes

        print_json(
            {
                "claims": verdict.claims,
                "failed": verdict.failed,
                "renewed": renewed,
                "changes": asdict(drafted.changes if drafted else Changes()),
                "unfinished": drafted.unfinished if drafted else {},
                "problems": problems,
                "recommendations": len(report.recommendations),
            }
        )
        return code
    row("Index", indexed or "nothing new")
    counts = " · ".join(f"{q.id} {len(q.claims())}" for q in report.questions)
    row(
        "Draft",
        (counts + f" · recommendations {len(report.recommendations)}") if renewed or indexed else "nothing is stale",
    )
    found = sum(u.check == "judge" for u in verdict.unsupported)
    supported = (
        f"{verdict.supported} supported"
        if found and not verdict.failed
        else "all supported"
        if not verdict.failed
        else f"{verdict.failed} NOT supported (report/verdict.json says which)"
    )
    doubted = f" · the judge doubts {plural(found, 'claim')} (synth check)" if found else ""
    dropped = f" · {len(verdict.dropped)} dropped (report/verdict.json)" if verdict.dropped else ""
    warned = f" · {plural(verdict.warned, 'warning')}" if verdict.warned else ""
    row(
        "Check",
        f"{plural(verdict.claims, 'claim')}, {supported}{doubted}{warned}{dropped} · {by_whom(verdict)}",
    )
    heard = [c for c in report.contributors if report.coverage[c.id].claims]
    least = min(heard, key=lambda c: report.coverage[c.id].claims, default=None)
    fewest = f" · least: {least.id} ({plural(report.coverage[least.id].claims, 'claim')})" if least else ""
    unread = sum(n.why == UNREAD for n in report.not_represented)
    row("Heard", f"{len(heard)} of {plural(len(report.contributors) + unread, 'contributor')}{fewest}")
    for absent in report.not_represented:
        row("", f"{absent.id} is not in the report: {absent.why}")
    if drafted:
        row("Changed", _changed(drafted))
    row("Report", " · ".join(str(p) for p in sorted((folder / "report").glob("report.*.html"))))
    if drafted and drafted.waiting:
        row("Batch", f"{', '.join(drafted.waiting)} wait for their batch; the same command takes it in")
    if report.generated.engine == "extractive":
        row("Engine", "extractive (no model is set up; `synth doctor` says what works)")
    return code


def _changed(drafted: Drafted) -> str:
    """ "+3 claims, 2 strengthened, 1 withdrawn · 4 questions untouched · 41 reviewed claims kept"."""
    found = drafted.changes
    counts = {
        f"+{plural(len(found.new), 'claim')}": found.new,
        f"{len(found.strengthened)} strengthened": found.strengthened,
        f"{len(found.weakened)} with a source less": found.weakened,
        f"{len(found.reworded)} reworded": found.reworded,
        f"{len(found.gone)} withdrawn": found.gone,
        f"{len(found.rejected)} rejected": found.rejected,
    }
    said = ", ".join(words for words, ids in counts.items() if ids) or "no claim"
    untouched = [d for d in drafted.drafts if d.question not in drafted.renewed and d.claims()]
    reviewed = sum(c.status in ("accepted", "edited") for d in drafted.drafts for c in d.claims())
    parts = [said, f"{plural(len(untouched), 'question')} untouched" if untouched else "", f"{plural(reviewed, 'reviewed claim')} kept" if reviewed else ""]  # fmt: skip
    return " · ".join(filter(None, parts))


# -- nothing changed: say so without loading anything heavy -----------------------------------------


def _inputs(folder: Path, settings: Settings) -> str:
    """Hash of all that a run reads but does not write: folder, settings from wherever they came, and version."""
    from synth import __version__

    files = [
        folder / "discussion.toml",
        folder / "glossary.csv",
        *_in(folder, "contributions"),
        *_in(folder, "reviews"),
    ]
    return _hash(json.dumps([__version__, repr(settings)]), files)


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
