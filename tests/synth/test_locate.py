from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Passage
from corpus.words import words
from prompts.shown import ShownPassage
from synth.engines.locate import LONG, locate, quotation

TEXT = (
    "Nous  demandons à « l’État\nde financer » 45\u00a0% des coûts. It’s the diaspora’s money – and nobody else’s. Non. "
    "The committee that was elected in 2009 by the assembly of users keeps the accounts, which are read aloud twice a year "
    "before everybody who pays, and it buys the parts with the fees that were collected at the harvest; the council, on the "
    "other hand, has never given a single franc for the repair of the pump although it promised to do so at every election."
)
START = 10


def passage(text: str = TEXT) -> ShownPassage:
    p = Passage(
        id="C01.p1", contribution="C01", questions=(), start=START, end=START + len(text), language="fr", text=text
    )
    return ShownPassage(p, text)


def found(copied: str) -> str | None:
    span = locate(copied, passage())
    return None if span is None else TEXT[span[0] - START : span[1] - START]


@pytest.mark.parametrize(
    ("copied", "stands"),
    [
        ("diaspora’s money – and nobody", "diaspora’s money – and nobody"),
        ("diaspora's money - and nobody", "diaspora’s money – and nobody"),  # plain apostrophe and hyphen
        ('à "l\'état de financer"', "à « l’État\nde financer"),  # quotation marks, capitals, a line break
        ("45 % des coûts", "45\u00a0% des coûts"),
        ("“nous demandons à…", "Nous  demandons à"),
        ("Non.", "Non"),  # a whole sentence, however short
    ],
)
def test_words_are_found_up_to_typography_white_space_and_case(copied: str, stands: str) -> None:
    assert found(copied) == stands


@pytest.mark.parametrize(
    "copied",
    [
        "the money of the diaspora",
        "ous demandons à l",  # not at the beginning of a word
        "the diaspora’",  # too little to show anything
        "demandons à … des coûts",
        "",
        "…",
        "We demand that the State",
    ],
)
def test_words_that_are_not_there_or_too_few_are_no_citation(copied: str) -> None:
    assert found(copied) is None


def test_the_quotation_is_the_sentence_around_the_words() -> None:
    start, end = quotation(locate("the diaspora's money", passage()) or (0, 0), passage().passage)
    assert TEXT[start - START : end - START] == "It’s the diaspora’s money – and nobody else’s."


def test_of_a_long_sentence_the_clause_around_the_words_is_quoted() -> None:
    span = locate("has never given a single franc", passage())
    assert span is not None
    start, end = quotation(span, passage().passage)
    quoted = TEXT[start - START : end - START]
    assert "has never given a single franc" in quoted
    assert quoted.startswith("the council")
    assert len(quoted) < LONG


@given(st.integers(0, len(TEXT.split()) - 1), st.integers(3, 8))
def test_any_words_copied_from_a_passage_are_found_and_their_quotation_holds_them(at: int, count: int) -> None:
    copied = " ".join(TEXT.split()[at : at + count])
    if len(words(copied)) < 3:
        return
    span = locate(copied, passage())
    assert span is not None
    start, end = quotation(span, passage().passage)
    assert start <= span[0] < span[1] <= end
    assert START <= start < end <= START + len(TEXT)
