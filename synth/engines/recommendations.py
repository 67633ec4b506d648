"""What contributors propose, grouped by whom it is addressed to. Supporters and dissenters follow from the sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.model import Claim, Discussion, Recommendation, Text
from corpus.words import fold
from synth.engines import cues
from vectorstore.embedders import Vectors

ALIKE = 0.68  # cosine above which two proposals to one addressee are one recommendation


@dataclass(frozen=True)
class Addressee:
    """Somebody recommendations may be addressed to: a name in both languages and the words (folded) that mean them."""

    name: Text
    pattern: re.Pattern[str]


def _addressee(en: str, fr: str, pattern: str) -> Addressee:
    return Addressee(Text(en=en, fr=fr), re.compile(rf"\b(?:{pattern})\b"))


# In the order of the report. discussion.toml may give its own: [[addressees]] en, fr, words = […]
DEFAULT = (
    _addressee(
        "European Commission",
        "Commission européenne",
        r"(?:the )?european (?:commission|union)|\bec\b|\beu\b|commission europeenne|union europeenne|the commission|la commission",
    ),
    _addressee(
        "National governments",
        "Gouvernements nationaux",
        r"(?:origin|destination)[- ]country institutions?|(?:national |central |federal |their |our )?governments?|(?:the |l')etats?|ministr\w+|minister\w*|origin[- ]countr\w+|countries of origin|parliament\w*|"
        r"gouvernements?(?: nationaux)?|pouvoirs publics|legislateur|pays d'origine|public employment services|partner countries|customs",
    ),
    _addressee(
        "Local authorities",
        "Collectivités locales",
        r"local (?:and regional )?(?:authorit\w+|governments?|administrations?)|municipalit\w+|district (?:council|assembl)\w*|count(?:y|ies)|regions?|mayors?|"
        r"collectivites(?: locales| territoriales)?(?: et regionales)?|autorites locales|communes?|mairies?|maires?|regions?|gouvernements locaux",
    ),
    _addressee(
        "Donors and international organisations",
        "Bailleurs et organisations internationales",
        r"donors?|funders?|international organi[sz]ations?|whoever (?:pays|subsidises|finances)|projects?|programmes?|bailleurs?|organisations internationales|cooperation decentralisee|those who finance",
    ),
    _addressee(
        "Private sector",
        "Secteur privé",
        r"private[- ]sector|companies|compan(?:y|ies)|banks?|financial institutions?|chambers? of commerce|employers?|manufacturers?|suppliers?|traders?|operators?|firms?|"
        r"secteur prive|entreprises?|banques?|chambres? (?:de commerce|consulaires)|employeurs?|fabricants?|exploitants?|fermiers?|societes",
    ),
    _addressee(
        "Civil society and associations",
        "Société civile et associations",
        r"civil society|ngos?|(?:migrants?'?|diaspora|user(?:s|s')?) (?:associations?|groups?|organi[sz]ations?)|associations?|committees?|trade unions|"
        r"societe civile|ongs?|associations?(?: de la diaspora| de migrants)?|comites?|federations?|syndicats?",
    ),
    _addressee(
        "Research institutions",
        "Institutions de recherche",
        r"research(?:ers| institutions?| centers?| centres?)?|universit\w+|centres? de recherche|chercheurs?",
    ),
)
EVERYBODY = Text(en="All concerned", fr="Tous les acteurs")


def addressees_of(discussion: Discussion) -> tuple[Addressee, ...]:
    """The addressees that discussion.toml names, or the usual ones."""
    rows = discussion.settings.get("addressees")
    if not isinstance(rows, list) or not rows:
        return DEFAULT
    return tuple(
        _addressee(
            str(row.get("en") or row.get("fr")),
            str(row.get("fr") or row.get("en")),
            "|".join(re.escape(fold(str(w))) for w in row["words"]),
        )
        for row in rows
        if isinstance(row, dict) and row.get("words")
    )


def addressee_name(addressee: str, discussion: Discussion) -> Text:
    """Both languages' names of an addressee as stored (by its English name)."""
    return next(
        (a.name for a in addressees_of(discussion) if a.name.best("en")[0] == addressee),
        EVERYBODY if addressee == EVERYBODY.en else Text(en=addressee, fr=addressee),
    )


