"""Numbers as values, however English or French write them.

A text *asserts* numbers (`quantities`) and *bears* some more (`borne`): "both" asserts nothing but bears 2, « quinze jours »
asserts 15 and bears "two weeks". A number asserted here must be borne there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.words import fold


@dataclass(frozen=True)
class Quantity:
    """A value with what it counts as: "%" for shares, "month" for months, "s" for "dozens" and "hundreds", "" for the rest."""

    value: float
    unit: str = ""

    def __str__(self) -> str:
        if self.unit == "month":
            return f"the month “{_MONTHS_EN[int(self.value) - 1].title()}”"
        if self.unit == "s":
            return f"“{_VAGUE_NAMES.get(self.value, 'many')}”"
        number = f"{self.value:g}" if self.value < 1e6 else f"{self.value:,.0f}"
        return f"{number} %" if self.unit == "%" else number


_SPACE = "[\u00a0\u202f\u2009 ]"
_DIGITS = (
    rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d+)?(?!\d)|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?!\d)"
    r"|\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d)|\d+(?:[.,]\d+)?"
)
_SCALE = rf"{_SPACE}?-?(?:millions?|milliards?|billions?|trillions?|thousand|hundred|mille|bn|[Mm]ds?|mn|[kKM])(?![\w’'])|(?<=[£$€]\d)m(?!\w)|(?<=[£$€]\d\d)m(?!\w)|(?<=[£$€]\d\d\d)m(?!\w)|(?<=[£$€]\d[.,]\d)m(?!\w)"
_PERCENT = rf"{_SPACE}?(?:%|per{_SPACE}?cent(?!\w)|pour{_SPACE}(?:cents?(?!\w)|100(?!\d))|p\.{_SPACE}?c\.)"
_CURRENCY = r"US|KSh|Ksh|KES|UGX|TZS|GHS|NGN|ZAR|FCFA|CFAF|CFA|XOF|XAF|USD|EUR|GBP|CHF|Rs\.?|R|N"
# Not within a name: "C04", "COP21", "Covid-19", "M4D"; a currency may stand before it without a space.
_NUMBER = re.compile(
    rf"(?:(?<![\w.,])|(?<=\w[.,])(?<!\d[.,])|(?:(?<!\w)(?:{_CURRENCY})))(?<![A-Z]-)(?<![A-Z][a-zA-Z]-)(?<![A-Z][a-zA-Z]{{4}}-)"
    rf"(?P<digits>{_DIGITS})(?P<scale>{_SCALE})?(?P<unit>{_PERCENT})?(?P<nth>(?:st|nd|rd|th|er|[èe]re|i?[èe]me|e|nde?)(?!\w))?"
)
_RANGE = re.compile(
    rf"{_SPACE}?(?:-|–|—|to|à|and|et|or|ou){_SPACE}?(?:{_DIGITS})(?P<scale>{_SCALE})?(?P<unit>{_PERCENT})?"
)
_ANY_DIGIT = re.compile(r"\d")
_ISO_DATE = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_SHORT_DATE = re.compile(r"(?<!\d)(?P<day>\d\d?)[/.](?P<month>\d\d?)[/.](?P<year>\d{4})(?!\d)")
_ROMAN = re.compile(r"(?<!\w)(?P<roman>[IVX]+)(?=(?:e|ᵉ|[èe]me|er)(?!\w))")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_SCALES = {"million": 1e6, "milliard": 1e9, "billion": 1e9, "trillion": 1e12, "thousand": 1e3, "hundred": 1e2, "mille": 1e3, "bn": 1e9, "md": 1e9, "mn": 1e6, "k": 1e3, "m": 1e6}  # fmt: skip

_EN = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9,
    "twice": 2, "thrice": 3,
}  # fmt: skip
_FR = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12,
    "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "septante": 70, "huitante": 80, "octante": 80, "nonante": 90, "cent": 100, "cents": 100, "mille": 1000, "million": 10**6, "milliard": 10**9,
    "huitaine": 8, "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40, "cinquantaine": 50,
    "soixantaine": 60, "centaine": 100, "millier": 1000,
}  # fmt: skip
_MULTIPLIED = {"hundred", "cent", "cents", "dozen"} | {
    w for w in _FR if w.endswith("aine")
}  # "two dozen", « une dizaine »
_WORDS = {"en": _EN, "fr": _FR}
_RUNS = {
    code: re.compile(
        rf"\b(?:{'|'.join(sorted(known, key=len, reverse=True))}|{plural})\b"
        rf"(?:(?:[ -]| - |[ -]{joint}[ -])(?:{'|'.join(sorted(known, key=len, reverse=True))}|{plural})\b)*"
    )
    for code, known, joint, plural in (("en", _EN, "and", "millions|billions"), ("fr", _FR, "et", "millions|milliards"))
}
_AND_A_HALF = re.compile(r"^(?:[ -]and[ -]a[ -]half|(?: \w+)? et demie?)\b")
_HALF_A = re.compile(r"\b(?:half an? |demi[- ]|demie[- ])(?P<of>million|billion|milliard|dozen|douzaine|centaine)s?\b")
_HALF = re.compile(r"\b(?:half|halves|moitie|demi|demie)\b")
_PARTS = {"third": 3, "tiers": 3, "quarter": 4, "quart": 4, "fifth": 5, "cinquieme": 5, "sixth": 6, "sixieme": 6, "eighth": 8, "huitieme": 8, "tenth": 10, "dixieme": 10}  # fmt: skip
_FRACTION = re.compile(
    r"\b(?:(?P<one>an?|one|un)[ -](?P<part>third|tiers|quarter|quart|fifth|cinquieme|sixth|sixieme|eighth|huitieme|tenth|dixieme)(?= (?:of|d[eu]s?)\b| d'|\W*$|[,.;:)])"
    r"|(?P<some>two|three|four|five|seven|nine|deux|trois|quatre|cinq|sept|neuf)[ -](?P<parts>(?:third|quarter|fifth|sixth|eighth|tenth|quart|cinquieme|sixieme|huitieme|dixieme)s|tiers))"
)
_SMALL = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|une?|deux|trois|quatre|cinq|sept|huit|neuf)"
_WHOLE = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|a hundred|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|vingt|cent)"
_TIMES_AND_LENGTHS = (
    r"(?:jours?|mois|ans?|annees?|heures?|semaines?|metres?|km|kilometres?|days?|months?|years?|weeks?|hours?)"
)
_ONE_IN = re.compile(
    rf"\b(?P<some>{_SMALL})(?: in | out of | sur |(?! {_TIMES_AND_LENGTHS}\b)(?: [a-z'-]+){{1,2}} (?:out of|sur) |(?! {_TIMES_AND_LENGTHS}\b) (?:[a-z'-]+) in (?=ten\b|10\b)|(?<=\bone)(?! {_TIMES_AND_LENGTHS}\b) [a-z'-]+ in (?=(?:two|three|four|five|six|seven|eight|nine|twelve|twenty)\b))(?P<whole>{_WHOLE})\b"
    rf"(?! {_TIMES_AND_LENGTHS}\b)(?![.,]?\d)(?! ?%)"
)
_ORDINALS = {
    "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "quatrieme": 4, "cinquieme": 5, "sixieme": 6,
    "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11, "douzieme": 12, "treizieme": 13, "quatorzieme": 14, "quinzieme": 15,
    "seizieme": 16, "dix-septieme": 17, "dix-huitieme": 18, "dix-neuvieme": 19, "vingtieme": 20,
}  # fmt: skip
_ORDINAL = re.compile(rf"\b(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b")
NUMBER_WORDS = tuple(sorted({w for w in (*_EN, *_FR) if w not in ("one", "un", "une")}, key=len, reverse=True))
_DECADE = re.compile(r"\b(?:annees (?=\d0\b)|(?=\d0s\b))(\d0)")  # « les années 70 » for "the 1970s"
_VAGUE = {"dozens": 10, "tens": 10, "dizaines": 10, "hundreds": 100, "centaines": 100, "thousands": 1000, "milliers": 1000, "millions": 10**6, "billions": 10**9, "milliards": 10**9}  # fmt: skip
_VAGUE_NAMES: dict[float, str] = {
    10: "dozens",
    100: "hundreds",
    1000: "thousands",
    10**6: "millions",
    10**9: "billions",
}
_VAGUE_WORD = re.compile(
    rf"\b(?:{'|'.join(_VAGUE)})\b|\b(?:a few|several|some|quelques|plusieurs) (?P<one>dozen|hundred|thousand|cents?|millions?)\b"
)
_SEVERAL = re.compile(
    r"\b(?:a few|several|some|quelques|plusieurs) (?:dozen|hundred|thousand|cents?|millions?)\b(?! and\b)"
)
_OF_VAGUE = {
    "dozen": "dozens",
    "hundred": "hundreds",
    "cent": "centaines",
    "cents": "centaines",
    "thousand": "thousands",
    "million": "millions",
    "millions": "millions",
}

_MONTHS_EN = "january february march april may june july august september october november december".split()
_MONTHS_FR = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
_MONTHS = {"en": _MONTHS_EN, "fr": _MONTHS_FR}
_MONTH = {
    "en": re.compile(
        r"\b(?:(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)(?=\.? \d)|January|February|April|June|July|August|September|October|November|December"
        r"|(?:(?<=\d )|(?<=th )|(?<=\b[Ii]n )|(?<=\bof )|(?<=\b[Bb]y )|(?<=[Ss]ince )|(?<=[Uu]ntil )|(?<=[Ff]rom )|(?<=early )|(?<=late ))(?:March|May)|(?:March|May)(?= \d))\b"
    ),
    "fr": re.compile(
        r"\b(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre)\b",
        re.IGNORECASE,
    ),
}

# What bears a number without asserting it.
_BEARS = [
    (re.compile(r"\b(?:both|pair|couple|twins?|twice|double[sd]?|doubling|doubl[ée]\w*|twofold|two-fold|second\w*|deuxieme\w*|either|neither|bilateral\w*|paire|jumeaux)\b"), [Quantity(2)]),
    (re.compile(r"\b(?:third|troisieme|tripl\w*|trebl\w*|threefold|thrice|trio)\b"), [Quantity(3)]),
    (re.compile(r"\b(?:quadrupl\w*|fourfold)\b"), [Quantity(4)]),
    (re.compile(r"\b(?:halv\w+|half|moitie)\b"), [Quantity(2), Quantity(50, "%"), Quantity(0.5)]),
    (re.compile(r"\b(?:decades?|decennies?)\b"), [Quantity(10)]),
    (re.compile(r"\b(?:quarter of a century|quart de siecle)\b"), [Quantity(25)]),
    (re.compile(r"\b(?:half a year|six mois|6 mois|six months|6 months|semestr\w+|half-year\w*|twice a year|deux fois par an)\b"), [Quantity(6), Quantity(2), Quantity(50, "%")]),
    (re.compile(r"\b(?:un an et demi|a year and a half|18 months|18 mois|eighteen months|dix-huit mois)\b"), [Quantity(18), Quantity(1.5)]),
    (re.compile(r"\b(?:century|centuries|siecles?)\b"), [Quantity(100)]),
    (re.compile(r"\b(?:one|une?|first|1er|premier|premiere|once|single|seule?|an?)\b"), [Quantity(1)]),
    (re.compile(r"\b(?:fortnight\w*|two weeks|2 weeks|deux semaines)\b"), [Quantity(14), Quantity(15), Quantity(2)]),
    (re.compile(r"\b(?:quinze jours|15 jours|quinzaine)\b"), [Quantity(2)]),
]  # fmt: skip


@lru_cache(maxsize=8192)
def quantities(text: str, language: str) -> frozenset[Quantity]:
    """The numbers `text` asserts. Left out: "one" and « un », marks of lists ("2." at the head), first to third, digits in names."""
    found, rest = _dates(text, language)
    in_digits, rest, _ = _in_digits(rest, language)
    shares, rest_of_words = _shares(fold(rest))
    return frozenset(found | in_digits | shares | _in_words(rest_of_words, language) | _roman(text))


@lru_cache(maxsize=8192)
def borne(text: str, language: str) -> frozenset[Quantity]:
    """The numbers that another text may assert on the strength of this one: its own, and those its words amount to."""
    folded = fold(text)
    amounts = {q for pattern, values in _BEARS if pattern.search(folded) for q in values}
    _, without_dates = _dates(text, language)
    _, _, plain = _in_digits(without_dates, language)
    words = _in_words(folded, language)
    decades = {Quantity(q.value % 100) for q in plain if 1900 <= q.value < 2100 and q.value % 10 == 0}
    decades |= {Quantity(1900 + int(m.group(1))) for m in _DECADE.finditer(folded)}
    return quantities(text, language) | frozenset(amounts | plain | words | decades)


def _dates(text: str, language: str) -> tuple[set[Quantity], str]:
    """Dates in digits, months by name, and `text` without the former: 2012-03-24, 24/03/2012 (English may mean month/day)."""
    found: set[Quantity] = set()
    for pattern in (_ISO_DATE, _SHORT_DATE) if _ANY_DIGIT.search(text) else ():
        for match in pattern.finditer(text):
            day, month = int(match["day"]), int(match["month"])
            if month > 12:
                day, month = month, day
            if 1 <= month <= 12:
                found |= {Quantity(int(match["year"])), Quantity(day), Quantity(month, "month")}
        text = pattern.sub(" ; ", text)
    for code, names in _MONTHS.items():
        if language == code or language not in _MONTHS:
            found |= {_month(m.group(), names) for m in _MONTH[code].finditer(text)}
    return found, text


def _month(name: str, names: list[str]) -> Quantity:
    return Quantity(next(i for i, full in enumerate(names, 1) if full.startswith(fold(name))), "month")


def _in_digits(text: str, language: str) -> tuple[set[Quantity], str, set[Quantity]]:
    """Numbers in digits; `text` with only those left that a share ("4 in 10") may be made of; and their values without unit."""
    found: set[Quantity] = set()
    plain: set[Quantity] = set()
    if not _ANY_DIGIT.search(text):
        return found, text, plain
    shares = {i for m in _ONE_IN.finditer(fold(text)) for i in (m["some"], m["whole"])}
    for match in _NUMBER.finditer(text):
        if _is_marker(text, match):
            continue
        value = _value(match["digits"], language)
        plain.add(Quantity(round(value, 6)))
        if match["nth"] and value <= 3:
            continue
        to = _RANGE.match(text, match.end()) if not match["scale"] and not match["unit"] and value <= 100 else None
        scale, unit = (to["scale"], to["unit"]) if to else (match["scale"], match["unit"])
        value *= _SCALES.get((scale or "").strip("- \u00a0\u202f\u2009").lower().rstrip("s"), 1)
        if match["digits"] in shares and not scale and not unit:
            continue
        found.add(Quantity(round(value, 6), "%" if unit else ""))
    rest = _NUMBER.sub(lambda m: m.group() if m["digits"] in shares else " ; ", text)
    return found, rest, plain


def _is_marker(text: str, match: re.Match[str]) -> bool:
    at_head = not text[: match.start()].strip() or text[: match.start()].rstrip(" ").endswith("\n")
    return at_head and bool(re.match(r"[.)](?:\s|[a-z]\b)", text[match.end() :])) and len(match["digits"]) <= 2


def _value(digits: str, language: str) -> float:
    """ "1,000" is a thousand; « 1,5 » one and a half; "1.000" a thousand in French, one in English."""
    compact = re.sub(_SPACE, "", digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", compact) and not (language == "fr" and compact.count(",") == 1):
        compact = compact.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", compact) and (language == "fr" or compact.count(".") > 1):
        compact = compact.replace(".", "").replace(",", ".")
    else:
        compact = compact.replace(",", ".")
    return float(compact)


def _shares(folded: str) -> tuple[set[Quantity], str]:
    """Halves, thirds, "one in five" as shares, "half a million", and the text without them."""
    folded = re.sub(r"\b(?:un )?quart de siecle\b|\ba quarter of a century\b", " ; ", folded)
    found = {Quantity((_EN.get(m["of"]) or _FR[m["of"]]) / 2) for m in _HALF_A.finditer(folded)}
    folded = _HALF_A.sub(" ; ", folded)
    for match in _FRACTION.finditer(folded):
        some = 1 if match["one"] else _small(match["some"])
        found.add(_share(some / _PARTS[(match["part"] or match["parts"]).removesuffix("s") if match["parts"] != "tiers" and match["part"] != "tiers" else "tiers"]))  # fmt: skip
    folded = _FRACTION.sub(" ; ", folded)
    for match in _ONE_IN.finditer(folded):
        some, whole = _small(match["some"]), _small(match["whole"])
        found |= {_share(some / whole)} if some < whole else {Quantity(some), Quantity(whole)} - {Quantity(1)}
    return found, _ONE_IN.sub(" ; ", folded)


def _share(part: float) -> Quantity:
    return Quantity(round(100 * part + 1e-9, 1), "%")


def _small(word: str) -> int:
    if word == "a hundred":
        return 100
    return int(word) if word.isdigit() else int(_EN.get(word) or _FR[word])


def _in_words(folded: str, language: str) -> set[Quantity]:
    found: set[Quantity] = set()
    runs = _SEVERAL.sub(" ; ", folded)
    for code in (language,) if language in _WORDS else ("en", "fr"):
        for match in _RUNS[code].finditer(runs):
            if not (match.group() == "cent" and runs[: match.start()].endswith("pour ")):
                found |= _run(match, runs, code)
    halves = re.sub(r"(?:and a|et)[ -](?:half|demie?)\b|half past", " ", folded)
    if _HALF.search(halves):
        found.add(Quantity(50, "%"))
    folded = re.sub(r"\bquart de siecle\b|\bquarter of a century\b", " ; ", folded)
    found |= {Quantity(_ORDINALS[m.group()]) for m in _ORDINAL.finditer(folded)}
    return found | {
        Quantity(_VAGUE[_OF_VAGUE[m["one"]] if m["one"] else m.group()], "s")
        for m in _VAGUE_WORD.finditer(folded)
        if _is_vague(folded, m)
    }


def _is_vague(folded: str, match: re.Match[str]) -> bool:
    """ "Thousands of", not "2 millions", "three millions" (blanked or read as a run)."""
    before = folded[: match.start()].rstrip(" -").rsplit(" ", 1)[-1].rsplit("-", 1)[-1]
    return before not in _EN and before not in _FR and before != ";"


def _run(match: re.Match[str], folded: str, code: str) -> set[Quantity]:
    """The values of number words that stand together: "three hundred and twenty" is one, "two and three" are two."""
    known = _WORDS[code]
    values: list[float] = []
    total = current = 0
    joined = False
    parts = re.findall(r"\w+", match.group())
    for part in parts:
        if part in ("and", "et"):
            joined = True
            continue
        value = known[part] if part in known else known[part.removesuffix("s")]
        if current and value == 20 and current % 100 == 4 and code == "fr":
            current += 76
        elif value >= 1000:
            total, current = total + max(current, 1) * value, 0
        elif part in _MULTIPLIED and 0 < current < 100:
            current *= value
        elif _may_add(current, value, joined, code):
            current += value
        else:
            values, total, current = [*values, total + current], 0, value
        joined = False
    values.append(total + current)
    if parts == ["neuf"] and not re.match(r",? (?:seulement|d'|des |sur )|[ -]\w+[sx]\b", folded[match.end() :]):
        values = values[:-1]  # « un local neuf »: new, not nine
    if parts in (["one"], ["un"], ["une"], ["millions"], ["billions"], ["milliards"]):
        return set()
    return _with_tail(values, folded[match.end() :])


def _may_add(current: int, value: int, joined: bool, code: str) -> bool:
    if current == 0:
        return True
    if joined and code == "fr" and value not in (1, 11):
        return False
    if joined and code == "en" and current % 100:
        return False
    return (
        (value < 100 and current % 100 == 0)
        or (value < 10 and current % 10 == 0 and current % 100 > 10)
        or (code == "fr" and ((value < 20 and current % 100 in (60, 80)) or (value in (7, 8, 9) and current % 100 in (10, 70, 90))))
    )  # fmt: skip


def _with_tail(values: list[float], tail: str) -> set[Quantity]:
    """With what follows the last of them: "per cent", "and a half"."""
    if values and _AND_A_HALF.match(tail):
        values = [*values[:-1], values[-1] + 0.5]
    percent = re.match(_PERCENT, tail)
    return {Quantity(v, "%" if percent and i == len(values) - 1 else "") for i, v in enumerate(values)}


def _roman(text: str) -> set[Quantity]:
    """« le VIIIe siècle » = "the 8th century"; first to third are left out as in words."""
    found: set[Quantity] = set()
    for match in _ROMAN.finditer(text):
        digits = [_ROMAN_VALUES[c] for c in match["roman"]]
        value = sum(-d if any(later > d for later in digits[i + 1 :]) else d for i, d in enumerate(digits))
        if value > 3:
            found.add(Quantity(value))
    return found


# -- how exact, and of what ------------------------------------------------------------------------------

ROUGHLY = 0.05  # how far a number that is said to be about right may lie from the one it stands for
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|approximately|some|nearly|almost|barely|close to|just over|just under|over|under|more than|less than|at least|"
    r"up to|a little|slightly|environ|pres d[e']|presque|quelques?|a peu pres|plus d[e']|moins d[e']|plus qu[e']|autour d[e']|de l'ordre d[e']|a peine|au moins|un peu)(?:(?<=')|\s)"
)
_UNITS = {"hour": 1 / 24, "heure": 1 / 24, "day": 1, "jour": 1, "week": 7, "semaine": 7, "month": 30.4, "mois": 30.4, "year": 365, "an": 365, "annee": 365}  # fmt: skip
_TIMED = re.compile(rf"(?P<number>[\w.,\u00a0\u202f-]+(?: (?:et|and) \w+)?)[ \u00a0-](?P<unit>{'|'.join(_UNITS)})s?\b")


def roughly(text: str, language: str) -> frozenset[Quantity]:
    """The numbers that `text` gives as about right: "about a quarter", « plus de 1 000 », "roughly" and what stands by it."""
    folded = fold(text)
    found: set[Quantity] = set()
    for match in _ABOUT.finditer(folded):
        after = " ".join(folded[match.end() : match.end() + 40].split(" ")[:5])
        found |= quantities(after, language)
    return frozenset(found & quantities(text, language))


def stands_for(said: Quantity, other: Quantity) -> bool:
    """Whether a number said to be about right may stand for `other`. A year is the year it is."""
    if not said.unit and 1500 <= said.value <= 2100 and said.value % 100:
        return False
    return said.unit == other.unit and abs(said.value - other.value) <= ROUGHLY * abs(other.value)


@lru_cache(maxsize=8192)
def durations(text: str, language: str) -> frozenset[tuple[float, float]]:
    """(number, days of its unit) of the times in `text`: "6 weeks" is (6, 7)."""
    found = set()
    for match in _TIMED.finditer(fold(text)):
        found |= {(q.value, _UNITS[match["unit"]]) for q in quantities(match["number"], language) if not q.unit}
    return frozenset(found)


def same_time(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two durations are about as long: 24 months and two years."""
    a, b = one[0] * one[1], other[0] * other[1]
    return abs(a - b) <= 0.05 * max(a, b)
