"""The figures the product is held to, on the sample and on the real e-discussion: python -m tests.measures [FOLDER …]

Key points cited within 15 % of the contributions' characters beside LexRank and random sentences; retrieval by pair of
languages beside BM25; how a digest is read. The tests of this folder hold these figures to their bounds.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import mean

from corpus.model import Passage
from corpus.readers import read
from eval import intake, keypoints, retrieval
from eval.gold import SAMPLE, Span, key_points, queries, seed_file
from synth import pipeline, store
from tests.conftest import Loaded
from vectorstore.retrieve import Retriever


def cited_spans(loaded: Loaded) -> list[Span]:
    """The quotations of the report, once each."""
    report = store.load_report(loaded.folder)
    assert report is not None
    return [Span(c.contribution, c.start, c.end) for claim in report.claims() for c in claim.citations]


def key_point_figures(name: str, loaded: Loaded) -> dict[str, float]:
    """Recall of key points by the report, LexRank (two ways) and random sentences, all within the same length."""
    contributions, discussion = loaded.contributions, loaded.discussion
    points = key_points(name, loaded.files, contributions)
    allowed = keypoints.budget(contributions)
    spans = keypoints.all_sentences(contributions, discussion)
    quotes = cited_spans(loaded)
    return {
        "points": len(points),
        "share": keypoints.length(quotes) / keypoints.budget(contributions, 1.0),
        "report": keypoints.recall(points, quotes),
        "lexrank": keypoints.recall(points, keypoints.lexrank_quotes(spans, contributions, allowed)),
        "lexrank_each": keypoints.recall(points, keypoints.lexrank_quotes(spans, contributions, allowed, each=True)),
        "random": mean(keypoints.recall(points, keypoints.random_quotes(spans, allowed, i)) for i in range(20)),
    }


def retrieval_figures(loaded: dict[str, Loaded], kind: str, bm25: bool = False) -> dict[str, retrieval.RetrievalScore]:
    """Scores by pair of languages over all discussions together."""
    found: dict[str, list[int]] = {}
    for name, one in loaded.items():
        retriever = pipeline.reader(pipeline.read_corpus(one.folder))
        search = retrieval.bm25_alone(retriever.passages, retriever.windows) if bm25 else partial(_passages, retriever)
        for key, ranks in retrieval.ranks(queries(name, one.files, one.contributions, kind), search).items():
            found.setdefault(key, []).extend(ranks)
    return {key: retrieval.score(ranks) for key, ranks in sorted(found.items())}


def _passages(retriever: Retriever, query: str) -> list[Passage]:
    return [hit.passage for hit in retriever.search(query, 10)]


def _make(root: Path) -> dict[str, Loaded]:
    from tests.conftest import _do

    loaded = {}
    _do("demo", root / "sample")
    loaded["sample"] = Loaded(root / "sample", {n: read(SAMPLE / n).text for n in ("digest.txt", "forum-post.md")})
    if (path := seed_file()) is not None:
        _do("new", root / "seed", "--from", path)
        _do("-C", root / "seed", "add", path)
        _do("-C", root / "seed", "run")
        loaded["seed"] = Loaded(root / "seed", {path.name: read(path).text})
    return loaded


def main() -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as folder:
        loaded = _make(Path(folder))
        print()
        for name, one in loaded.items():
            s = intake.score(intake.load_gold(name), one.contributions, one.files, one.discussion)
            print(
                f"{name}: {s.boundaries}/{s.contributions} boundaries, {s.languages} languages, {s.authors}/{s.named} authors, answers F1 {s.f1:.3f}"
            )
            print("   " + "\n   ".join(s.misses))
            print("  key points " + "  ".join(f"{k} {v:.3f}" for k, v in key_point_figures(name, one).items()))
        for kind in ("claims", "queries"):
            for bm25 in (False, True):
                figures = retrieval_figures(loaded, kind, bm25)
                print(
                    f"{kind:8} {'BM25 ' if bm25 else 'synth'} "
                    + "  ".join(
                        f"{k} n={v.queries} R@5 {v.recall_at_5:.2f} MRR {v.mrr:.2f}" for k, v in figures.items()
                    )
                )


if __name__ == "__main__":
    sys.exit(main())
