"""Yesterday's draft against today's contributions: which of its citations still hold, and what it has not read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.model import Citation, Claim, Draft, Dropped, Kind, Passage, Theme
from eval.gates import Grounds, check_claim
from eval.harness import failed

TELLING = 6  # words in a row that tell whose they are


def mark(passage: Passage) -> str:
    """What tells a passage's text again, wherever in its contribution it stands now."""
    return f"{passage.contribution}.{hashlib.sha256(passage.text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Standing:
    """What is left of a draft: themes whose claims still hold, claims that lost their evidence, passages not read yet."""

    themes: tuple[Theme, ...]
    dropped: tuple[Dropped, ...]
    unread: tuple[Passage, ...]

    def claims(self) -> list[Claim]:
        """All claims, in order."""
        return [claim for theme in self.themes for claim in theme.claims]


UPDATE = 0.75  # share of a question's text that may be new; beyond it the draft is written anew, not brought up to date


def to_update(draft: Draft | None, passages: Sequence[Passage], grounds: Grounds) -> Standing | None:
    """What of a draft stands, if bringing it up to date is less than writing it anew. `passages`: the evidence now."""
    if draft is None or not draft.read or not draft.themes:
        return None
    standing = what_stands(draft, passages, grounds)
    new = sum(len(p.text) for p in standing.unread)
    return standing if standing.themes and new <= UPDATE * sum(len(p.text) for p in passages) else None


def what_stands(draft: Draft, passages: Sequence[Passage], grounds: Grounds) -> Standing:
    """`draft` held against `passages`, the evidence of its question now.

    A quotation that moved because its contribution was edited elsewhere is found again; one that is gone is taken from its
    claim, and a claim goes with its last one. What a person decided stays as it is; what was rejected is no part of it.
    """
    places = by_contribution(passages)
    themes, dropped = [], []
    for theme in draft.themes:
        kept = []
        for claim in theme.claims:
            if claim.status == "rejected":
                continue
            still = _still(claim, places, grounds) if claim.status == "draft" else claim
            if still is not None:
                kept.append(still)
            else:
                gone = "the words it rested on were withdrawn or edited away"
                dropped.append(Dropped(question=draft.question, text=claim.text, check="source", detail=gone))
        if kept:
            themes.append(theme.model_copy(update={"claims": tuple(kept)}))
    known = set(draft.read)
    return Standing(tuple(themes), tuple(dropped), tuple(p for p in passages if mark(p) not in known))


def _still(claim: Claim, places: Mapping[str, Sequence[Passage]], grounds: Grounds) -> Claim | None:
    """The claim with the sources that are still there; None if it does not stand on them. One that is a quotation goes with
    the words it quotes."""
    citations = tuple(c for x in claim.citations if (c := found_again(x, places)))
    if not citations or lost_a_side(claim.kind, claim.citations, citations):
        return None
    if claim.citations[0].quote in (claim.text.en, claim.text.fr) and citations[0].quote != claim.citations[0].quote:
        return None
    moved = check_claim(claim.model_copy(update={"citations": citations}), grounds)
    return None if failed(moved) else moved


def lost_a_side(kind: Kind, before: Sequence[Citation], left: Sequence[Citation]) -> bool:
    """Whether a claim that set one contributor against another has only one of them left."""
    heard = [len({c.contribution for c in citations}) for citations in (before, left)]
    return kind == "disagreement" and heard[1] < 2 <= heard[0]


def by_contribution(passages: Sequence[Passage]) -> dict[str, list[Passage]]:
    """Passages by the contribution they are of."""
    found: dict[str, list[Passage]] = {}
    for passage in passages:
        found.setdefault(passage.contribution, []).append(passage)
    return found


def found_again(citation: Citation, passages: Mapping[str, Sequence[Passage]]) -> Citation | None:
    """The same quotation at its place today, the nearest to where it was; None if it is gone.

    Words that one other contribution alone holds now went there: contributions are split and joined by editing their files.
    """
    places = _places(citation, passages.get(citation.contribution, ()))
    if not places and len(citation.quote.split()) >= TELLING:
        found = [p for held in passages.values() if (p := _places(citation, held))]
        places = found[0] if len(found) == 1 else []
    if not places:
        return None
    passage, at = min(places, key=lambda place: abs(place[0].start + place[1] - citation.start))
    start = passage.start + at
    return citation.model_copy(
        update={
            "contribution": passage.contribution,
            "passage": passage.id,
            "start": start,
            "end": start + len(citation.quote),
            "language": passage.language,
        }
    )


def _places(citation: Citation, passages: Sequence[Passage]) -> list[tuple[Passage, int]]:
    return [(p, at) for p in passages for at in places_of(citation.quote, p.text)]


def places_of(words: str, text: str) -> list[int]:
    """Every offset in `text` at which `words` stand; none for no words."""
    found, at = [], text.find(words) if words else -1
    while at >= 0:
        found.append(at)
        at = text.find(words, at + 1)
    return found
