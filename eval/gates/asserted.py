"""What is quoted is said by the contributor as so: it is no question, nothing merely supposed, nobody else's words."""

from __future__ import annotations

import re

from corpus.model import Check, Claim
from corpus.words import flat
from eval.gates.grounds import Grounds
from eval.gates.written import written

_SUPPOSED = re.compile(
    r"^\W*(?:if|suppose|imagine|assum(?:e|ing)|let us (?:say|suppose|imagine)|say that|in theory|si|supposons|imaginons|admettons|a supposer|mettons|en theorie)\b(?!.{0,200}\b(?:then|alors)\b)"
)
_CONDITION = re.compile(
    r"\b(?:if|provided|unless|when|where|should|would|could|si|a condition|des lors|lorsque|quand|ou|devrai\w*|\w+rait|\w+raient)\b"
)
_OPENING, _CLOSING = "«“", "»”"


def check_asserted(claim: Claim, grounds: Grounds) -> Check:
    """Never fails; warns where a written claim rests on a question, on a supposition, or on words between quotation marks.

    Awkward cases: a question that says something ("who would pay for that?"); a condition that the claim keeps, which is no
    supposition told as a fact; a word or two in quotation marks; straight quotation marks, which do not tell begin from end.
    """
    texts = written(claim)
    if not texts:
        return Check(name="asserted", verdict="pass")
    for citation in claim.citations:
        quote = citation.quote.strip()
        if quote.rstrip("»”\"' \u00a0)").endswith("?"):
            return _warn(f"{citation.contribution} only asks there")
        if _SUPPOSED.match(flat(quote)) and not any(_CONDITION.search(flat(text)) for _, text in texts):
            return _warn(f"{citation.contribution} only supposes that")
        if _within_quotation(citation.contribution, citation.start, citation.end, grounds):
            return _warn(f"{citation.contribution} quotes somebody else there")
    return Check(name="asserted", verdict="pass")


def _within_quotation(contribution: str, start: int, end: int, grounds: Grounds) -> bool:
    """Whether a quotation mark is open before the range, in its paragraph, and closed after it."""
    source = grounds.contributions.get(contribution)
    if source is None:
        return False
    begin = source.body.rfind("\n\n", 0, start) + 1
    before = source.body[begin:start]
    stop = source.body.find("\n\n", end)
    after = source.body[end : stop if stop >= 0 else len(source.body)]
    return any(
        before.count(opening) > before.count(closing) and closing in after and opening not in after.split(closing)[0]
        for opening, closing in zip(_OPENING, _CLOSING, strict=True)
    )


def _warn(detail: str) -> Check:
    return Check(name="asserted", verdict="warn", detail=detail)
