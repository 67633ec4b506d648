"""Which stretch of a contribution answers which question.

Told by what the contributor wrote around it (a quoted question, a number, a heading, "on the second question"), never
guessed where the text says it. Only a contribution without any structure is placed by its words, and then under a topic
as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.blocks import Block, blocks
from corpus.language import main_language
from corpus.model import Answer, Discussion
from corpus.quoted import read_marker, topic_number
from corpus.sentences import sentences
from corpus.words import flat, stems, words

_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "premiere": 1, "premier": 1, "deuxieme": 2, "seconde": 2, "second sujet": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5,
}  # fmt: skip
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_TOPIC_WORD = r"(?:topic|sujet|theme)"
_MENTION_OPENS = re.compile(
    rf"(?:(?:with regards? to|regarding|concerning|turning to|as (?:for|to|regards)|on|for|to answer|in (?:answer|response|reply) to|now|pour|sur|quant a|concernant|"
    rf"en ce qui concerne|s'agissant de|au sujet de|a|en reponse a|pour repondre a|par rapport a)\s+(?:the\s+|la\s+|le\s+|your\s+|votre\s+)?(?:[\w' ]{{2,25}} (?:of|in|de|dans)\s+(?:the\s+|la\s+)?)?)"
    rf"(?:(?P<ordinal>{_ORDINAL})\s+question|question\s+(?:n[o°]?\s*)?(?P<number>\d(?:\.\d)?))"
    rf"(?:\s+(?:of|under|in|du|de|dans|,)\s+(?:the\s+|le\s+)?{_TOPIC_WORD}\s+(?P<topic>\d))?"
)
_ELSEWHERE = re.compile(
    rf"(?:belongs?|relates?|goes|comes?|answers?|concerns?|pertains?|fits?|touches|releve|repond|concerne|se rapporte|appartient|rejoint|touche|renvoie)\s+"
    rf"(?:\w+\s+){{0,4}}?question\s+(?:n[o°]?\s*)?(?P<number>\d(?:\.\d)?)(?:\s+(?:of|under|in|du|de|dans|,)\s+(?:the\s+|le\s+)?{_TOPIC_WORD}\s+(?P<topic>\d))?"
)
_TOPIC_MENTION = re.compile(
    rf"(?:(?P<ordinal>{_ORDINAL})\s+{_TOPIC_WORD}|{_TOPIC_WORD}\s+(?:n[o°]?\s*)?(?P<number>\d))"
)
_TOGETHER = re.compile(
    r"\b(?:(?:take|answer|treat|address)\w* (?:them|these|both|the two)\b[\w ]{0,20}\btogether|(?:reponds?|traite|prends?|regroupe)\w* (?:\w+ ){0,4}ensemble|both (?:of these )?questions|these (?:two|three) questions|(?:ces|les) (?:deux|trois) questions|question precedente|previous question)\b"
)
_AS_A_WHOLE = re.compile(
    r"\b(?:(?:outside|beyond) (?:of )?the (?:numbering|questions)|(?:general|overall) (?:remark|comment|point)|on the (?:whole|topic as a whole|subject as a whole)|"
    r"(?:le sujet|la question|le theme) dans son ensemble|sur l'ensemble|(?:remarque|observation) (?:generale|d'ensemble)|plus generalement|de maniere generale)\b"
)


def label_answers(body: str, discussion: Discussion) -> tuple[Answer, ...]:
    """The answers in `body`, in order. Questions answered together give the same range once for each."""
    found = blocks(body, discussion)
    labeller = _Labeller(body, discussion, numbered=_numbers_are_questions(body, found, discussion))
    for block in found:
        labeller.take(block)
    labeller.close()
    if not labeller.structured:
        return _unstructured(body, found, discussion)
    return tuple(_merged(labeller.answers, body, found))


@dataclass
class _Labeller:
    """Walks the blocks; keeps the topic, the questions now being answered and those quoted since the last answer."""

    body: str
    discussion: Discussion
    numbered: bool
    topic: str | None = None
    current: tuple[str, ...] = ()
    pending: list[str] = field(default_factory=list)
    stretch: list[Block] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    structured: bool = False

    def take(self, block: Block) -> None:
        text = self.body[block.start : block.end]
        if block.kind == "heading":
            marker = read_marker(text)
            label = f"{marker.topic or self.topic}.{marker.number}"
            if block.label is None and marker.number and label in self.discussion.labels():
                self._question(label)
            else:
                self._heading(block.label or topic_number(text))
        elif block.kind == "question" and block.label:
            self._question(block.label)
        elif block.kind == "text":
            if numbered := self._numbered(text):
                self._question(numbered)
            elif self.topic and "." in "".join(self.current) and _AS_A_WHOLE.search(flat(text[:260])):
                self._heading(self.topic)
            elif mentioned := _mention(text, self.topic, self.discussion):
                self._question(mentioned)
            if not (numbered and read_marker(text).alone):
                self.stretch.append(block)
        else:
            self.close()
            self.current = () if block.kind in ("signoff", "references") else self.current

    def _heading(self, topic: str | None) -> None:
        self.close()
        if topic is None and self.topic:
            topic = self.topic  # a heading of their own making ends the answer to the question above it
        if topic in {t.id for t in self.discussion.topics}:
            self.topic, self.current, self.pending, self.structured = topic, (topic,), [], True

    def _question(self, label: str) -> None:
        self.close()
        self.topic, self.structured = label.split(".")[0], True
        self.current = (label,)
        if label not in self.pending:
            self.pending.append(label)

    def _numbered(self, text: str) -> str | None:
        """The question whose number the text begins with, where numbers stand for questions."""
        marker = read_marker(text)
        heads = marker.alone and marker.topic is not None  # "1.1" on a line of its own
        if marker.number is None or not (self.numbered or marker.says_question or heads):
            return None
        if marker.lettered and (marker.bracketed or any("." in label for label in self.current)):
            return None  # (a), (b) below a number are parts of the same answer
        topic = marker.topic or self.topic or _likely_topic(self.body, self.discussion)
        label = f"{topic}.{marker.number}"
        return label if label in self.discussion.labels() else None

    def close(self) -> None:
        """Ends the stretch: it answers the question quoted last, and earlier ones only where it says so."""
        if not self.stretch:
            return
        text = self.body[self.stretch[0].start : self.stretch[-1].end]
        labels = list(self.current)
        joined = [label for label in self.pending if label not in labels and self._answers_too(label, text)]
        for block in self.stretch:
            elsewhere = _elsewhere(self.body[block.start : block.end], self.topic, self.discussion)
            if elsewhere and elsewhere not in labels:
                under = labels[-1] if labels else None
                self.answers.append(Answer(question=elsewhere, start=block.start, end=block.end, stands_under=under))
            else:
                self.answers += [Answer(question=q, start=block.start, end=block.end) for q in [*joined, *labels]]
        self.stretch, self.pending = [], []

    def _answers_too(self, label: str, text: str) -> bool:
        return bool(_TOGETHER.search(flat(text)[:300])) or _echoes(text, label, self.discussion)


def _numbers_are_questions(body: str, found: Sequence[Block], discussion: Discussion) -> bool:
    """Whether "1.", "2)" at the head of a paragraph stand for questions and not for the items of a list.

    They do where no question is quoted and the numbers are not announced by a colon.
    """
    if any(b.kind == "question" for b in found):
        return False
    heads = [b for b in found if b.kind == "text" and read_marker(body[b.start : b.end]).number]
    if not heads:
        return False
    announced = 0
    for block in heads:
        before = body[: block.start].rstrip()
        announced += before.endswith(":") or bool(re.search(r":\s*\n(?:\s*\S.*\n)?\s*$", body[: block.start]))
    longest = max(len(words(body[b.start : b.end])) for b in heads)
    return announced == 0 and longest >= 15


def _resolve(number: str, topic: str | None, current: str | None, discussion: Discussion) -> str | None:
    label = number if "." in number else f"{topic or current}.{number}"
    return label if label in discussion.labels() else None


def _mention(text: str, current: str | None, discussion: Discussion) -> str | None:
    """The question a paragraph opens with: "On the second question, …", « Concernant la question 3, … »."""
    match = _MENTION_OPENS.match(re.sub(r"^p\.?\s?-?\s?s\.?\s*[:.–-]?\s*", "", flat(text[:160])))
    if not match:
        return None
    number = match["number"] or str(_ORDINALS[match["ordinal"]])
    return _resolve(number, match["topic"], current or _only_topic(discussion), discussion)


def _elsewhere(text: str, current: str | None, discussion: Discussion) -> str | None:
    """The other question a paragraph says it answers: "this belongs rather to question 3 of topic 2"."""
    match = _ELSEWHERE.search(flat(text))
    return _resolve(match["number"], match["topic"], current, discussion) if match else None


def _only_topic(discussion: Discussion) -> str | None:
    return discussion.topics[0].id if len(discussion.topics) == 1 else None


def _echoes(text: str, label: str, discussion: Discussion) -> bool:
    """Whether a sentence of `text` takes up a sentence of the question: three of its content words and most of them."""
    for language, question in discussion.text_of(label).versions():
        asked = [set(stems(question[s:e], language)) for s, e in sentences(question)]
        for start, end in sentences(text):
            said = set(stems(text[start:end], language))
            if any(len(said & a) >= 3 and len(said & a) >= 0.7 * len(a) for a in asked):
                return True
    return False


def _likely_topic(body: str, discussion: Discussion) -> str | None:
    """The topic that the text names, else the one whose words it shares most."""
    mentions = Counter(
        number
        for match in _TOPIC_MENTION.finditer(flat(body))
        if (number := match["number"] or str(_ORDINALS[match["ordinal"]])) in {t.id for t in discussion.topics}
    )
    if mentions:
        return mentions.most_common(1)[0][0]
    language = main_language([body])
    said = _terms(body, language)
    scores = {topic.id: _overlap(said, topic.id, discussion, language) for topic in discussion.topics}
    best = max(scores, key=lambda t: scores[t])
    return best if scores[best] > 0 else None


def _terms(text: str, language: str) -> Counter[str]:
    """Stems and pairs of neighbouring stems: "mobility partnership" says more than either word."""
    single = stems(text, language)
    return Counter(single) + Counter(f"{a} {b}" for a, b in pairwise(single))


def _overlap(said: Counter[str], topic: str, discussion: Discussion, language: str) -> float:
    """How often the text uses the terms that this topic has and no other; a pair counts three times."""
    own = _topic_terms(topic, discussion, language)
    others: set[str] = set().union(
        *(_topic_terms(t.id, discussion, language) for t in discussion.topics if t.id != topic)
    )
    return sum(min(said[term], 8) * (3 if " " in term else 1) for term in own - others) / (sum(said.values()) or 1)


def _topic_terms(topic: str, discussion: Discussion, language: str) -> set[str]:
    texts = [discussion.text_of(label) for label in discussion.labels() if label.split(".")[0] == topic]
    known = [text.get("fr" if language == "fr" else "en") or text.best("en")[0] for text in texts]
    return set().union(*(_terms(text, language) for text in known))


def _unstructured(body: str, found: Sequence[Block], discussion: Discussion) -> tuple[Answer, ...]:
    """A contribution with no headings, numbers or quotations: remarks on the topic it speaks to."""
    own = [b for b in found if b.kind == "text"]
    topic = _likely_topic(body, discussion)
    if not own or topic is None or not _on_subject(body, discussion):
        return ()
    own = own[1:] if len(own) > 1 and _only_introduces(body[own[0].start : own[0].end]) else own
    return tuple(_merged([Answer(question=topic, start=b.start, end=b.end) for b in own], body, found))


def _only_introduces(paragraph: str) -> bool:
    """A short first paragraph that says who writes and why."""
    return len(words(paragraph)) <= 100 and bool(
        re.search(
            r"\b(?:contribut\w*|share|partager|discussion|address|respond|ajouter|look forward|messages|i am employed|i write|j'ecris|je vous ecris)\b",
            flat(paragraph),
        )
    )


def _on_subject(body: str, discussion: Discussion) -> bool:
    """Whether the text shares enough words with what was asked to be about it at all."""
    language = main_language([body])
    asked: set[str] = set().union(*(_topic_terms(t.id, discussion, language) for t in discussion.topics))
    said = stems(body, language)
    return sum(w in asked for w in said) >= 0.12 * len(said)


def _merged(answers: Sequence[Answer], body: str, found: Sequence[Block]) -> list[Answer]:
    """Neighbouring answers to the same question as one; nothing but white space and bullets may lie between."""
    merged: list[Answer] = []
    foreign = [b for b in found if b.kind != "text"]
    for answer in sorted(answers, key=lambda a: (a.question, a.stands_under or "", a.start)):
        last = merged[-1] if merged else None
        if (
            last
            and (last.question, last.stands_under) == (answer.question, answer.stands_under)
            and not any(last.end <= b.start and b.end <= answer.start for b in foreign)
            and not any(
                last.end <= o.start < answer.start and o.question != answer.question and o.stands_under for o in answers
            )
        ):
            merged[-1] = last.model_copy(update={"end": answer.end})
        else:
            merged.append(answer)
    return sorted(merged, key=lambda a: (a.start, a.question))
