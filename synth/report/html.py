"""The report as one HTML file: both languages in it, no outside requests, readable on paper, on a phone and by ear.

Contributors' words reach the page through Jinja's escaping alone. The page's own style and script are allowed by their
hashes; nothing else may load or run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus.model import Contribution, Language, Report
from synth.report.matrix import matrix_svg
from synth.report.view import View, answered_labels

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Segment:
    """A piece of a contribution between two ends of cited spans. `spans`: the anchors of the citations that cover it."""

    text: str
    spans: tuple[str, ...]
    begins: tuple[str, ...]
    claims: tuple[str, ...]


def render(views: Sequence[View], first: Language) -> str:
    """The page with every view in it, opening in the language `first`."""
    ordered = sorted(views, key=lambda v: v.language != first)
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    report = ordered[0].report
    spans = _spans(report)
    return str(
        _template().render(
            views=ordered,
            first=first,
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            matrix=matrix_svg,
            segments={c.id: segments(c, spans.get(c.id, {})) for c in ordered[0].contributions},
            answered=lambda c: answered_labels(c.answers),
            colon=lambda view: "\u00a0:" if view.language == "fr" else ":",
        )
    )


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _spans(report: Report) -> dict[str, dict[tuple[int, int], list[str]]]:
    """Per contribution: the cited ranges, each with the ids of the claims that cite it."""
    found: dict[str, dict[tuple[int, int], list[str]]] = {}
    for claim in report.claims():
        for citation in claim.citations:
            found.setdefault(citation.contribution, {}).setdefault((citation.start, citation.end), []).append(claim.id)
    return found


def segments(contribution: Contribution, spans: dict[tuple[int, int], list[str]]) -> list[Segment]:
    """The body cut at every end of a cited span, so that spans that overlap can each be marked."""
    body = contribution.body
    cuts = sorted({0, len(body), *(i for span in spans for i in span)})
    found = []
    for start, end in pairwise(cuts):
        covering = [span for span in sorted(spans) if span[0] <= start and end <= span[1]]
        begins = tuple(_anchor(contribution.id, s) for s in covering if s[0] == start)
        ends = [claim for s in covering if s[1] == end for claim in spans[s]]
        found.append(
            Segment(
                body[start:end],
                tuple(_anchor(contribution.id, s) for s in covering),
                begins,
                tuple(dict.fromkeys(ends)),
            )
        )
    return found


def _anchor(contribution_id: str, span: tuple[int, int]) -> str:
    return f"{contribution_id}-{span[0]}-{span[1]}"
