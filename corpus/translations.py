"""The other language's title, topics and questions, found where contributors quote them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rapidfuzz import fuzz

from corpus.language import main_language
from corpus.model import Discussion, Language, Text, Topic
from corpus.quoted import is_topic_heading, read_marker
from corpus.sentences import units
from corpus.words import words

# (texts, others) → matrix of cosine similarities, rows for texts. Handed in by whoever has an embedder.
Similarity = Callable[[Sequence[str], Sequence[str]], Any]

_PHRASE = re.compile(
    r"«\s*([^«»]{20,200}?)\s*»|“([^“”]{20,200})”|(?m:^#+\s*(.{20,200})$)|(?m:^[^\n:]{0,30}discussion[^\n:]{0,20}:\s*(.{20,200})$)"
)
_GENRE = re.compile(r"^[^:]{0,30}discussion[^:]{0,20}:\s*", re.IGNORECASE)  # "E-Discussion: "
TITLE_ALIKE = 0.6  # without the place to go by, the meaning must be closer
ALIKE = 0.5  # cosine: translations of a question lie above, other questions of the same topic mostly below


def learn(bodies: Sequence[str], discussion: Discussion, similar: Similarity | None = None) -> Discussion:
    """`discussion` with the texts it lacks in one language, as far as they are quoted in `bodies`.

    A quotation is told by its place ("SUJET 2 : …", "3) …" below it) and, with `similar`, by its meaning as well, so
    that a contributor's own question at the same place is not taken for it. What most quote wins; then the longest.
    """
    missing = _missing(discussion)
    if missing is None:
        return discussion
    have: Language = "en" if missing == "fr" else "fr"
    seen: dict[str, list[str]] = {}
    for body in bodies:
        for label, text in _candidates(body, missing, discussion):
            seen.setdefault(label, []).append(text)
    found: dict[str, str] = {}
    for label, texts in seen.items():
        known = discussion.title.get(have) if label == "title" else _known_text(discussion, label, have)
        chosen = _choose(_GENRE.sub("", known), texts, similar, label) if known else None
        if chosen:
            found[label] = chosen
    return _with_texts(discussion, missing, found)


def _missing(discussion: Discussion) -> Language | None:
    """The language in which some question is not known."""
    for language in ("fr", "en"):
        if any(q.text.get(language) is None for q in discussion.questions()):
            return language
    return None


def _known_text(discussion: Discussion, label: str, language: Language) -> str | None:
    try:
        return discussion.text_of(label).get(language)
    except KeyError:
        return None


def _candidates(body: str, language: Language, discussion: Discussion) -> Iterator[tuple[str, str]]:
    """(label, text) for what stands in the place of a topic or question in a body written in `language`."""
    for match in _PHRASE.finditer(body):
        phrase = next(group for group in match.groups() if group)
        if not is_topic_heading(phrase):
            yield "title", " ".join(phrase.split())
    topic: str | None = None
    for start, end in units(body):
        unit = " ".join(body[start:end].split())
        marker = read_marker(unit)
        text = unit[marker.end :].strip(' *_”"»«“')
        topic = marker.topic or topic
        if main_language([text]) != language or len(words(text)) < 5:
            continue
        if marker.number and _only_asks(text):
            if in_topic := (topic or _only_topic(discussion)):
                yield f"{in_topic}.{marker.number}", text
        elif is_topic_heading(unit) and topic:
            yield topic, text


def _only_topic(discussion: Discussion) -> str | None:
    return discussion.topics[0].id if len(discussion.topics) == 1 else None


def _only_asks(text: str) -> bool:
    return text.rstrip('”"» ').endswith("?")


def _choose(known: str, texts: list[str], similar: Similarity | None, label: str) -> str | None:
    """The text of `texts` that most of them agree with and that means what `known` says. A title is told by meaning alone."""
    if similar is not None:
        scores = similar(texts, [known])[:, 0]
        least = TITLE_ALIKE if label == "title" else ALIKE
        texts = [t for t, score in zip(texts, scores, strict=True) if score >= least]
    elif label == "title":
        return None
    if not texts:
        return None
    return max(texts, key=lambda t: (round(sum(fuzz.ratio(t.lower(), other.lower()) for other in texts)), len(t)))


def _with_texts(discussion: Discussion, language: Language, found: dict[str, str]) -> Discussion:
    def filled(label: str, text: Text) -> Text:
        new = found.get(label)
        return text.model_copy(update={language: new}) if new and text.get(language) is None else text

    def filled_topic(topic: Topic) -> Topic:
        questions = tuple(q.model_copy(update={"text": filled(q.id, q.text)}) for q in topic.questions)
        return topic.model_copy(update={"text": filled(topic.id, topic.text), "questions": questions})

    return discussion.model_copy(
        update={
            "title": filled("title", discussion.title),
            "topics": tuple(filled_topic(t) for t in discussion.topics),
        }
    )
