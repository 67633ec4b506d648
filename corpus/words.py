"""Words as they are compared: folded, stemmed, without the ones that carry nothing. English and French alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")

STOPWORDS = frozenset(
    """
        a an the and or but nor of in on at by to from for with without within into onto over under between among
        through about as is are was were be been being am do does did done has have had having will would shall can
        could may might must this that these those it its they them their there here we us our you your he she his her
        i me my who whom whose which what when where why how than then so such not no yes if else also very more most
        much many some any all each every both other others another same own only just too even still yet however
        while during before after because since until upon per via vs etc e.g i.e le la les l un une des de du d au
        aux a à et ou mais ni ne pas non si que qu qui quoi dont où ce cet cette ces c s se sa son ses leur leurs
        notre nos votre vos mon ma mes ton ta tes je j tu il elle on nous vous ils elles y en dans sur sous par pour
        avec sans entre vers chez est sont était étaient être été étant ai as avons avez ont avait avoir eu fait faire
        peut peuvent plus moins très aussi ainsi comme même mêmes tout toute tous toutes autre autres afin donc car
        lors alors quand quel quelle quels quelles cela ceci celui celle ceux celles certains certaines
    """.split()
)
_COMBINING = re.compile("[\u0300-\u036f]")
_FOLDED_STOPWORDS = frozenset(
    "".join(c for c in unicodedata.normalize("NFD", w) if not unicodedata.combining(c)) for w in STOPWORDS
)


def fold(text: str) -> str:
    """Lower case without accents, with plain apostrophes and spaces. Not the same length as `text`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    return _COMBINING.sub("", decomposed).lower()


def flat(text: str) -> str:
    """`text` folded and on one line, for patterns of several words: a mail program may have broken the line anywhere."""
    return fold(" ".join(text.split()))


def words(text: str) -> list[str]:
    """Folded words; an elided article is a word of its own: "l'aide" → l, aide."""
    return _WORD.findall(fold(text))


def content_words(text: str) -> list[str]:
    """Folded words that carry meaning."""
    return [w for w in words(text) if w not in _FOLDED_STOPWORDS and (len(w) > 1 or w.isdigit())]


BEGINNING = 5  # letters by which words of the two languages are held to be one


@lru_cache(maxsize=16384)
def beginnings(text: str) -> frozenset[str]:
    """The first letters of the words that carry meaning: what an English and a French text may be found to share."""
    return frozenset(word[:BEGINNING] for word in content_words(text))


@lru_cache(maxsize=4)
def _stemmer(language: str) -> Any:
    import Stemmer

    return Stemmer.Stemmer("french" if language == "fr" else "english")


def stems(text: str, language: str) -> list[str]:
    """Stems of the content words (Snowball, English or French; other languages as English)."""
    return list(_stemmer(language).stemWords(content_words(text)))
