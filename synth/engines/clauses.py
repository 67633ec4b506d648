"""The clause that carries the point: a verbatim part of a sentence that can stand alone and costs less to read."""

from __future__ import annotations

import re

from corpus.sentences import Range
from corpus.words import STOPWORDS, fold, words

_STOP = frozenset(fold(w) for w in STOPWORDS)
_ANNOUNCES = re.compile(  # what only announces a list that is quoted elsewhere
    r"(?:,?\s(?:comme par exemple|par exemple|tels? que|telles? que|such as|as follows|for example|à savoir|(?:suivante?s|following)))?[\s\u00a0]*[:;,]\s*$"
)
MOST = 1500  # characters; what is longer is no sentence anybody wrote, and is left whole
_HALF = re.compile(
    r"\bnot only\b(?!.*\bbut\b)|\bnon seulement\b(?!.*\bmais\b)|\beither\b(?!.*\bor\b)|\bsoit\b(?!.*\bsoit\b)",
    re.IGNORECASE,
)
KEEP = 0.6  # a clause holds at least this share of its sentence: less loses the point with the words
LONG = 110  # characters; shorter sentences are quoted whole

_LEAD = re.compile(
    r"(?:however|moreover|furthermore|in addition|finally|therefore|thus|also|second(?:ly)?|third(?:ly)?|first(?:ly)?(?: of all)?|as a result|in particular|for example|"
    r"for instance|in this context|in other words|indeed|then|and|but|so|yet|further|similarly|consequently|"
    r"cependant|toutefois|de plus|en outre|enfin|par ailleurs|ainsi|donc|par exemple|en effet|d[’']autre part|en particulier|mais|et|or|de ce fait|"
    r"c[’']est pourquoi|néanmoins|en conclusion|en résumé|par contre|hence|currently|importantly|quoiqu[’']il en soit)[\s\u00a0]?,\s+"
    r"|(?:so(?! (?:far|that|as|much|many|long|called))|hence|thus|finally|yet|mais|donc|sinon|toutefois)\s+(?!,)",
    re.IGNORECASE,
)
_MARKER = re.compile(r"(?:[-–•*]|\(?\d{1,2}[.)]|\d\.[a-z]|\(?[a-z][.)])[\s\u00a0]+(?:\([a-z]\)[\s\u00a0]+)?")
# Where a trailing clause may be left out. Never before a contrast or a concession ("but", "even if", « mais », « même si »):
# without it the sentence would say something else.
_TAIL = re.compile(
    r",\s(?:which|who|whose|where|including|in particular|especially|so that|because|since|as well as|notably|thus|thereby|"
    r"and (?:the|a|it|we|they|this|their|its|in)\b|or|notamment|en particulier|ainsi que|afin d|car|puisque|parce|telle?s? que|dont|où|ce qui|qui|et|"
    r"pour que|en|avec|with|by)\b|\s[–-]\s|[\s\u00a0]?[;:]\s|\s\((?=[^()]*\)\W*$)"
)
# What may open a quotation in mid-sentence: a subject, not a preposition or half an enumeration.
_HEAD = re.compile(
    r"(?:[\s\u00a0]?[;:]\s+|,\s(?:but|mais)\s)(?=(?:the|a|an|most|many|some|all|every|each|no|nobody|it|they|we|there|whoever|people|users|governments|returnees|"
    r"le|la|les|un|une|des|chaque|plusieurs|beaucoup|nous|il|ils|elle|elles|personne|aucun|aucune|que)\s|l[’']|[A-ZÀ-Ý])"
)


def clause(text: str) -> Range:
    """The range of `text` (one sentence) to quote: without marker and leading connective and, where it is long, without
    a trailing clause."""
    begin = _lead_end(text)
    if len(text) > MOST:
        return begin, len(text)
    announced = _ANNOUNCES.search(text, max(begin, len(text) - 60))
    end = announced.start() if announced and announced.start() - begin >= 40 else len(text)
    if (
        text[end - 1 : end] in ("”", "»")
        and not _complete(text[begin:end])
        and _complete(text[begin : end - 1].rstrip())
    ):
        end = begin + len(
            text[begin : end - 1].rstrip()
        )  # the end of somebody's quotation that began in an earlier sentence
    whole = (begin, end)
    if whole[1] - begin <= LONG:
        return whole
    heads = [(begin, m.start()) for m in _TAIL.finditer(text, begin, whole[1]) if m.start() - begin >= 55]
    tails = [(m.end(), whole[1]) for m in _HEAD.finditer(text, begin, whole[1]) if whole[1] - m.end() >= 60]
    fitting = [r for r in [*heads, *tails] if r[1] - r[0] >= KEEP * len(text) and _complete(text[r[0] : r[1]])]
    return min(fitting, key=lambda r: (r[1] - r[0], r[0])) if fitting else whole


def _lead_end(text: str) -> int:
    marker = _MARKER.match(text)
    begin = marker.end() if marker else 0
    lead = _LEAD.match(text, begin)
    return lead.end() if lead else begin


def _complete(text: str) -> bool:
    """It does not end on "and" or "of", and no bracket, dash or quotation mark is left open."""
    if (last := words(text)[-1:]) and last[0] in _STOP:
        return False
    if len(re.findall(r"\s[–-]\s", text)) % 2 or _HALF.search(text):
        return False
    pairs = [("(", ")"), ("«", "»"), ("“", "”"), ("[", "]")]
    return all(text.count(a) == text.count(b) for a, b in pairs) and text.count('"') % 2 == 0
