"""What claims are checked against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from corpus.blocks import blocks
from corpus.intake import borrowed
from corpus.model import Citation, Claim, Contribution, Discussion, Passage, Text
from corpus.orders import orders
from corpus.passages import passages
from corpus.sentences import Range, sentences
from eval.gates.lexicon import Lexicon, lexicon
from eval.gates.mentions import Borne, Name, borne_names, case_of_words, names

_TELLING = re.compile(r"\b(?:that|this|qu[e'’]|ceci)\b\s?:?|:")

Vectors = Callable[[Sequence[str]], NDArray[Any]]


@dataclass(frozen=True)
class Grounds:
    """Contributions and passages by id, and per contribution the ranges that are not its own words.

    `vectors` gives unit vectors of texts; without it likeness of meaning is not looked at. What the gates need of a
    contribution is worked out once and kept.
    """

    contributions: dict[str, Contribution]
    passages: dict[str, Passage]
    questions: dict[str, list[Range]]
    somebody_elses: dict[str, list[Range]]
    glossary: tuple[Text, ...] = ()
    asked: tuple[str, ...] = ()
    vectors: Vectors | None = None
    _kept: dict[str, Borne] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        discussion: Discussion,
        contributions: Sequence[Contribution],
        known: Sequence[Passage] | None = None,
        vectors: Vectors | None = None,
    ) -> Grounds:
        """The grounds of a discussion as it stands. `known`: its passages, if they were cut already."""
        cut = known if known is not None else [p for c in contributions for p in passages(c, discussion)]
        return cls(
            contributions={c.id: c for c in contributions},
            passages={p.id: p for p in cut},
            questions={
                c.id: [
                    (b.start, b.end)
                    for b in blocks(c.body, discussion)
                    if b.kind == "question" or (b.kind == "heading" and b.label)
                ]
                for c in contributions
            },
            somebody_elses=borrowed(contributions),
            glossary=discussion.glossary,
            asked=tuple(
                text
                for of in (discussion.title, *(discussion.text_of(label) for label in discussion.labels()))
                for _, text in of.versions()
            ),
            vectors=vectors,
        )

    @cached_property
    def lexicon(self) -> Lexicon:
        """The names that have a form in each language, the glossary's among them."""
        return lexicon(self.glossary)

    @cached_property
    def orders(self) -> dict[str, list[Range]]:
        """Per contribution that holds any, the ranges that tell a writer what to write."""
        return {c.id: found for c in self.contributions.values() if (found := orders(c.body))}

    @cached_property
    def ordered(self) -> list[tuple[str, str]]:
        """(contribution, sentence) of what writers are told, also without the words that tell it ("… and state that")."""
        found = []
        for owner, ranges in self.orders.items():
            for start, end in ranges:
                text = self.contributions[owner].body[start:end]
                told = [text[s:e] for s, e in sentences(text)]
                told += [part for sentence in told for part in _TELLING.split(sentence)[1:] if part.strip()]
                found += [(owner, sentence) for sentence in told]
        return found

    @cached_property
    def common(self) -> frozenset[str]:
        """Words of the questions, and words that contributors write small at least as often as with a capital: no names."""
        small: Counter[str] = Counter()
        large: Counter[str] = Counter()
        for contribution in self.contributions.values():
            lower, upper = case_of_words(contribution.body)
            small.update(lower)
            large.update(upper)
        of_questions = {word for text in self.asked for word in case_of_words(text)[0]}
        return frozenset(of_questions | {word for word, n in small.items() if n >= large[word]})

    def names(self, text: str, language: str) -> list[Name]:
        """The names in `text`, without the words this discussion uses as common nouns."""
        return [n for n in names(text, self.lexicon, language) if n.key or n.acronym or n.words[0] not in self.common]

    def borne(self, texts: Iterable[tuple[str, str]]) -> Borne:
        """What (text, language) pairs bear of names."""
        together = Borne()
        for text, language in texts:
            together |= borne_names(text, self.lexicon, language)
        return together

    def beside(self, citation: Citation) -> str:
        """The quote with the sentence before it and the one after it, as far as its passage goes."""
        passage = self.passages.get(citation.passage)
        if passage is None or not passage.start <= citation.start < citation.end <= passage.end:
            return citation.quote
        start, end = citation.start - passage.start, citation.end - passage.start
        ranges = sentences(passage.text)
        within = [i for i, (a, b) in enumerate(ranges) if a < end and start < b]
        first, last = max(0, within[0] - 1), min(len(ranges) - 1, within[-1] + 1)
        return passage.text[ranges[first][0] : ranges[last][1]]

    def surroundings(self, claim: Claim) -> list[str]:
        """What `claim` cites, each quote with the sentences beside it."""
        return [self.beside(citation) for citation in claim.citations]

    def quoted(self, claim: Claim) -> Borne:
        """The names in the quotes of `claim`."""
        return self.borne((c.quote, c.language) for c in claim.citations)

    def around(self, claim: Claim) -> Borne:
        """The names in the contributions that `claim` cites."""
        together = Borne()
        for source in self.sources(claim):
            if source.id not in self._kept:
                self._kept[source.id] = self.borne([(source.body, source.language)])
            together |= self._kept[source.id]
        return together

    def sources(self, claim: Claim) -> list[Contribution]:
        """The contributions that `claim` cites and that exist, each once."""
        ids = dict.fromkeys(c.contribution for c in claim.citations)
        return [self.contributions[i] for i in ids if i in self.contributions]
