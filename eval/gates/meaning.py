"""What gates compare by meaning: the texts that were written, the words and sentences they rest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.model import Claim
from corpus.sentences import stretches
from corpus.words import content_words
from eval.gates.grounds import Grounds, Vectors
from eval.gates.language import without_contributors
from eval.gates.written import written

MOST_WORDS = 400  # of the quotes that are compared one by one


def compared(claim: Claim, grounds: Grounds) -> list[str]:
    """Every text of a claim whose vector a gate asks for, so that those of many claims can be had in one go."""
    if not (texts := bare(claim, grounds)):
        return []
    beside = grounds.surroundings(claim)
    quoted = [stretch for text in beside for stretch in stretches(text)]
    return [*(text for _, text in written(claim)), *texts, *quoted, *word_list(texts), *word_list(beside)[:MOST_WORDS]]


def bare(claim: Claim, grounds: Grounds) -> list[str]:
    """What was written, without the names of contributors."""
    return [without_contributors(text, grounds) for _, text in written(claim)]


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
