"""A claim that says much which has no counterpart in the words it cites is a warning for whoever reviews it."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.model import Check, Citation, Claim, Contribution, Passage, Text
from eval.gates import GATES, Grounds
from vectorstore.embedders import CachedEmbedder

BODY = (
    "We pay the mechanic by the days on which water was drawn. Before, he was paid by the visit. "
    "Les familles paient cinq cents francs par mois au comité."
)


@pytest.fixture
def grounds(tmp_path: Path) -> Grounds:
    passage = Passage(id="C01.p1", contribution="C01", questions=(), start=0, end=len(BODY), language="en", text=BODY)
    source = Contribution(id="C01", author="Ruth Amollo", language="en", body=BODY)
    embedder = CachedEmbedder("builtin", tmp_path / "vectors.sqlite")
    return Grounds({"C01": source}, {"C01.p1": passage}, {}, {}, vectors=embedder.vectors)


def check(grounds: Grounds, words: str, **texts: str) -> Check:
    start = BODY.index(words)
    quote = Citation(contribution="C01", passage="C01.p1", quote=words, start=start, end=start + len(words), language="en")  # fmt: skip
    claim = Claim(id="1.1-01", kind="finding", text=Text(**texts), citations=(quote,))
    return GATES["says more"](claim, grounds)


PAID = "We pay the mechanic by the days on which water was drawn."


@pytest.mark.parametrize(
    "texts",
    [
        {"en": "The mechanic is paid for the days on which people drew water."},
        {"fr": "Le mécanicien est payé selon les jours où l’eau a été puisée."},
        {"en": "According to Ruth Amollo, mechanics are paid by days with water rather than visits."},
        {"en": PAID},
    ],
)
def test_a_claim_in_other_words_or_another_language_passes(grounds: Grounds, texts: dict[str, str]) -> None:
    assert check(grounds, PAID, **texts).verdict == "pass"


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        ({"en": "The mechanic is paid by days with water, so cholera and truancy vanished from neighbouring provinces."}, "cholera"),
        ({"fr": "Le mécanicien est payé au jour, ce qui a fait disparaître le choléra et l’absentéisme scolaire des provinces voisines."}, "cholera"),
    ],
)  # fmt: skip
def test_a_clause_without_any_counterpart_is_warned_of_with_its_words(
    grounds: Grounds, texts: dict[str, str], named: str
) -> None:
    said = check(grounds, PAID, **texts)
    assert said.verdict == "warn"
    assert named in said.detail


def test_what_stands_beside_the_quote_counts_as_said(grounds: Grounds) -> None:
    assert check(grounds, PAID, en="Before, mechanics were paid by the visit.").verdict == "pass"


def test_without_vectors_nothing_is_said(grounds: Grounds) -> None:
    bare = Grounds(grounds.contributions, grounds.passages, {}, {})
    assert check(bare, PAID, en="Cholera and truancy vanished from neighbouring provinces.").verdict == "pass"
