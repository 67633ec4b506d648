"""Who contradicts whom, where a contributor says so: another contributor is spoken of, and dissent follows.

Only what is explicit. Two sentences on one matter with a "not" in one of them are no disagreement yet, and a reply that
puts a quarrel where there is none is worse than one that leaves a quiet one out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus.model import Contribution
from corpus.words import fold

# People as they are spoken of: "our colleague from …", « la dame du … », "the message from …".
_PERSON = (
    r"(?:colleagues?|friends?|participants?|speakers?|technicians?|engineers?|lady|gentleman|mayor|town hall|message|contribution|posting|post|network|member|experience|"
    r"collegues?|amis?|dame|monsieur|technicien\w*|ingenieure?s?|maire|mairie|doyenn?e?|intervention|reseau|societe|directeur|directrice)"
)
_LINK = r"(?:\s+[\w'-]+){0,6}?\s+(?:from|of|in|at|du|de|des|d|au|aux|en|a)\s+(?:the\s+|la\s+|l')?"


def spoken_of(text: str, speaker: str, contributions: Sequence[Contribution]) -> list[str]:
    """Ids of the contributions other than the speaker's whose author, organisation or country `text` speaks of."""
    folded = fold(text)
    return [c.id for c in contributions if c.id != speaker and _names(folded, text, c)]


def _names(folded: str, text: str, contribution: Contribution) -> bool:
    if (
        contribution.author
        and len(surname := contribution.author.split()[-1]) >= 4
        and re.search(rf"\b{re.escape(surname)}(?:['’]s)?\b", text)
    ):
        return True
    if contribution.organisation and len(contribution.organisation) > 6 and fold(contribution.organisation) in folded:
        return True
    return bool(contribution.country and _of_country(contribution.country).search(folded))


@lru_cache(maxsize=256)
def _of_country(code: str) -> re.Pattern[str]:
    """ "colleague from Burkina Faso", « doyen togolais »: a person-word with the country's name or an adjective made of it."""
    from babel import Locale

    names = {fold(name) for locale in ("en", "fr") if (name := Locale(locale).territories.get(code))} or {fold(code)}
    first_words = {name.split()[0] for name in names if len(name.split()[0]) >= 5 and " " in name}
    full = "|".join(re.escape(name) for name in sorted(names | first_words, key=lambda n: -len(n)))
    adjectives = "|".join(re.escape(name[:5]) + r"\w*" for name in sorted(names) if len(name) >= 4)
    listed = r"(?:[\w' -]+ (?:et|and) (?:du |de |d'|of |from )?)?"
    return re.compile(rf"\b{_PERSON}{_LINK}{listed}(?:{full})\b|\b{_PERSON}\s+(?:{adjectives})\b")
