"""A written claim negates, limits, generalises and hedges as its quotes do; differences are for a reviewer to look at."""

from __future__ import annotations

from functools import lru_cache

from corpus.model import LANGUAGES, Check, Claim, Language
from corpus.sentences import sentences
from corpus.words import beginnings
from eval.gates.grounds import Grounds
from eval.gates.polarity import Polarity, polarity
from eval.gates.written import tongue, written

COVERED = 0.55  # length of a claim to that of the quoted sentence from which on it is held to render all of it
CLOSE = 0.5  # share of a claim's words in the quoted sentence from which on it is held to keep to its wording


_SAID = {
    "only": "“only”",
    "all": "“all” or “always”",
    "some": "“some” or “often”",
    "must": "what should be",
    "may": "what may be",
}


def check_negation(claim: Claim, grounds: Grounds) -> Check:
    """Warns, never fails, where claim and quotes differ in saying no, "only", "all" or "some", "should" or "may".

    Awkward cases: a quote of several sentences is read where it is nearest to the claim; a claim may leave out the half of a
    sentence that holds the negation, or say the same in other words ("instead of", "lack", « à peine »), so what the claim lacks
    is said only if it keeps to length and wording of the quote; that is looked at in the quote's language if the claim has
    it, for parity holds the other text to that one. What is denied, and by whom, no list of words can tell.
    """
    for language, text in written(claim):
        for start, end in sentences(text):
            if said := _difference(text[start:end], language, claim):
                return Check(name="negation", verdict="warn", detail=said)
    return Check(name="negation", verdict="pass")


def _difference(sentence: str, language: Language, claim: Claim) -> str | None:
    near = nearest(sentence, tuple((c.quote, c.language) for c in claim.citations))
    ours, quotes = polarity(sentence, language), [polarity(text, of) for text, of in near]
    kept = all(_renders(sentence, language, text, of, claim) for text, of in near)
    if all(ours.says_no_more_often(q) for q in quotes):
        return f"the {tongue(language)} text says no where the words quoted do not"
    if kept and all(q.negations for q in quotes) and not ours.negations and not ours.weak:
        return f"the words quoted say no, the {tongue(language)} text does not"
    return _reach(ours, quotes, kept, tongue(language))


def _renders(sentence: str, language: Language, quoted: str, of: str, claim: Claim) -> bool:
    """Whether a sentence of the claim keeps so close to the one quoted that what it lacks was left out."""
    if len(sentence.split()) < COVERED * len(quoted.split()):
        return False
    if of == language:
        ours = beginnings(sentence)
        return len(ours & beginnings(quoted)) >= CLOSE * len(ours)
    return not (of in LANGUAGES and claim.text.model_dump().get(of))


def _reach(ours: Polarity, quotes: list[Polarity], kept: bool, written_in: str) -> str | None:
    """Whether the claim reaches further or less far than the quotes, or is firmer or less firm."""
    for facet in ("only", "all", "must"):
        if facet in ours.plainly and not any(facet in q.at_all or q.negations for q in quotes):
            return f"the {written_in} text says {_SAID[facet]}, the words quoted do not"
    for facet in ("some", "must", "may", "only"):
        if kept and all(facet in q.plainly for q in quotes) and facet not in ours.at_all:
            return f"the words quoted say {_SAID[facet]}, the {written_in} text does not"
    return None


@lru_cache(maxsize=4096)
def nearest(sentence: str, quotes: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Of each quote the sentences that share most words with `sentence`, and those that share half as many; the quote as a whole
    where none shares a third of its words."""
    ours = beginnings(sentence)
    found: list[tuple[str, str]] = []
    for quote, language in quotes:
        parts = [quote[start:end] for start, end in sentences(quote)]
        shared = [len(ours & beginnings(part)) for part in parts]
        best = max(shared, default=0)
        chosen = " ".join(part for part, n in zip(parts, shared, strict=True) if 2 * n >= best)
        found.append((chosen if best * 3 >= len(ours) else quote, language))
    return tuple(found)
