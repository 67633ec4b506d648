"""A written claim negates, limits, generalises and hedges as its quotes do; differences are for a reviewer to look at."""

from __future__ import annotations

from corpus.model import Check, Claim
from eval.gates.grounds import Grounds
from eval.gates.polarity import polarity
from eval.gates.written import tongue, written


def check_negation(claim: Claim, grounds: Grounds) -> Check:
    """Warns, never fails, where the claim says no and no quote does, or every quote does and the claim does not."""
    for language, text in written(claim):
        ours = polarity(text, language)
        quotes = [polarity(c.quote, c.language) for c in claim.citations]
        if ours.negations and not any(q.negations or q.weak for q in quotes):
            return _warn(f"the {tongue(language)} text says no, the words quoted do not")
        if all(q.negations for q in quotes) and not ours.negations and not ours.weak:
            return _warn(f"the words quoted say no, the {tongue(language)} text does not")
    return Check(name="negation", verdict="pass")


def _warn(detail: str) -> Check:
    return Check(name="negation", verdict="warn", detail=detail)
