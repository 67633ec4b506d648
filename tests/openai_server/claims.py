"""Claims from sentences: what to say, with which words as its source."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tests.openai_server.figures import Figure, figures
from tests.openai_server.lexicon import NOTHING_KNOWN, Concept, folded, mentions
from tests.openai_server.prompt import Asked, Passage, Sentence
from tests.openai_server.shapes import Content, sentence

PAIRED = 0.25  # share of claims that get a second source where there is one
LONG_NAMES = 9  # words
CONTRARY = 0.4  # share of these in which the two may contradict each other
_WORD = re.compile(r"[^ \n\t]+")  # a number with no-break spaces is one word
_PROPOSES = re.compile(
    r"\b(?:should|ought to|must|needs? to|ha(?:s|ve) to|recommend\w*|propos\w*|suggest\w*|let the|i wish|doi(?:t|vent)|devr\w+|"
    r"il fau(?:t|drait)|demandons|souhait\w+|recommand\w*)\b"
)
_TROUBLE = re.compile(
    r"\b(?:lack\w*|difficult\w*|problem\w*|fail\w*|obstacle\w*|risk\w*|danger\w*|dead|ruin\w*|manqu\w*|defi\w*|echou\w*|echec\w*|perd\w*)\b"
)
_CASE = re.compile(r"\b(?:for example|for instance|par exemple|in (?:19|20)\d\d|en (?:19|20)\d\d|since|depuis)\b")
_QUOTES = re.compile(r"[«“\"]\s?\w+(?:\W+\w+){2}")  # somebody else's words
_GREETING = re.compile(r"\b(?:thank|merci|dear|chers|regards|salut|my name|je m'appelle|i am|je suis|p\.s\.|p\.-s\.)")


@dataclass(frozen=True)
class Made:
    """A claim with what it was made from, so that it can be spoilt in one respect and no other."""

    content: Content
    sentences: tuple[Sentence, ...]
    words: tuple[str, ...]
    en: str = ""
    fr: str = ""
    ids: tuple[str, ...] = ()

    def claim(self) -> dict[str, Any]:
        """As it stands in a reply."""
        return {
            "sources": [{"id": i, "words": w} for i, w in zip(self.ids, self.words, strict=True)],
            "kind": self.content.kind,
            "en": self.en,
            "fr": self.fr,
        }


def made_of(first: Sentence, second: Sentence | None, chance: random.Random) -> Made:
    """The claim of a sentence, or of two that speak of the same."""
    concepts = concepts_around(first)
    kind = kind_of(first)
    other = None
    if second is not None:
        shared = next(c for c in first.concepts if c in second.concepts)
        mine, theirs = ([c for c in s.concepts if c != shared] or [NOTHING_KNOWN] for s in (first, second))
        concepts = [shared, mine[0], next((c for c in theirs if c != mine[0]), NOTHING_KNOWN)]
        kind = "disagreement" if first.negated != second.negated else kind
        other = second.passage.name
    words = [span(s, concepts, s is first and second is None) for s in (first, second) if s is not None]
    shown = figures_of(first, words[0])[:3] if second is None else []
    content = Content(kind, first.passage.name, tuple(concepts[:4]), tuple(shown), first.negated, first.hedged, other)
    sentences = (first,) if second is None else (first, second)
    made = Made(content, sentences, tuple(words), ids=tuple(s.passage.id for s in sentences))
    return worded(made, chance)


def chosen(asked: Asked, wanted: int) -> list[Sentence]:
    """Sentences to write claims from: contributions take turns, each with the one that is left and says most."""
    queues = [ranked(passages) for passages in asked.contributions.values()]
    found: list[Sentence] = []
    while len(found) < wanted and any(queues):
        for queue in queues:
            if queue and len(found) < wanted:
                found.append(queue.pop(0))
    return found


def ranked(passages: Iterable[Passage]) -> list[Sentence]:
    """Sentences that can carry a claim, the best first; at least one, whatever it says."""
    everything = [s for p in passages for s in p.sentences if len(s.text.split()) >= 3]
    fit = [
        s for s in everything if len(s.text.split()) >= 6 and s.concepts and not s.asks and not _QUOTES.search(s.text)
    ]
    fit = [s for s in fit if not _GREETING.search(folded(s.text))] or fit or everything[:1]
    return sorted(
        fit, key=lambda s: -(min(len(s.concepts), 3) + min(len(s.figures), 2) + (kind_of(s) == "recommendation"))
    )


def second_for(first: Sentence, others: list[Sentence], chance: random.Random) -> Sentence | None:
    """For one claim in four, a sentence of another contribution that speaks of the same; seldom one that says no to it."""
    if chance.random() >= PAIRED:
        return None
    contrary = chance.random() < CONTRARY
    return next((s for s in others if may_pair(first, s) and (contrary or s.negated == first.negated)), None)


def may_pair(a: Sentence, b: Sentence) -> bool:
    if len(f"{a.passage.name} {b.passage.name}".split()) > LONG_NAMES:
        return False  # a sentence that is half names is hardly in any language
    if a.passage.contribution == b.passage.contribution or not set(a.concepts) & set(b.concepts):
        return False
    return not (a.negated and b.negated)


def concepts_around(one: Sentence) -> list[Concept]:
    """Those of the sentence; where they are fewer than two, of its passage as well."""
    found = list(one.concepts)
    if len(found) < 2:
        found += [c for s in one.passage.sentences for c in s.concepts]
    return list(dict.fromkeys(found))[:4] or [NOTHING_KNOWN]


def kind_of(one: Sentence) -> str:
    plain = folded(one.text)
    if _PROPOSES.search(plain):
        return "recommendation"
    if _TROUBLE.search(plain):
        return "challenge"
    return "example" if _CASE.search(plain) else "finding"


def span(one: Sentence, concepts: list[Concept], with_figures: bool) -> str:
    """Three to eight consecutive words of the sentence, around a figure or a concept; found once in the passage."""
    places = list(_WORD.finditer(one.text))
    at = next((m.start for m in mentions(one.text) if m.concept in concepts), 0)
    if with_figures and one.figures and (digit := re.search(r"\d", one.text)):
        at = digit.start()
    centre = next((i for i, m in enumerate(places) if m.end() > at), 0)
    for size in (7, 8, 5, 3):
        for begin in (centre - 3, centre - 1, centre - 5, centre, 0):
            begin = max(0, min(begin, len(places) - size))
            part = places[begin : begin + size]
            words = trimmed(one.text[part[0].start() : part[-1].end()])
            if len(re.findall(r"\w+", words)) >= 3 and one.passage.text.count(words) == 1:
                return words
    return trimmed(" ".join(one.text.split(" ")[:8]))


def trimmed(words: str) -> str:
    return words.strip(" .,;:!?…\"'“”«»()[]*–—-•\u00a0\u202f\t")


def figures_of(one: Sentence, words: str) -> list[Figure]:
    """The figures to carry over. Of a long sentence only a part is quoted: those of the words cited."""
    if len(one.text) <= 300:
        return one.figures
    return [f for f in figures(words, one.passage.language) if f in one.figures]


def worded(made: Made, chance: random.Random) -> Made:
    en, fr = sentence(made.content, chance)
    return replace(made, en=en, fr=fr)
