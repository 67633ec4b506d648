"""The other language's title, topics and questions, found where contributors quote them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rapidfuzz import fuzz

from corpus.language import main_language
from corpus.model import Discussion, Language, Text, Topic
from corpus.quoted import is_topic_heading, marker_end, topic_number
from corpus.sentences import units
from corpus.words import words

# (texts, others) → matrix of cosine similarities, rows for texts. Handed in by whoever has an embedder.
Similarity = Callable[[Sequence[str], Sequence[str]], Any]

_NUMBER = re.compile(r"[\s>*_#–•-]*(?:(?:question|q)\s*)?(?:(?P<topic>\d{1,2})\.)?(?:(?P<number>\d{1,2})|(?P<letter>[a-z]))\s*[.)]", re.IGNORECASE)
_TITLE = re.compile(r"[\s>*_#]*(?:e-?discussion|discussion (?:en ligne|électronique)|consultation)\b[^:]{0,20}:\s*\S.{20,}", re.IGNORECASE)
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
        if known and (text := _choose(known, texts, similar)):
            found[label] = text
    return _with_texts(discussion, missing, found)


def _missing(discussion: Discussion) -> Language | None:
    """The language in which some question is not known."""
    for language in ("fr", "en"):
        if any(q.text.get(language) is None for q in discussion.questions()):
            return language  # type: ignore[return-value]
    return None


def _known_text(discussion: Discussion, label: str, language: Language) -> str | None:
    try:
        return discussion.text_of(label).get(language)
    except KeyError:
        return None


def _candidates(body: str, language: Language, discussion: Discussion) -> Iterator[tuple[str, str]]:
    """(label, text) for what stands in the place of a topic or question in a body written in `language`."""
    topic: str | None = None
    for start, end in units(body):
        unit = " ".join(body[start:end].split())
        text = unit[marker_end(unit) :].strip(" *_”\"»«“")
        if _TITLE.match(unit) and main_language([text]) == language:
            yield "title", unit.strip(" *_#>«»“”\"")
        elif is_topic_heading(unit):
            topic = topic_number(unit) or topic
            if topic and len(words(text)) >= 5 and main_language([text]) == language:
                yield topic, text
        elif "?" in unit and (match := _NUMBER.match(unit)) and _only_asks(text) and main_language([text]) == language:
            number = match["number"] or str(ord(match["letter"].lower()) - ord("a") + 1)
            if in_topic := (match["topic"] or topic or _only_topic(discussion)):
                yield f"{in_topic}.{number}", text


def _only_topic(discussion: Discussion) -> str | None:
    return discussion.topics[0].id if len(discussion.topics) == 1 else None


def _only_asks(text: str) -> bool:
    return text.rstrip("”\"» ").endswith("?") and len(words(text)) >= 5


def _choose(known: str, texts: list[str], similar: Similarity | None) -> str | None:
    """The text of `texts` that most of them agree with and that means what `known` says."""
    if similar is not None:
        scores = similar(texts, [known])[:, 0]
        texts = [t for t, score in zip(texts, scores, strict=True) if score >= ALIKE]
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
        update={"title": filled("title", discussion.title), "topics": tuple(filled_topic(t) for t in discussion.topics)}
    )
