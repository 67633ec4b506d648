"""No claim rests on words that tell a writer what to write, or says what such words tell it to say."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.model import Check, Claim
from corpus.words import beginnings
from eval.gates.grounds import Grounds
from eval.gates.written import written

OBEYED = 0.55  # likeness to an order from which on a claim may be what was ordered, if it is less like its quotes


def check_instruction(claim: Claim, grounds: Grounds) -> Check:
    """Fails for a quote out of an order to the writer, and for a claim that is nearer to an order than to its quotes; warns
    where an order stands elsewhere in a passage cited.

    Awkward cases: somebody who passes such an order on without meaning it (still no source for anything); an order to
    write what others really said, which their own words then bear better; an order in words nobody listed, which is not
    known for one.
    """
    for citation in claim.citations:
        for start, end in grounds.orders.get(citation.contribution, []):
            if citation.start < end and start < citation.end:
                return _check("fail", f"{citation.contribution} tells there what is to be written; that is no source")
    for _, text in written(claim):
        if owner := _ordered(text, [c.quote for c in claim.citations], grounds):
            return _check("fail", f"it says what {owner} tells a writer to write, not what is quoted")
    for citation in claim.citations:
        passage = grounds.passages.get(citation.passage)
        if passage and any(
            s < passage.end and passage.start < e for s, e in grounds.orders.get(passage.contribution, [])
        ):
            return _check("warn", f"{citation.contribution} also tells a writer there what to write")
    return Check(name="instruction", verdict="pass")


def obeys(text: str, grounds: Grounds) -> bool:
    """Whether a text that has no quotes of its own, such as a heading, says what an order tells a writer to say."""
    return _ordered(text, [], grounds) is not None


def _ordered(text: str, quotes: Sequence[str], grounds: Grounds) -> str | None:
    """Whose order `text` follows: it is likelier to come from there than from `quotes`."""
    if not grounds.ordered:
        return None
    told = [sentence for _, sentence in grounds.ordered]
    likeness = _likeness(text, [*quotes, *told], grounds)
    own = max(likeness[: len(quotes)], default=0.0)
    for (owner, _), like in zip(grounds.ordered, likeness[len(quotes) :], strict=True):
        if like >= OBEYED and like > own:
            return owner
    return None


def _likeness(text: str, others: Sequence[str], grounds: Grounds) -> list[float]:
    """How much of `text` comes from each of `others`, 0 to 1: by its words or by its meaning, whichever says more."""
    ours = beginnings(text)
    shared = [len(ours & beginnings(other)) / max(1, len(ours)) for other in others]
    if grounds.vectors is None:
        return shared
    vectors = grounds.vectors([text, *others])
    return [max(words, float(meaning)) for words, meaning in zip(shared, vectors[1:] @ vectors[0], strict=True)]


def _check(verdict: str, detail: str) -> Check:
    return Check.model_validate({"name": "instruction", "verdict": verdict, "detail": detail})
