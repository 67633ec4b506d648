"""The figures of tests/measures.py held to their bounds."""

from __future__ import annotations

import pytest

from tests.conftest import Loaded
from tests.measures import key_point_figures, retrieval_figures


@pytest.mark.parametrize("name", ["sample", "seed"])
def test_the_report_cites_more_key_points_than_lexrank_at_the_same_length(
    name: str, request: pytest.FixtureRequest
) -> None:
    loaded: Loaded = request.getfixturevalue(name)
    f = key_point_figures(name, loaded)
    assert f["points"] >= 40
    assert f["share"] <= 0.15
    assert f["report"] >= 0.35
    assert f["report"] >= 1.5 * max(f["lexrank"], f["lexrank_each"])
    assert f["report"] > f["random"]


def test_statements_are_found_within_and_across_languages(sample: Loaded, seed: Loaded) -> None:
    loaded = {"sample": sample, "seed": seed}
    scores = retrieval_figures(loaded, "claims")
    assert scores["all"].queries >= 60
    for pair, least in (("en>en", 0.97), ("fr>fr", 0.97), ("en>fr", 0.95), ("fr>en", 0.95)):
        assert scores[pair].recall_at_5 >= least
        assert scores[pair].mrr >= 0.90
    words_alone = retrieval_figures(loaded, "claims", bm25=True)
    assert words_alone["en>fr"].recall_at_5 < 0.7
