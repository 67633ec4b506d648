"""Every person, organisation, place and nationality of a written claim stands in its quotes, or is who the claim cites."""

from __future__ import annotations

from corpus.model import Check, Claim, Contribution
from eval.gates.grounds import Grounds
from eval.gates.mentions import missing
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
    borne = grounds.quoted(claim) | speakers
    unquoted = [
        (name, language)
        for language, text in texts
        for name in missing(grounds.names(text, language), language, borne)
        if name.written not in {c.contribution for c in claim.citations}
    ]
    if not unquoted:
        return Check(name="names", verdict="pass")
    around = grounds.around(claim) | borne
    nowhere = [(name, language) for name, language in unquoted if not around.bears(name, language)]
    for name, language in nowhere:
        if not around.bears_part(name, language):
            return Check(name="names", verdict="fail", detail=f"“{name.written}” is nowhere in the contributions cited")
    if nowhere:
        return _warn(
            f"“{nowhere[0][0].written}” is nowhere in the contributions cited, “{' '.join(nowhere[0][0].beside)}” is"
        )
    return _warn(f"“{unquoted[0][0].written}” is in the contribution but not in the words quoted")


def _warn(detail: str) -> Check:
    return Check(name="names", verdict="warn", detail=detail)


def _who(source: Contribution) -> list[tuple[str, str]]:
    """Author, organisation and country, the latter by name in both languages."""
    from babel import Locale

    country = source.country or ""
    by_name = [Locale(code).territories.get(country, country) for code in ("en", "fr")]
    return [(text, source.language) for text in (source.author, source.organisation, *by_name) if text]
