"""The engine that needs no model: it writes with the contributors' own sentences (see `synth.engines.quoting`).

A question whose evidence changed a little keeps its claims, so that a reader finds again what was there: what is new is
added beside them. What people decided stays in any case, and what they rejected is not quoted again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpus.model import (
    Citation,
    Claim,
    Discussion,
    Draft,
    Generated,
    Recommendation,
    RecommendationsDraft,
    Theme,
    Usage,
)
from eval.gates import Grounds
from synth import __version__
from synth.engines.engine import Say, Written
from synth.engines.extending import extended
from synth.engines.quoting import candidates_of, choose, claims_of, disputes_of, overlap, quoted_by, within
from synth.engines.recommendations import recommend
from synth.engines.standing import Standing, mark, to_update, what_stands
from synth.engines.themes import group
from synth.evidence import Evidence
from vectorstore.embedders import Vectors


@dataclass(frozen=True)
class ExtractiveEngine:
    """See the module. The same evidence and the same standing draft always give the same; there is nothing to wait for and
    nothing to close."""

    discussion: Discussion
    grounds: Grounds
    vectors: Callable[[Sequence[str]], Vectors]

    def generated(self) -> Generated:
        """Written by this version of the rules, by no model."""
        return Generated(engine="extractive", version=__version__)

    def draft(self, stale: Sequence[Evidence], standing: Mapping[str, Draft], say: Say) -> Iterator[Written]:
        """Themes with claims, one question after the other."""
        for evidence in stale:
            say(evidence.label, "reading")
            yield self._written(evidence, standing.get(evidence.label))

    def recommend(
        self, claims: Sequence[Claim], standing: RecommendationsDraft | None
    ) -> tuple[tuple[Recommendation, ...], Usage | None]:
        """What contributors propose, in their words."""
        return recommend(claims, self.discussion, self.vectors), None

    def close(self) -> None:
        """Nothing was opened."""

    def _written(self, evidence: Evidence, draft: Draft | None) -> Written:
        read = tuple(sorted({mark(p) for p in evidence.passages}))
        rejected = [x for c in draft.claims() if c.status == "rejected" for x in c.citations] if draft else []
        if draft is not None and (update := to_update(draft, evidence.passages, self.grounds)):
            themes = extended(evidence, update, rejected)
            return Written(evidence.label, themes, update.dropped, read=read)
        kept = what_stands(draft, evidence.passages, self.grounds) if draft else Standing((), (), ())
        decided = [c for c in kept.claims() if c.status != "draft"]
        return Written(evidence.label, quoted_themes(evidence, decided, rejected), read=read)


def quoted_themes(
    evidence: Evidence, decided: Sequence[Claim] = (), rejected: Sequence[Citation] = ()
) -> tuple[Theme, ...]:
    """Themes with claims for one question: those people decided on, and what the allowance leaves room for beside them."""
    candidates = [c for c in candidates_of(evidence) if not any(overlap(c, x) for x in rejected)]
    quoted = quoted_by(decided, candidates)
    found = [pair for pair in disputes_of(candidates, evidence) if not set(pair) & set(quoted.sentences)]
    disputes = within(found, evidence.allowance - quoted.length)
    chosen = choose(candidates, evidence, [c for pair in disputes for c in pair], quoted)
    stand = [(c, evidence.vectors([c.citations[0].quote])[0]) for c in decided]
    return group([*stand, *claims_of(chosen, disputes, candidates, evidence, quoted)], evidence)
