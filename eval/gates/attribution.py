"""Who a written claim names as a contributor is among its sources."""

from __future__ import annotations

from functools import lru_cache

from corpus.model import Check, Claim, Contribution
from eval.gates.grounds import Grounds
from eval.gates.lexicon import NO_NAMES, as_phrase
from eval.gates.mentions import case_of_words, heads
from eval.gates.written import written


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
        said, capitals = _flat(text), _capitals(text, grounds.common)
        for other in grounds.contributions.values():
            if other.id in cited:
                continue
            for name in _called(other):
                if name[0] in capitals and _within(name, said) and not _within(name, spoken):
                    detail = f"it names {other.name} ({other.id}), who is not among its sources"
                    return Check(name="attribution", verdict="fail", detail=detail)
    return Check(name="attribution", verdict="pass")


@lru_cache(maxsize=4096)
def _flat(text: str) -> str:
    return f" {' '.join(as_phrase(text))} "


@lru_cache(maxsize=4096)
def _capitals(text: str, common: frozenset[str]) -> frozenset[str]:
    """Folded words with a capital; at the head of a sentence only those that are no common words of the discussion."""
    _, within = case_of_words(text)
    return frozenset(within) | (heads(text) - common)


@lru_cache(maxsize=4096)
def _called(source: Contribution) -> tuple[tuple[str, ...], ...]:
    """The names a contributor goes by, as folded words."""
    author = as_phrase(source.author or "")
    surname = author[-1:] if len(author) > 1 and len(author[-1]) >= 4 else ()
    organisation = as_phrase(source.organisation or "")
    forms = [(source.id.lower(),), author, surname, organisation]
    return tuple(dict.fromkeys(form for form in forms if form and not all(word in NO_NAMES for word in form)))


def _within(name: tuple[str, ...], flat: str) -> bool:
    return f" {' '.join(name)} " in flat
