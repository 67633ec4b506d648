"""Every person, organisation, place and nationality of a written claim stands in its quotes, or is who the claim cites."""

from __future__ import annotations

from corpus.model import Check, Claim, Contribution
from eval.gates.grounds import Grounds
from eval.gates.mentions import Name, missing
from eval.gates.written import written


def check_names(claim: Claim, grounds: Grounds) -> Check:
    """Fails for a name that is neither in the quotes nor in the contributions cited nor their author's; warns if only the quote lacks it.

    Awkward cases: a claim says whose view it is, so author, organisation, country and id of a cited contribution pass;
    names have another form in the other language (« Cap-Vert », « Norvégiens », « OMS »), and one that nobody listed may
    have been translated ("Lucas the Elder"), which warns; a first name added to a surname that was said warns; a capital at
    the head of a sentence is no name by itself; generic nouns with a capital ("State", "Ministry") are none.
    """
    texts = written(claim)
    if not texts:
        return Check(name="names", verdict="pass")
    speakers = grounds.borne(part for source in grounds.sources(claim) for part in _who(source))
    borne = grounds.quoted(claim) | speakers
    cited = {c.contribution for c in claim.citations}
    unquoted = [
        (name, language, text)
        for language, text in texts
        for name in missing(grounds.names(text, language), language, borne)
        if name.written not in cited
    ]
    if not unquoted:
        return Check(name="names", verdict="pass")
    around = grounds.around(claim) | borne
    doubts: list[str] = []
    for name, language, text in unquoted:
        if around.bears(name, language):
            doubts.append(f"“{name.written}” is in the contribution but not in the words quoted")
        elif around.bears_part(name, language):
            doubts.append(f"“{name.written}” is nowhere in the contributions cited, what stands beside it is")
        elif other := _counterpart(name, language, text, claim, grounds):
            doubts.append(f"“{name.written}” is nowhere in the contributions cited, unless it is their “{other}”")
        else:
            return Check(name="names", verdict="fail", detail=f"“{name.written}” is nowhere in the contributions cited")
    return _warn(doubts[0])


def _counterpart(name: Name, language: str, text: str, claim: Claim, grounds: Grounds) -> str | None:
    """A name of the quotes, all in the other language, that the text does not have and that may be this one translated."""
    if name.key or name.acronym or any(c.language == language for c in claim.citations):
        return None
    ours = grounds.borne([(text, language)])
    for citation in claim.citations:
        for other in missing(grounds.names(citation.quote, citation.language), citation.language, ours):
            if not other.key and not other.acronym:
                return other.written
    return None


def _warn(detail: str) -> Check:
    return Check(name="names", verdict="warn", detail=detail)


def _who(source: Contribution) -> list[tuple[str, str]]:
    """Author, organisation and country, the latter by name in both languages."""
    from babel import Locale

    country = source.country or ""
    by_name = [Locale(code).territories.get(country, country) for code in ("en", "fr")]
    return [(text, source.language) for text in (source.author, source.organisation, *by_name) if text]
