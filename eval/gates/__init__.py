"""Gates: deterministic checks of a claim against its sources. One small file each; a failed gate keeps a claim out.

A gate is a function from a claim and its `Grounds` to one `Check`. `GATES` is the order in which they run and are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpus.model import Check, Claim
from eval.gates.asserted import check_asserted
from eval.gates.attribution import check_attribution
from eval.gates.counts import check_counts
from eval.gates.grounds import Grounds
from eval.gates.heading import heading_stands
from eval.gates.instruction import check_instruction
from eval.gates.language import check_language
from eval.gates.meaning import compared
from eval.gates.names import check_names
from eval.gates.negation import check_negation
from eval.gates.numbers import check_numbers
from eval.gates.own_words import check_own_words
from eval.gates.parity import check_parity
from eval.gates.says_more import check_says_more
from eval.gates.source import check_source
from eval.gates.span import check_span
from eval.gates.subject import check_subject

__all__ = ["GATES", "Grounds", "check_claim", "check_claims", "heading_stands"]

GATES: dict[str, Callable[[Claim, Grounds], Check]] = {
    "span": check_span,
    "source": check_source,
    "own words": check_own_words,
    "instruction": check_instruction,
    "asserted": check_asserted,
    "numbers": check_numbers,
    "names": check_names,
    "attribution": check_attribution,
    "counts": check_counts,
    "parity": check_parity,
    "negation": check_negation,
    "language": check_language,
    "subject": check_subject,
    "says more": check_says_more,
}


def check_claims(claims: Sequence[Claim], grounds: Grounds) -> list[Claim]:
    """`claims` with what every gate says of them. What is compared by meaning is embedded in one go, not claim by claim."""
    if grounds.vectors is not None:
        texts = [text for claim in claims for text in compared(claim, grounds)]
        if texts:
            grounds.vectors(list(dict.fromkeys(texts + [told for _, told in grounds.ordered])))
    return [check_claim(claim, grounds) for claim in claims]


def check_claim(claim: Claim, grounds: Grounds) -> Claim:
    """`claim` with what every gate says of it."""
    return claim.model_copy(update={"checks": tuple(gate(claim, grounds) for gate in GATES.values())})
