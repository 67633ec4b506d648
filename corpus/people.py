"""Who wrote: author, organisation, country and capacity, from the signature or from how they introduce themselves.

Only what the text says. What it does not say stays unknown; a wrong name in a report is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from corpus.blocks import Block, blocks
from corpus.model import Discussion
from corpus.sentences import sentences
from corpus.words import fold

_UPPER = "A-ZÀ-ÖØ-Ý"
_PARTICLE = r"(?:de|da|del|della|di|dos|du|la|le|van|von|der|den|el|al|ben|bin|ibn|ould|n[’'])"
_NAME = re.compile(
    rf"(?:(?:Dr|Prof|Mr|Mrs|Ms|Mme|M|Me|Ing|Eng|Rev|Hon)\.?\s+)?(?P<name>[{_UPPER}][\w’'.-]*(?:\s+(?:{_PARTICLE}\s*)?[{_UPPER}][\w’'.-]*){{1,4}})"
)
_ORG_WORD = re.compile(
    r"\b(?:department|département|ministry|ministère|university|université|institut\w*|association|observatory|observatoire|league|ligue|union|federation|fédération|"
    r"agency|agence|committee|comité|commission|council|conseil|centre|center|foundation|fondation|network|réseau|organi[sz]ation|programme?|project|projet|"
    r"company|société|coop[ée]rative|bank|banque|office|bureau|authority|autorité|direction|directorate|region|région|forum|alliance|group|groupe|trust|society|initiative|"
    r"services?|utility|régie|works|ngo|ong|commune|mairie|municipality|municipalité|consortium|consejería|dirección|collectif|syndicat|cabinet|water board|board|fund|fonds)\b",
    re.IGNORECASE,
)
_ROLE_WORD = re.compile(
    r"\b(?:coordinat\w*|coordo\w*|president\w*|président\w*|director|directeur|directrice|directora?|head of|chef\w*|member|membre|officer|chargée?|responsable|représentante?|"
    r"representative|researcher|chercheu\w+|engineer|ingénieure?|consultant\w*|manager|secretary|secrétaire|segretario|mayor|maire|advis[eo]r|conseill\w+|founder|fondat\w+|"
    r"volunteer|bénévole|technician|technicien\w*|expert\w*|specialist\w*|spécialiste|coordenador\w*|treasurer|trésori\w+|lecturer|professor|professeure?|doctorante?|student|étudiante?)\b",
    re.IGNORECASE,
)
_LINK = r"(?:of|for|the|and|on|in|de|des|du|la|le|les|et|pour|en|aux?|sur|&|–|-|d[’']|l[’'])"
_ORG = rf"(?:[«\"“]\s?)?[{_UPPER}][\w’'.&-]*(?:(?:,)?(?:[ \u00a0]+{_LINK})*[ \u00a0]*(?:(?<=[’'])|(?<=[ \u00a0]))[{_UPPER}][\w’'.&-]*)*(?:[ ]\([{_UPPER}][\w.&-]+\))?(?:\s?[»\"”])?"
_ROLE = (
    r"(?:\w+[ -]){0,3}?(?:coordinat\w*|coordo\w*|president\w*|président\w*|director|directeur|directrice|head|chef\w*|member|membre|officer|chargée?|responsable|"
    r"représentante?|representative|researcher|chercheu\w+|engineer|ingénieure?|consultant\w*|manager|secretary|secrétaire|mayor|maire|adviser|advisor|conseill\w+|founder|"
    r"fondat\w+|volunteer|bénévole|technician|technicien\w*|lecturer|practitioner|praticien\w*|trésori\w+|treasurer|chair\w*|agent\w*|animat\w+)"
)
_OF = r"(?:\s+\w+){0,5}?\s+(?:of|at|for|with|in|from|de la part d[eu]|auprès(?: de| du)?|au sein d[eu]|chez|pour|au|à|du|des|de)\s*(?:the |la |le |les |l[’']|our |notre |l[’']association |l[’']ONG |the NGO |association |ONG )*"
_INTRODUCTIONS = [
    re.compile(rf"(?:[Aa]s|I am|I[’']m|I work as)\s+(?:the |an? )?{_ROLE}{_OF}(?P<org>{_ORG})"),
    re.compile(
        rf"(?:[Ee]n tant que|[Ee]n ma qualité d[e’']|[Jj]e suis)\s*(?:l[ae’'] ?|une? )?{_ROLE}{_OF}(?P<org>{_ORG})"
    ),
    re.compile(
        rf"(?:on behalf of|speaking for|au nom d[eu]|de la parte? d[eu]|pour le compte d[eu])\s*(?:the |la |le |l[’'])?(?P<org>{_ORG})"
    ),
    re.compile(
        rf"(?:our work (?:at|in|with)|we at|[Ii] work (?:at|for|with)|[Jj]e travaille (?:pour|à|au|chez|avec))\s+(?:the |la |le |l[’'])?(?P<org>{_ORG})"
    ),
    re.compile(
        rf"I (?:lead|head|run|manage|coordinate|direct)\s(?:[\w’'-]+\s){{1,5}}?(?:at|of|for|in|within)\s+(?:the )?(?P<org>{_ORG})"
    ),
    re.compile(rf"(?:employed by|(?:employé|salarié)e? (?:de|du|par|à))\s+(?:the |la |le |l[’'])?(?P<org>{_ORG})"),
    re.compile(
        rf"(?:the |[Tt]he |[Ll]a |[Ll]e |[Ll][’'])(?P<org>{_ORG})\s+(?:would like to|wishes to|is pleased to|welcomes|souhaite|voudrait|tient à)"
    ),
]
_LOWER_REST = r"(?:\s(?:des|de|du|of|for)\s[a-zà-ÿ][\w’'-]+(?:\s(?:et |de )?[a-zà-ÿ][\w’'-]+){0,3}?(?=,|\.|;|\s(?:au|aux|en|in|à)\s|\s\())?"
_OWN_NAME = re.compile(
    rf"(?:[Mm]y name is|[Mm]oi,? c[’']est|[Jj]e m[’']appelle|[Jj]e me nomme)\s+(?P<name>[{_UPPER}][\w’'.-]*(?:\s+(?:{_PARTICLE}\s+)?[{_UPPER}][\w’'.-]*){{0,4}})"
)
_PERSONAL = re.compile(
    r"in (?:my|a) (?:purely |strictly )?(?:personal|private|individual) capacity|(?:purely|only|strictly|solely) in my own name|speak(?:ing)? (?:here )?(?:only )?(?:personally|for myself)|my (?:own |purely )?personal (?:views?|opinions?)|"
    r"not (?:on behalf|in the name) of|do(?:es)? not (?:necessarily )?(?:reflect|represent|engage|commit)|a titre (?:strictement |purement )?(?:personnel|individuel|prive)|"
    r"en mon (?:seul |propre )?nom(?: propre| personnel)?|n'engagent? (?:que moi|pas|en rien)|et non (?:pas )?(?:au nom|pour le compte) de"
)
_FOR_ORGANISATION = re.compile(
    r"on behalf of|au nom d[eu]|de la parte? d[eu']|pour le compte d[eu]|our (?:joint )?(?:organi[sz]ation'?s? )?(?:position|contribution) (?:is|as)"
)
_FROM = re.compile(
    r"^(?:from|de|posted by|publié par|author|auteur)\s*:\s*(?P<name>[^<\n(@]+)", re.IGNORECASE | re.MULTILINE
)
_DATE = re.compile(r"^(?:date|sent|envoyé(?: le)?)\s*:\s*(?P<date>.+)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Person:
    """What a contribution says of who wrote it; None where it says nothing. `country` is an ISO 3166 code where known."""

    author: str | None = None
    organisation: str | None = None
    country: str | None = None
    capacity: Literal["organisation", "personal"] | None = None
    date: str | None = None


def identify(body: str, discussion: Discussion, header: str = "") -> Person:
    """Who wrote `body`; `header` is what stood above it (From:, Date:)."""
    found = blocks(body, discussion)
    lines = _signature_lines(body, found)
    author = _author(lines) or _header_name(header)
    opening = _opening(body, found)
    introduced = _introduced(opening)
    author = _full(author, opening)
    organisation = _fuller(introduced, _organisation(lines, author)) or _parenthesised(body, found, author)
    return Person(
        author=author,
        organisation=organisation,
        country=_country_in("\n".join(lines), last=True) or _country_in(_who_part(opening)),
        capacity=_capacity(body, organisation, introduced, author),
        date=_date(header),
    )


def _signature_lines(body: str, found: list[Block]) -> list[str]:
    """Lines after the closing formula, the name behind "Best regards," included, cut at semicolons and bars."""
    closing = next((i for i, b in enumerate(found) if b.kind == "signoff"), None)
    if closing is None:
        return []
    lines: list[str] = []
    for block in found[closing:]:
        if block.kind == "signoff":
            text = body[block.start : block.end].replace("\n", " ")
            after = re.split(r"[,.!–]+\s*", text, maxsplit=1)
            lines += after[1].split("\n") if len(after) > 1 else []
        elif block.kind == "signature":
            lines += body[block.start : block.end].split("\n")
    return [
        part.strip(" ,*_\u00a0")
        for line in lines
        for part in re.split(r"[;|\t]|\s{3,}", line)
        if part.strip(" ,*_\u00a0")
    ]


def _author(lines: list[str]) -> str | None:
    """The first line of the signature if it is a person's name."""
    for line in lines[:4]:
        head = re.split(r"\s*[,(–]\s*|\s+-\s+", line, maxsplit=1)[0]
        match = _NAME.fullmatch(head.strip())
        if (
            match
            and not _ORG_WORD.search(head)
            and not _ROLE_WORD.search(head)
            and not head.lower().startswith(("the ", "le ", "la ", "les "))
        ):
            return match["name"].strip()
        if re.fullmatch(rf"[{_UPPER}][a-zà-ÿ]+", head) and line is lines[0] and not _ORG_WORD.search(head):
            return head
    return None


