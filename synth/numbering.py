"""Ids of claims: "1.1-07". An id is never given twice: a decision speaks of a claim by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corpus.model import Claim, Theme
from corpus.words import fold

UNNUMBERED = 0  # the number of a claim that an engine has just written: "1.1-00"


def claim_id(label: str, number: int) -> str:
    """ "1.1-07"."""
    return f"{label}-{number:02d}"


def number_of(claim: str) -> int:
    """7 of "1.1-07"."""
    return int(claim.rpartition("-")[2])


def numbered(label: str, themes: Sequence[Theme], before: Iterable[Claim], taken: int) -> tuple[Theme, ...]:
    """`themes` with a number for each claim that has none yet.

    A claim that says word for word what one of `before` said from the same place gets that one's id back; all others go on
    after `taken`, the highest number that was ever given.
    """
    kept = {c.id for t in themes for c in t.claims}
    known = {_face(c): c.id for c in before if c.id not in kept}
    found = []
    for theme in themes:
        claims = []
        for claim in theme.claims:
            if number_of(claim.id) == UNNUMBERED:
                same = known.pop(_face(claim), None)
                taken += same is None
                claim = claim.model_copy(update={"id": same or claim_id(label, taken)})
            claims.append(claim)
        found.append(theme.model_copy(update={"claims": tuple(claims)}))
    return tuple(found)


def _face(claim: Claim) -> tuple[str, str, str]:
    first = claim.citations[0]
    return fold(claim.text.best("en")[0]), first.contribution, first.quote
