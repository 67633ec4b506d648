"""The words quoted, and what stands beside them, speak of what the claim speaks of."""

from __future__ import annotations

from corpus.model import Check, Claim
from corpus.sentences import stretches
from corpus.words import beginnings
from eval.gates.grounds import Grounds
from eval.gates.meaning import bare

ELSEWHERE = 0.15  # likeness below which no claim lay that its quote bears (docs/checks.md)


def check_subject(claim: Claim, grounds: Grounds) -> Check:
    """Fails where the texts of a claim share no word with its quotes and the sentences beside them, and are unlike every
    stretch of these: they speak of something else.

    Awkward cases: a long quote of which one sentence bears the claim, so stretches of one and two sentences are looked at;
    a short quote whose subject stands in the sentence before; a claim that is half
    names, which say nothing of its subject. That quote and claim speak of the same says nothing of whether the one bears
    the other. Needs vectors; without them everything passes.
    """
    texts, around = bare(claim, grounds), grounds.surroundings(claim)
    if not texts or grounds.vectors is None or beginnings(" ".join(texts)) & beginnings(" ".join(around)):
        return Check(name="subject", verdict="pass")
    quoted = [stretch for text in around for stretch in stretches(text)]
    vectors = grounds.vectors([*texts, *quoted])
    if float((vectors[: len(texts)] @ vectors[len(texts) :].T).max()) < ELSEWHERE:
        return Check(name="subject", verdict="fail", detail="the words quoted speak of something else")
    return Check(name="subject", verdict="pass")
