"""Gold data: what people marked in a discussion, as offsets into its source files; no text of those files is kept here.

`eval/data/sample` belongs to the bundled sample discussion, `eval/data/seed` to a real one that is not distributed: what
needs it says so and is left out where it is absent.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.model import Contribution

DATA = Path(__file__).parent / "data"
SAMPLE = Path(__file__).parent.parent / "corpus" / "sample"


def seed_file() -> Path | None:
    """The real e-discussion beside the checkout (../shared/seed, or SYNTH_SEED), or None."""
    root = Path(os.environ.get("SYNTH_SEED", Path(__file__).parent.parent.parent / "shared" / "seed"))
    path = root / "e-discussion.txt"
    return path if path.is_file() else None


@dataclass(frozen=True)
class Span:
    """A range of a body."""

    contribution: str
    start: int
    end: int


@dataclass(frozen=True)
class KeyPoint:
    """Words that a good reply must not miss."""

    id: str
    question: str
    kind: str
    gist: str
    span: Span


@dataclass(frozen=True)
class Query:
    """A paraphrase and the place that says it. `plain`: without names and figures."""

    query: str
    language: str
    target_language: str
    plain: bool
    span: Span


def place(text: str, start: int, end: int, contributions: Sequence[Contribution]) -> Span | None:
    """The range [start, end) of a source's decoded `text` as a range of the body taken from there.

    None if it was redacted away or lies in no contribution.
    """
    wanted = unicodedata.normalize("NFC", text[start:end])
    for contribution in contributions:
        source = contribution.source
        if source and source.start <= start and end <= source.end:
            near = start - source.start
            hits = _occurrences(contribution.body, wanted)
            if hits:
                at = min(hits, key=lambda hit: abs(hit - near))
                return Span(contribution.id, at, at + len(wanted))
    return None


def _occurrences(body: str, wanted: str) -> list[int]:
    found, at = [], body.find(wanted)
    while at >= 0:
        found.append(at)
        at = body.find(wanted, at + 1)
    return found


def key_points(name: str, files: dict[str, str], contributions: Sequence[Contribution]) -> list[KeyPoint]:
    """The key points of "sample" or "seed". `files`: decoded text by file name. Raises ValueError for one that is nowhere."""
    path = DATA / name / ("gold.json" if name == "sample" else "key_points.json")
    rows = json.loads(path.read_text(encoding="utf-8"))["key_points"]
    found = []
    for row in rows:
        span = _located(row, files, contributions, path)
        found.append(KeyPoint(row["id"], row["question"], row["kind"], row["gist"], span))
    return found


def queries(
    name: str, files: dict[str, str], contributions: Sequence[Contribution], kind: str = "claims"
) -> list[Query]:
    """The retrieval queries of "sample" or "seed".

    "claims" are sentences as a report would write them; "queries" are riddles: paraphrases that avoid the words of what
    they look for, to see where retrieval ends.
    """
    path = DATA / name / f"{kind}.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows = rows["queries"] if isinstance(rows, dict) else rows
    return [
        Query(
            row["query"],
            row["language"],
            row["target_language"],
            row["plain"],
            _located(row, files, contributions, path),
        )
        for row in rows
    ]


def _located(row: dict[str, object], files: dict[str, str], contributions: Sequence[Contribution], path: Path) -> Span:
    file = str(row.get("file") or next(iter(files)))
    mine = [c for c in contributions if c.source and c.source.file == file]
    span = place(files[file], int(str(row["start"])), int(str(row["end"])), mine)
    if span is None:
        raise ValueError(f"{path}: {row.get('id') or row.get('query')} lies in no contribution")
    return span
