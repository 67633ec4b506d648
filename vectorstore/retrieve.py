"""Passages for a query, in both languages, and the evidence for a question.

A single ranking over two languages fills up with the language of the query. So each language is ranked in its own pool
(vectors and BM25 on stems, fused by reciprocal rank), and the pools are merged head by head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from corpus.model import Passage, Window
from corpus.words import stems
from vectorstore.embedders import CachedEmbedder
from vectorstore.index import Index, window_id

POOL = 50  # windows looked at in each language
RRF = 60  # the constant of reciprocal rank fusion (Cormack et al. 2009)
RUN = 2  # of one language at most this many in a row, as long as the other has any


@dataclass(frozen=True)
class Hit:
    """A passage found, the window of it that fits best, and how well (cosine similarity, -1 to 1)."""

    passage: Passage
    window: Window
    score: float


@dataclass
class Retriever:
    """Search over the windows of a discussion. A passage scores as its best window."""

    passages: Sequence[Passage]
    windows: Sequence[Window]
    embedder: CachedEmbedder
    index: Index | None = None  # without an index (somebody else is writing it) the vectors are compared directly
    _bm25: dict[str, Any] = field(default_factory=dict)

    def search(self, query: str, count: int = 10) -> list[Hit]:
        """The `count` passages nearest to `query`, languages mixed."""
        vector = self.embedder.vectors([query])[0]
        pools = {language: self._pool(query, vector, language) for language in sorted({w.language for w in self.windows})}
        return _merge({language: pool for language, pool in pools.items() if pool}, count)

    def nearest(self, query: str, windows: Sequence[Window]) -> list[tuple[Window, float]]:
        """All of `windows` with their cosine similarity to `query`, by vectors alone, best first."""
        if not windows:
            return []
        scores = self.embedder.vectors([w.text for w in windows]) @ self.embedder.vectors([query])[0]
        return [(windows[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")]

    def _pool(self, query: str, vector: Any, language: str) -> list[Hit]:
        """Passages in `language`, best first."""
        windows = [w for w in self.windows if w.language == language]
        similarity = dict(self._dense(vector, windows, language))
        dense = list(similarity)
        lexical = self._lexical(query, windows, language)
        fused: dict[str, float] = {}
        for ranking, weight in ((dense, 1.0), (lexical, LEXICAL_WEIGHT)):
            for rank, wid in enumerate(ranking):
                fused[wid] = fused.get(wid, 0.0) + weight / (RRF + rank)
        by_id = {window_id(w): w for w in windows}
        passages = {p.id: p for p in self.passages}
        best: dict[str, Hit] = {}
        for wid in sorted(fused, key=lambda i: -fused[i]):
            window = by_id[wid]
            if window.passage not in best:
                score = similarity.get(wid)
                if score is None:
                    score = float(self.embedder.vectors([window.text])[0] @ vector)
                best[window.passage] = Hit(passages[window.passage], window, score)
        return list(best.values())

    def _dense(self, vector: Any, windows: Sequence[Window], language: str) -> list[tuple[str, float]]:
        if self.index is not None:
            return self.index.query(vector, language, min(POOL, len(windows)))
        scores = self.embedder.vectors([w.text for w in windows]) @ vector
        return [(window_id(windows[i]), float(scores[i])) for i in np.argsort(-scores, kind="stable")[:POOL]]

    def _lexical(self, query: str, windows: Sequence[Window], language: str) -> list[str]:
        """Window ids by BM25 on stems, accents folded; none where no word of the query occurs."""
        import bm25s

        terms = stems(query, language)
        if language not in self._bm25:
            model = bm25s.BM25()
            model.index([stems(w.text, language) or ["-"] for w in windows], show_progress=False)
            self._bm25[language] = model
        model = self._bm25[language]
        known = [t for t in terms if t in model.vocab_dict]
        if not known:
            return []
        scores = np.asarray(model.get_scores(known))
        return [window_id(windows[i]) for i in np.argsort(-scores)[:POOL] if scores[i] > 0]


LEXICAL_WEIGHT = 0.5


def _merge(pools: dict[str, list[Hit]], count: int) -> list[Hit]:
    """The heads of the pools in turn, the nearer first, no language more than `RUN` times in a row."""
    rest = {language: list(pool) for language, pool in pools.items()}
    merged: list[Hit] = []
    run: list[str] = []
    while len(merged) < count and any(rest.values()):
        heads = {language: pool[0].score for language, pool in rest.items() if pool}
        tired = run[-1] if len(run) >= RUN and len(set(run[-RUN:])) == 1 else None
        allowed = {language: s for language, s in heads.items() if language != tired} or heads
        chosen = max(allowed, key=lambda language: allowed[language])
        run.append(chosen)
        merged.append(rest[chosen].pop(0))
    return merged