def _header_name(header: str) -> str | None:
    match = _FROM.search(header)
    name = match["name"].strip(" \"'") if match else ""
    return name if _NAME.fullmatch(name) and not _ORG_WORD.search(name) else None


def _opening(body: str, found: list[Block]) -> str:
    """The first sentences, where people say who they are: all text before the first question, at most five sentences."""
    texts: list[str] = []
    for block in found:
        if block.kind in ("heading", "question") and texts:
            break
        if block.kind == "text":
            texts += [body[s:e] for s, e in sentences(body, block.start, block.end)]
    return " \n ".join(" ".join(t.replace("*", "").split()) for t in texts[:5])[:2000]


def _introduced(opening: str) -> str | None:
    matches = [m for pattern in _INTRODUCTIONS if (m := pattern.search(opening))]
    if not matches:
        return None
    first = min(matches, key=lambda m: m.start())
    longer = re.match(_LOWER_REST, opening[first.end("org") :])
    name = _clean(first["org"] + (longer.group() if longer else ""))
    return (
        name
        if len(name) > 2
        and not country_code(name)
        and not _ROLE_WORD.fullmatch(name)
        and name not in ("I", "CoP", "M4D")
        else None
    )


def _clean(name: str) -> str:
    name = name.strip(" .,;")
    name = re.split(r"\s+(?:and|et)\s+(?:I|je|j)\b|,\s*(?:I|je|j)\b", name)[0]
    name = (
        re.sub(r",?\s+(?:en|au|aux|in|à)\s+(?:the\s+)?[^,]+$|,\s*[^,]+$", "", name, count=1)
        if _ends_with_country(name)
        else name
    )
    name = re.sub(rf"(?:[\s,]+{_LINK})+$", "", name).strip(' .,«»"“”')
    return re.sub(r"^(?:The|La|Le|Les|L[’'])\s*(?=[A-ZÀ-Ý])", "", name)


