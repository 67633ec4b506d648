"""A written claim says no more than its quotes: its words have a counterpart in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.model import Check, Claim
from corpus.words import content_words
from eval.gates.grounds import Grounds, Vectors
from eval.gates.language import without_contributors
from eval.gates.written import tongue, written

MOST_WORDS = 400  # of the quotes that are compared one by one
UNLIKE = 0.55  # likeness to the nearest word quoted below which a word has no counterpart (docs/eval.md)
TOO_MANY = 0.4  # share of such words from which on a claim is warned of
SHOWN = 5


def check_says_more(claim: Claim, grounds: Grounds) -> Check:
    """Warns, never fails, where two of five content words of a text are like no word of the quotes and the sentences beside them.

    Likeness is that of the words' vectors, so "water" is near « eau » and inflections are near each other. Awkward cases: a
    claim that condenses much into one general word; a short quote whose subject stands before it, so its neighbours count;
    contributors' names, which are left out. What is added in the quote's own words is not seen, nor what is left out. Needs vectors;
    without them everything passes.
    """
    for language, text in written(claim):
        ours, near = words_near(without_contributors(text, grounds), around(claim, grounds), grounds.vectors)
        strange = [word for word, likeness in zip(ours, near, strict=True) if likeness < UNLIKE]
        if strange and len(strange) >= TOO_MANY * len(ours):
            some = ", ".join(f"“{word}”" for word in strange[:SHOWN])
            return Check(name="says more", verdict="warn", detail=f"the {tongue(language)} text says much that the words quoted do not: {some}")  # fmt: skip
    return Check(name="says more", verdict="pass")


def around(claim: Claim, grounds: Grounds) -> list[str]:
    """What a claim cites, each with the sentences beside it."""
    return [grounds.beside(citation) for citation in claim.citations]


def words_near(said: str, quotes: Sequence[str], vectors: Vectors | None) -> tuple[list[str], NDArray[np.float32]]:
    """The content words of `said`, each once, and the likeness of each to the nearest one quoted (1: the same word).

    As in BERTScore's recall (Zhang et al. 2020), with vectors of single words. No words without vectors or without anything quoted.
    """
    ours, theirs = word_list([said]), word_list(quotes)[:MOST_WORDS]
    if vectors is None or not ours or not theirs:
        return [], np.zeros(0, dtype=np.float32)
    together = vectors([*ours, *theirs])
    return ours, (together[: len(ours)] @ together[len(ours) :].T).max(axis=1)


def word_list(texts: Sequence[str]) -> list[str]:
    """The content words of `texts`, each once."""
    return list(dict.fromkeys(word for text in texts for word in content_words(text)))
