"""Contact details out of the text: e-mail addresses, telephone and fax numbers, street addresses, messenger names.

They stay in sources/, as received, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from corpus.people import country_code

# Every repetition is bounded: a contribution may be megabytes of anything.
_EMAIL = re.compile(
    r"(?<![\w.+%-])(?:mailto:)?[\w.+%-]{1,64}(?:@|\s?(?:\[at\]|\(at\)|\[arobase\]|\(arobase\))\s?)[\w-]{1,63}"
    r"(?:(?:\.|\s?(?:\[dot\]|\(dot\)|\[point\]|\(point\))\s?)[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
_MESSENGER = re.compile(
    r"\b(?P<app>skype|whats ?app|telegram|viber|wechat|messenger|twitter|linkedin|facebook|instagram|mastodon|bluesky)"
    r"(?P<sep>\s{0,5}(?:id|name|nom|pseudo|handle|user(?:name)?|n°|numéro|number|no\.?)?\s*[:=]\s*|\s+(?:id|name|nom|pseudo|handle|user(?:name)?)\s+|\s+(?=@))"
    r"(?P<name>@?[\w.+()/-]+(?:[ .-]?\d{2,})*)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z]\w{2,}\b")
_DIGITS = r"\+?\(?\d(?:[\d\u00a0\u202f ./()–-]{0,30}\d)?"
_PHONE_WORD = r"(?:tele?ph?(?:one)?|t[ée]l[ée]ph(?:one)?|t[ée]l|tel[ée]?f(?:ono|oon)?|telf|phone|fax|t[ée]l[ée]copie|mobile|mob|cell(?:ulaire)?|portable|gsm|whats ?app)"
_PHONE_CUED = re.compile(
    rf"\b{_PHONE_WORD}(?P<sep>(?:[ ]?/[ ]?{_PHONE_WORD})*(?:\s*(?:n°|no\.?|number|numéro))?\s*[.:]*[\s\u00a0]*){_DIGITS}(?:\s*(?:/|or|ou|ext\.?|poste)\s*\d[\d .-]*\d)*",
    re.IGNORECASE,
)
_PHONE_FREE = re.compile(
    r"(?<![\w.,+/-])(?:\+\d{1,3}[\u00a0 ./()–-]*\d(?:[\u00a0 ./()–-]?\(?\d\)?){5,13}|00\d{2}[\u00a0 .-]?\d(?:[\u00a0 .-]?\d){6,12}"
    r"|0\d(?:[\u00a0 .-]\d{2}){4}|0\d{8,10}|1-\d{3}-\d{3}-\d{4}|0\d{2,4}[ -]\d{3,4}[ -]\d{3,4}|\(?\d{3}\)?[ -]\d{3}-\d{4})(?![\w%])"
)
_WAY = (
    r"(?i:rue|avenue|av\.|avda\.?|boulevard|blvd|bd\.?|place|quai|impasse|all[ée]e|chemin|route|via|viale|piazza|corso|calle|plaza|paseo|carrer|rua|largo|"
    r"stra(?:ß|ss)e|straat|laan)"
)
_AFTER_NUMBER = (
    r"(?i:rue|avenue|av\.|boulevard|blvd|bd\.?|quai|impasse|all[ée]e|chemin)"  # "500 via mobile money" is none
)
_STREET = re.compile(
    rf"\b{_WAY}\s+(?:(?:de|des|du|la|le|les|l[’']|d[’']|della|di|del|dei|ca[’'])\s*){{0,3}}[A-ZÀ-Ý][\w.’'-]*(?:\s+(?:(?:de|des|du|la|le|of|et|di)\s+)*[A-ZÀ-Ý][\w.’'-]*){{0,4}}"
    rf",?\s*(?:n[°º.]?\s*)?\d{{1,4}}(?:\s?(?:/\w+|bis|ter|[a-d])\b)?"
    rf"|\b\d{{1,4}}(?:\s?(?:bis|ter|[a-d]))?,?\s+{_AFTER_NUMBER}\s+[^,;\n.]{{3,50}}"
    r"|\b\d{1,4}[a-d]?,?\s+(?:[A-Z][\w’'-]+\s+){1,4}(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Drive|Square|Close|Crescent|Way|Terrace|Boulevard)\b"
    r"|\b(?:Plot|House|Flat|Villa|Immeuble|Appartement|Porte)\s+(?:n[°o.]*\s*)?\d+\w?(?:,?\s+[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+){0,3})?"
    r"|\b(?:P\.?\s?O\.?\s?Box|B\.?P\.?|Bo[iî]te postale|Private Bag|Apartado)\s*(?:n[°o.]*\s*)?:?\s*\d[\d ]*",
)
# A postal code with its town, only where an address has just been taken out.
_TOWN = re.compile(
    r"(?P<gap>\[address\][,;\s]*(?:[A-Z]{1,2}[ -])?)(?:[A-Z]{1,2}-)?\d{4,6}[ \u00a0]+[A-ZÀ-Ý][\w’'-]+(?:[ -][A-ZÀ-Ý][\w’'-]+)*(?:\s\d{1,2}\b)?"
)
_TOWN_ALONE = re.compile(
    r"(?m)^(?P<lead>[ \t\u00a0]{0,20})(?:[A-Z]{1,2}[- ])?\d{4,6}[ \u00a0]+[A-ZÀ-Ý][\w’'-]+(?:[ -][A-ZÀ-Ý][\w’'-]+)*(?=\s*(?:[,(–-]|$))"
)


def redact(text: str, signatures: Sequence[tuple[int, int]] = ()) -> tuple[str, tuple[str, ...]]:
    """`text` with contact details replaced by [e-mail], [messenger], [phone], [address]; and the kinds replaced, sorted.

    In `signatures` (ranges of `text`) whatever holds a number is taken for an address: there nobody gives figures.
    """
    kinds: set[str] = set()
    parts: list[str] = []
    position = 0
    for start, end in signatures:
        parts += [
            _redacted(text[position:start], kinds),
            _signature(_redacted(text[start:end], kinds), kinds),
        ]
        position = end
    parts.append(_redacted(text[position:], kinds))
    return re.sub(r"\[address\](?:[,;\s]+\[address\])+", "[address]", "".join(parts)), tuple(sorted(kinds))


def _signature(text: str, kinds: set[str]) -> str:
    """A signature without its remaining addresses; the country an address ends with stays."""
    pieces = re.split(r"(\s*[;|\n]\s*)", text)
    for i, piece in enumerate(pieces):
        if re.search(r"\d", re.sub(r"\[[a-z-]+\]", "", piece)) and not re.search(r"https?:|www\.", piece):
            kinds.add("address")
            country = re.search(r"[,–(-]\s*([^\d,–()-]{4,})\)?\s*$", piece)
            named = country and country_code(country[1].strip())
            pieces[i] = f"[address], {country[1].strip()}" if country and named else "[address]"
    return "".join(pieces)


def _redacted(text: str, kinds: set[str]) -> str:

    def put(kind: str, build: Callable[[re.Match[str]], str] | None = None) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            kinds.add(kind)
            return build(match) if build else f"[{kind}]"

        return replace

    text = _separate_glued(text)
    text = _MESSENGER.sub(put("messenger", lambda m: f"{m['app']}{m['sep']}[messenger]"), text)
    text = _EMAIL.sub(put("e-mail"), text)
    text = _HANDLE.sub(put("messenger"), text)
    text = _PHONE_CUED.sub(_cued_phone(kinds), text)
    text = _PHONE_FREE.sub(_free_phone(kinds), text)
    text = _STREET.sub(put("address"), text)
    if "[address]" in text:
        text = _TOWN.sub(
            lambda m: m["gap"].rstrip(" -") if m["gap"].rstrip().endswith("]") else m["gap"][: m["gap"].index("]") + 1],
            text,
        )
    return _TOWN_ALONE.sub(put("address", lambda m: f"{m['lead']}[address]"), text)


def _separate_glued(text: str) -> str:
    """ "name@host.itskype ID: …": two fields run together in a signature."""
    return re.sub(r"(?<=[a-z])(?=(?:skype|whatsapp|telegram)\b)", " ", text)


def _cued_phone(kinds: set[str]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        number = re.search(r"\+?\(?\d.*$", match.group(), re.DOTALL)
        if number is None or sum(c.isdigit() for c in number.group()) < 6:
            return match.group()
        kinds.add("phone")
        return match.group()[: number.start()] + "[phone]"

    return replace


def _free_phone(kinds: set[str]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if re.fullmatch(r"(?:19|20)\d\d[ –-](?:19|20)\d\d.*", match.group()):
            return match.group()
        kinds.add("phone")
        return "[phone]"

    return replace