def _ends_with_country(name: str) -> bool:
    place = re.search(r"(?:,?\s(?:en|au|aux|in|à)\s+(?:the\s+)?|,\s*)([^,]+)$", name)
    return bool(place and country_code(place[1]))


def _full(author: str | None, opening: str) -> str | None:
    """A signature with a first name only, completed by how they introduced themselves."""
    match = _OWN_NAME.search(opening)
    own = match["name"].rstrip(".,") if match else None
    return own if own and (author is None or own.startswith(f"{author} ")) else author


def _fuller(introduced: str | None, signed: str | None) -> str | None:
    """The name given in the introduction, unless the signature gives the same one in full."""
    if introduced and signed and not fold(signed).startswith(fold(introduced)) and fold(introduced) not in fold(signed):
        return introduced
    return signed or introduced


def _organisation(lines: list[str], author: str | None) -> str | None:
    """The first line of the signature, not the author's, that names an organisation."""
    for line in lines:
        part = line.removeprefix(author).strip(" ,–-(") if author and line.startswith(author) else line
        pieces = [p.strip() for p in re.split(r",\s+|\s+[–-]\s+", part) if p.strip()]
        for piece in [part, *pieces]:
            if _names_organisation(piece):
                return _clean(piece)
    return None


def _names_organisation(piece: str) -> bool:
    if not piece or re.search(r"\[|@|\d{3}|www\.|:", piece) or _ROLE_WORD.search(piece) or not piece[0].isupper():
        return False
    acronym = re.fullmatch(rf"(?:[{_UPPER}][{_UPPER}\d&.-]{{2,}})(?:\s[{_UPPER}][\w-]+)?", piece)
    return bool(_ORG_WORD.search(piece) or acronym) and len(piece.split()) <= 14


