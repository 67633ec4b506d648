"""Numbers as values, however English or French write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.words import fold


@dataclass(frozen=True)
class Quantity:
    """A value with what it counts as: "%" for shares, "year" for years, "" for the rest."""

    value: float
    unit: str = ""

    def __str__(self) -> str:
        number = f"{self.value:g}" if self.value < 1e6 else f"{self.value:,.0f}"
        return f"{number} %" if self.unit == "%" else number


_SPACE = "[\u00a0\u202f\u2009 ]"
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<digits>\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d+)?|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
    rf"(?P<scale>{_SPACE}?(?:million|milliard|billion|thousand|hundred|mille|cents?(?!\w))s?\b|{_SPACE}?[kKM](?=\b))?"
    rf"(?P<unit>{_SPACE}?(?:%|per{_SPACE}?cent|percent|pour{_SPACE}cent|p\.{_SPACE}?c\.))?"
)
_SCALES = {
    "million": 1e6,
    "milliard": 1e9,
    "billion": 1e9,
    "thousand": 1e3,
    "hundred": 1e2,
    "mille": 1e3,
    "cent": 1e2,
    "k": 1e3,
    "m": 1e6,
}
_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14,
    "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
_COMPOUND = re.compile(
    r"\b(?P<tens>twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|vingt|trente|quarante|cinquante|soixante)[- ](?:et[- ])?"
    r"(?P<ones>one|two|three|four|five|six|seven|eight|nine|un|une|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize)\b"
)
_HALVES = re.compile(r"\b(?:half|la moitie|moitie)\b")


@lru_cache(maxsize=2048)
def quantities(text: str, language: str) -> frozenset[Quantity]:
    """All numbers of `text`. Markers of lists ("2." at the head) and ordinals are left out."""
    found: set[Quantity] = set()
    for match in _NUMBER.finditer(text):
        if _is_marker(text, match):
            continue
        value = _value(match["digits"], language)
        scale = (match["scale"] or "").strip().lower().rstrip("s")
        if scale:
            value *= _SCALES.get(scale, 1)
        found.add(Quantity(round(value, 6), "%" if match["unit"] else ""))
    return frozenset(found | _in_words(text))


def _is_marker(text: str, match: re.Match[str]) -> bool:
    at_head = not text[: match.start()].strip() or text[: match.start()].rstrip(" ").endswith("\n")
    return at_head and bool(re.match(r"[.)](?:\s|[a-z]\b)", text[match.end() :])) and len(match["digits"]) <= 2


def _value(digits: str, language: str) -> float:
    """ "1,000" is a thousand; « 1,5 » one and a half; "1.000" a thousand in French, one in English."""
    compact = re.sub(_SPACE, "", digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", compact) and not (language == "fr" and compact.count(",") == 1):
        compact = compact.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", compact) and (language == "fr" or compact.count(".") > 1):
        compact = compact.replace(".", "").replace(",", ".")
    else:
        compact = compact.replace(",", ".")
    return float(compact)


def _in_words(text: str) -> set[Quantity]:
    folded = fold(text)
    found: set[Quantity] = set()
    if _HALVES.search(folded):
        found.add(Quantity(50, "%"))
    for match in _COMPOUND.finditer(folded):
        ones = match["ones"]
        found.add(Quantity(_WORDS[match["tens"]] + (1 if ones in ("one", "un", "une") else _WORDS[ones])))
    rest = _COMPOUND.sub(" ", folded)
    found |= {Quantity(_WORDS[w]) for w in re.findall(r"[a-z]+", rest) if w in _WORDS}
    return found
