"""Decisions laid over a draft: what a person decided stands in it, whatever an engine wrote since.

Laid over twice it is the same as once. So drafts are written with the decisions of the time in them, and whoever reads one lays
over what was decided since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from corpus.model import Check, Citation, Claim, Draft, Dropped, Passage, Text, Theme
from corpus.words import fold
from eval.harness import Reviewed
from eval.quantities import quantities
from synth.engines import cues
from synth.engines.standing import by_contribution, found_again, lost_a_side
from synth.engines.themes import UNNAMED
from synth.numbering import number_of
from synth.review.decisions import Ruling
from vectorstore.embedders import Vectors

EVIDENCE = "evidence"  # the check that says what became of a decided claim's sources
SAME = 0.80  # cosine above which two sentences on one source say nearly the same …
SAME_SPAN = 0.60  # … and where they rest on the very same words


def with_decisions(draft: Draft, rulings: Mapping[str, Ruling], passages: Sequence[Passage]) -> Draft:
    """`draft` as reviewers left it. `passages`: those of the whole discussion, to find quotations again.

    A decided claim has the words decided on and is where it was put; its sources are those decided on, as far as they are
    still there, and those it gained since. One whose sources are all gone is listed under `dropped` until they are back.
    """
    mine = [r for r in rulings.values() if r.question == draft.question]
    places = by_contribution(passages)
    themes = [(t.title, list(t.claims)) for t in draft.themes]
    dropped = [d for d in draft.dropped if d.check != EVIDENCE]
    for ruling in sorted(mine, key=lambda r: r.claim):
        current = next((c for _, claims in themes for c in claims if c.id == ruling.claim), None)
        claim = _as_decided(ruling, current, places)
        if claim is None:
            _take_out(themes, ruling.claim)
            if ruling.stands and ruling.held.citations:
                dropped.append(Dropped(question=draft.question, text=ruling.held.text, check=EVIDENCE, detail=f"{ruling.claim} was {ruling.status} by {ruling.last.by}; the words it rested on were edited away since"))  # fmt: skip
        elif current is None or (ruling.moved and not _stands_under(themes, claim.id, ruling.held.theme)):
            _take_out(themes, ruling.claim)
            _put(themes, claim, ruling.held.theme)
        else:
            _replace(themes, claim)
    kept = tuple(Theme(title=title, claims=tuple(claims)) for title, claims in themes if claims)
    return draft.model_copy(update={"themes": kept, "dropped": tuple(dropped)})


def _as_decided(ruling: Ruling, current: Claim | None, places: Mapping[str, Sequence[Passage]]) -> Claim | None:
    """The claim as it stands now; None where it is not to be in the draft."""
    if not ruling.decided and (current is None or current.status == "draft"):
        return current
    kept = _found(ruling.held.citations, places)
    gained = [c for c in (current.citations if current else ()) if (c.contribution, c.quote) not in ruling.known]
    citations = tuple(dict.fromkeys((*kept, *_found(gained, places))))
    if not citations or _wordless(ruling.held.text, citations):
        return None
    if lost_a_side(ruling.held.kind, ruling.held.citations, citations):
        return None
    claim = ruling.held.model_copy(update={"citations": citations}).claim(ruling.claim, ruling.status)
    return claim.model_copy(update={"checks": current.checks}) if current is not None else claim


def _wordless(text: Text, citations: Sequence[Citation]) -> bool:
    """Whether the words went with a contributor who withdrew. A claim quoted in a third language never had any."""
    return not text.versions() and citations[0].language in ("en", "fr")


def _found(citations: Iterable[Citation], places: Mapping[str, Sequence[Passage]]) -> list[Citation]:
    return [c for x in citations if (c := found_again(x, places))]


# -- places ----------------------------------------------------------------------------------------

Themes = list[tuple[Text, list[Claim]]]


def _same_heading(one: Text, other: Text) -> bool:
    return fold(one.best("en")[0]) == fold(other.best("en")[0])


def _stands_under(themes: Themes, claim_id: str, title: Text) -> bool:
    return any(_same_heading(t, title) and any(c.id == claim_id for c in claims) for t, claims in themes)


def _take_out(themes: Themes, claim_id: str) -> None:
    for _, claims in themes:
        claims[:] = [c for c in claims if c.id != claim_id]


def _replace(themes: Themes, claim: Claim) -> None:
    for _, claims in themes:
        claims[:] = [claim if c.id == claim.id else c for c in claims]


def _put(themes: Themes, claim: Claim, title: Text) -> None:
    """Under its heading, by number; a heading that is not there yet comes before what has none of its own."""
    for known, claims in themes:
        if _same_heading(known, title):
            claims.append(claim)
            claims.sort(key=lambda c: number_of(c.id))
            return
    last = len(themes) - (1 if themes and themes[-1][0] == UNNAMED else 0)
    themes.insert(last, (title, [claim]))


# -- what people answer for, what came back ----------------------------------------------------------


def reviewed(drafts: Iterable[Draft], rulings: Mapping[str, Ruling]) -> dict[str, Reviewed]:
    """For the checks: by claim id, who answers for words that a gate refuses, and what changed under a decided claim."""
    found = {}
    for draft in drafts:
        for claim in draft.claims():
            ruling = rulings.get(claim.id)
            if ruling is not None and ruling.stands:
                confirmed = ruling.last.by if ruling.last.confirmed else ""
                found[claim.id] = Reviewed(confirmed, _changed(claim, ruling))
    return found


def _changed(claim: Claim, ruling: Ruling) -> Check:
    """What became of the sources since the decision."""
    when = f"{ruling.last.by} decided on {ruling.last.at[:10]}"
    lost = _who(ruling.held.citations, {(c.contribution, c.quote) for c in claim.citations})
    gained = _who(claim.citations, {(c.contribution, c.quote) for c in ruling.held.citations})
    said = []
    if lost:
        said.append(f"words of {', '.join(lost)} that it rested on are gone since {when}")
    if gained:
        said.append(f"{', '.join(gained)} came to its sources since {when}")
    return Check(name=EVIDENCE, verdict="warn" if said else "pass", detail="; ".join(said))


def _who(citations: Iterable[Citation], but: set[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(c.contribution for c in citations if (c.contribution, c.quote) not in but))


def returned(
    claims: Sequence[Claim], rulings: Iterable[Ruling], vectors: Callable[[Sequence[str]], Vectors]
) -> dict[int, Ruling]:
    """Which of newly written `claims`, by their place, say nearly what a decided claim of the same question says, on the
    same sources."""
    decided = [r for r in rulings if r.decided and r.known]
    pairs = [(i, r) for i, c in enumerate(claims) for r in decided if _same_sources(c, r)]
    if not pairs:
        return {}
    texts = {t: None for i, r in pairs for t in (_words(claims[i].text), _words(r.held.text))}
    known = dict(zip(texts, vectors(list(texts)), strict=True))
    found: dict[int, Ruling] = {}
    for i, ruling in pairs:
        one, other = _words(claims[i].text), _words(ruling.held.text)
        if _says_the_same(one, other, float(known[one] @ known[other]), _same_words(claims[i], ruling)):
            found.setdefault(i, ruling)
    return found


def _words(text: Text) -> str:
    return text.best("en")[0]


def _same_sources(claim: Claim, ruling: Ruling) -> bool:
    """The new claim cites nobody whom the decided one does not, but with the very words: those went into another file."""
    heard = {who for who, _ in ruling.known}
    return all(c.contribution in heard or any(c.quote == quote for _, quote in ruling.known) for c in claim.citations)


def _same_words(claim: Claim, ruling: Ruling) -> bool:
    """The two quote a common stretch."""
    quotes = [quote for _, quote in ruling.known]
    return any(c.quote in quote or quote in c.quote for c in claim.citations for quote in quotes)


def _says_the_same(one: str, other: str, cosine: float, same_words: bool) -> bool:
    if fold(one) == fold(other):
        return True
    if cues.negates(one) != cues.negates(other) or quantities(one, "en") != quantities(other, "en"):
        return False
    return cosine >= (SAME_SPAN if same_words else SAME)
