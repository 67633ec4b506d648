"""Words of consultations in both languages: how the writer carries over what a sentence speaks of.

lexicon.csv has a row a concept: its English and French phrase, the theme it belongs to, and what it is found by, in folded
text of either language, separated by "/" (`*`: any ending; else a plural is allowed).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Concept:
    """What a sentence may speak of. The phrases carry their article, if they need one."""

    en: str
    fr: str
    theme: str

    @property
    def fr_de(self) -> str:
        """« du comité », « des comités », « de la caisse »."""
        return _contracted("de", self.fr)

    @property
    def fr_a(self) -> str:
        """« au comité », « aux comités », « à la caisse »."""
        return _contracted("à", self.fr)


@dataclass(frozen=True)
class Mention:
    """A concept with where a text speaks of it."""

    concept: Concept
    start: int
    end: int


_WORD = re.compile(r"\w+")
NOTHING_KNOWN = Concept("the question asked", "la question posée", "rest")


def folded(text: str) -> str:
    """Lower case without accents and with plain apostrophes, of the same length as `text`."""
    return "".join(_plain(c) for c in text)


@cache
def _plain(character: str) -> str:
    if character in "’‘":
        return "'"
    if character in "\u00a0\u202f\n\t":
        return " "
    lowered = unicodedata.normalize("NFD", character.lower())[0]
    return lowered if len(lowered) == 1 else character


@lru_cache(maxsize=20_000)
def mentions(text: str) -> tuple[Mention, ...]:
    """Concepts that `text` speaks of, each where it first does, in that order."""
    patterns, concepts = _table()
    plain = folded(text)
    found: dict[Concept, Mention] = {}
    end = 0
    for word in _WORD.finditer(plain):
        pattern = patterns.get(word.group()[:2])
        if word.start() < end or pattern is None or not (match := pattern.match(plain, word.start())):
            continue
        end = match.end()
        concept = concepts[int(str(match.lastgroup)[1:].partition("_")[0])]
        found.setdefault(concept, Mention(concept, *match.span()))
    return tuple(found.values())


def named(text: str) -> list[Concept]:
    """Concepts that an English sentence names by the lexicon's own phrase, in order; no words within names of people."""
    pattern, by_phrase = _phrases()
    return list(dict.fromkeys(by_phrase[m.group()] for m in pattern.finditer(text.replace("’", "'"))))


@cache
def _phrases() -> tuple[re.Pattern[str], dict[str, Concept]]:
    """The English phrases, the longest first, also with a capital where a sentence begins with one."""
    concepts = _table()[1]
    by_phrase = {c.en[:1].upper() + c.en[1:]: c for c in concepts} | {c.en: c for c in concepts}
    longest = sorted(by_phrase, key=lambda p: -len(p))
    lower = "|".join(re.escape(p) for p in longest if p[:1].islower() or p in {c.en for c in concepts})
    upper = "|".join(re.escape(p) for p in longest if p[:1].isupper())
    return re.compile(rf"(?<!\w)(?:{lower})(?!\w)|^(?:{upper})(?!\w)"), by_phrase


def heading(concepts: list[Concept]) -> tuple[str, str]:
    """A heading of two to six words that names one or two concepts."""
    if len(concepts) == 1:
        return _title(f"{concepts[0].en} and their use"), _title(f"{concepts[0].fr} et leur emploi")
    en = " and ".join(_bare(c.en, "en") for c in concepts[:2])
    fr = " et ".join(_bare(c.fr, "fr") for c in concepts[:2])
    return _title(en), _title(fr)


def _title(text: str) -> str:
    return typographic(text[:1].upper() + text[1:])


def _bare(phrase: str, language: str) -> str:
    return re.sub(r"^(?:the )" if language == "en" else r"^(?:les? |la |l')", "", phrase)


def typographic(text: str) -> str:
    """With the apostrophe that careful writers use."""
    return text.replace("'", "’")


def _contracted(preposition: str, phrase: str) -> str:
    short = {"de": {"le ": "du ", "les ": "des "}, "à": {"le ": "au ", "les ": "aux "}}[preposition]
    for article, both in short.items():
        if phrase.startswith(article):
            return both + phrase[len(article) :]
    return f"{preposition} {phrase}"


@cache
def _table() -> tuple[dict[str, re.Pattern[str]], list[Concept]]:
    """Patterns by the first two letters of what they match, the longest wordings first, and the concepts by number.

    A group is called "c", the number of its concept, "_" and a number of its own.
    """
    concepts: list[Concept] = []
    wordings: dict[str, int] = {}
    with (Path(__file__).parent / "lexicon.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for wording in [row["en"], row["fr"], *row["find"].split("/")]:
                wordings.setdefault(folded(wording), len(concepts))
            concepts.append(Concept(row["en"], row["fr"], row["theme"]))
    parts: dict[str, list[str]] = {}
    for n, wording in enumerate(sorted(wordings, key=lambda w: -len(w))):
        first = _WORD.search(wording)
        group = f"(?P<c{wordings[wording]}_{n}>{_as_pattern(wording)})"
        parts.setdefault(first.group()[:2] if first else "", []).append(group)
    return {letters: re.compile(f"(?:{'|'.join(groups)})(?!\\w)") for letters, groups in parts.items()}, concepts


def _as_pattern(wording: str) -> str:
    words = [re.escape(w).replace(r"\*", r"\w*") for w in wording.split(" ")]
    return " +".join(w if w.endswith(r"\w*") or len(w) < 4 else f"{w}(?:e?s|x)?" for w in words)
