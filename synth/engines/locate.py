"""Where a model's few words stand in a passage, and the quotation to cut out around them.

What is stored is the contribution's own text, never the model's copy of it. Words that cannot be found are no citation.
"""

from __future__ import annotations

import re
import unicodedata

from corpus.model import Passage
from corpus.sentences import Range, sentences
from corpus.words import words
from prompts.shown import ShownPassage
from synth.engines.clauses import clause

LEAST_WORDS = 3  # fewer show nothing, unless they are all that the sentence has
LONG = 320  # characters; from a longer sentence the clause around the words is quoted

_SAME = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-"})  # fmt: skip
_DROPPED = "\u00ad\u200b\u200c\u200d\ufeff"  # soft hyphens and marks without width
_EDGES = " .,;:!?…\"'()[]-"


def locate(copied: str, passage: ShownPassage) -> Range | None:
    """The range in the contribution's body at which `copied` stands in `passage`; None if it does not, or is too little.

    Exactly, else up to typography (’ and ', « » and quotation marks, dashes), white space and case.
    """
    wanted = _plain(copied)[0].strip(_EDGES)
    if not wanted:
        return None
    text, places = _plain(passage.text)
    at = _whole_words(wanted, text)
    if at is None:
        return None
    start, end = passage.origin((places[at], places[at + len(wanted) - 1] + 1))
    begin = passage.passage.start
    if len(words(passage.passage.text[start:end])) < LEAST_WORDS and not _is_sentence(passage.passage, start, end):
        return None
    return begin + start, begin + end


def _plain(text: str) -> tuple[str, list[int]]:
    """`text` as it is compared, with the place in `text` of each of its characters."""
    plain: list[str] = []
    places: list[int] = []
    for i, character in enumerate(text):
        if character in _DROPPED:
            continue
        if character.isspace():
            if plain and plain[-1] == " ":
                continue
            replaced = " "
        else:
            replaced = unicodedata.normalize("NFKC", character).translate(_SAME).casefold()
        for part in replaced:
            # « word » has spaces inside its marks and "word" has none: neither is compared.
            if plain and plain[-1] == '"' and part == " " and _opens(plain):
                continue
            if part == '"' and plain and plain[-1] == " " and text[i] in "»":
                plain.pop()
                places.pop()
            plain.append(part)
            places.append(i)
    return "".join(plain), places


def _opens(plain: list[str]) -> bool:
    return len(plain) < 2 or plain[-2] in " ("


def _whole_words(wanted: str, text: str) -> int | None:
    """Where `wanted` stands in `text` as whole words."""
    before = r"(?<!\w)" if wanted[0].isalnum() else ""
    after = r"(?!\w)" if wanted[-1].isalnum() else ""
    match = re.search(before + re.escape(wanted) + after, text)
    return match.start() if match else None


def _is_sentence(passage: Passage, start: int, end: int) -> bool:
    return any(s >= start - 3 and e <= end + 3 for s, e in sentences(passage.text) if s < end and start < e)


def quotation(span: Range, passage: Passage) -> Range:
    """The range of the body to quote for words at `span`: the sentence around them or, where that is long, the clause."""
    around = [
        (passage.start + s, passage.start + e)
        for s, e in sentences(passage.text)
        if passage.start + s < span[1] and span[0] < passage.start + e
    ]
    if not around:
        return span
    start, end = around[0][0], around[-1][1]
    if end - start <= LONG or len(around) > 1:
        return start, end
    text = passage.text[start - passage.start : end - passage.start]
    return _clause_around((span[0] - start, span[1] - start), text, start)


_BREAK = re.compile(
    r"[;:]\s+|\s[–—-]\s|,\s+(?=(?:and|but|while|whereas|which|et|mais|tandis|alors|ce qui|or)\b)", re.IGNORECASE
)


def _clause_around(inner: Range, text: str, offset: int) -> Range:
    """The clause of a long sentence that holds the range `inner`, grown until it says something."""
    begin, end = clause(text)
    if not (begin <= inner[0] and inner[1] <= end) or end - begin > LONG:
        breaks = [m.end() for m in _BREAK.finditer(text)]
        begin = max([0, *(b for b in breaks if b <= inner[0])])
        end = min([len(text), *(b for b in breaks if b >= inner[1] and b - begin >= 60)])
    stop = begin + len(text[begin:end].rstrip(" ;:,–—-"))
    return offset + begin, offset + max(stop, inner[1])
