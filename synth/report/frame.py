"""The report's own words in one language: labels, counts, names, quotation marks, dates. Everything else is quoted.

Messages are English; French comes from locale/fr.po. Counts in words are computed here, never written by an engine.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.model import Contribution, Language, Text

NBSP = "\u00a0"
NARROW = "\u202f"
_LOCALE = Path(__file__).parent / "locale"
_MONTHS = {
    m: i
    for names in (
        "january february march april may june july august september october november december",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    )
    for i, m in enumerate(names.split(), start=1)
}


@lru_cache(maxsize=2)
def catalogue(language: Language) -> Any:
    """The gettext translations of `language`."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import NullTranslations, Translations

    if language == "en":
        return NullTranslations()
    with (_LOCALE / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


class Frame:
    """What the report says around the quotations, in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.locale = "en_GB" if language == "en" else language
        self._catalogue = catalogue(language)

    def text(self, message: str, **values: object) -> str:
        """`message` in this language, with `values` put in."""
        return str(self._catalogue.gettext(message)).format(**values)

    def count(self, one: str, many: str, number: int) -> str:
        """ "three contributors": `one` or `many` with {n} as a word up to twelve, as a figure beyond."""
        message = str(self._catalogue.ngettext(one, many, number))
        return message.format(n=self.number(number))

    def number(self, number: int, feminine: bool = False) -> str:
        """A count: in words up to twelve, else as the language writes figures."""
        if feminine and number == 1 and self.language == "fr":
            return "une"
        if 0 <= number <= 12:
            from num2words import num2words

            return str(num2words(number, lang=self.language))
        return self.figure(number)

    def figure(self, number: int) -> str:
        """12345 as 12,345 or 12 345 (with a no-break space)."""
        from babel.numbers import format_decimal

        return str(format_decimal(number, locale=self.locale))

    def asked(self, text: Text) -> tuple[str, Language]:
        """A title or question in this language if it is known, else in the other; typeset; with the language it is in."""
        words, language = text.best(self.language)
        return (french(words) if language == "fr" else words), language

    def typeset(self, words: str) -> str:
        """A sentence that was written for this report, with this language's spacing."""
        return french(words) if self.language == "fr" else words

    def quote(self, words: str, language: str) -> str:
        """`words`, untouched, in the quotation marks of this report's language."""
        return f"«{NBSP}{words}{NBSP}»" if self.language == "fr" else f"“{words}”"

    def in_language(self, language: str) -> str:
        """ "in French" where a quotation is not in the language of the report; empty where it is."""
        if language == self.language:
            return ""
        named = {"en": self.text("in English"), "fr": self.text("in French")}
        return named.get(language) or self.text("in another language ({code})", code=language)

    def language_name(self, code: str) -> str:
        """ "English", « français »."""
        from babel import Locale

        return str(Locale.parse(self.locale).languages.get(code, code))

    def country(self, code: str | None) -> str:
        """The country's name in this language; what is no ISO code as it stands."""
        if not code:
            return ""
        from babel import Locale

        return str(Locale.parse(self.locale).territories.get(code, code))

    def name(self, contribution: Contribution) -> str:
        """For whom a contribution speaks: the organisation where it says so, else the author; "Contributor 2" if unknown."""
        if contribution.name == contribution.id:
            return self.text("Contributor {n}", n=int(contribution.id[1:]))
        return contribution.name

    def who(self, contribution: Contribution) -> str:
        """Author, organisation and country, as far as known, separated by commas."""
        parts = [contribution.author, contribution.organisation, self.country(contribution.country)]
        who = ", ".join(p for p in parts if p) or self.text("Contributor {n}", n=int(contribution.id[1:]))
        return f"{who} ({self.text('speaking personally')})" if contribution.capacity == "personal" else who

    def names(self, contributions: Sequence[Contribution]) -> str:
        """ "A, B and C"."""
        from babel.lists import format_list

        return str(format_list([self.name(c) for c in contributions], locale=self.locale))

    def period(self, period: str | None) -> str:
        """The dates of the discussion as this language writes them; as it stands where no dates are understood."""
        if not period:
            return ""
        found = [(int(d), _MONTHS[m.lower()], int(y) if y else None) for d, m, y in _dates(period)]
        if len(found) != 2 or not all(_exists(*day) for day in found):
            return period
        (d1, m1, y1), (d2, m2, y2) = found
        return f"{self._day(d1, m1, y1 if y1 != y2 else None)}{NBSP}– {self._day(d2, m2, y2)}"

    def day(self, iso: str) -> str:
        """A date such as 2026-05-03 as this language writes it; as it stands where it is none."""
        try:
            value = date.fromisoformat(iso)
        except ValueError:
            return iso
        return self._day(value.day, value.month, value.year)

    def _day(self, day: int, month: int, year: int | None) -> str:
        from babel.dates import format_date, format_skeleton

        value = date(year or 2000, month, day)
        if year:
            return str(format_date(value, format="long", locale=self.locale)).replace(" ", NBSP)
        return str(format_skeleton("MMMMd", value, locale=self.locale)).replace(" ", NBSP)


def _exists(day: int, month: int, year: int | None) -> bool:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return True


def _dates(period: str) -> list[tuple[str, str, str]]:
    months = "|".join(_MONTHS)
    return re.findall(rf"(\d{{1,2}})(?:st|nd|rd|th|er)?\s+({months})(?:\s+(\d{{4}}))?", period, re.IGNORECASE)


def french(text: str) -> str:
    """French spacing: no-break spaces inside « » and before : and narrow ones before ; ! ?."""
    text = re.sub(rf"[ {NBSP}{NARROW}]*([;!?]+)(?=\s|$|[»”)])", rf"{NARROW}\1", text)
    text = re.sub(rf"(?<=\w)[ {NBSP}{NARROW}]*:(?=\s)", f"{NBSP}:", text)
    text = re.sub(rf"«[ {NBSP}{NARROW}]*", f"«{NBSP}", text)
    text = re.sub(r"(?<=\d) (?=[%€$]|\d{3}\b)", NBSP, text)
    return re.sub(rf"[ {NBSP}{NARROW}]*»", f"{NBSP}»", text)
