"""What an engine wrote becomes a draft: each claim checked and numbered, what a person decided laid over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus.model import Claim, Draft, Dropped, Generated, Theme
from eval.gates import check_claims, heading_stands
from eval.harness import failed
from synth.engines.engine import Written
from synth.engines.themes import UNNAMED, under_one_heading
from synth.evidence import Evidence
from synth.numbering import UNNUMBERED, number_of, numbered
from synth.review.apply import returned, with_decisions
from synth.review.decisions import Ruling
from synth.stale import basis, fingerprint
from synth.workspace import Corpus


def checked_draft(
    written: Written, evidence: Evidence, corpus: Corpus, generated: Generated, before: Draft | None
) -> Draft:
    """What an engine wrote as a draft. `before`: the one it replaces, whose numbers are not given again.

    A claim that a gate fails is dropped and listed, and so is a new one that says again what a person decided on; a heading
    that does not stand is replaced. Of what a person decided, gates decide nothing.
    """
    rulings = {i: r for i, r in corpus.rulings.items() if r.question == written.label}
    themes, dropped = _admitted(written, corpus, rulings)
    taken = max([before.numbered if before else 0, *map(number_of, [*_ids(before), *rulings])])
    kept = numbered(written.label, under_one_heading(themes), before.claims() if before else (), taken)
    draft = Draft(
        question=written.label,
        generated=generated,
        made_from=fingerprint(evidence, corpus.settings, generated),
        themes=kept,
        dropped=dropped,
        basis=basis(evidence, corpus.settings, generated),
        read=written.read,
        numbered=max([taken, *(number_of(c.id) for t in kept for c in t.claims)]),
        not_read=written.not_read,
        refused=written.refused,
        usage=written.usage,
    )
    return with_decisions(draft, rulings, corpus.passages)


def _ids(draft: Draft | None) -> list[str]:
    return [c.id for c in draft.claims()] if draft else []


def _admitted(
    written: Written, corpus: Corpus, rulings: Mapping[str, Ruling]
) -> tuple[list[Theme], tuple[Dropped, ...]]:
    """Themes of claims that stand, and what was dropped."""
    claims = check_claims([claim for theme in written.themes for claim in theme.claims], corpus.grounds)
    again = _again(claims, corpus, rulings)
    dropped = list(written.dropped)
    themes = []
    places = iter(range(len(claims)))
    for theme in written.themes:
        good = []
        for i in [next(places) for _ in theme.claims]:
            claim = claims[i]
            if claim.id in rulings and rulings[claim.id].decided:
                good.append(claim)
            elif i in again:
                dropped.append(_said_before(claim, again[i]))
            elif failed(claim):
                bad = next(c for c in claim.checks if c.verdict == "fail")
                dropped.append(Dropped(question=written.label, text=claim.text, check=bad.name, detail=bad.detail))
            else:
                good.append(claim)
        if good:
            stands = heading_stands(theme.title, good, corpus.grounds)
            themes.append(Theme(title=theme.title if stands else UNNAMED, claims=tuple(good)))
    return themes, tuple(dropped)


def _again(claims: Sequence[Claim], corpus: Corpus, rulings: Mapping[str, Ruling]) -> dict[int, Ruling]:
    new = [i for i, c in enumerate(claims) if number_of(c.id) == UNNUMBERED]
    found = returned([claims[i] for i in new], rulings.values(), corpus.vectors)
    return {new[i]: ruling for i, ruling in found.items()}


def _said_before(claim: Claim, ruling: Ruling) -> Dropped:
    detail = f"it says again what {ruling.claim} says, which {ruling.last.by} {ruling.status} on {ruling.last.at[:10]}"
    return Dropped(question=ruling.question, text=claim.text, check="decided", detail=detail)


def only_decided(draft: Draft | None, label: str, corpus: Corpus, generated: Generated) -> Draft | None:
    """A draft that holds what people decided and nothing else, as if no passage had been read; None where nothing was decided."""
    rulings = {i: r for i, r in corpus.rulings.items() if r.question == label and r.decided}
    if not rulings:
        return None
    bare = Draft(question=label, generated=generated, made_from="", themes=())
    if draft is not None:
        themes = [t.model_copy(update={"claims": tuple(c for c in t.claims if c.id in rulings)}) for t in draft.themes]
        bare = bare.model_copy(update={"themes": tuple(t for t in themes if t.claims)})
    return with_decisions(bare, rulings, corpus.passages)
