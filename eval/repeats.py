"""Claims of one question that say what another of them says already: a reader should not meet them twice."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.model import Check, Claim
from eval.gates.grounds import Grounds
from eval.quantities import quantities

NAME = "repeats"
SAME = 0.92  # cosine from which two claims of one question say the same, if their figures and kinds agree


def repeated(claims: Sequence[Claim], grounds: Grounds) -> dict[str, str]:
    """Of the claims of one question, those that say what an earlier one says: id → id of the earlier one. None without vectors."""
    if grounds.vectors is None or len(claims) < 2:
        return {}
    texts = [c.text.best("en") for c in claims]
    vectors = grounds.vectors([text for text, _ in texts])
    alike = vectors @ vectors.T
    figures = [quantities(text, language) for text, language in texts]
    found: dict[str, str] = {}
    for i in range(1, len(claims)):
        near = [j for j in range(i) if float(alike[i, j]) >= SAME]
        earlier = [j for j in near if figures[i] == figures[j] and claims[i].kind == claims[j].kind]
        if earlier:
            found[claims[i].id] = claims[earlier[0]].id
    return found


def with_repeats(claims: Sequence[Claim], grounds: Grounds) -> list[Claim]:
    """`claims` of one question, each with whether it repeats an earlier one. Warns, never fails: two may well say the same."""
    found = repeated(claims, grounds)
    return [c.model_copy(update={"checks": (*c.checks, _check(found.get(c.id)))}) for c in claims]


def _check(earlier: str | None) -> Check:
    if earlier is None:
        return Check(name=NAME, verdict="pass")
    return Check(name=NAME, verdict="warn", detail=f"says nearly what {earlier} says")
