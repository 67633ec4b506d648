"""Key-point recall: the share of what a good reply must not miss that a selection of quotes cites, at a given length.

Beside it, at the same length: LexRank (Erkan and Radev 2004, "LexRank: Graph-based Lexical Centrality as Salience in Text
Summarization"), over all sentences and per contribution, and random sentences.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from statistics import mean

import numpy as np

from corpus.model import Contribution, Discussion
from corpus.passages import own_sentences
from corpus.words import stems
from eval.gold import KeyPoint, Span

COVERED = 0.5  # a key point is cited when quotes cover at least this share of its characters
SHARE = 0.15  # of the contributions' characters


def recall(points: Sequence[KeyPoint], quotes: Iterable[Span]) -> float:
    """Share of `points` cited by `quotes`."""
    return mean(p.id in found for p in points) if (found := cited(points, quotes)) or points else 0.0


def cited(points: Sequence[KeyPoint], quotes: Iterable[Span]) -> set[str]:
    """Ids of the key points of which the quotes together cover at least half."""
    covered: dict[str, set[int]] = {}
    for quote in quotes:
        covered.setdefault(quote.contribution, set()).update(range(quote.start, quote.end))
    return {
        p.id
        for p in points
        if len(covered.get(p.span.contribution, set()) & set(range(p.span.start, p.span.end)))
        >= COVERED * (p.span.end - p.span.start)
    }


def length(quotes: Iterable[Span]) -> int:
    """Characters of the quotes together, each counted once."""
    covered: dict[str, set[int]] = {}
    for quote in quotes:
        covered.setdefault(quote.contribution, set()).update(range(quote.start, quote.end))
    return sum(len(c) for c in covered.values())


def budget(contributions: Sequence[Contribution], share: float = SHARE) -> int:
    """Characters that quotes may take."""
    return int(share * sum(len(c.body) for c in contributions))


def all_sentences(contributions: Sequence[Contribution], discussion: Discussion) -> list[Span]:
    """Every sentence of the contributors' own."""
    return [Span(c.id, s, e) for c in contributions for (s, e), _ in own_sentences(c, discussion) if e - s > 20]


def random_quotes(spans: Sequence[Span], characters: int, seed: int) -> list[Span]:
    """Sentences drawn at random until `characters` are used up."""
    order = list(spans)
    random.Random(seed).shuffle(order)
    return _fill(order, characters)


def lexrank_quotes(
    spans: Sequence[Span], contributions: Sequence[Contribution], characters: int, each: bool = False
) -> list[Span]:
    """Sentences by LexRank until `characters` are used up; `each`: every contribution by itself, by its share of the text."""
    bodies = {c.id: c for c in contributions}
    if not each:
        return _fill(_lexrank(spans, bodies), characters)
    total = sum(len(c.body) for c in contributions)
    return [
        quote
        for c in contributions
        for quote in _fill(
            _lexrank([s for s in spans if s.contribution == c.id], bodies), characters * len(c.body) // total
        )
    ]


def _fill(order: Sequence[Span], characters: int) -> list[Span]:
    chosen, used = [], 0
    for span in order:
        if used + span.end - span.start <= characters:
            chosen.append(span)
            used += span.end - span.start
    return chosen


def _lexrank(spans: Sequence[Span], bodies: dict[str, Contribution]) -> list[Span]:
    """Spans by continuous LexRank over tf-idf cosines (damping 0.85), without near repetitions (cosine above 0.5)."""
    if not spans:
        return []
    texts = [stems(bodies[s.contribution].body[s.start : s.end], bodies[s.contribution].language) for s in spans]
    vocabulary = {w: i for i, w in enumerate(sorted({w for t in texts for w in t}))}
    counts = np.zeros((len(texts), max(1, len(vocabulary))))
    for row, text in enumerate(texts):
        for word in text:
            counts[row, vocabulary[word]] += 1
    weighted = counts * np.log(len(texts) / np.maximum(1, (counts > 0).sum(axis=0)))
    norms = np.linalg.norm(weighted, axis=1, keepdims=True)
    unit = weighted / np.where(norms == 0, 1, norms)
    similarity = unit @ unit.T
    transition = similarity / np.maximum(similarity.sum(axis=1, keepdims=True), 1e-9)
    rank = np.full(len(texts), 1 / len(texts))
    for _ in range(50):
        rank = 0.15 / len(texts) + 0.85 * transition.T @ rank
    chosen: list[int] = []
    for i in np.argsort(-rank):
        if not chosen or similarity[i, chosen].max() < 0.5:
            chosen.append(int(i))
    return [spans[i] for i in chosen]
