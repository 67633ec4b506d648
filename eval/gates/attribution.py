"""Who a written claim names as a contributor is among its sources."""

from __future__ import annotations

import re
from functools import lru_cache

from corpus.model import Check, Claim, Contribution
from corpus.words import fold
from eval.gates.grounds import Grounds
from eval.gates.lexicon import NO_NAMES, as_phrase
from eval.gates.written import written

_CAPITALISED = re.compile(r"[^\W\d_][^\W_]*|C\d{2,}")


def check_attribution(claim: Claim, grounds: Grounds) -> Check:
    """Fails where a contributor is named (name, surname, organisation, id) who is no source of the claim and in none of its quotes.

    Awkward cases: two contributors of one surname or one organisation, of whom one is cited; a contributor whom another
    one speaks of, in the words quoted; a surname that is a common word ("Young"), which counts with a capital only and
    not at the head of the sentence; organisations of one generic word ("Ministry"), which say nothing.
    """
    texts = [text for _, text in written(claim)]
    cited = {c.contribution for c in claim.citations}
    spoken = " ".join([_flat(c.quote) for c in claim.citations] + [" ".join(forms) for s in grounds.sources(claim) for forms in _called(s)])  # fmt: skip
    for text in texts:
        flat, capitals = _flat(text), _capitals(text)
        for other in grounds.contributions.values():
            if other.id in cited:
                continue
            for name in _called(other):
                if _named(name, flat, capitals) and not _within(name, spoken):
                    return Check(name="attribution", verdict="fail", detail=f"it names {other.name} ({other.id}), who is not among its sources")  # fmt: skip
    return Check(name="attribution", verdict="pass")


@lru_cache(maxsize=4096)
def _flat(text: str) -> str:
    return f" {' '.join(as_phrase(text))} "


@lru_cache(maxsize=4096)
def _capitals(text: str) -> frozenset[str]:
    """Folded words with a capital; the first word only where another capital or a verb follows, as in "Diop reports"."""
    return frozenset(fold(m.group()) for m in _CAPITALISED.finditer(text) if m.group()[0].isupper())


@lru_cache(maxsize=4096)
def _called(source: Contribution) -> tuple[tuple[str, ...], ...]:
    """The names a contributor goes by, as folded words."""
    author = as_phrase(source.author or "")
    surname = author[-1:] if len(author) > 1 and len(author[-1]) >= 4 else ()
    organisation = as_phrase(source.organisation or "")
    forms = [(source.id.lower(),), author, surname, organisation]
    return tuple(dict.fromkeys(form for form in forms if form and not all(word in NO_NAMES for word in form)))


def _named(name: tuple[str, ...], flat: str, capitals: frozenset[str]) -> bool:
    return name[0] in capitals and _within(name, flat)


def _within(name: tuple[str, ...], flat: str) -> bool:
    return f" {' '.join(name)} " in flat
