"""What was asked: title, period, topics and questions, read from an announcement as it was sent out."""

from __future__ import annotations

import re

from corpus.blocks import blocks
from corpus.errors import UnreadableError
from corpus.language import detect, main_language
from corpus.model import Discussion, Language, Question, Text, Topic
from corpus.quoted import topic_number
from corpus.sentences import units
from corpus.words import words

_TOPIC = re.compile(
    r"[\s#*_]*(?:topic|sujet|th[eè]me)\s*(?:n[°o]?\s*)?(\d{1,2})?[*_]*\s*[:.)–-][*_]*\s*", re.IGNORECASE
)
_QUESTION = re.compile(
    r"[\s#*_>-]*(?:(?:question|q)\s*)?(?:(?:\d{1,2}[.])?(\d{1,2})|([a-z]))[*_]*\s*[.):–-]+[*_]*\s+",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"[\s#*_-]*(?:time ?frame|dates?|period|duration|timeline|calendrier|période|durée|dates? de la discussion)[*_]*\s*:[*_]*\s*(.+)",
    re.IGNORECASE | re.DOTALL,
)

_DAY = re.compile(
    r"\d{1,2}(?:st|nd|rd|th|er)?\s+(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)",
    re.IGNORECASE,
)


def announcement_text(text: str) -> str:
    """The announcement `text` begins with: all before the first contribution that answers something."""
    starts = [b.start for b in blocks(text) if b.starts]
    cut = next((s for s in starts[1:] if _has_questions(text[:s])), None)
    return text[:cut].rstrip() if cut is not None else text


def _has_questions(text: str) -> bool:
    return len(_questions_of(text)) > 0


def read_announcement(text: str, file: str) -> Discussion:
    """The discussion that `text` announces. Raises UnreadableError if no question is found in it.

    `file` names the source in the error message.
    """
    announcement = announcement_text(text)
    topics = _questions_of(announcement)
    if not topics:
        raise UnreadableError(
            f"{file}: no question was found in it. Questions are lines such as '1) What …?' below 'Topic 1: …'; "
            "write them into discussion.toml by hand, or name the announcement with --from."
        )
    language = main_language([announcement[s:e] for s, e in units(announcement)])
    first = units(announcement)[0]
    title = re.sub(r"^[#*_\s]+|[*_\s]+$", "", announcement[first[0] : first[1]])
    return Discussion(title=_text(language, title), period=_period(announcement), topics=topics)


def _text(language: Language, text: str) -> Text:
    return Text(en=text) if language == "en" else Text(fr=text)


def _period(text: str) -> str | None:
    for start, end in units(text):
        if match := _PERIOD.fullmatch(text[start:end]):
            return re.sub(r"[*_\s]+$", "", " ".join(match[1].split()))
    for start, end in units(text):
        unit = " ".join(text[start:end].split())
        if len(words(unit)) <= 14 and len(_DAY.findall(unit)) == 2:
            return unit.strip("*_ .")
    return None


def _questions_of(text: str) -> tuple[Topic, ...]:
    """Topics with their questions. Questions without any topic heading stand under one topic, named by the title."""
    topics: list[Topic] = []
    for start, end in units(text):
        unit = " ".join(text[start:end].split())
        if (heading := _TOPIC.match(unit)) and len(words(unit)) > 2:
            number = heading[1] or topic_number(unit) or str(len(topics) + 1)
            body = unit[heading.end() :].strip(" *_")
            if number not in {t.id for t in topics}:
                topics.append(Topic(id=number, text=_text(_language(body, text), body)))
        elif (match := _QUESTION.match(unit)) and "?" in unit and (topics or _asks(unit)):
            topics = _with_question(topics or [_untitled(text)], unit[match.end() :].strip(" *_"), match, text)
    return tuple(t for t in topics if t.questions)


def _asks(unit: str) -> bool:
    return unit.rstrip(' *_”"').endswith("?")


def _language(part: str, whole: str) -> Language:
    code = detect(part)
    return code if code in ("en", "fr") else main_language([whole])  # type: ignore[return-value]


def _untitled(text: str) -> Topic:
    start, end = units(text)[0]
    return Topic(id="1", text=_text(main_language([text]), text[start:end].strip("#*_ ")))


def _with_question(topics: list[Topic], body: str, match: re.Match[str], whole: str) -> list[Topic]:
    """`topics` with one more question under the last: numbered as in the announcement, in order where that repeats."""
    topic = topics[-1]
    number = match[1] or str(ord(match[2].lower()) - ord("a") + 1)
    taken = {q.id for q in topic.questions}
    label = f"{topic.id}.{number}" if f"{topic.id}.{number}" not in taken else f"{topic.id}.{len(taken) + 1}"
    question = Question(id=label, text=_text(_language(body, whole), body))
    return [*topics[:-1], topic.model_copy(update={"questions": (*topic.questions, question)})]


def both_languages(discussion: Discussion, other: Discussion) -> Discussion:
    """`discussion` with the texts it lacks taken from `other`, the same announcement in the other language."""
    known = set(other.labels())

    def filled(text: Text, more: Text) -> Text:
        return Text(en=text.en or more.en, fr=text.fr or more.fr)

    def question(q: Question) -> Question:
        return Question(id=q.id, text=filled(q.text, other.text_of(q.id)) if q.id in known else q.text)

    def topic(t: Topic) -> Topic:
        text = filled(t.text, other.text_of(t.id)) if t.id in known else t.text
        return Topic(id=t.id, text=text, questions=tuple(question(q) for q in t.questions))

    return discussion.model_copy(
        update={
            "title": filled(discussion.title, other.title),
            "period": discussion.period or other.period,
            "topics": tuple(topic(t) for t in discussion.topics),
        }
    )
