"""What is read for one question: every passage labelled with it, and what retrieval finds among the unlabelled ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.blocks import introduces
from corpus.model import Contribution, Discussion, Passage
from corpus.sentences import Range
from corpus.words import content_words
from synth.engines import cues
from vectorstore.embedders import Vectors
from vectorstore.retrieve import Retriever

OTHER = "other"  # the label of what fits no question

# Cosine of a passage's best window to a question's text. Measured on both discussions with gold labels: labelled
# passages lie mostly above ON_SUBJECT, what is off topic (a vacancy, a request for drawings) below.
SPEAKS_TO = 0.42
ON_SUBJECT = 0.30


@dataclass(frozen=True)
class Evidence:
    """All an engine needs for one label.

    `somebody_elses` are the ranges of a body that repeat another contribution, `vectors` gives unit vectors of texts,
    `background` is the mean vector of all that is said in the discussion, and `allowance` is how many characters of quotation an engine that quotes may use.
    """

    label: str
    discussion: Discussion
    passages: tuple[Passage, ...]
    contributions: dict[str, Contribution]
    somebody_elses: dict[str, list[Range]]
    vectors: Callable[[Sequence[str]], Vectors]
    allowance: int
    background: Vectors

    def reading(self, passages: tuple[Passage, ...]) -> Evidence:
        """The same question with these passages alone."""
        return replace(self, passages=passages)


def assign(
    passages: Sequence[Passage],
    discussion: Discussion,
    retriever: Retriever,
    vectors: Callable[[Sequence[str]], Vectors],
) -> dict[str, list[Passage]]:
    """The passages of each label of the report, in order of contribution; each passage under one label, so that nothing is
    read twice.

    A passage that answers several questions goes to the one it is nearest to. An unlabelled passage goes to the one
    question it speaks to, found by searching with the question in both languages; if it speaks to
    none but is on the subject, to OTHER. What is off the subject is in no list.
    """
    assigned: dict[str, list[Passage]] = {label: [] for label in [*discussion.labels(), OTHER]}
    nearest = _nearest(discussion, retriever, vectors)
    for passage in passages:
        labels = passage.questions
        if not labels and passage.id in nearest and len(content_words(passage.text)) >= 8 and not _presents(passage):
            label, score = nearest[passage.id]
            labels = (label,) if score >= SPEAKS_TO else (OTHER,) if score >= ON_SUBJECT else ()
        known = [label for label in labels if label in assigned]
        if len(known) > 1:
            known = [max(known, key=lambda label: float(nearness([passage.text], label, discussion, vectors)[0]))]
        for label in known:
            assigned[label].append(passage)
    return assigned


def nearness(
    texts: Sequence[str], label: str, discussion: Discussion, vectors: Callable[[Sequence[str]], Vectors]
) -> Vectors:
    """Cosine of each text to the question `label`, the better of the two languages; 0 where nothing was asked."""
    asked = [text for _, text in discussion.text_of(label).versions()] if label in discussion.labels() else []
    if not asked or not texts:
        return np.zeros(len(texts), dtype=np.float32)
    result: Vectors = (vectors(texts) @ vectors(asked).T).max(axis=1)
    return result


def _nearest(
    discussion: Discussion, retriever: Retriever, vectors: Callable[[Sequence[str]], Vectors]
) -> dict[str, tuple[str, float]]:
    """For each unlabelled passage found by searching with the questions: the question nearest to it, and how near."""
    best: dict[str, tuple[str, float]] = {}
    for question in discussion.questions():
        for _, text in question.text.versions():
            found = retriever.unlabelled(text)
            scores = vectors([w.text for w in found]) @ vectors([text])[0] if found else []
            for window, score in zip(found, scores, strict=True):
                if float(score) > best.get(window.passage, ("", -1.0))[1]:
                    best[window.passage] = (question.id, float(score))
    return best


def _presents(passage: Passage) -> bool:
    """A passage in which people only say who they are and why they write."""
    return introduces(passage.text) or cues.is_talk(passage.text)
