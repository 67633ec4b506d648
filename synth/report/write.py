"""The report on disk: report.json, report.LANG.html, report.LANG.md. Files that would not change are not touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus.folder import write_if_changed
from corpus.model import Contribution, Discussion, Language, Report
from prompts.shown import Attribution, attributed
from synth.engines.recommendations import addressee_name
from synth.report.view import View
from synth.store import as_json

FORMATS = ("html", "md", "json")


def write_report(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write the report's files, by name as `rendered` gives them; returns their paths, changed or not."""
    for name, content in files.items():
        write_if_changed(folder / "report" / name, content)
    return [folder / "report" / name for name in files]


def rendered(
    report: Report,
    contributions: Sequence[Contribution],
    discussion: Discussion,
    formats: Sequence[str] = FORMATS,
    languages: Sequence[Language] = ("en", "fr"),
    attribution: Attribution = "names",
) -> dict[str, str]:
    """The files of the report by name, as they would be written."""
    contributions = [attributed(c, attribution) for c in contributions]
    views = [_view(report, contributions, discussion, language) for language in languages]
    files: dict[str, str] = {}
    if "json" in formats:
        files["report.json"] = as_json(report)
    if "html" in formats:
        from synth.report import html

        files |= {f"report.{view.language}.html": html.render(views, view.language) for view in views}
    if "md" in formats:
        from synth.report import markdown

        files |= {f"report.{view.language}.md": markdown.render(view) for view in views}
    return files


def _view(report: Report, contributions: Sequence[Contribution], discussion: Discussion, language: Language) -> View:
    names = {r.addressee: addressee_name(r.addressee, discussion).best(language)[0] for r in report.recommendations}
    return View(report, contributions, language, names)
