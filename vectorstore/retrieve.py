"""Passages for a query, in both languages, and the evidence for a question.

A single ranking over two languages fills up with the language of the query. So each language is ranked in its own pool, by
vectors and by BM25 on stems, and the pools are merged head by head. The two scores are added, BM25 as the share of what the
query could score (a convex combination, Bruch et al. 2023): fusing by ranks would make a best match of any common word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from corpus.model import Passage, Window
from corpus.words import stems
from vectorstore.embedders import CachedEmbedder
from vectorstore.index import Index, window_id

POOL = 50  # windows looked at in each language, by either score
LEXICAL = 0.3  # weight of the BM25 share beside a cosine
RUN = 2  # of one language at most this many in a row, as long as the other has any


@dataclass(frozen=True)
class Hit:
    """A passage found, the window of it that fits best, and how well (cosine plus weighted BM25 share)."""

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
        pools = {
            language: self._pool(query, vector, language) for language in sorted({w.language for w in self.windows})
        }
        return _merge({language: pool for language, pool in pools.items() if pool}, count)

    def unlabelled(self, query: str, count: int = POOL) -> list[Window]:
        """The windows nearest to `query`, by vectors, among those that no question labels; best first."""
        vector = self.embedder.vectors([query])[0]
        windows = {window_id(w): w for w in self.windows if not w.questions}
        if not windows:
            return []
        if self.index is not None:
            return [
                windows[i]
                for i, _ in self.index.query(vector, {"questions": ""}, min(count, len(windows)))
                if i in windows
            ]
        return [windows[i] for i, _ in self._compared(vector, list(windows.values()))[:count]]

    def _pool(self, query: str, vector: Any, language: str) -> list[Hit]:
        """Passages in `language`, best first."""
        windows = {window_id(w): w for w in self.windows if w.language == language}
        cosine = dict(self._dense(vector, list(windows.values()), language))
        lexical = self._lexical(query, list(windows.values()), language)
        far = [wid for wid in lexical if wid not in cosine]
        if far:
            cosine |= dict(
                zip(
                    far,
                    (self.embedder.vectors([windows[w].text for w in far]) @ vector).tolist(),
                    strict=True,
                )
            )
        score = {wid: near + LEXICAL * lexical.get(wid, 0.0) for wid, near in cosine.items()}
        passages = {p.id: p for p in self.passages}
        best: dict[str, Hit] = {}
        for wid in sorted(score, key=lambda i: (-score[i], i)):
            window = windows[wid]
            best.setdefault(window.passage, Hit(passages[window.passage], window, score[wid]))
        return list(best.values())

    def _dense(self, vector: Any, windows: Sequence[Window], language: str) -> list[tuple[str, float]]:
        if self.index is not None:
            return self.index.query(vector, {"language": language}, min(POOL, len(windows)))
        return self._compared(vector, windows)[:POOL]

    def _compared(self, vector: Any, windows: Sequence[Window]) -> list[tuple[str, float]]:
        """All of `windows` with their cosine to `vector`, best first."""
        scores = self.embedder.vectors([w.text for w in windows]) @ vector
        return [(window_id(windows[i]), float(scores[i])) for i in np.argsort(-scores, kind="stable")]

    def _lexical(self, query: str, windows: Sequence[Window], language: str) -> dict[str, float]:
        """BM25 of the best windows, as a share of what a window of just the query's words would score."""
        import bm25s

        if language not in self._bm25:
            model = bm25s.BM25()
            model.index([stems(w.text, language) or ["-"] for w in windows], show_progress=False)
            self._bm25[language] = model
        model = self._bm25[language]
        terms = stems(query, language)
        known = [t for t in terms if t in model.vocab_dict]
        if not known:
            return {}
        scores = np.asarray(model.get_scores(known))
        # A word that occurs nowhere weighs as much as the rarest: most of the query unmatched means a small share.
        rarest = math.log(1 + (len(windows) + 0.5) / 1.5)
        most = max(float(scores.max()), (model.k1 + 1) / 1.5 * rarest * len(terms))
        order = np.argsort(-scores, kind="stable")[:POOL]
        return {window_id(windows[i]): float(scores[i]) / most for i in order if scores[i] > 0}


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
