from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.model import Answer, Contribution
from corpus.passages import PASSAGE_WORDS, WINDOW_WORDS, passages, windows
from corpus.sentences import sentences
from corpus.words import words
from tests.conftest import Loaded
from tests.corpus.test_taking_in import ASKED

SENTENCE = st.sampled_from(
    ["The pump broke in May. ", "Nous payons 10 FCFA le seau ! ", "Who pays? ", "Dr. Diallo came; he left.\n\n", "« Oui », dit-elle. ", "- one thing\n", "A very long sentence with many words goes on and on until the reader is tired of it. "]
)  # fmt: skip


@given(st.lists(SENTENCE, min_size=1, max_size=60), st.integers(0, 400), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_passages_are_exact_ordered_whole_sentences_within_one_answer(
    parts: list[str], start: int, length: int
) -> None:
    body = unicodedata.normalize("NFC", "".join(parts)).strip()
    if not body:
        return
    end = min(len(body), start + length)
    answers = (Answer(question="1.1", start=start, end=end),) if start < end else ()
    contribution = Contribution(id="C01", language="en", answers=answers, body=body)
    found = passages(contribution, ASKED)
    starts = {s for s, _ in sentences(body)}
    ends = {e for _, e in sentences(body)}
    for p in found:
        assert body[p.start : p.end] == p.text
        assert p.start in starts
        assert p.end in ends
        inside = [a.question for a in answers if a.start < p.end and p.start < a.end]
        assert list(p.questions) == inside
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize("name", ["sample", "seed"])
def test_no_passage_is_cut_in_mid_sentence_or_runs_long(name: str, request: pytest.FixtureRequest) -> None:
    loaded: Loaded = request.getfixturevalue(name)
    for c in loaded.contributions:
        ends = {e for _, e in sentences(c.body)}
        for p in passages(c, loaded.discussion):
            assert p.end in ends
            assert len(words(p.text)) <= PASSAGE_WORDS or len(sentences(p.text)) == 1
            for w in windows(p):
                assert c.body[w.start : w.end] == w.text
                assert len(words(w.text)) <= WINDOW_WORDS or len(sentences(w.text)) == 1


def test_windows_of_a_passage_cover_each_sentence_once(sample: Loaded) -> None:
    for c in sample.contributions:
        for p in passages(c, sample.discussion):
            spans = [(w.start, w.end) for w in windows(p)]
            covered = [i for s, e in spans for i in range(s, e)]
            assert len(covered) == len(set(covered))
            assert {p.start + s for s, _ in sentences(p.text)} <= set(covered)


def test_quoted_questions_greetings_and_signatures_are_in_no_passage(sample: Loaded) -> None:
    texts = [p.text for c in sample.contributions for p in passages(c, sample.discussion)]
    asked = [q.text.en for q in sample.discussion.questions()] + [q.text.fr for q in sample.discussion.questions()]
    assert not any(question and question[:60] in text for question in asked for text in texts)
    assert not any("Kind regards" in text or "[phone]" in text for text in texts)
