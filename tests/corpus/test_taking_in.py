"""From a pasted digest to contributions: boundaries, people, languages, answers."""

from __future__ import annotations

import textwrap

import pytest

from corpus.announcement import read_announcement
from corpus.answers import label_answers
from corpus.errors import UnreadableError
from corpus.intake import borrowed, take_in
from corpus.model import Contribution, Discussion, Question, Text, Topic
from corpus.people import identify
from corpus.readers import SourceText
from corpus.split import split
from corpus.translations import learn
from eval.intake import load_gold, score
from tests.conftest import Loaded

ASKED = Discussion(
    title=Text(en="Libraries"),
    topics=(
        Topic(
            id="1",
            text=Text(en="How can village libraries be kept open?", fr="Comment garder ouvertes les bibliothèques de village ?"),
            questions=(
                Question(id="1.1", text=Text(en="Who should pay for the books? Can you give examples?", fr="Qui devrait payer les livres ? Pouvez-vous donner des exemples ?")),
                Question(id="1.2", text=Text(en="How can readers be won among young people?", fr="Comment gagner des lecteurs parmi les jeunes ?")),
                Question(id="1.3", text=Text(en="What should librarians learn in their training?", fr="Que devraient apprendre les bibliothécaires en formation ?")),
            ),
        ),
        Topic(id="2", text=Text(en="What is the role of the state in reading?"), questions=(Question(id="2.1", text=Text(en="Which laws help public reading?")),)),
    ),
)  # fmt: skip

LONG = "The council pays for the shelves and the lamp, and parents bring a book each when school begins in autumn. "


def labelled(body: str) -> list[tuple[str, str]]:
    return [(a.question, body[a.start : a.end]) for a in label_answers(body, ASKED)]


def labels(body: str) -> list[str]:
    return sorted({q for q, _ in labelled(body)})


class TestTheSampleDiscussion:
    def test_every_boundary_language_and_named_author_is_found(self, sample: Loaded) -> None:
        s = score(load_gold("sample"), sample.contributions, sample.files, sample.discussion)
        assert (s.contributions, s.boundaries, s.languages, s.authors) == (12, 12, 12, s.named)

    def test_answers_are_labelled_like_the_gold(self, sample: Loaded) -> None:
        assert score(load_gold("sample"), sample.contributions, sample.files, sample.discussion).f1 >= 0.95

    def test_the_french_title_and_all_questions_are_learned_from_the_contributions(self, sample: Loaded) -> None:
        d = sample.discussion
        assert all(len(d.text_of(label).versions()) == 2 for label in d.labels())
        assert d.title.fr == "Maintenir les points d’eau ruraux en service : qui paie, qui répare ?"

    def test_nobody_is_given_a_name_who_gave_none(self, sample: Loaded) -> None:
        nameless = next(c for c in sample.contributions if c.id == "C06")
        assert (nameless.author, nameless.organisation) == (None, None)

    def test_a_quotation_of_another_contributor_is_not_the_quoters_own(self, sample: Loaded) -> None:
        found = borrowed(sample.contributions)
        quoting = next(c for c in sample.contributions if c.id == "C07")
        assert any("public website" in quoting.body[s:e] for s, e in found["C07"])

    def test_mails_wrapped_at_72_columns_read_the_same(self, sample: Loaded) -> None:
        text = sample.files["digest.txt"]
        lines = [
            textwrap.wrap(line, 72, break_long_words=False, break_on_hyphens=False) if len(line) > 80 else [line]
            for line in text.split("\n")
        ]
        wrapped = "\n".join(part for line in lines for part in line or [""])
        source = SourceText("digest.txt", "0" * 64, wrapped.encode(), wrapped)
        ids = iter(f"C{n:02d}" for n in range(1, 99))
        taken = [t.contribution for t in take_in(source, sample.discussion, "digest.txt", lambda: next(ids), set())]

        def facts(c: Contribution) -> list[object]:
            said = [(a.question, a.stands_under, c.body[a.start : a.end].split()) for a in c.answers]
            return [c.author, c.organisation, c.country, c.language, c.body.split(), said]

        assert [facts(c) for c in taken] == [facts(c) for c in sample.contributions if c.id != "C12"]


