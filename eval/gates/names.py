"""Every person, organisation, place and nationality of a written claim stands in its quotes, or is who the claim cites."""

from __future__ import annotations

from corpus.model import Check, Claim, Contribution
from eval.gates.grounds import Grounds
from eval.gates.mentions import Borne, missing
from eval.gates.written import written


def check_names(claim: Claim, grounds: Grounds) -> Check:
    """Fails for a name that is neither in the quotes nor in the contributions cited nor their author's; warns if only the quote lacks it.

    Awkward cases: a claim says whose view it is, so author, organisation, country and id of a cited contribution pass;
    names have another form in the other language (« Cap-Vert », « Norvégiens », « OMS »); a capital at the head of a
    sentence is no name by itself; generic nouns with a capital ("State", "Ministry") are none.
    """
    texts = written(claim)
    if not texts:
        return Check(name="names", verdict="pass")
    speakers = grounds.borne(part for source in grounds.sources(claim) for part in _who(source))
    borne = grounds.quoted(claim) | speakers | Borne(words=frozenset(c.contribution.lower() for c in claim.citations))
    unquoted = [name for language, text in texts for name in missing(grounds.names(text, language), borne)]
    if not unquoted:
        return Check(name="names", verdict="pass")
    around = grounds.around(claim)
    for name in missing(unquoted, around):
        return Check(name="names", verdict="fail", detail=f"“{name.written}” is nowhere in the contributions cited")
    return Check(
        name="names",
        verdict="warn",
        detail=f"“{unquoted[0].written}” is in the contribution but not in the words quoted",
    )


def _who(source: Contribution) -> list[tuple[str, str]]:
    """Author, organisation and country, the latter by name in both languages."""
    from babel import Locale

    country = source.country or ""
    by_name = [Locale(code).territories.get(country, country) for code in ("en", "fr")]
    return [(text, source.language) for text in (source.author, source.organisation, *by_name) if text]
