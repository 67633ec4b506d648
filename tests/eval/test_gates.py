"""Each gate lets the right claim through and stops the wrong one, with a reason a reviewer understands."""

from __future__ import annotations

import pytest

from corpus.model import Answer, Check, Citation, Claim, Contribution, Text, Withdrawn
from eval.gates import GATES, Grounds, check_claim
from eval.harness import JUDGED, failed, verdict
from eval.quantities import Quantity, quantities
from tests.corpus.test_taking_in import ASKED

EN = (
    "Topic 1\n\n1) Who should pay for the books? Can you give examples?\n\n"
    "In our region 45 per cent of the libraries closed in 2019. Parents pay 1,200 francs a year for each child who reads."
)
FR = (
    "Sujet 1\n\nLa collègue écrit : « Parents pay 1,200 francs a year for each child who reads. » Ce n’est pas vrai chez nous, "
    "où la moitié des communes paie tout depuis trois ans et les familles ne donnent rien."
)
ONE = Contribution(
    id="C01", language="en", body=EN, answers=(Answer(question="1.1", start=EN.index("In our"), end=len(EN)),)
)
TWO = Contribution(id="C02", language="fr", body=FR, answers=(Answer(question="1", start=9, end=len(FR)),))
GROUNDS = Grounds.of(ASKED, [ONE, TWO])


def cite(source: Contribution, words: str, **changes: object) -> Citation:
    start = source.body.index(words)
    passage = next(
        (p for p in GROUNDS.passages.values() if p.contribution == source.id and p.start <= start < p.end), None
    )
    known = {
        "contribution": source.id,
        "passage": passage.id if passage else f"{source.id}.p1",
        "quote": words,
        "start": start,
        "end": start + len(words),
        "language": passage.language if passage else source.language,
    }
    return Citation(**{**known, **changes})  # type: ignore[arg-type]


def claim(*citations: Citation, en: str | None = None, fr: str | None = None) -> Claim:
    return Claim(
        id="1.1-01",
        kind="finding",
        text=Text(en=en, fr=fr) if en or fr else Text(en=citations[0].quote),
        citations=citations,
    )


def says(name: str, c: Claim) -> Check:
    return GATES[name](c, GROUNDS)


CLOSED = "45 per cent of the libraries closed in 2019."


def test_a_claim_in_the_contributors_own_words_passes_every_gate() -> None:
    checked = check_claim(claim(cite(ONE, CLOSED)), GROUNDS)
    assert [c.verdict for c in checked.checks] == ["pass"] * len(GATES)


@pytest.mark.parametrize(
    ("name", "bad", "detail"),
    [
        ("span", cite(ONE, CLOSED, quote=CLOSED.replace("45", "54")), "nowhere in it"),
        ("span", cite(ONE, CLOSED, start=3, end=3 + len(CLOSED)), "they stand at"),
        ("span", cite(ONE, CLOSED, start=len(EN) - 4, end=len(EN) + 40), "has no characters"),
        ("source", cite(ONE, CLOSED, contribution="C07"), "there is no contribution C07"),
        ("source", cite(ONE, CLOSED, passage="C01.p77"), "there is no passage C01.p77"),
        ("source", cite(ONE, CLOSED, passage="C02.p1"), "is not of C01"),
        ("own words", cite(ONE, "Can you give examples?"), "only quotes the question"),
        ("own words", cite(TWO, "Parents pay 1,200 francs a year for each child who reads."), "repeats another contribution"),
        ("language", cite(ONE, CLOSED, language="fr"), "not French"),
    ],
)  # fmt: skip
def test_a_wrong_source_fails_with_the_reason(name: str, bad: Citation, detail: str) -> None:
    check = says(name, claim(bad, en="Text."))
    assert check.verdict == "fail"
    assert detail in check.detail


def test_a_source_that_was_withdrawn_fails() -> None:
    gone = ONE.model_copy(update={"withdrawn": Withdrawn(on="2025-04-01", why="asked to")})
    check = GATES["source"](claim(cite(ONE, CLOSED)), Grounds.of(ASKED, [gone, TWO]))
    assert (check.verdict, check.detail) == ("fail", "C01 was withdrawn on 2025-04-01")


@pytest.mark.parametrize(
    ("en", "fr", "expected"),
    [
        ("Nearly half, 45%, closed in 2019.", None, "fail"),  # "half" is in no quote and nowhere in C01
        ("45% closed in 2019.", "45 % ont fermé en 2019.", "pass"),
        ("54% closed in 2019.", None, "fail"),
        (None, "45 % ont fermé en 2018.", "fail"),
        ("Parents pay 1200 francs, and 97 schools closed.", None, "fail"),  # the worse one is said
        ("45% closed in 2019, and parents pay 1200 francs.", None, "warn"),
    ],
)
def test_numbers_of_a_claim_stand_in_its_quotes(en: str | None, fr: str | None, expected: str) -> None:
    assert says("numbers", claim(cite(ONE, CLOSED), en=en, fr=fr)).verdict == expected


def test_french_in_the_english_field_fails() -> None:
    bad = claim(
        cite(ONE, CLOSED), en="Dans notre région une grande partie des bibliothèques a fermé ses portes cette année-là."
    )
    assert says("language", bad).verdict == "fail"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1,000 people", "en", {Quantity(1000)}),
        ("1 000 personnes", "fr", {Quantity(1000)}),
        ("1\u202f234,5 euros", "fr", {Quantity(1234.5)}),
        ("1.000 francs", "fr", {Quantity(1000)}),
        ("1.5 litres", "en", {Quantity(1.5)}),
        ("45 %", "fr", {Quantity(45, "%")}),
        ("45 per cent", "en", {Quantity(45, "%")}),
        ("13,5 pour cent", "fr", {Quantity(13.5, "%")}),
        ("2 million and 3 milliards", "en", {Quantity(2e6), Quantity(3e9)}),
        ("twenty-two villages", "en", {Quantity(22)}),
        ("vingt et un villages", "fr", {Quantity(21)}),
        ("la moitié", "fr", {Quantity(50, "%")}),
        ("In 1997", "en", {Quantity(1997)}),
        ("2. La deuxième", "fr", set()),
        ("one of the villages", "en", set()),
    ],
)  # fmt: skip
def test_numbers_are_read_as_values(text: str, language: str, expected: set[Quantity]) -> None:
    assert quantities(text, language) == expected


def test_the_verdict_counts_and_says_what_nobody_checked() -> None:
    good = check_claim(claim(cite(ONE, CLOSED)), GROUNDS)
    bad = check_claim(claim(cite(ONE, CLOSED), en="54% closed."), GROUNDS).model_copy(update={"id": "1.1-02"})
    v = verdict([good, bad], [ONE, TWO])
    assert (v.claims, v.supported, v.failed, v.supported_by) == (2, 1, 1, "gates")
    assert (v.citation_recall, v.coverage, v.parity) == (0.5, 0.5, None)
    assert [u.claim for u in v.unsupported] == ["1.1-02"]
    assert v.by_check[JUDGED].not_checked == 2
    assert failed(bad)
