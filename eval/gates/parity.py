"""The English and the French text of a claim say the same: numbers, negation, names, meaning."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.model import Check, Claim
from eval.gates.grounds import Grounds
from eval.gates.mentions import missing
from eval.gates.polarity import polarity
from eval.gates.written import written
from eval.quantities import Quantity, borne, quantities

UNLIKE = 0.5  # cosine of the built-in embedder below which hardly any translation lies (docs/checks.md)


def check_parity(claim: Claim, grounds: Grounds) -> Check:
    """Fails for a number or a negation in one language only; warns for a name in one only, and for meanings far apart.

    Awkward cases: « ne … que » is "only", « non seulement » "not only", « ne » after « avant que » nothing; "lack of" and
    "unable to" may stand for « ne … pas »; "both" for « les deux », "fortnight" for « quinze jours ». A claim with one
    text has nothing to compare and passes.
    """
    en, fr = claim.text.en, claim.text.fr
    if not en or not fr or not written(claim):
        return Check(name="parity", verdict="pass")
    if wrong := _numbers(en, fr) or _negation(en, fr):
        return Check(name="parity", verdict="fail", detail=wrong)
    if odd := _names(en, fr, grounds) or _meaning(en, fr, grounds):
        return Check(name="parity", verdict="warn", detail=odd)
    return Check(name="parity", verdict="pass")


def _numbers(en: str, fr: str) -> str | None:
    only_en = quantities(en, "en") - borne(fr, "fr")
    only_fr = quantities(fr, "fr") - borne(en, "en")
    if only_en and only_fr:
        return f"the English text says {_list(only_en)}, the French text {_list(only_fr)}"
    if only_en:
        return f"the English text says {_list(only_en)}, the French text does not"
    if only_fr:
        return f"the French text says {_list(only_fr)}, the English text does not"
    return None


def _list(found: Iterable[Quantity]) -> str:
    return ", ".join(sorted(map(str, found)))


def _negation(en: str, fr: str) -> str | None:
    english, french = polarity(en, "en"), polarity(fr, "fr")
    if english.says_no_more_often(french):
        return "the English text says no (“not”, “never”, “without” …), the French text does not"
    if french.says_no_more_often(english):
        return "the French text says no (« ne … pas », « sans » …), the English text does not"
    return None


def _names(en: str, fr: str, grounds: Grounds) -> str | None:
    for text, language, other, of, says in ((en, "en", fr, "fr", "English"), (fr, "fr", en, "en", "French")):
        for name in missing(grounds.names(text, language), language, grounds.borne([(other, of)])):
            return f"“{name.written}” is in the {says} text only"
    return None


def _meaning(en: str, fr: str, grounds: Grounds) -> str | None:
    if grounds.vectors is None:
        return None
    one, other = grounds.vectors([en, fr])
    return "the two texts may not mean the same" if float(one @ other) < UNLIKE else None