class TestTheRealDiscussion:
    def test_thirteen_contributions_with_exact_boundaries_languages_and_authors(self, seed: Loaded) -> None:
        s = score(load_gold("seed"), seed.contributions, seed.files, seed.discussion)
        assert (s.contributions, s.boundaries, s.languages, s.authors) == (13, 13, 13, s.named)

    def test_answers_are_labelled_like_the_gold(self, seed: Loaded) -> None:
        assert score(load_gold("seed"), seed.contributions, seed.files, seed.discussion).f1 >= 0.95

    def test_two_topics_and_six_questions_are_found_and_the_quoted_french_texts(self, seed: Loaded) -> None:
        d = seed.discussion
        assert d.labels() == ["1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "2.3"]
        # Nobody quotes 2.1, 2.2 and 2.3 in French, so their French text cannot be known from this file.
        assert [label for label in d.labels() if d.text_of(label).fr] == ["1", "1.1", "1.2", "1.3", "2"]


class TestSplitting:
    def test_the_announcement_is_no_contribution(self) -> None:
        announcement = "Libraries\n\nWrite to us!\n\n" + "\n\n".join(
            f"Topic {t.id}: {t.text.en}\n\n" + "\n\n".join(f"{q.id[-1]}) {q.text.en}" for q in t.questions) for t in ASKED.topics
        )  # fmt: skip
        text = f"{announcement}\n\n\nDear all,\n\n{LONG}\n\nBest regards,\n\nAnna Diop"
        assert [text[s:e].startswith("Dear all") for s, e in split(text, ASKED)] == [True]

    def test_a_contribution_without_greeting_begins_after_a_signature(self) -> None:
        text = f"Hello,\n\n{LONG}\n\nKind regards\n\nAnna Diop\nWater Board\n\nMany libraries {LONG}"
        assert [text[s:e][:5] for s, e in split(text, ASKED)] == ["Hello", "Many "]

    def test_mail_headers_and_separators_belong_to_nobody(self) -> None:
        text = f"From: Anna Diop <a@example.org>\nDate: Mon, 12 Mar 2012 10:00:00 +0000\n\n{LONG}\n\n-----\n\nDe : Luc Roy\n\nBonjour,\n\nOui, {LONG}"
        found = [text[s:e] for s, e in split(text, ASKED)]
        assert [f[:7] for f in found] == ["The cou", "Bonjour"]

    def test_a_thank_you_in_the_text_does_not_end_it(self) -> None:
        text = f"Dear all,\n\nThank you for this question. {LONG}\n\nThank you to all of you who wrote before me about it. {LONG}\n\nBest,\nAnna"
        assert len(split(text, ASKED)) == 1


class TestAnswers:
    def test_numbered_answers_without_the_questions(self) -> None:
        assert labels(f"Dear all,\n\nTopic 1\n\n1. {LONG}\n\n2) {LONG}\n\n3 - {LONG}") == ["1.1", "1.2", "1.3"]

    @pytest.mark.parametrize("said", ["1.1", "(1.1)", "Question 1.1", "Question 1.1:", "Q1.1.", "**1.1**"])
    def test_a_number_on_a_line_of_its_own_is_a_question_and_no_part_of_the_answer(self, said: str) -> None:
        body = f"Dear all,\n\n{said}\n\n{LONG}\n\n1.3\n{LONG}"
        assert [(q, t.strip()) for q, t in labelled(body)] == [("1.1", LONG.strip()), ("1.3", LONG.strip())]

    def test_lettered_quotations_with_typos_in_french(self) -> None:
        body = f"Sujet 1\n\na) Qui devrai payer les livre ?\n\n{LONG}\n\nc) Que devrait apprendre les bibliothécaires en formation ?\n\n{LONG}"
        assert labels(body) == ["1.1", "1.3"]

    def test_a_quoted_question_without_an_answer_is_no_answer(self) -> None:
        body = f"Topic 1\n\n1) {ASKED.text_of('1.1').en}\n\n2) {ASKED.text_of('1.2').en}\n\n{LONG}"
        assert labels(body) == ["1.2"]
        assert all("young people" not in text for _, text in labelled(body))

    def test_an_answer_in_the_same_paragraph_as_its_question(self) -> None:
        body = f"Topic 1\n\n1) {ASKED.text_of('1.1').en} {LONG}"
        assert [(q, t.strip()) for q, t in labelled(body)] == [("1.1", LONG.strip())]

    def test_a_numbered_list_within_an_answer_is_not_three_answers(self) -> None:
        body = f"Topic 1\n\n2) {ASKED.text_of('1.2').en}\n\nWe do three things:\n\n1. {LONG}\n\n2. {LONG}\n\n3. {LONG}"
        assert labels(body) == ["1.2"]

    def test_two_questions_answered_together_carry_both_labels(self) -> None:
        body = f"Topic 1\n\n1) {ASKED.text_of('1.1').en}\n\n2) {ASKED.text_of('1.2').en}\n\nI answer these two questions at once. {LONG}"
        assert labels(body) == ["1.1", "1.2"]

    def test_a_stretch_that_says_it_answers_another_question_is_labelled_so(self) -> None:
        body = (
            f"Topic 1\n\n1) {ASKED.text_of('1.1').en}\n\n{LONG}\n\nThis belongs rather to question 3 of topic 1: {LONG}"
        )
        found = label_answers(body, ASKED)
        assert [(a.question, a.stands_under) for a in found] == [("1.1", None), ("1.3", "1.1")]

    def test_remarks_under_a_topic_heading_are_labelled_with_the_topic(self) -> None:
        assert labels(f"Topic 2: {ASKED.text_of('2').en}\n\n{LONG}") == ["2"]

    def test_what_is_not_about_the_discussion_answers_nothing(self) -> None:
        vacancy = "Our office is looking for an accountant. The gross salary is good and a car is provided. Apply before Easter."
        assert labels(f"Dear all,\n\n{vacancy}\n\nBest regards,\nJoan Mills") == []

    def test_greetings_signatures_and_references_are_in_no_answer(self) -> None:
        body = f"Dear all,\n\nTopic 1\n\n1. {LONG}\n\nBest regards,\nAnna Diop\n\nReferences\n\nRoy, L. (2011) 'Books', Paris."
        assert [t.strip() for _, t in labelled(body)] == [f"1. {LONG}".strip()]


class TestPeople:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (f"As coordinator of the Reading Trust in Kenya, I would like to add this. {LONG}\n\nRegards,\nAnna Diop", ("Anna Diop", "Reading Trust", "KE", "organisation")),
            (f"En tant que présidente de l’association Lire Ensemble, en France, je réponds. {LONG}\n\nCordialement,\n\nLuc Roy", ("Luc Roy", "Lire Ensemble", "FR", "organisation")),
            (f"I write in my personal capacity. {LONG}\n\nBest wishes,\nAnna Diop\nMinistry of Culture", ("Anna Diop", "Ministry of Culture", None, "personal")),
            (f"{LONG} Best regards, Ngozi Obi", ("Ngozi Obi", None, None, None)),
            (f"{LONG}\n\nBest regards", (None, None, None, None)),
            (f"Last year I visited Kenya and met Peter Abel there. {LONG}", (None, None, None, None)),
        ],
    )  # fmt: skip
    def test_only_what_the_text_says_of_its_writer(self, body: str, expected: tuple[str | None, ...]) -> None:
        p = identify(body, ASKED)
        assert (p.author, p.organisation, p.country, p.capacity) == expected

    @pytest.mark.parametrize(
        ("place", "code"),
        [("Juba, South Sudan", "SS"), ("Port Moresby, Papua New Guinea", "PG"), ("Palermo – Italy", "IT")],
    )
    def test_a_country_within_the_name_of_another_is_not_meant(self, place: str, code: str) -> None:
        assert identify(f"{LONG}\n\nBest regards,\nAnna Diop\n{place}", ASKED).country == code

    def test_author_and_date_from_a_mail_header(self) -> None:
        p = identify(LONG, ASKED, "From: Anna Diop <a@example.org>\nDate: Mon, 12 Mar 2012 10:00:00 +0000\n")
        assert (p.author, p.date) == ("Anna Diop", "2012-03-12")


