"""What is quoted are the contributor's own words: not a question of the discussion, not a sentence of somebody else's."""

from __future__ import annotations

from corpus.model import Check, Claim
from corpus.sentences import Range
from eval.gates.grounds import Grounds


def check_own_words(claim: Claim, grounds: Grounds) -> Check:
    """Fails where a quote touches a quoted question or a sentence that an earlier contribution holds as well.

    Awkward cases: a question answered in the same paragraph as it is quoted; a contributor who quotes another to
    contradict; two contributors who really wrote the same sentence (the later one then fails: cite the earlier).
    """
    for citation in claim.citations:
        span = (citation.start, citation.end)
        source = grounds.contributions.get(citation.contribution)
        if source is None or source.body[citation.start : citation.end] != citation.quote:
            continue  # the span or the source gate says so; what stands there now says nothing of this quote
        if any(_overlap(span, other) for other in grounds.questions.get(citation.contribution, [])):
            return Check(
                name="own words",
                verdict="fail",
                detail=f"{citation.contribution} only quotes the question there",
            )
        if any(_overlap(span, other) for other in grounds.somebody_elses.get(citation.contribution, [])):
            return Check(
                name="own words",
                verdict="fail",
                detail=f"{citation.contribution} repeats another contribution there",
            )
    return Check(name="own words", verdict="pass")


def _overlap(a: Range, b: Range) -> bool:
    return a[0] < b[1] and b[0] < a[1]
