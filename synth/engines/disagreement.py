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
    found = [c.id for c in contributions if c.id != speaker and _names(folded, text, c)]
    return found if len(found) == 1 or not _one_country(found, contributions) else []


def _one_country(ids: Sequence[str], contributions: Sequence[Contribution]) -> bool:
    """Whether several fit because they share a country: then it cannot be told who is meant."""
    countries = [c.country for c in contributions if c.id in ids]
    return len(set(countries)) < len(countries)


def _names(folded: str, text: str, contribution: Contribution) -> bool:
    if contribution.author and len(surname := contribution.author.split()[-1]) >= 4:
        first = re.escape(contribution.author.split()[0])
        title = rf"(?:Mr|Mrs|Ms|Dr|Prof|M|Mme|Mlle|{first})\.?"
        if re.search(rf"\b{title}\s+{re.escape(surname)}(?:['’]s)?\b", text):
            return True
    if contribution.organisation and len(contribution.organisation) > 6 and fold(contribution.organisation) in folded:
        return True
    return bool(contribution.country and _of_country(contribution.country).search(folded))


@lru_cache(maxsize=256)
def _of_country(code: str) -> re.Pattern[str]:
    """ "colleague from Burkina Faso", « doyen togolais »: a person-word with the country's name or an adjective made of it."""
    from babel import Locale

    named = {fold(Locale(locale).territories.get(code, code)) for locale in ("en", "fr")}
    others = {
        fold(n) for locale in ("en", "fr") for c, n in Locale(locale).territories.items() if c != code and c.isalpha()
    }
    full = "|".join(re.escape(name) for name in sorted(named, key=lambda n: -len(n)))
    # "Nigerian" is not of Niger: no adjective where another country's name begins alike.
    stems = {n[:5] for n in named if len(n) >= 4 and " " not in n and not any(o.startswith(n[:5]) for o in others)}
    adjectives = "|".join(re.escape(stem) + r"\w*" for stem in sorted(stems)) or r"(?!)"
    listed = r"(?:[\w' -]+ (?:et|and) (?:du |de |d'|of |from )?)?"
    return re.compile(rf"\b{_PERSON}{_LINK}{listed}(?:{full})(?![\w-])|\b{_PERSON}\s+(?:{adjectives})\b")
