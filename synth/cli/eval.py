"""synth eval"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import SynthError, UnreadableError
from synth.cli.common import in_folder, json_option, note, plural, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eval.claims import ClaimMeasures
    from eval.gates.grounds import Vectors
    from eval.metrics import Metrics

history_option = click.option("--history", type=click.Path(path_type=Path), help="Append the figures to this file, and say what got worse.")  # fmt: skip
page_option = click.option("--page", type=click.Path(path_type=Path), help="Write a page that shows the history over time.")  # fmt: skip


@click.group("eval")
def command() -> None:
    """Measure: the checks on labelled claims, whole reports, and what a person's judgements say.

    \b
    Example:
      synth -C tunis eval spot
    """


@command.command("claims")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@history_option
@page_option
@json_option
def claims_command(files: tuple[Path, ...], history: Path | None, page: Path | None, as_json: bool) -> int:
    """What the checks find in labelled claims, and how often they cry wolf. Without FILE: those that come with synth.

    FILE holds a JSON object a line: claim, lang_claim, evidence (a list of texts), lang_evidence, label (supported or
    unsupported) and kind (of the error). Exit 1 if a figure of synth's own claims is out of bounds (eval/thresholds.toml).

    \b
    Example:
      synth eval claims
      synth eval claims my-claims.jsonl --json
    """
    from eval.claims import headline, measure_file, measure_pairs
    from eval.labelled import OWN_CLAIMS, load_pairs
    from eval.thresholds import below

    with _embedder() as vectors:
        parts = {str(path.name): measure_file(path, vectors) for path in files or (OWN_CLAIMS,)}
        pairs = {} if files else measure_pairs((p for p in load_pairs() if p.held), vectors)
    figures: dict[str, float] = {}
    if not files:
        figures = headline(parts[OWN_CLAIMS.name], pairs)
    problems = below("claims", figures) + _remember(history, page, figures)
    if as_json:
        shown = {name: {part: m.model_dump() for part, m in of.items()} for name, of in parts.items()}
        print_json({"files": shown, "pairs": {k: f.model_dump() for k, f in pairs.items()}, "figures": figures, "problems": problems})  # fmt: skip
    else:
        for name, of in parts.items():
            for part, measured in of.items():
                _show_claims(f"{name}, {part}", measured)
        if pairs:
            click.echo("English against French, held back: " + ", ".join(f"{kind or 'the same'} {f.fail} of {f.rows} failed" for kind, f in pairs.items()))  # fmt: skip
        for problem in problems:
            click.echo(problem)
    return 1 if problems else 0


@command.command("run")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@history_option
@page_option
@json_option
def run_command(folders: tuple[Path, ...], history: Path | None, page: Path | None, as_json: bool) -> int:
    """All figures of whole discussions as they are drafted now: support, coverage, balance, parity, redundancy, gold.

    Exit 1 if a figure is out of bounds (eval/thresholds.toml).

    \b
    Example:
      synth eval run tunis dakar --history history.jsonl --page history.html
    """
    from eval.thresholds import below

    measured = {folder.resolve().name: _measure(folder) for folder in folders}
    flat = {f"{name} {key}": value for name, m in measured.items() for key, value in _figures(m).items()}
    problems = [f"{name}: {line}" for name, m in measured.items() for line in below("run", _figures(m))]
    problems += _remember(history, page, flat)
    if as_json:
        print_json({"discussions": {name: m.model_dump() for name, m in measured.items()}, "problems": problems})
    else:
        for name, m in measured.items():
            click.echo(f"{name} ({m.claims} claims, supported by {m.supported_by})")
            for key, value in m.model_dump().items():
                if key not in ("claims", "supported_by"):
                    click.echo(f"  {key:20} {'–' if value is None else value}")
        for problem in problems:
            click.echo(problem)
    return 1 if problems else 0


@command.command("spot")
@click.option("--margin", type=click.FloatRange(0.01, 0.5), default=0.1, show_default=True, help="How exactly the share is to be known.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Draws other claims.")
@click.option("--judged", type=click.Path(path_type=Path), help="The sheet with the column “supported” filled in (yes or no).")  # fmt: skip
@json_option
@in_folder
def spot_command(folder: Path, margin: float, seed: int, judged: Path | None, as_json: bool) -> int:
    """A random sample of claims for a person to judge, as a sheet (CSV); with --judged, what the judgements say of all claims.

    \b
    Example:
      synth -C tunis eval spot > spot.csv
      synth -C tunis eval spot --judged spot.csv
    """
    from eval.spot import estimate, sample
    from synth.store import load_report

    report = load_report(folder)
    if report is None:
        note("there is no report yet. Make one first: synth run")
        return 3
    if judged is None:
        rows = [[c.id, c.text.en or "", c.text.fr or "", " / ".join(f"{x.contribution}: {x.quote}" for x in c.citations), ""] for c in sample(report.claims(), margin, seed)]  # fmt: skip
        sheet = csv.writer(sys.stdout, lineterminator="\n")
        sheet.writerow(["claim", "English", "French", "sources", "supported"])
        sheet.writerows([[_harmless(cell) for cell in row] for row in rows])
        return 0
    found = estimate(_judgements(judged, {c.id for c in report.claims()}), len(report.claims()))
    if as_json:
        print_json(found.model_dump())
    else:
        click.echo(f"{found.supported} of {found.judged} judged are supported. Of all {plural(found.claims, 'claim')}, with 95 % certainty, {found.low:.0%} to {found.high:.0%} are.")  # fmt: skip
    return 0


def _harmless(cell: str) -> str:
    """A spreadsheet runs what begins like a formula; a space before it keeps it text."""
    return f" {cell}" if cell[:1] in "=+-@\t" and cell else cell


def _judgements(path: Path, known: set[str]) -> list[bool]:
    """The rows that were judged. Raises UnreadableError for a sheet without the columns, an unknown claim or another word than yes or no."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: cannot be read ({error}).") from None
    if not rows or not {"claim", "supported"} <= set(rows[0]):
        raise UnreadableError(f"{path}: has no columns “claim” and “supported”.")
    answers = {"yes": True, "y": True, "oui": True, "o": True, "no": False, "n": False, "non": False}
    found = []
    for row in rows:
        said = (row["supported"] or "").strip().lower()
        if said and (row["claim"].strip() not in known or said not in answers):
            raise UnreadableError(f"{path}: {row['claim']}: {'there is no such claim now' if said in answers else f'{said!r} is neither yes nor no'}.")  # fmt: skip
        if said:
            found.append(answers[said])
    if not found:
        raise UnreadableError(f"{path}: no claim is judged yet. Write yes or no into the column “supported”.")
    return found


