"""A written claim does not count contributors: the program does that."""

from __future__ import annotations

import re

from corpus.model import Check, Claim
from corpus.words import flat
from eval.gates.grounds import Grounds
from eval.gates.written import written
from eval.quantities import NUMBER_WORDS, quantities

_SAY = r"(?:mention|say|report|stress|note|argue|agree|call|propose|recommend|mentionnent|disent|signalent|soulignent|notent|proposent|recommandent|demandent|evoquent)"
_WHO = (
    r"(?:contributors?|respondents?|commenters?|commentators?|discussants?|participants?|participantes?|contributeurs?|contributrices?|"
    rf"repondante?s?|intervenante?s?|(?:contributions|submissions|posts|messages) (?={_SAY}))"
)
_NUMBER = rf"(?:(?:{'|'.join(NUMBER_WORDS)})(?:[ -](?:et |and )?)?)+"
_EN = (
    rf"(?:\d+(?: ?%| per ?cent)?|{_NUMBER}|a dozen|dozens|a handful|a couple|half|a third|two thirds|a quarter|"
    r"most|many|several|all|some|few|a few|a number|(?:the|a)(?: vast| large| great| clear)? majority|a minority|numerous|various|none|no|every|each)"
    r"(?: of)?(?: the| these| those| our| all){0,2}(?: (?!not\b|are\b|were\b|of\b)[a-z-]+)?"
)
_FR = (
    rf"(?:\d+(?: ?%| pour ?cent)?|{_NUMBER}|une dizaine|une douzaine|des dizaines|une poignee|la moitie|un tiers|un quart|"
    r"la plupart|plusieurs|tous|toutes|certaine?s|quelques|quelques-une?s|nombre|beaucoup|bon nombre|un (?:grand |certain )?nombre|de nombreu(?:x|ses)|"
    r"(?:la|une)(?: grande| large| vaste)? (?:majorite|minorite)|l'ensemble|la totalite|divers|diverses|aucune?|chaque|peu)"
    r"(?: des?| du| d'| les| la| le| ces| nos| autres| ceux| entre){0,3}"
)
_COUNTED = re.compile(rf"\b(?:{_EN}|{_FR}) ?\b{_WHO}\b")


def check_counts(claim: Claim, grounds: Grounds) -> Check:
    """Fails where the text says how many contributors hold a view, unless a quote counts them just so.

    Awkward cases: "three farmers" and "most users" are people the contribution speaks of, and pass; "one contributor" says
    whose view it is where there is no name, and passes; who counts the participants of a workshop is quoted, perhaps in
    the other language; « les contributions des ménages » are payments, and contributions count only where they say something.
    """
    counted = {_key(m.group()) for c in claim.citations for m in _COUNTED.finditer(flat(c.quote))}
    for _, text in written(claim):
        for match in _COUNTED.finditer(flat(text)):
            if _key(match.group()) not in counted:
                return Check(
                    name="counts",
                    verdict="fail",
                    detail=f"“{match.group().strip()}” counts contributors; the program does that",
                )
    return Check(name="counts", verdict="pass")


def _key(phrase: str) -> object:
    """What makes two such phrases the same in either language: the number; for the rest that there is none."""
    return quantities(phrase, "en") | quantities(phrase, "fr")
