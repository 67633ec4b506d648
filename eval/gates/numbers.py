"""Every number, share, amount, date and year of the claim stands in one of its quotes."""

from __future__ import annotations

from corpus.model import Check, Claim
from eval.gates.grounds import Grounds
from eval.gates.written import written
from eval.quantities import borne, quantities


def check_numbers(claim: Claim, grounds: Grounds) -> Check:
    """Fails for a number that is in none of the quotes and nowhere in their contributions; warns if it is elsewhere in them.

    Compared as values, whatever the writing: "1,000" = « 1 000 », "45 per cent" = 45 %, "three" = 3, "half" = 50 %, "24 March"
    = « 24 mars », "one in five" = 20 %. Awkward cases: "one" and « un » are articles as often as numbers and are not looked
    at; list numbers; digits in names ("Covid-19"); "both" for « les deux »; what an amount is in (euros, francs) is not compared.
    """
    texts = written(claim)
    quoted = {q for c in claim.citations for q in borne(c.quote, c.language)} if texts else set()
    missing = {q for language, text in texts for q in quantities(text, language)} - quoted
    if not missing:
        return Check(name="numbers", verdict="pass")
    around = {q for source in grounds.sources(claim) for q in borne(source.body, source.language)}
    for quantity in sorted(missing - around, key=str):
        return Check(name="numbers", verdict="fail", detail=f"{quantity} is in none of the quotes")
    for quantity in sorted(missing, key=str):
        return Check(
            name="numbers", verdict="warn", detail=f"{quantity} is in the contribution but not in the words quoted"
        )
    return Check(name="numbers", verdict="pass")
