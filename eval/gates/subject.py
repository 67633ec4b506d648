"""The words quoted speak of what the claim speaks of."""

from __future__ import annotations

from corpus.model import Check, Claim
from corpus.sentences import stretches
from eval.gates.grounds import Grounds
from eval.gates.language import without_contributors
from eval.gates.written import written

ELSEWHERE = 0.15  # likeness below which no claim lay that its quote bears (docs/checks.md)


def check_subject(claim: Claim, grounds: Grounds) -> Check:
    """Fails where both texts of a claim are so unlike every stretch of its quotes that these speak of something else.

    Awkward cases: a long quote of which one sentence bears the claim, so stretches of one and two sentences are looked at;
    a claim that is half names, which say nothing of its subject. That quote and claim speak of the same says nothing of
    whether the one bears the other. Needs vectors; without them everything passes.
    """
    texts = [without_contributors(text, grounds) for _, text in written(claim)]
    if not texts or grounds.vectors is None:
        return Check(name="subject", verdict="pass")
    quoted = [stretch for c in claim.citations for stretch in stretches(c.quote)]
    vectors = grounds.vectors([*texts, *quoted])
    nearest = float((vectors[: len(texts)] @ vectors[len(texts) :].T).max())
    if nearest < ELSEWHERE:
        return Check(name="subject", verdict="fail", detail="the words quoted speak of something else")
    return Check(name="subject", verdict="pass")