class TestAnnouncements:
    def test_title_period_topics_and_questions(self) -> None:
        text = "E-Discussion: Books\n\nWelcome.\n\nTopic 1: Money for books\n\n1) Who pays?\n\n2) Who should pay in the end?\n\nTimeframe: 3 March to 31 March 2025"
        d = read_announcement(text, "a.txt")
        assert (d.title.en, d.period) == ("E-Discussion: Books", "3 March to 31 March 2025")
        assert [q.id for q in d.questions()] == ["1.1", "1.2"]

    def test_a_french_announcement_fills_the_french_texts(self) -> None:
        d = read_announcement("Discussion : les livres\n\nSujet 1 : Comment payer les livres des écoles ?\n\n1) Qui devrait payer les livres des écoles de village ?", "a.txt")  # fmt: skip
        assert d.text_of("1.1").fr is not None
        assert d.text_of("1.1").en is None

    def test_a_text_without_questions_is_refused_in_one_line(self) -> None:
        with pytest.raises(UnreadableError, match="no question was found"):
            read_announcement("Just a letter to a friend.", "a.txt")


def test_a_contributors_own_question_is_not_learned_as_a_translation() -> None:
    asked = ASKED.model_copy(update={"topics": (ASKED.topics[0].model_copy(update={"questions": (Question(id="1.1", text=Text(en="Who should pay for the books?")),)}),)})  # fmt: skip
    body = "Sujet 1 : Comment garder ouvertes les bibliothèques ?\n\n1) Pourquoi ne parle-t-on jamais de la pluie dans ce village ?"
    import numpy as np

    learned = learn([body], asked, lambda texts, others: np.zeros((len(texts), len(others))))
    assert learned.text_of("1.1").fr is None


def test_a_sentence_that_two_wrote_belongs_to_the_first() -> None:
    said = "Every village with a school should have a room with fifty books in it by the end of the year."
    a = Contribution(id="C01", language="en", body=said)
    b = Contribution(id="C02", language="en", body=f"I disagree with this. {said} That is too much.")
    found = borrowed([a, b])
    assert found["C01"] == []
    assert [b.body[s:e] for s, e in found["C02"]] == [said]
