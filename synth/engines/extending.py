"""A draft of quotations brought up to date: its claims keep their words and their places, what is new is put beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus.model import Citation, Claim, Theme
from synth.engines.quoting import (
    Candidate,
    Dispute,
    Quoted,
    candidates_of,
    choose,
    cited_from,
    claims_of,
    disputes_of,
    in_the_same_sense,
    overlap,
    quoted_by,
    within,
)
from synth.engines.standing import Standing
from synth.engines.themes import group
from synth.evidence import Evidence
from vectorstore.embedders import Vectors


def extended(evidence: Evidence, standing: Standing, rejected: Sequence[Citation]) -> tuple[Theme, ...]:
    """The themes of `standing` with what its unread passages add, and something of everybody who is in no claim.

    A claim may gain a source that says the same, or become a disagreement where somebody new speaks against it.
    """
    candidates = [c for c in candidates_of(evidence) if not any(overlap(c, x) for x in rejected)]
    quoted = quoted_by(standing.claims(), candidates)
    unread = {p.id for p in standing.unread}
    new = [
        c
        for c in candidates
        if (c.passage.id in unread or c.passage.contribution not in quoted.used) and c not in quoted.sentences
    ]
    disputes = within(
        [pair for pair in disputes_of(candidates, evidence) if set(pair) & set(new) and not _stated(pair, standing)],
        evidence.allowance - quoted.length,
    )
    met = [pair for pair in disputes if any(_rests_on(c, pair[1]) for c in standing.claims())]
    themes = _disputed(standing.themes, met, evidence)
    quoted = Quoted((*quoted.sentences, *(a for a, _ in met)), quoted.used)
    open_ = [pair for pair in disputes if pair not in met]
    chosen = choose(new, evidence, [c for pair in open_ for c in pair if c not in quoted.sentences], quoted)
    left = evidence.allowance - quoted.length - sum(c.length for c in chosen)
    themes = _strengthened(themes, [c for c in new if c not in (*chosen, *quoted.sentences)], left, evidence)
    return _placed(themes, claims_of(chosen, open_, new, evidence, quoted), evidence)


def _stated(pair: Dispute, standing: Standing) -> bool:
    """Whether a disagreement between the two stands already."""
    both = {c.passage.contribution for c in pair}
    return any(c.kind == "disagreement" and both <= {x.contribution for x in c.citations} for c in standing.claims())


def _rests_on(claim: Claim, position: Candidate) -> bool:
    """Whether a claim that nobody decided on says what is spoken against, and that alone."""
    return claim.status == "draft" and len(claim.citations) == 1 and overlap(position, claim.citations[0])


def _disputed(themes: Sequence[Theme], disputes: Sequence[Dispute], evidence: Evidence) -> list[Theme]:
    """`themes` with claims that somebody speaks against as disagreements."""

    def of(claim: Claim) -> Claim:
        against = next((a for a, b in disputes if _rests_on(claim, b)), None)
        if against is None:
            return claim
        both = (*claim.citations, cited_from(against, evidence))
        return claim.model_copy(update={"kind": "disagreement", "citations": both})

    return [t.model_copy(update={"claims": tuple(map(of, t.claims))}) for t in themes]


def _strengthened(themes: Sequence[Theme], new: list[Candidate], left: int, evidence: Evidence) -> list[Theme]:
    """`themes` whose claims of a single contributor have beside them who says the same, as far as `left` characters go."""
    found = []
    for theme in themes:
        claims = []
        for claim in theme.claims:
            same = _same(claim, new, evidence) if new else None
            if same is not None and same.length <= left:
                new = [c for c in new if c is not same]
                left -= same.length
                claim = claim.model_copy(update={"citations": (*claim.citations, cited_from(same, evidence))})
            claims.append(claim)
        found.append(theme.model_copy(update={"claims": tuple(claims)}))
    return found


def _same(claim: Claim, new: Sequence[Candidate], evidence: Evidence) -> Candidate | None:
    first = claim.citations[0]
    if claim.kind == "disagreement" or len({x.contribution for x in claim.citations}) > 1:
        return None
    passage = next((p for p in evidence.passages if p.id == first.passage), None)
    if passage is None:
        return None
    itself = Candidate(passage, first.quote, first.start, first.end, evidence.vectors([first.quote])[0], 0)
    return in_the_same_sense(itself, new, ())


def _placed(themes: Sequence[Theme], claims: Sequence[tuple[Claim, Vectors]], evidence: Evidence) -> tuple[Theme, ...]:
    """New claims, each under the heading whose claims are nearest in meaning."""
    if not themes:
        return group(claims, evidence)
    found = [list(t.claims) for t in themes]
    centres = np.stack([evidence.vectors([c.citations[0].quote for c in t.claims]).mean(axis=0) for t in themes])
    for claim, vector in claims:
        found[int(np.argmax(centres @ vector))].append(claim)
    return tuple(t.model_copy(update={"claims": tuple(c)}) for t, c in zip(themes, found, strict=True))
