"""Every number, share, amount, date and year of the claim stands in one of its quotes."""

from __future__ import annotations

from corpus.model import Check, Claim, Language
from eval.gates.grounds import Grounds
from eval.gates.written import written
from eval.quantities import Quantity, borne, durations, quantities, roughly, same_time, stands_for


def check_numbers(claim: Claim, grounds: Grounds) -> Check:
    """Fails for a number that is in none of the quotes and nowhere in their contributions; warns if it is elsewhere in them.

    Compared as values, whatever the writing: "1,000" = « 1 000 », "45 per cent" = 45 %, "three" = 3, "half" = 50 %, "24 March"
    = « 24 mars », "one in five" = 20 %. Awkward cases: "about a quarter" for 24 %, but not for 30 %; six weeks for
    six days (fails: the unit is another); "one" and « un » are articles as often as numbers and are not looked at; list numbers; digits in names ("Covid-19"); "both" for « les deux »; what an amount is in (euros, francs) is not compared.
    """
    texts = written(claim)
    quoted = {q for c in claim.citations for q in borne(c.quote, c.language)} if texts else set()
    missing = {q for language, text in texts for q in _missing(text, language, quoted)}
    if not missing:
        return _durations(texts, claim)
    around = {q for source in grounds.sources(claim) for q in borne(source.body, source.language)}
    for quantity in sorted(missing - around, key=str):
        return Check(name="numbers", verdict="fail", detail=f"{quantity} is in none of the quotes")
    for quantity in sorted(missing, key=str):
        return Check(
            name="numbers", verdict="warn", detail=f"{quantity} is in the contribution but not in the words quoted"
        )
    return Check(name="numbers", verdict="pass")


def _missing(text: str, language: Language, quoted: set[Quantity]) -> set[Quantity]:
    """The numbers of `text` that no quote has; one that is said to be about right may be a little off."""
    missing = quantities(text, language) - quoted
    if not missing:
        return set()
    rough = roughly(text, language)
    return {q for q in missing if q not in rough or not any(stands_for(q, other) for other in quoted)}


def _durations(texts: list[tuple[Language, str]], claim: Claim) -> Check:
    """Fails where a number of days, months … is quoted with another unit only."""
    quoted = {d for c in claim.citations for d in durations(c.quote, c.language)}
    for language, text in texts:
        for said in durations(text, language):
            others = [d for d in quoted if d[0] == said[0]]
            if others and said not in others and not any(same_time(said, d) for d in quoted):
                return Check(
                    name="numbers", verdict="fail", detail=f"{said[0]:g} is of another unit of time in the quotes"
                )
    return Check(name="numbers", verdict="pass")
