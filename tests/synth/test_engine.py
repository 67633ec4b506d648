from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from corpus.model import Discussion, Report, Text, Topic
from synth import pipeline, store
from synth.engines import cues
from synth.engines.clauses import clause
from synth.engines.disagreement import spoken_of
from synth.engines.extractive import quoted_themes
from synth.engines.recommendations import recommend
from tests.conftest import Loaded


def report(loaded: Loaded) -> Report:
    found = store.load_report(loaded.folder)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["sample", "seed"])
class TestAReport:
    def test_every_citation_is_the_bodys_own_text(self, name: str, request: pytest.FixtureRequest) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        bodies = {c.id: c.body for c in loaded.contributions}
        citations = [c for claim in report(loaded).claims() for c in claim.citations] + [c for r in report(loaded).recommendations for c in r.citations]  # fmt: skip
        assert len(citations) >= 40
        assert all(bodies[c.contribution][c.start : c.end] == c.quote for c in citations)

    def test_every_contributor_is_cited_or_named_with_a_reason(self, name: str, request: pytest.FixtureRequest) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        r = report(loaded)
        cited = {c.contribution for claim in r.claims() for c in claim.citations}
        assert cited | {n.id for n in r.not_represented} == {c.id for c in loaded.contributions}
        assert all(n.why for n in r.not_represented)

    def test_each_contributor_is_heard_under_each_question_they_answer_at_length(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        r = report(loaded)
        for q in r.questions:
            cited = {c.contribution for claim in q.claims() for c in claim.citations}
            alone = {c.id for c in loaded.contributions for a in c.answers if a.question == q.id and a.end - a.start > 800 and sum(b.start == a.start for b in c.answers) == 1}  # fmt: skip
            assert alone <= cited

    def test_nothing_is_said_twice(self, name: str, request: pytest.FixtureRequest) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        spans = [
            (c.contribution, c.start, c.end)
            for claim in report(loaded).claims()
            for c in claim.citations
            if claim.kind != "disagreement"
        ]
        assert all(a[0] != b[0] or a[2] <= b[1] or b[2] <= a[1] for a, b in itertools.combinations(spans, 2))

    def test_no_greeting_question_or_self_description_is_quoted(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        quotes = [c.quote for claim in report(loaded).claims() for c in claim.citations]
        assert not any(q.rstrip().endswith("?") for q in quotes)
        assert not any(
            q.lower().startswith(
                (
                    "dear all",
                    "dear members",
                    "dear colleagues",
                    "chers ",
                    "best regards",
                    "as coordinator",
                    "en tant que",
                )
            )
            for q in quotes
        )

    def test_a_language_nobody_wrote_is_null(self, name: str, request: pytest.FixtureRequest) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        assert all((c.text.en is None) != (c.text.fr is None) for c in report(loaded).claims())

    def test_themes_have_headings_in_both_languages_none_twice_in_a_question(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        for q in report(loaded).questions:
            titles = [(t.title.en, t.title.fr) for t in q.themes]
            assert all(en and fr for en, fr in titles)
            assert len(set(titles)) == len(titles)

    def test_supporters_of_a_recommendation_are_its_sources(self, name: str, request: pytest.FixtureRequest) -> None:
        loaded: Loaded = request.getfixturevalue(name)
        r = report(loaded)
        ids = {c.id for c in r.claims()}
        assert len(r.recommendations) >= 10
        for item in r.recommendations:
            assert set(item.claims) <= ids
            assert set(item.supporters) == {c.contribution for c in item.citations}
            assert not set(item.supporters) & set(item.dissenters)


def test_explicit_disagreements_of_the_sample_have_both_sides_the_position_first(sample: Loaded) -> None:
    pairs = {
        tuple(c.contribution for c in claim.citations)
        for claim in report(sample).claims()
        if claim.kind == "disagreement"
    }
    assert {("C01", "C02"), ("C02", "C07"), ("C03", "C05"), ("C08", "C11"), ("C06", "C12")} <= pairs


def test_what_is_off_topic_is_left_out_and_said_so(sample: Loaded) -> None:
    assert [n.id for n in report(sample).not_represented] == ["C09"]


def test_the_same_discussion_always_gives_the_same_draft(sample: Loaded) -> None:
    corpus = pipeline.read_corpus(sample.folder)
    evidence = pipeline.gather(corpus, pipeline.reader(corpus))
    for label in ("1.2", "2.3"):
        stored = store.load_draft(sample.folder, label)
        assert stored is not None
        again = quoted_themes(evidence[label])
        assert [c.citations for theme in again for c in theme.claims] == [c.citations for c in stored.claims()]


@pytest.mark.parametrize(
    ("sentence", "quoted"),
    [
        ("However, the council should pay for the pump.", "the council should pay for the pump."),
        ("2) La commune doit payer.", "La commune doit payer."),
        (
            "The programme gives every returning family a loan of two hundred euros at no interest for three years, which the bank asks back in small parts.",
            "The programme gives every returning family a loan of two hundred euros at no interest for three years",
        ),
        ("Short and to the point, whatever comes.", "Short and to the point, whatever comes."),
        ("So far nobody has paid.", "So far nobody has paid."),
    ],
)
def test_a_quotation_may_be_the_clause_that_carries_the_point(sentence: str, quoted: str) -> None:
    start, end = clause(sentence)
    assert sentence[start:end] == quoted


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Governments should publish the accounts.", "recommendation"),
        ("Il faut que l’État contrôle les lots.", "recommendation"),
        ("Many users cannot reach the pump.", "challenge"),
        ("Par exemple, à Bobo, le comité vend du savon.", "example"),
        ("Parents read to their children.", "finding"),
    ],
)
def test_sentences_are_told_by_their_words(text: str, kind: str) -> None:
    assert cues.kind_of(text) == kind


def test_a_sentence_that_says_no_never_stands_beside_one_that_does_not(tmp_path: Path) -> None:
    """A negation changes little in a vector and everything in a reply."""
    from corpus.folder import discussion_toml, save_contribution
    from corpus.model import Answer, Contribution
    from tests.conftest import _do
    from tests.corpus.test_taking_in import ASKED

    (tmp_path / "discussion.toml").write_text(discussion_toml(ASKED))
    for n, said in (
        (1, "The government should subsidise the spare parts of village pumps in every district of the country."),
        (2, "The government should not subsidise the spare parts of village pumps in any district of the country."),
    ):
        save_contribution(
            tmp_path,
            Contribution(
                id=f"C0{n}", language="en", answers=(Answer(question="1.1", start=0, end=len(said)),), body=said
            ),
        )
    _do("-C", tmp_path, "run")
    r = store.load_report(tmp_path)
    assert r is not None
    assert sorted([c.contribution for c in claim.citations] for claim in r.claims()) == [["C01"], ["C02"]]
    assert all(len(item.supporters) == 1 for item in r.recommendations)


def test_who_is_spoken_of_by_name_country_or_adjective(sample: Loaded) -> None:
    people = sample.contributions
    assert spoken_of("Ms Oldershaw's plan is a dangerous idea.", "C11", people) == ["C04"]
    assert "C01" in spoken_of("La collègue du Malawi nous explique cela.", "C02", people)
    assert spoken_of("je ne suis pas d’accord avec le doyen togolais", "C12", people) == ["C06"]
    assert spoken_of("Malawi is a country with many lakes.", "C02", people) == []


def test_addressees_may_be_set_in_discussion_toml(sample: Loaded) -> None:
    claims = [c for c in report(sample).claims() if c.kind == "recommendation"]
    own = Discussion(
        title=Text(en="x"),
        topics=(Topic(id="1", text=Text(en="x")),),
        settings={
            "addressees": [
                {"en": "Makers of pumps", "fr": "Fabricants de pompes", "words": ["donors", "communes", "village"]}
            ]
        },
    )
    corpus = pipeline.read_corpus(sample.folder)
    assert {r.addressee for r in recommend(claims, own, corpus.vectors)} == {"Makers of pumps", "All concerned"}
