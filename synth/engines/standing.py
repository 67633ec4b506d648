"""Yesterday's draft against today's contributions: which of its citations still hold, and what it has not read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.model import Citation, Claim, Draft, Dropped, Passage, Theme
from eval.gates import Grounds, check_claim
from eval.harness import failed


def mark(passage: Passage) -> str:
    """What tells a passage's text again, wherever in its contribution it stands now."""
    return hashlib.sha256(f"{passage.contribution}\0{passage.text}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Standing:
    """What is left of a draft: themes whose claims still hold, claims that lost their evidence, passages not read yet."""

    themes: tuple[Theme, ...]
    dropped: tuple[Dropped, ...]
    unread: tuple[Passage, ...]

    def claims(self) -> list[Claim]:
        """All claims, in order."""
        return [claim for theme in self.themes for claim in theme.claims]


def what_stands(draft: Draft, passages: Sequence[Passage], grounds: Grounds) -> Standing:
    """`draft` held against `passages`, the evidence of its question now.

    A quotation that moved because its contribution was edited elsewhere is found again; one that is gone is taken from its
    claim, and a claim goes with its last one.
    """
    by_contribution: dict[str, list[Passage]] = {}
    for passage in passages:
        by_contribution.setdefault(passage.contribution, []).append(passage)
    themes, dropped = [], []
    for theme in draft.themes:
        kept = []
        for claim in theme.claims:
            citations = tuple(c for x in claim.citations if (c := found_again(x, by_contribution)))
            moved = check_claim(claim.model_copy(update={"citations": citations}), grounds) if citations else None
            if moved is None or failed(moved) or (claim.kind == "disagreement" and len(citations) < 2):
                dropped.append(
                    Dropped(
                        question=draft.question,
                        text=claim.text,
                        check="source",
                        detail="the words it rested on were withdrawn or edited away",
                    )
                )
            else:
                kept.append(moved)
        if kept:
            themes.append(theme.model_copy(update={"claims": tuple(kept)}))
    known = set(draft.read)
    return Standing(tuple(themes), tuple(dropped), tuple(p for p in passages if mark(p) not in known))


def found_again(citation: Citation, passages: Mapping[str, Sequence[Passage]]) -> Citation | None:
    """The same quotation at its place today, the nearest to where it was; None if it is gone."""
    places = [(p, at) for p in passages.get(citation.contribution, ()) for at in _all(p.text, citation.quote)]
    if not places:
        return None
    passage, at = min(places, key=lambda place: abs(place[0].start + place[1] - citation.start))
    start = passage.start + at
    return citation.model_copy(
        update={"passage": passage.id, "start": start, "end": start + len(citation.quote), "language": passage.language}
    )


def _all(text: str, quote: str) -> list[int]:
    found, at = [], text.find(quote)
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    return found
