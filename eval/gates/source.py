"""The contribution and the passage exist, belong together, and the passage holds the quote."""

from __future__ import annotations

from corpus.model import Check, Claim
from eval.gates.grounds import Grounds


def check_source(claim: Claim, grounds: Grounds) -> Check:
    """Fails for an id that does not exist, a passage of another contribution, a quote outside its passage, a withdrawn source.

    Awkward cases: a quote that runs over the end of its passage into the next one; a contribution withdrawn since.
    """
    for citation in claim.citations:
        contribution = grounds.contributions.get(citation.contribution)
        passage = grounds.passages.get(citation.passage)
        if contribution is None:
            return _fail(f"there is no contribution {citation.contribution}")
        if contribution.withdrawn is not None:
            return _fail(f"{citation.contribution} was withdrawn on {contribution.withdrawn.on}")
        if passage is None:
            return _fail(f"there is no passage {citation.passage}")
        if passage.contribution != citation.contribution:
            return _fail(f"passage {citation.passage} is not of {citation.contribution}")
        if not (passage.start <= citation.start and citation.end <= passage.end):
            return _fail(f"the quote is not within passage {citation.passage}")
    return Check(name="source", verdict="pass")


def _fail(detail: str) -> Check:
    return Check(name="source", verdict="fail", detail=detail)
