"""Labelled claims: sentences with the words they cite, and whether a careful reader says that these bear them.

Two shapes of rows, one JSON object a line. With `sources` (a contribution and a verbatim quote) they are about the bundled
sample discussion; with `evidence` (texts) they stand for themselves, each text being a contribution of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from corpus.announcement import read_announcement
from corpus.errors import UnreadableError
from corpus.folder import load_glossary
from corpus.intake import learn_from, take_in
from corpus.model import Citation, Claim, Contribution, Discussion, Passage, Text
from corpus.passages import passages
from corpus.readers import read
from eval.gates.grounds import Grounds, Vectors
from eval.gold import DATA, SAMPLE

OWN_CLAIMS = DATA / "claims" / "sample.jsonl"
OWN_PAIRS = DATA / "claims" / "pairs.jsonl"


@dataclass(frozen=True)
class Labelled:
    """One row: the claim as gates take it, what it is checked against, and the label.

    `kind`: of the error, "" where there is none. `languages`: "en<fr" for an English claim that cites French words. `held`:
    whether it is in the third that no rule was written on. `style`: "draft", "ordinary" or "hard" in our own rows (docs/eval.md).
    """

    id: str
    claim: Claim
    grounds: Grounds = field(repr=False)
    supported: bool
    kind: str
    languages: str
    style: str = ""
    held: bool = False

    @property
    def text(self) -> tuple[str, str]:
        """(text, language) of the claim, which is written in one language only."""
        [(language, text)] = self.claim.text.versions()
        return text, language


@dataclass(frozen=True)
class Pair:
    """An English and a French text, and whether they say the same; `kind` of the difference."""

    id: str
    text: Text
    same: bool
    kind: str
    held: bool


def held_back(row: str) -> bool:
    """Whether a row is in the third that no rule was written on: drawn from its id, so that adding rows moves none."""
    return hashlib.sha256(row.encode()).digest()[0] % 3 == 0


def load_claims(path: Path, vectors: Vectors | None = None) -> list[Labelled]:
    """The rows of a file. Raises UnreadableError for a file that is missing or a row that makes no sense."""
    found = []
    for number, row in _rows(path):
        try:
            found.append(_about_the_sample(row, vectors) if "sources" in row else _by_itself(row, vectors))
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableError(f"{path}: line {number} is no labelled claim ({type(error).__name__}: {error}).") from None  # fmt: skip
    return found


def load_pairs(path: Path = OWN_PAIRS) -> list[Pair]:
    """The pairs of a file. Raises UnreadableError."""
    return [
        Pair(row["id"], Text(en=row["en"], fr=row["fr"]), row["label"] == "same", row["kind"], held_back(row["id"]))
        for _, row in _rows(path)
    ]


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: cannot be read ({error}).") from None
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise UnreadableError(f"{path}: line {number} is no JSON object.")
            found.append((number, row))
    return found


@lru_cache(maxsize=1)
def sample_discussion() -> tuple[Discussion, tuple[Contribution, ...], tuple[Passage, ...]]:
    """The bundled discussion, taken in from its files, with its passages."""
    announcement = SAMPLE / "announcement.txt"
    discussion = read_announcement(read(announcement).text, str(announcement))
    discussion = discussion.model_copy(update={"glossary": load_glossary(SAMPLE)})
    sources = [read(SAMPLE / name) for name in ("digest.txt", "forum-post.md")]
    for source in sources:
        discussion = learn_from(source, discussion)
    ids = (f"C{n:02d}" for n in count(1))
    found = [t.contribution for s in sources for t in take_in(s, discussion, s.file, lambda: next(ids), set())]
    return discussion, tuple(found), tuple(p for c in found for p in passages(c, discussion))


@lru_cache(maxsize=4)
def _sample_grounds(vectors: Vectors | None) -> Grounds:
    discussion, contributions, cut = sample_discussion()
    return Grounds.of(discussion, contributions, cut, vectors=vectors)


def _about_the_sample(row: dict[str, Any], vectors: Vectors | None) -> Labelled:
    grounds = _sample_grounds(vectors)
    citations = [_citation(s["contribution"], s["quote"], grounds) for s in row["sources"]]
    return _labelled(row, citations, grounds, held_back(row["id"]))


def _citation(contribution: str, quote: str, grounds: Grounds) -> Citation:
    body = grounds.contributions[contribution].body
    if body.count(quote) != 1:
        raise ValueError(f"the quote is {body.count(quote)} times in {contribution}")
    start = body.index(quote)
    end = start + len(quote)
    cut = [p for p in grounds.passages.values() if p.contribution == contribution]
    passage = max(cut, key=lambda p: min(p.end, end) - max(p.start, start))
    return Citation(contribution=contribution, passage=passage.id, quote=quote, start=start, end=end, language=passage.language)  # fmt: skip


def _by_itself(row: dict[str, Any], vectors: Vectors | None) -> Labelled:
    language = row["lang_evidence"]
    body = "\n".join(row["evidence"])
    source = Contribution(id="C01", language=language, body=body)
    passage = Passage(
        id="C01.p1", contribution="C01", questions=(), start=0, end=len(body), language=language, text=body
    )
    grounds = Grounds({"C01": source}, {"C01.p1": passage}, {}, {}, vectors=vectors)
    quote = Citation(contribution="C01", passage="C01.p1", quote=body, start=0, end=len(body), language=language)
    return _labelled(row, [quote], grounds, False)


def _labelled(row: dict[str, Any], citations: Sequence[Citation], grounds: Grounds, held: bool) -> Labelled:
    if row["label"] not in ("supported", "unsupported") or row["lang_claim"] not in ("en", "fr"):
        raise ValueError("label must be supported or unsupported, lang_claim en or fr")
    text = Text(**{row["lang_claim"]: row["claim"]})
    claim = Claim(id=row["id"], kind="finding", text=text, citations=tuple(citations))
    return Labelled(
        id=row["id"],
        claim=claim,
        grounds=grounds,
        supported=row["label"] == "supported",
        kind=row["kind"],
        languages=f"{row['lang_claim']}<{citations[0].language}",
        style=row.get("style", ""),
        held=held,
    )