def recommend(
    claims: Sequence[Claim], discussion: Discussion, vectors: Callable[[Sequence[str]], Vectors]
) -> tuple[Recommendation, ...]:
    """Recommendations by addressee, the most supported first; ids "R01" …"""
    proposals = [
        c
        for c in claims
        if c.kind == "recommendation"
        or (c.kind == "disagreement" and len(c.citations) > 1 and cues.PROPOSAL.search(fold(_own(c))))
    ]
    if not proposals:
        return ()
    order = addressees_of(discussion)
    by_addressee: dict[int, list[int]] = {}
    for i, claim in enumerate(proposals):
        by_addressee.setdefault(addressed(_own(claim), order), []).append(i)
    matrix = vectors([_own(c) for c in proposals])
    negates = [cues.negates(_own(c)) for c in proposals]
    grouped: list[tuple[int, list[Claim]]] = []
    for addressee in sorted(by_addressee):
        groups = alike(by_addressee[addressee], matrix, negates)
        grouped += [
            (addressee, [proposals[i] for i in g])
            for g in sorted(groups, key=lambda g: (-_support(g, proposals), g[0]))
        ]
    return tuple(
        recommendation(f"R{n:02d}", group, order[a].name if a < len(order) else EVERYBODY, group[0].text)
        for n, (a, group) in enumerate(grouped, start=1)
    )


def _own(claim: Claim) -> str:
    """The words of the claim's first source."""
    return claim.citations[0].quote


def addressed(text: str, order: Sequence[Addressee]) -> int:
    """Index of whom the proposal is addressed to: named shortly before the word that proposes, else first anywhere."""
    folded = fold(text)
    cue = cues.PROPOSAL.search(folded)
    at = cue.start() if cue else len(folded)
    # At one place the longer name counts: "local governments" are not governments.
    named = [(m.start(), -len(m.group()), i) for i, a in enumerate(order) for m in a.pattern.finditer(folded)]
    before = [hit for hit in named if at - 80 < hit[0] < at]
    return min(before or named)[2] if named else len(order)


def alike(members: Sequence[int], matrix: Vectors, negates: Sequence[bool]) -> list[list[int]]:
    """Members that are alike, greedily: each joins the first group whose first member it resembles."""
    groups: list[list[int]] = []
    for i in members:
        for group in groups:
            if float(matrix[i] @ matrix[group[0]]) >= ALIKE and negates[i] == negates[group[0]]:
                group.append(i)
                break
        else:
            groups.append([i])
    return groups


def _support(group: Sequence[int], proposals: Sequence[Claim]) -> int:
    return len({s for i in group for s in _supporters(proposals[i])})


def _supporters(claim: Claim) -> list[str]:
    cited = [c.contribution for c in claim.citations]
    return cited[:1] if claim.kind == "disagreement" else cited


def recommendation(
    recommendation_id: str, group: Sequence[Claim], addressee: Text, text: Text, against: Sequence[Claim] = ()
) -> Recommendation:
    """One recommendation of the claims in `group`; `against`: claims that object to it. Who supports follows from the sources.

    Of a disagreement only the position itself is a source; what contradicts it is no support.
    """
    supporters = list(dict.fromkeys(s for claim in group for s in _supporters(claim)))
    dissenters = [c.contribution for claim in group if claim.kind == "disagreement" for c in claim.citations[1:]]
    dissenters += [c for claim in against for c in _objectors(claim, supporters)]
    citations = [
        c for claim in group for c in (claim.citations[:1] if claim.kind == "disagreement" else claim.citations)
    ]
    return Recommendation(
        id=recommendation_id,
        text=text,
        addressee=addressee.best("en")[0],
        claims=tuple(claim.id for claim in group),
        supporters=tuple(supporters),
        dissenters=tuple(d for d in dict.fromkeys(dissenters) if d not in supporters),
        against=tuple(claim.id for claim in against),
        citations=tuple(dict.fromkeys(citations)),
    )


def _objectors(claim: Claim, supporters: Sequence[str]) -> list[str]:
    """Who objects in a claim against a proposal: its sources or, of a disagreement, the side that does not support it."""
    cited = [c.contribution for c in claim.citations]
    if claim.kind != "disagreement":
        return cited
    return cited[:1] if set(cited[1:]) & set(supporters) else cited[1:]
