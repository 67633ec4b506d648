"""Which texts of a claim somebody wrote, as against those that are a contributor's own sentence."""

from __future__ import annotations

from corpus.model import Claim, Language


def written(claim: Claim) -> list[tuple[Language, str]]:
    """The texts of `claim`, by language, that are not simply one of its quotes: only what was written needs checking."""
    quotes = {_plain(c.quote) for c in claim.citations}
    return [(language, text) for language, text in claim.text.versions() if _plain(text) not in quotes]


def tongue(language: Language) -> str:
    """ "English" or "French", for a detail."""
    return "English" if language == "en" else "French"


def _plain(text: str) -> str:
    return " ".join(text.split())
