"""How well a digest is read: boundaries, languages, authors and the labels of answers, against gold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.model import Contribution, Discussion
from corpus.people import country_code
from corpus.words import fold
from eval.gold import DATA, place


@dataclass
class IntakeScore:
    """`f1`: of (question, character) pairs over all contributions (white space not counted). Lists name what was missed."""

    contributions: int = 0
    boundaries: int = 0
    languages: int = 0
    authors: int = 0
    named: int = 0
    precision: float = 0.0
    recall: float = 0.0
    f1: float = 0.0
    misses: list[str] = field(default_factory=list)


def load_gold(name: str) -> list[dict[str, Any]]:
    """Contributions of the gold of "sample" or "seed": {id, file, start, end, author, …, answers}."""
    path = DATA / name / ("gold.json" if name == "sample" else "contributions.json")
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["contributions"]
    return rows


def with_names(gold: list[dict[str, Any]], files: dict[str, str]) -> list[dict[str, Any]]:
    """Gold whose names are given as ranges [start, end] of the source, with the words in their place."""
    return [
        {
            k: files[row["file"]][v[0] : v[1]]
            if k in ("author", "organisation", "country") and isinstance(v, list)
            else v
            for k, v in row.items()
        }
        for row in gold
    ]


def score(
    gold: Sequence[dict[str, Any]],
    contributions: Sequence[Contribution],
    files: dict[str, str],
    discussion: Discussion,
) -> IntakeScore:
    """Compare contributions as taken in with gold. `files`: decoded text by name of source file."""
    result = IntakeScore(contributions=len(gold))
    by_start = {(c.source.file, c.source.start): c for c in contributions if c.source}
    gold = with_names(list(gold), files)
    labels = set(discussion.labels())
    right = said = true = 0
    for row in gold:
        c = by_start.get((row["file"], row["start"]))
        if c is None or c.source is None:
            result.misses.append(f"{row['id']}: does not begin where it should")
            continue
        result.boundaries += c.source.end == row["end"]
        result.languages += c.language == row["language"]
        _people(row, c, result)
        want = _pairs_of_gold(row, files[row["file"]], c)
        have = {(a.question, i) for a in c.answers for i in range(a.start, a.end) if not c.body[i].isspace()}
        right, said, true = right + len(want & have), said + len(have), true + len(want)
        for label in sorted(labels):
            w, h = ({i for q, i in pairs if q == label} for pairs in (want, have))
            if len(w ^ h) > 30:
                result.misses.append(f"{c.id} {label}: {len(w - h)} characters missed, {len(h - w)} too many")
    result.precision, result.recall = right / max(1, said), right / max(1, true)
    result.f1 = 2 * right / max(1, said + true)
    return result


def _people(row: dict[str, Any], c: Contribution, result: IntakeScore) -> None:
    if row.get("author"):
        result.named += 1
        result.authors += c.author is not None and fold(c.author) == fold(row["author"])
    for name in ("author", "organisation", "capacity"):
        want, have = row.get(name), getattr(c, name)
        if fold(want or "") != fold(have or ""):
            result.misses.append(f"{c.id} {name}: {have!r} instead of {want!r}")
    want = row.get("country")
    if (country_code(want) if want else None) != c.country:
        result.misses.append(f"{c.id} country: {c.country!r} instead of {want!r}")


def _pairs_of_gold(row: dict[str, Any], text: str, c: Contribution) -> set[tuple[str, int]]:
    pairs: set[tuple[str, int]] = set()
    for answer in row["answers"]:
        span = place(text, answer["start"], answer["end"], [c])
        if span is None:  # something in it was redacted: by its two ends
            head = place(text, answer["start"], answer["start"] + 30, [c])
            tail = place(text, answer["end"] - 30, answer["end"], [c])
            if head is None or tail is None:
                raise ValueError(f"{row['id']}: the gold answer at {answer['start']} cannot be placed in the body")
            pairs |= {(answer["question"], i) for i in range(head.start, tail.end) if not c.body[i].isspace()}
        else:
            pairs |= {(answer["question"], i) for i in range(span.start, span.end) if not c.body[i].isspace()}
    return pairs
