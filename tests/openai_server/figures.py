"""Numbers of a sentence, written properly in English and French."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_S = "[ \u00a0\u202f]"
_NUMBER = re.compile(
    rf"(?P<money>(?:US\$|[€$]|\b(?:MWK|GHS|UGX|KES|XOF)){_S}?)?"
    rf"(?<![\w.,:/-])(?P<digits>\d{{1,3}}(?:[ \u00a0\u202f,.]\d{{3}})+(?!\d)(?:[.,]\d{{1,2}})?(?!\d)|\d+(?:[.,]\d+)?)(?![\w:/-]|[.,]\d)"
    rf"(?:{_S}?(?P<scale>millions?|milliards?|billions?)\b)?"
    rf"(?:{_S}?(?P<percent>%|per cent\b|percent\b|pour cent\b))?"
    rf"(?:{_S}(?:d['’]|de )?(?P<unit>[^\W\d_]+(?:{_S}CFA)?))?",
)
_UNITS = {
    "days": "jours", "months": "mois", "years": "ans", "hours": "heures", "minutes": "minutes", "litres": "litres",
    "villages": "villages", "households": "ménages", "pumps": "pompes", "boreholes": "forages", "schemes": "réseaux",
    "countries": "pays", "people": "personnes", "women": "femmes", "members": "membres", "inhabitants": "habitants",
    "committees": "comités", "points": "points", "sensors": "capteurs", "metres": "mètres", "km": "km",
    "CFA francs": "FCFA", "ariary": "ariary", "dollars": "dollars",
}  # fmt: skip
_READ = {fr: en for en, fr in _UNITS.items()} | {en: en for en in _UNITS} | {"F CFA": "CFA francs", "m": "metres"}
_SCALES = {"million": "million", "milliard": "billion", "billion": "billion"}
_ORDINAL_OR_MARK = re.compile(r"\d{1,2}[.)]\s")


@dataclass(frozen=True)
class Figure:
    """A number with what it counts. `share`: per cent; `money`: sign or code before it; `scale`: "million" or "billion"."""

    value: float
    share: bool = False
    money: str = ""
    scale: str = ""
    unit: str = ""

    @property
    def is_year(self) -> bool:
        """Whether it is written as a year."""
        bare = not (self.share or self.money or self.scale or self.unit)
        return bare and 1900 <= self.value <= 2100 and self.value == int(self.value)

    def en(self) -> str:
        """As in English: 1,500 or 58% or MWK 1.8 million."""
        number = f"{int(self.value)}" if self.is_year else f"{self.value:,.4f}".rstrip("0").rstrip(".")
        text = f"{self.money}{'' if self.money in ('€', '$', 'US$', '') else ' '}{number}{'%' if self.share else ''}"
        return " ".join(filter(None, [text, self.scale, self.unit]))

    def fr(self) -> str:
        """As in French: 1 500 or 58 % or 1,8 million MWK, with no-break spaces."""
        if self.is_year:
            return f"{int(self.value)}"
        number = f"{self.value:,.4f}".rstrip("0").rstrip(".").replace(",", "\u00a0").replace(".", ",")
        scale = {"billion": "milliard"}.get(self.scale, self.scale)
        scale += "s" if scale and self.value >= 2 else ""
        what = self.money or _UNITS.get(self.unit, "")
        what = f"de {what}" if scale and what else what
        return "\u00a0".join(filter(None, [number, "%" if self.share else "", scale, what]))

    def other(self, step: int) -> Figure:
        """Another number that looks the same."""
        return replace(self, value=self.value + step if self.value >= 10 else self.value + 10 + step)


def figures(sentence: str, language: str) -> list[Figure]:
    """The numbers in digits of a sentence, in order, each once. Bare ones below ten are not: "question 2" counts nothing."""
    found: list[Figure] = []
    for match in _NUMBER.finditer(sentence):
        if match.start() == len(sentence) - len(sentence.lstrip()) and _ORDINAL_OR_MARK.match(
            sentence[match.start() :]
        ):
            continue
        unit = " ".join((match["unit"] or "").split())
        figure = Figure(
            _value(match["digits"], language),
            share=bool(match["percent"]),
            money=(match["money"] or "").strip(" \u00a0\u202f"),
            scale=_SCALES.get((match["scale"] or "").rstrip("s"), ""),
            unit="" if match["percent"] else _READ.get(unit, ""),
        )
        if figure.value >= 10 or figure.unit or figure.share or figure.money or figure.scale:
            found.append(figure)
    return list(dict.fromkeys(found))


def _value(digits: str, language: str) -> float:
    compact = re.sub(_S, "", digits)
    if language == "fr":
        compact = re.sub(r"\.(?=\d{3}(?:\D|$))", "", compact).replace(",", ".")
    else:
        compact = re.sub(r",(?=\d{3}(?:\D|$))", "", compact).replace(",", ".")
    return float(compact)
