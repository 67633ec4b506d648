"""Passages and windows: what is cited and what is searched. Whole sentences, exact offsets.

A passage never crosses an answer, a quoted question or a contribution. Where it begins and ends depends on the body, its
labels and the questions recognised in it: never on the network, a tokenizer or a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.blocks import Block, blocks
from corpus.language import detect
from corpus.model import Contribution, Discussion, Passage, Window
from corpus.sentences import Range, sentences
from corpus.words import words

PASSAGE_WORDS = 150  # a passage is closed before it would grow longer, a single longer sentence excepted
PARAGRAPH_ENDS_AFTER = 70  # from here on the end of a paragraph ends the passage
WINDOW_WORDS = 40


def own_sentences(contribution: Contribution, discussion: Discussion) -> list[tuple[Range, tuple[str, ...]]]:
    """The contributor's own sentences with the questions they answer.

    Greetings, headings, quoted questions, signatures and references are not among them, unless an answer was said
    (by hand) to cover them; a quoted question never is.
    """
    body = contribution.body
    found: list[tuple[Range, tuple[str, ...]]] = []
    for block in blocks(body, discussion):
        for start, end in sentences(body, block.start, block.end):
            labels = tuple(sorted({a.question for a in contribution.answers if a.start < end and start < a.end}))
            if block.kind == "text" or (labels and block.kind in ("salutation", "signature", "references", "signoff")):
                found.append(((start, end), labels))
    return found


def passages(contribution: Contribution, discussion: Discussion) -> list[Passage]:
    """All passages of `contribution`, numbered in order: "C04.p1", "C04.p2", …"""
    found: list[Passage] = []
    for run, labels in _runs(contribution, discussion):
        for start, end in _chunks(contribution.body, run):
            text = contribution.body[start:end]
            found.append(
                Passage(
                    id=f"{contribution.id}.p{len(found) + 1}",
                    contribution=contribution.id,
                    questions=labels,
                    start=start,
                    end=end,
                    language=detect(text) or contribution.language,
                    text=text,
                )
            )
    return found


def _runs(contribution: Contribution, discussion: Discussion) -> Iterator[tuple[list[Range], tuple[str, ...]]]:
    """Sentences that follow each other under the same labels with nothing of another kind between them."""
    own = own_sentences(contribution, discussion)
    foreign = [b for b in blocks(contribution.body, discussion) if b.kind != "text"]
    run: list[Range] = []
    for i, (span, labels) in enumerate(own):
        run.append(span)
        following = own[i + 1] if i + 1 < len(own) else None
        if following is None or following[1] != labels or _between(foreign, span[1], following[0][0]):
            yield run, labels
            run = []


def _between(found: Sequence[Block], start: int, end: int) -> bool:
    return any(start <= b.start and b.end <= end for b in found)


def _chunks(body: str, run: Sequence[Range]) -> Iterator[Range]:
    start, end = run[0]
    count = len(words(body[start:end]))
    for (_, previous_end), (sentence_start, sentence_end) in pairwise(run):
        more = len(words(body[sentence_start:sentence_end]))
        new_paragraph = "\n\n" in body[previous_end:sentence_start].replace(" ", "").replace("\u00a0", "")
        if count + more > PASSAGE_WORDS or (new_paragraph and count >= PARAGRAPH_ENDS_AFTER):
            yield start, end
            start, count = sentence_start, 0
        end, count = sentence_end, count + more
    yield start, end


def windows(passage: Passage) -> list[Window]:
    """The passage as windows: two neighbouring sentences where they fit into 40 words together, else one."""
    spans = [(passage.start + s, passage.start + e) for s, e in sentences(passage.text)]
    found: list[Range] = []
    for start, end in spans:
        if found:
            first = found[-1][0]
            text = passage.text[first - passage.start : end - passage.start]
            if not _is_pair(found[-1], spans) and len(words(text)) <= WINDOW_WORDS:
                found[-1] = (first, end)
                continue
        found.append((start, end))
    return [
        Window(
            passage=passage.id,
            contribution=passage.contribution,
            questions=passage.questions,
            start=start,
            end=end,
            language=passage.language,
            text=passage.text[start - passage.start : end - passage.start],
        )
        for start, end in found
    ]


def _is_pair(span: Range, spans: Sequence[Range]) -> bool:
    return span not in spans