def _parenthesised(body: str, found: list[Block], author: str | None) -> str | None:
    """ "Sandra Example (Some Agency – …)" at the head of the text."""
    if not author:
        return None
    match = re.search(
        rf"{re.escape(author)}\s*[(,]\s*(?P<org>[{_UPPER}][^)\n,–]{{2,80}}?)\s*(?:[),–]|\s-\s|\n|$)", body
    )
    return (
        _clean(match["org"])
        if match and not _ROLE_WORD.search(match["org"]) and not re.search(r"\d|\[", match["org"])
        else None
    )


def _capacity(
    body: str, organisation: str | None, introduced: str | None, author: str | None
) -> Literal["organisation", "personal"] | None:
    folded = fold(body)
    if _PERSONAL.search(folded):
        return "personal"
    if organisation and (introduced or author is None or _FOR_ORGANISATION.search(folded[:600])):
        return "organisation"
    return None


def _who_part(opening: str) -> str:
    """The part of the opening that says who speaks, up to what they want: "As coordinator of X in Y, I would like …"."""
    match = re.search(
        r"(?:[Aa]s (?:an? |the )?\w+|[Ee]n tant que|[Ee]n ma qualité|I am|I work|[Jj]e suis|[Jj]e travaille|[Mm]y name is|[Jj]e m[’']appelle)",
        opening,
    )
    if not match:
        return ""
    rest = opening[match.start() :]
    stop = re.search(
        r",\s*(?:(?:I|we|je|nous)\s+(?!suis\b|am\b|are\b|sommes\b)|j[’']|let me\b|permettez\b)|[.;]\s",
        rest[5:],
    )
    return rest[: stop.start() + 5] if stop else rest[:160]


@lru_cache(maxsize=1)
def _territories() -> list[tuple[re.Pattern[str], str]]:
    """(pattern for a country's name, ISO code), English, French and own language; longer names first."""
    from babel import Locale

    names: dict[str, str] = {}
    for locale in ("en", "fr", "it", "es", "pt", "de"):
        for code, name in Locale(locale).territories.items():
            if len(code) == 2 and code.isalpha() and len(name) > 3:
                names.setdefault(name, code)
    names |= {"United States": "US", "USA": "US", "UK": "GB", "England": "GB", "Ivory Coast": "CI", "Cape Verde": "CV", "Cap-Vert": "CV", "RDC": "CD", "DRC": "CD",
              "Congo (Kinshasa)": "CD", "Swaziland": "SZ", "Burma": "MM", "Birmanie": "MM", "Hollande": "NL", "Holland": "NL", "Centrafrique": "CF"}  # fmt: skip
    return [
        (re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])"), code)
        for name, code in sorted(names.items(), key=lambda item: -len(item[0]))
    ]


def _country_in(text: str, last: bool = False) -> str | None:
    """ISO code of the country `text` names first (`last`: last, as addresses do); None if it names none."""
    hits: list[tuple[int, int, str]] = []
    for pattern, code in _territories() if text else []:  # longer names first: "South Sudan" is not Sudan
        for match in pattern.finditer(text):
            if not any(start <= match.start() and match.end() <= end for start, end, _ in hits):
                hits.append((match.start(), match.end(), code))
    return (max if last else min)(hits)[2] if hits else None


def country_code(name: str) -> str | None:
    """ISO code of a country's name in English or French, or of a code; None if it is no country known."""
    if re.fullmatch(r"[A-Z]{2}", name):
        return name
    return next((code for pattern, code in _territories() if pattern.fullmatch(name.strip())), None)


def _date(header: str) -> str | None:
    match = _DATE.search(header)
    if not match:
        return None
    from email.utils import parsedate_to_datetime

    text = match["date"].strip()
    if iso := re.match(r"\d{4}-\d{2}-\d{2}", text):
        return iso.group()
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError):
        return None
