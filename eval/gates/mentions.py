"""The names a text mentions, and whether another text bears them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz

from corpus.words import fold
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
_ROMAN_NUMERAL = re.compile(r"[IVX]+(?:e|er|eme)?")
FUZZY = 80  # likeness of a name's spelling in the two languages: Nanking and Nankin, Theodore and Théodore
_SHORTEST_FUZZY = 4


@dataclass(frozen=True)
class Name:
    """A name in a text: as written, its folded words, and its key where it is a known one."""

    written: str
    words: tuple[str, ...]
    key: str | None = None
    initial: bool = False

    @property
    def acronym(self) -> bool:
        """Whether it is written with several capitals, or is the id of a contribution."""
        return _acronym(self.written) or bool(_ID.fullmatch(self.written))


@dataclass(frozen=True)
class Borne:
    """What a text has of names: all its words, those with a capital, the keys of known names."""

    words: frozenset[str] = frozenset()
    capitals: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def __or__(self, other: Borne) -> Borne:
        return Borne(self.words | other.words, self.capitals | other.capitals, self.keys | other.keys)

    def bears(self, name: Name) -> bool:
        """Whether the name occurs: under its key, to the letter, with another ending, or spelled nearly alike."""
        if name.key and name.key in self.keys:
            return True
        return all(self._has(word) for word in name.words)

    def _has(self, word: str) -> bool:
        if word in self.words or word.removesuffix("s") in self.words or f"{word}s" in self.words:
            return True
        return len(word) >= _SHORTEST_FUZZY and any(_alike(word, c) for c in self.capitals)


@dataclass(frozen=True)
class _Token:
    written: str
    folded: str
    start: int
    end: int
    initial: bool
    capital: bool = field(default=False)


def _alike(one: str, other: str) -> bool:
    return len(other) >= _SHORTEST_FUZZY and one[0] == other[0] and fuzz.ratio(one, other, score_cutoff=FUZZY) > 0


def _undotted(text: str) -> str:
    """ "U.S." as "US", at the same length."""
    return _DOTTED.sub(lambda m: m.group().replace(".", "") + " " * m.group().count("."), text)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _WORD.finditer(text):
        written = match.group()
        after = text[match.end() : match.end() + 1]
        if written in ("s", "S") and text[match.start() - 1 : match.start()] in ("'", "’"):
            continue  # Kenya's
        if after in ("'", "’") and fold(written) in _ELIDED:
            continue  # l'Afrique
        before = text[found[-1].end : match.start()] if found else ""
        initial = not found or _starts_sentence(before, found[-1], found)
        capital = any(c.isupper() for c in written)
        found.append(_Token(written, fold(written), match.start(), match.end(), initial, capital))
    return found


def _starts_sentence(between: str, last: _Token, found: list[_Token]) -> bool:
    if "\n" in between or re.search(r"[!?…:;]|\s[-–—•]\s|[“«\"]\s*$", between):
        return bool(re.search(r"[\n!?…:]|[.]", between))
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
    tokens = _tokens(text)
    folded = [t.folded for t in tokens]
    at = 0
    shouting = text.upper() == text
    while at < len(tokens):
        token = tokens[at]
        hit = known.find(folded, at)
        if hit and any(t.capital for t in tokens[at : at + hit[0]]) and not _is_habit(tokens[at : at + hit[0]]):
            length, key = hit
            yield Name(
                text[token.start : tokens[at + length - 1].end], tuple(folded[at : at + length]), key, token.initial
            )
            at += length
            continue
        if not shouting and (name := _single(token, text, language, hit[1] if hit else None)):
            yield name
        at += 1


def _is_habit(tokens: list[_Token]) -> bool:
    """A known name that here is a plain word at the head of a sentence, or one never a name ("May")."""
    return len(tokens) == 1 and tokens[0].folded in NO_NAMES and not _acronym(tokens[0].written)


def _acronym(written: str) -> bool:
    return sum(c.isupper() for c in written) >= 2


def _single(token: _Token, text: str, language: str, key: str | None) -> Name | None:
    name = Name(token.written, (token.folded,), None, token.initial)
    if not token.capital:
        people = (key and _is_people(token.folded)) or inhabitant(token.folded, True) if language == "fr" else None
        found = key if key and people else people if isinstance(people, str) else None
        return Name(token.written, (token.folded,), found) if found else None
    if _ROMAN_NUMERAL.fullmatch(token.written) or len(token.written) < 2:
        return None
    if _acronym(token.written) or _ID.fullmatch(token.written):
        return name
    if token.folded in NO_NAMES or token.written[0].isdigit():
        return None
    if country := inhabitant(token.folded, False):
        return Name(token.written, (token.folded,), country, token.initial)
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
        if hit := known.find(folded, at):
            keys.add(hit[1])
        elif country := inhabitant(folded[at], not tokens[at].capital):
            keys.add(country)
    return Borne(frozenset(folded), frozenset(t.folded for t in tokens if t.capital), frozenset(keys))


def missing(found: Iterable[Name], borne: Borne) -> list[Name]:
    """Those of `found` that are not borne."""
    return [name for name in found if not borne.bears(name)]


def case_of_words(text: str) -> tuple[list[str], list[str]]:
    """Folded words of `text` that are written small, and those with a capital within a sentence."""
    tokens = [t for t in _tokens(text) if not t.written[0].isdigit()]
    return [t.folded for t in tokens if not t.capital], [t.folded for t in tokens if t.capital and not t.initial]
