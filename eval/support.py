"""How far the words a claim cites seem to bear it: a score to order a reviewer's queue by. It passes no claim and fails none.

It rests on likeness of words and meaning, on figures, names and negations that the quotes lack, and on whose view it is said
to be. Where a single word was changed likeness says nothing, and the score is near chance (docs/eval.md has the figures);
what bears a claim in quite other words scores low. That is why it only says where to look first.
"""

from __future__ import annotations

import math
import re
from dataclasses import astuple, dataclass

import numpy as np

from corpus.model import Claim, Language
from corpus.sentences import stretches
from corpus.words import beginnings, fold
from eval.gates.grounds import Grounds
from eval.gates.language import without_contributors
from eval.gates.meaning import words_near

_CLAUSE = re.compile(
    r"[,;:–—]\s| (?:and|because|so that|but|which|while|since|when|if|where|that|et|parce qu|afin|mais|qui|alors que|quand|si|où|que) "
)
_SHORTEST = 4  # words of a clause


@dataclass(frozen=True)
class Features:
    """What the score rests on, 0 to 1 each; cosines can be a little below 0.

    `words`: mean over the claim's content words of their likeness to the nearest word quoted, in any language (as BERTScore's
    recall does, Zhang et al. 2020); `worst_words`: the same over the three that are least like any. `whole`: likeness of the
    claim to the nearest one or two sentences quoted; `clauses`, `worst_clause`: of its clauses, mean and least. The rest are
    1 where a gate finds something: a number or a name the quotes lack, a negation or a "should" that differs, a contributor
    named who is not cited.
    """

    words: float
    worst_words: float
    whole: float
    clauses: float
    worst_clause: float
    number: float
    name: float
    negation: float
    attribution: float


# Logistic regression over labelled claims of ours and others' (python -m tests.fit_support prints it); the held-back third had no part in it.
WEIGHTS = Features(2.40, -0.77, 5.16, -6.17, 3.97, -2.76, -2.17, -1.22, -5.74)
BIAS = -2.41


def support(claim: Claim, grounds: Grounds) -> float | None:
    """The score of a checked claim, 0 to 1: of its texts' the least. None where the grounds have no vectors."""
    scores = [
        score(f) for language, _ in claim.text.versions() if (f := features(claim, language, grounds)) is not None
    ]
    return min(scores, default=None)


def score(found: Features) -> float:
    """The features as one number between 0 and 1."""
    total = BIAS + sum(w * x for w, x in zip(astuple(WEIGHTS), astuple(found), strict=True))
    return 1 / (1 + math.exp(-total))


def features(claim: Claim, language: Language, grounds: Grounds) -> Features | None:
    """What the text in `language` of a checked claim gives; None without vectors, or where the claim has no such text."""
    text = claim.text.en if language == "en" else claim.text.fr
    if grounds.vectors is None or not text:
        return None
    said = without_contributors(text, grounds)
    _, near = words_near(said, [c.quote for c in claim.citations], grounds.vectors)
    near = near if len(near) else np.zeros(1, dtype=np.float32)
    parts = clauses(said)
    quoted = [stretch for c in claim.citations for stretch in stretches(c.quote)]
    vectors = grounds.vectors([said, *parts, *quoted])
    like = (vectors[: 1 + len(parts)] @ vectors[1 + len(parts) :].T).max(axis=1)
    found = {check.name for check in claim.checks if check.verdict != "pass"}
    return Features(
        words=float(near.mean()),
        worst_words=float(np.sort(near)[:3].mean()),
        whole=float(like[0]),
        clauses=float(like[1:].mean()),
        worst_clause=float(like[1:].min()),
        number=float("numbers" in found),
        name=float("names" in found),
        negation=float("negation" in found),
        attribution=float("attribution" in found),
    )


def clauses(text: str) -> list[str]:
    """`text` cut before commas, conjunctions and relative pronouns, no part shorter than four words."""
    parts, last = [], 0
    for match in _CLAUSE.finditer(text):
        if len(text[last : match.start()].split()) >= _SHORTEST:
            parts.append(text[last : match.start()])
            last = match.start()
    parts.append(text[last:])
    if len(parts) > 1 and len(parts[-1].split()) < _SHORTEST:
        parts[-2:] = [parts[-2] + parts[-1]]
    return parts


def plain_score(claim: Claim, language: Language) -> float:
    """What word matching alone gives, to compare with: shared content words and n-grams of four letters, less missing
    numbers and names."""
    text = (claim.text.en if language == "en" else claim.text.fr) or ""
    quoted = " ".join(c.quote for c in claim.citations)
    ours, theirs = beginnings(text), beginnings(quoted)
    mine, there = _grams(text), _grams(quoted)
    found = {check.name for check in claim.checks if check.verdict != "pass"}
    shared = len(ours & theirs) / max(1, len(ours)) + len(mine & there) / max(1, len(mine))
    return shared / 2 - 0.3 * ("numbers" in found) - 0.2 * ("names" in found)


def _grams(text: str, size: int = 4) -> set[str]:
    flat = f" {' '.join(fold(text).split())} "
    return {flat[i : i + size] for i in range(len(flat) - size + 1)}
