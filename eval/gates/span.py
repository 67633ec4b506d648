"""The quote is the contribution's own text at the place given, to the letter."""

from __future__ import annotations

from corpus.model import Check, Claim
from eval.gates.grounds import Grounds


def check_span(claim: Claim, grounds: Grounds) -> Check:
    """Fails where body[start:end] is not the quote.

    Awkward cases: a body edited by hand after the draft was made (the words may still be there, elsewhere: said in the
    detail); no-break spaces and typographic apostrophes, which must be the same ones.
    """
    for citation in claim.citations:
        contribution = grounds.contributions.get(citation.contribution)
        if contribution is None:
            continue  # the source gate says so
        if not 0 <= citation.start < citation.end <= len(contribution.body):
            return Check(
                name="span",
                verdict="fail",
                detail=f"{citation.contribution} has no characters {citation.start} to {citation.end}",
            )
        if contribution.body[citation.start : citation.end] != citation.quote:
            moved = contribution.body.find(citation.quote)
            where = f"they stand at {moved}" if moved >= 0 else "they are nowhere in it"
            return Check(
                name="span",
                verdict="fail",
                detail=f"the words quoted from {citation.contribution} are not at {citation.start}; {where}",
            )
    return Check(name="span", verdict="pass")
