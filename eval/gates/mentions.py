"""The names a text mentions, and whether another text bears them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rapidfuzz import fuzz

from corpus.words import STOPWORDS, fold
from eval.gates.lexicon import NO_NAMES, Lexicon, inhabitant

_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"(?<!\w)(?:[A-Z]\.){2,}")
_ID = re.compile(r"C\d{2,}")
_ELIDED = frozenset(("l", "d", "qu", "n", "s", "j", "m", "t", "c", "jusqu", "lorsqu", "puisqu", "quoiqu"))
_ABBREVIATED = frozenset("m mm mr mrs ms dr prof st ste no vs etc cf al eng ing rev hon p art".split())
_REPORTING = re.compile(
    r"\s+(?:also |itself |lui-m[êe]me )?(?:reports?|says|said|argues?|notes|stress(?:es)?|adds|explains|recommends|warns|believes|thinks|considers|describes|insists|disagrees|objects|replies|"
    r"points out|signale|rapporte|affirme|souligne|note|estime|explique|ajoute|rappelle|recommande|insiste|regrette|pr[ée]cise|pense|consid[èe]re|d[ée]crit|plaide|r[ée]pond)\b"
)
_LABEL = re.compile(r"[IVX]+(?:e|er|ème)?|[A-Z]\d?\d?")  # "Elizabeth II", "Q2", "option A"
# Titles, and currencies, which are amounts and not names.
_GENERIC_ACRONYMS = frozenset(
    ("mp", "mps", "ceo", "ceos", "ok", "phd", "pdf", "qa", "id", "ids", "eur", "usd", "gbp", "chf", "ghs", "kes")
)
SPELLED_ALIKE = 80  # of 100: a name in the two languages, as Nanking and Nankin, Theodore and Théodore
_SHORTEST = 4  # letters of a name that may be spelled differently
_JOINED = re.compile(r"[\s\u00a0’'-]*")


@dataclass(frozen=True)
class Name:
    """A word or known name with a capital, as written and as folded words; `key` if it is known.

    `beside`: the other words of a name of several, "Ronald" beside "Reagan", generic nouns and known names left out.
    """

    written: str
    words: tuple[str, ...]
    key: str | None = None
    beside: tuple[str, ...] = ()

    @property
    def acronym(self) -> bool:
        """Whether it is written with several capitals, or is the id of a contribution."""
        return _acronym(self.written) or bool(_ID.fullmatch(self.written))


@dataclass(frozen=True)
class Borne:
    """What texts have of names: their words by language, and the keys of known names."""

    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()

    def __or__(self, other: Borne) -> Borne:
        languages = self.words.keys() | other.words.keys()
        words = {code: self.words.get(code, frozenset()) | other.words.get(code, frozenset()) for code in languages}
        return Borne(words, self.keys | other.keys)

    def bears(self, name: Name, language: str) -> bool:
        """Whether a name of a text in `language` occurs: under its key, to the letter, or, in the other language, spelled alike."""
        if name.key in self.keys:
            return True
        if name.key and len(name.words) == 1 and name.acronym:
            return False  # "AU" is not « au »
        telling = [word for word in name.words if word not in NO_NAMES] or name.words
        return all(self._has(word, language) for word in telling)

    def bears_part(self, name: Name, language: str) -> bool:
        """Whether another word of the same name occurs, as in "Ronald Reagan" where only "Reagan" was said."""
        return any(self._has(word, language) for word in name.beside)

    def _has(self, word: str, language: str) -> bool:
        forms = {word, word.removesuffix("s"), f"{word}s"}
        return any(
            forms & words or _derived(word, words) or (code != language and _spelled_alike(word, words))
            for code, words in self.words.items()
        )


@lru_cache(maxsize=16384)
def _derived(word: str, words: frozenset[str]) -> bool:
    """Whether one of `words` has the same stem, as far as that is seen without a dictionary: Florida, Floridians."""
    if len(word) < 6:
        return False
    stem = word[: max(5, math.ceil(0.65 * len(word)))]
    return any(w.startswith(stem) and len(stem) >= 0.6 * len(w) for w in words)


@lru_cache(maxsize=16384)
def _spelled_alike(word: str, words: frozenset[str]) -> bool:
    if len(word) < _SHORTEST:
        return False
    return any(
        w[0] == word[0] and len(w) >= _SHORTEST and fuzz.ratio(word, w, score_cutoff=SPELLED_ALIKE) > 0 for w in words
    )


@dataclass(frozen=True)
class _Token:
    written: str
    folded: str
    start: int
    end: int
    initial: bool
    capital: bool = field(default=False)


@lru_cache(maxsize=65536)
def _folded(word: str) -> str:
    return fold(word)


def _undotted(text: str) -> str:
    """ "U.S." as "US", at the same length."""
    return _DOTTED.sub(lambda m: m.group().replace(".", "") + " " * m.group().count("."), text)


@lru_cache(maxsize=4096)
def _tokens(text: str) -> list[_Token]:
    """The words of `text`, without elided articles and the "s" of a possessive. Not to be changed: it is kept."""
    found: list[_Token] = []
    for match in _WORD.finditer(text):
        written = match.group()
        after = text[match.end() : match.end() + 1]
        if written in ("s", "S") and text[match.start() - 1 : match.start()] in ("'", "’"):
            continue  # Kenya's
        if after in ("'", "’") and _folded(written) in _ELIDED:
            continue  # l'Afrique
        before = text[found[-1].end : match.start()] if found else ""
        initial = not found or (len(before) > 1 and _starts_sentence(before, found[-1]))
        capital = not written.islower() and any(c.isupper() for c in written)
        found.append(_Token(written, _folded(written), match.start(), match.end(), initial, capital))
    return found


def _starts_sentence(between: str, last: _Token) -> bool:
    if any(mark in between for mark in "\n!?…:"):
        return True
    return "." in between and last.folded not in _ABBREVIATED and not (len(last.written) == 1 and last.capital)


@lru_cache(maxsize=8192)
def names(text: str, known: Lexicon, language: str) -> tuple[Name, ...]:
    """The names in `text`: known ones, words with a capital within a sentence, acronyms, « sénégalais ».

    A capital at the head of a sentence counts only for a known name, an acronym, or before a verb of saying. Months, titles,
    generic nouns ("State", "Ministry") are none. Ids of contributions ("C04") are names.
    """
    return tuple(_names(text, known, language))


def _names(text: str, known: Lexicon, language: str) -> Iterator[Name]:
    text = _undotted(text)
    if text.upper() == text:
        return
    tokens = _tokens(text)
    folded = [t.folded for t in tokens]
    at = 0
    while at < len(tokens):
        hit = known.find(folded, at, _acronym(tokens[at].written))
        together = tokens[at : at + hit[0]] if hit else []
        if hit and any(t.capital for t in together) and not _is_habit(together):
            yield Name(text[together[0].start : together[-1].end], tuple(folded[at : at + hit[0]]), hit[1])
            at += hit[0]
            continue
        if name := _single(tokens[at], text, language, hit[1] if hit else None):
            yield replace(name, beside=_beside(tokens, at, text, known)) if not name.key else name
        at += 1


def _beside(tokens: list[_Token], at: int, text: str, known: Lexicon) -> tuple[str, ...]:
    """The words with a capital that stand next to the one at `at` without a break."""
    first = last = at
    while first and tokens[first - 1].capital and _JOINED.fullmatch(text[tokens[first - 1].end : tokens[first].start]):
        first -= 1
    while (
        last + 1 < len(tokens)
        and tokens[last + 1].capital
        and _JOINED.fullmatch(text[tokens[last].end : tokens[last + 1].start])
    ):
        last += 1
    others = [tokens[i].folded for i in range(first, last + 1) if i != at]
    return tuple(w for w in others if w not in NO_NAMES and len(w) > 1 and not known.find([w], 0, False))


def _is_habit(tokens: list[_Token]) -> bool:
    """A known name that here is a plain word at the head of a sentence, or one never a name ("May")."""
    return len(tokens) == 1 and tokens[0].folded in NO_NAMES and not _acronym(tokens[0].written)


def _acronym(written: str) -> bool:
    return sum(c.isupper() for c in written) >= 2


def _single(token: _Token, text: str, language: str, key: str | None) -> Name | None:
    name = Name(token.written, (token.folded,))
    if not token.capital:
        people = (key and _is_people(token.folded)) or inhabitant(token.folded, True) if language == "fr" else None
        found = key if key and people else people if isinstance(people, str) else None
        return Name(token.written, (token.folded,), found) if found else None
    if _ID.fullmatch(token.written):
        return name
    if _LABEL.fullmatch(token.written) or token.folded in _GENERIC_ACRONYMS:
        return None
    if _acronym(token.written):
        return name
    if (
        {token.folded, token.folded.removesuffix("s")} & NO_NAMES
        or token.folded in STOPWORDS
        or token.written[0].isdigit()
    ):
        return None
    if country := inhabitant(token.folded, False):
        return Name(token.written, (token.folded,), country)
    if token.initial and not _REPORTING.match(text, token.end):
        return None
    return name


_PEOPLE = re.compile(
    r".{2,}(?:ais|aise|aises|ois|oise|oises|ien|iens|ienne|iennes|een|eens|eenne|eennes|ain|ains|aine|aines)"
)


def _is_people(folded: str) -> bool:
    """Whether a small French word that is a known name reads as an adjective of people: « norvégiens », not « latin »."""
    return bool(_PEOPLE.fullmatch(folded))


@lru_cache(maxsize=8192)
def borne_names(text: str, known: Lexicon, language: str) -> Borne:
    """What `text` bears of names, in any case and at any place: the generous side of the comparison."""
    tokens = _tokens(_undotted(text))
    folded = [t.folded for t in tokens]
    keys: set[str] = set()
    for at in range(len(tokens)):
        if hit := known.find(folded, at, _acronym(tokens[at].written)):
            keys.add(hit[1])
        elif country := inhabitant(folded[at], not tokens[at].capital):
            keys.add(country)
    return Borne({language: frozenset(folded)}, frozenset(keys))


def missing(found: Iterable[Name], language: str, borne: Borne) -> list[Name]:
    """Those of `found`, names of a text in `language`, that are not borne."""
    return [name for name in found if not borne.bears(name, language)]


def case_of_words(text: str) -> tuple[list[str], list[str]]:
    """Folded words of `text` that are written small, and those with a capital within a sentence."""
    tokens = [t for t in _tokens(_undotted(text)) if not t.written[0].isdigit()]
    return [t.folded for t in tokens if not t.capital], [t.folded for t in tokens if t.capital and not t.initial]


def heads(text: str) -> frozenset[str]:
    """Folded words that have a capital because, or although, they begin a sentence."""
    return frozenset(t.folded for t in _tokens(_undotted(text)) if t.capital and t.initial)
