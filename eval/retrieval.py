"""Retrieval measured: recall at five and mean reciprocal rank of paraphrase queries, by pair of languages, beside BM25.

A query has its target among the first k if one of the first k passages covers at least half of the words meant.
MRR counts the first such passage among the first ten (Voorhees 1999).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

from corpus.model import Passage, Window
from eval.gold import Query


@dataclass(frozen=True)
class RetrievalScore:
    """Over the queries of one pair of languages (query > target)."""

    queries: int
    recall_at_5: float
    mrr: float


def ranks(queries: Sequence[Query], search: Callable[[str], Sequence[Passage]]) -> dict[str, list[int]]:
    """By pair and for "all": the rank of the target for each query, 0 where it is not among the ten that `search` gives."""
    found: dict[str, list[int]] = defaultdict(list)
    for query in queries:
        hits = search(query.query)
        rank = next((i for i, p in enumerate(hits, start=1) if _holds(p, query)), 0)
        for key in (f"{query.language}>{query.target_language}", "all"):
            found[key].append(rank)
    return found


def score(found: Sequence[int]) -> RetrievalScore:
    """The score of these ranks."""
    return RetrievalScore(
        len(found), mean(0 < rank <= 5 for rank in found), mean(1 / rank if rank else 0.0 for rank in found)
    )


def _holds(passage: Passage, query: Query) -> bool:
    span = query.span
    if passage.contribution != span.contribution:
        return False
    return min(passage.end, span.end) - max(passage.start, span.start) >= 0.5 * (span.end - span.start)


def bm25_alone(passages: Sequence[Passage], windows: Sequence[Window]) -> Callable[[str], Sequence[Passage]]:
    """BM25 over all windows of both languages in one ranking."""
    import bm25s
    import numpy as np

    from corpus.words import stems

    model = bm25s.BM25()
    model.index([stems(w.text, w.language) or ["-"] for w in windows], show_progress=False)
    by_id = {p.id: p for p in passages}

    def search(query: str) -> list[Passage]:
        terms = {t for language in ("en", "fr") for t in stems(query, language) if t in model.vocab_dict}
        if not terms:
            return []
        order = np.argsort(-np.asarray(model.get_scores(sorted(terms))), kind="stable")
        ids = list(dict.fromkeys(windows[int(i)].passage for i in order[:80]))
        return [by_id[i] for i in ids[:10]]

    return search
