"""The language fields are right: each text is in the language it is said to be in, and so is each quote."""

from __future__ import annotations

from corpus.language import detect
from corpus.model import Check, Claim
from eval.gates.grounds import Grounds


def check_language(claim: Claim, grounds: Grounds) -> Check:
    """Fails for French in the English field or the reverse, for a claim in no language, for a quote labelled wrongly.

    Awkward cases: texts of fewer than eight words cannot be told and pass; names and titles in the other language
    within a sentence (those of contributors are not looked at); a paragraph in a third language, which is labelled by its own code.
    """
    if not claim.text.versions() and any(c.language in ("en", "fr") for c in claim.citations):
        return Check(name="language", verdict="fail", detail="the claim has no text in either language")
    for language, text in claim.text.versions():
        found = detect(without_contributors(text, grounds))
        if found in ("en", "fr") and found != language:
            return Check(
                name="language",
                verdict="fail",
                detail=f"the text in the field “{language}” is {_name(found)}",
            )
    for citation in claim.citations:
        passage = grounds.passages.get(citation.passage)
        if passage is not None and passage.language != citation.language:
            return Check(
                name="language",
                verdict="fail",
                detail=f"the quote from {citation.contribution} is {_name(passage.language)}, not {_name(citation.language)}",
            )
    return Check(name="language", verdict="pass")


def without_contributors(text: str, grounds: Grounds) -> str:
    """`text` without the names of contributors: a long French name does not make an English sentence French."""
    for contribution in grounds.contributions.values():
        for name in (contribution.organisation, contribution.author):
            if name and name in text:
                text = text.replace(name, " ")
    return text


def _name(code: str) -> str:
    return {"en": "English", "fr": "French"}.get(code, f"in the language “{code}”")
