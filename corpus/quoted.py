"""Questions of the discussion quoted in a text, with typos, in part, renumbered: never taken for the contributor's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from corpus.model import Discussion
from corpus.sentences import sentences
from corpus.words import words

_T = r"(?:topic|sujet|th[eè]me)\s*(?:n[°o]?\s*)?"
_LEAD = r"[\s>#*_•–-]*"
_TOPIC_HEADING = re.compile(rf"{_LEAD}{_T}(?P<number>\d{{1,2}})?[*_]*\s*(?:[,:.)–-]|$)", re.IGNORECASE)
_MARKER = re.compile(
    rf"{_LEAD}(?:{_T}(?P<topic>\d{{0,2}})[*_]*\s*[,:.–-]?\s*)?"
    r"(?P<word>(?:réponse à la question|answer to question|re question|question|q)\s*(?:n[°o]?\s*)?)?"
    r"(?:(?:\(?(?P<in_topic>\d{1,2})\.(?P<sub>\d{1,2})(?=[\s).:*_–-]|$)|(?P<open>\()?(?:(?P<number>\d{1,2})|(?P<letter>[a-z]))(?=\s*[.):–-]|\s*$))\s*[.):–-]*\s*)?"
    r"[*_]*[\s«“\"]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Marker:
    """What a line says before its text begins: "Topic 2, question 3: ", "1.2 ", "b) ", "- ". `end` is where the text begins.

    `number` is that of the question ("b" counts as 2); `lettered` and `bracketed` tell "b)" and "(b)" from "2)".
    """

    end: int
    topic: str | None = None
    number: str | None = None
    lettered: bool = False
    bracketed: bool = False
    says_question: bool = False
    alone: bool = False  # nothing follows it


def read_marker(unit: str) -> Marker:
    """The marker `unit` begins with; an empty one if there is none."""
    match = _MARKER.match(unit)
    if match is None:
        return Marker(0)
    letter, number = match["letter"], match["number"] or match["sub"]
    if letter and unit[match.start("letter") :][:2] in ("a ", "y "):
        return Marker(0)  # "a" is a word, not a letter of a list
    if letter:
        number = str(ord(letter.lower()) - ord("a") + 1)
    return Marker(
        match.end(),
        match["topic"] or match["in_topic"] or None,
        number,
        bool(letter),
        bool(match["open"]),
        bool(match["word"]),
        match.end() == len(unit),
    )


Known = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Quoted:
    """Part [start, end) of a text that quotes the topic or question `label`."""

    start: int
    end: int
    label: str


def is_topic_heading(unit: str) -> bool:
    """ "Topic 1: …", « SUJET 2 : … », "TOPIC: …"."""
    match = _TOPIC_HEADING.match(unit)
    return bool(match) and len(words(unit)) <= 60


def topic_number(unit: str) -> str | None:
    """The number a topic heading gives, if any."""
    match = _TOPIC_HEADING.match(unit)
    return match["number"] if match else None


def find_quoted(unit: str, known: Known) -> list[Quoted]:
    """Quoted questions and topics in `unit`, joined where several sentences of one follow each other."""
    if not known:
        return []
    found: list[Quoted] = []
    for start, end in sentences(unit):
        label = _match(unit[start:end], known)
        if label is None:
            continue
        if found and found[-1].label == label and not unit[found[-1].end : start].strip(' \t\n\u00a0”"»'):
            found[-1] = Quoted(found[-1].start, end, label)
        else:
            found.append(Quoted(start, end, label))
    return [_extended(unit, q) for q in found]


def _extended(unit: str, quoted: Quoted) -> Quoted:
    """With the closing quotation mark that may follow the quotation."""
    tail = re.match(r"[\s\u00a0]*[”\"»]", unit[quoted.end :])
    return Quoted(quoted.start, quoted.end + (tail.end() if tail else 0), quoted.label)


def known_questions(discussion: Discussion | None) -> Known:
    """(label, folded sentence) for every sentence of every topic and question, in both languages."""
    if discussion is None:
        return ()
    return _known(
        tuple((label, text) for label in discussion.labels() for _, text in discussion.text_of(label).versions())
    )


@lru_cache(maxsize=8)
def _known(texts: tuple[tuple[str, str], ...]) -> Known:
    return tuple(
        (label, folded)
        for label, text in texts
        for start, end in sentences(text)
        if len((folded := " ".join(words(text[start:end]))).split()) >= 4
    )


def _match(sentence: str, known: Known) -> str | None:
    """The label whose question `sentence` quotes, or None.

    A sentence that asks may differ more (people retype and shorten); one that states must be nearly the same. A few
    words before the quotation ("Transfer of skills: What kind of …") do no harm.
    """
    folded = " ".join(words(sentence[read_marker(sentence).end :]))
    if len(folded.split()) < 4:
        return None
    asks = sentence.rstrip(' ”"»\u00a0').endswith("?")
    best_label, best_score = None, 72.0 if asks else 86.0
    for label, question in known:
        score = fuzz.ratio(folded, question)
        if len(question) <= len(folded) <= 1.6 * len(question):
            score = max(score, fuzz.partial_ratio(folded, question) - 8)
        if score > best_score:
            best_label, best_score = label, score
    return best_label


_BORROWED_WORDS = 9  # shorter sentences may be alike by chance
_RARE = 5  # words a sentence is looked up by


class SentenceIndex:
    """The sentences of bodies read so far, to find those that a later body repeats."""

    def __init__(self) -> None:
        self._sentences: list[tuple[str, str, int]] = []  # owner, folded sentence, how often it says no
        self._by_word: dict[str, list[int]] = {}

    def repeated_in(self, body: str) -> list[Quoted]:
        """Sentences of `body` that stand in a body added before, up to small changes; the label is that body's owner."""
        found: list[Quoted] = []
        for start, end, said in _long_sentences(body):
            folded, negations = " ".join(said), _negations(said)
            for i in self._with_rare_words_of(said):
                owner, sentence, others = self._sentences[i]
                if negations == others and (
                    fuzz.ratio(folded, sentence, score_cutoff=88)
                    or (len(sentence) >= 45 and fuzz.partial_ratio(sentence, folded, score_cutoff=96))
                ):
                    found.append(Quoted(start, end, owner))
                    break
        return found

    def _with_rare_words_of(self, said: list[str]) -> set[int]:
        """Sentences that have one of the words of `said` which the fewest sentences have: enough to find a repetition by."""
        known = [w for w in set(said) if w in self._by_word]
        rare = sorted(known, key=lambda w: (len(self._by_word[w]), w))[:_RARE]
        return {i for word in rare for i in self._by_word[word]}

    def add(self, owner: str, body: str) -> None:
        """Remember the sentences of `body`, which is `owner`'s."""
        for _, _, said in _long_sentences(body):
            for word in {w for w in said if len(w) >= 4}:
                self._by_word.setdefault(word, []).append(len(self._sentences))
            self._sentences.append((owner, " ".join(said), _negations(said)))


@lru_cache(maxsize=512)
def _long_sentences(body: str) -> list[tuple[int, int, list[str]]]:
    """(start, end, words) of the sentences long enough not to be alike by chance."""
    split = ((start, end, words(body[start:end])) for start, end in sentences(body))
    return [(start, end, said) for start, end, said in split if len(said) >= _BORROWED_WORDS]


def _negations(said: list[str]) -> int:
    """How often it says no: a sentence with one "not" more is no repetition."""
    return sum(
        w in ("not", "no", "never", "nor", "without", "ne", "n", "pas", "sans", "jamais", "aucun", "aucune")
        for w in said
    )