@contextmanager
def _embedder() -> Iterator[Vectors]:
    from vectorstore.embedders import CachedEmbedder

    with tempfile.TemporaryDirectory() as scratch:
        yield CachedEmbedder("builtin", Path(scratch) / "vectors.sqlite").vectors


def _measure(folder: Path) -> Metrics:
    """The figures of one discussion from its drafts. Raises SynthError where there are none."""
    from eval.harness import check_drafts
    from eval.metrics import metrics
    from synth import pipeline
    from synth.review.apply import reviewed

    corpus = pipeline.read_corpus(folder)
    drafts, recommendations = pipeline.load_drafts(corpus)
    if not drafts:
        raise SynthError(f"{folder}: nothing is drafted yet. Run first: synth -C {folder} run")
    checked, verdict = check_drafts(drafts, corpus.grounds, reviewed=reviewed(drafts, corpus.rulings))
    report = pipeline.report_of(corpus, checked, recommendations)
    gold = _gold(folder, corpus.contributions)
    return metrics(report, verdict, corpus.discussion, corpus.contributions, corpus.passages, corpus.grounds, gold)


def _gold(folder: Path, contributions: Sequence[Any]) -> list[Any]:
    """The key points of a discussion that has some: known by the files it was taken in from."""
    from corpus.readers import read
    from eval.gold import SAMPLE, key_points, seed_file

    sources = {path.name for path in (folder / "sources").glob("*")}
    seed = seed_file()
    for name, files in (
        ("sample", [SAMPLE / "digest.txt", SAMPLE / "forum-post.md"]),
        ("seed", [seed] if seed else []),
    ):
        same = files and all((folder / "sources" / f.name).is_file() and (folder / "sources" / f.name).read_bytes() == f.read_bytes() for f in files)  # fmt: skip
        if same and sources == {f.name for f in files}:
            return key_points(name, {f.name: read(f).text for f in files}, contributions)
    return []


def _figures(measured: Metrics) -> dict[str, float]:
    return {k: float(v) for k, v in measured.model_dump().items() if isinstance(v, int | float) and k not in ("claims", "disagreements", "compression")}  # fmt: skip


def _remember(path: Path | None, page: Path | None, figures: Mapping[str, float]) -> list[str]:
    """Appends to the history and writes its page; what got worse since the run before."""
    from corpus.folder import write_if_changed
    from eval import history

    if path is None or not figures:
        return []
    before = history.load(path)
    history.append(path, datetime.now().astimezone().isoformat(timespec="seconds"), figures)
    if page is not None:
        write_if_changed(page, history.page(history.load(path)))
    return [f"worse than before: {line}" for line in (history.regressions(before[-1][1], figures) if before else [])]


def _show_claims(title: str, measured: ClaimMeasures) -> None:
    click.echo(f"{title}: {measured.rows} claims, {measured.supported} supported; balanced accuracy {measured.balanced_accuracy_fail:.2f} by failures, {measured.balanced_accuracy_warn:.2f} with warnings")  # fmt: skip
    for gate, kinds in measured.gates.items():
        told = [f"{kind} {f.fail}+{f.warn}/{f.rows}" for kind, f in kinds.items() if kind and f.fail + f.warn]
        true = kinds.get("")
        alarms = f"false alarms {true.fail}+{true.warn}/{true.rows}" if true else ""
        if told or (true and true.fail + true.warn):
            click.echo(f"  {gate:12} {'; '.join([*told, alarms])}")
    for name, o in measured.orders.items():
        click.echo(
            f"  score, {name:16} AUC {o.support:.3f} [{o.low:.2f}, {o.high:.2f}]; plain {o.plain:.3f} ({o.rows})"
        )
    click.echo("  (failed + warned / claims)")
