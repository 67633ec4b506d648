"""A written claim says no more than its quotes: its words have a counterpart in them."""

from __future__ import annotations

from corpus.model import Check, Claim
from eval.gates.grounds import Grounds
from eval.gates.language import without_contributors
from eval.gates.meaning import words_near
from eval.gates.written import tongue, written

UNLIKE = 0.55  # likeness to the nearest word quoted below which a word has no counterpart (docs/eval.md)
TOO_MANY = 0.4  # share of such words from which on a claim is warned of
SHOWN = 5  # words named in the detail


def check_says_more(claim: Claim, grounds: Grounds) -> Check:
    """Warns, never fails, where two of five content words of a text are like no word of the quotes and the sentences beside them.

    Likeness is that of the words' vectors, so "water" is near « eau » and inflections are near each other. Awkward cases: a
    claim that condenses much into one general word; a short quote whose subject stands before it, so its neighbours count;
    contributors' names, which are left out. What is added in the quote's own words is not seen, nor what is left out. Needs vectors;
    without them everything passes.
    """
    for language, text in written(claim):
        ours, near = words_near(without_contributors(text, grounds), grounds.surroundings(claim), grounds.vectors)
        strange = [word for word, likeness in zip(ours, near, strict=True) if likeness < UNLIKE]
        if strange and len(strange) >= TOO_MANY * len(ours):
            some = ", ".join(f"“{word}”" for word in strange[:SHOWN])
            return Check(name="says more", verdict="warn", detail=f"the {tongue(language)} text says much that the words quoted do not: {some}")  # fmt: skip
    return Check(name="says more", verdict="pass")
