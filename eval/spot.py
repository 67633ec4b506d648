"""A sample of claims for a person to judge, and what those judgements say about all of them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from corpus.model import Claim, Frozen
from eval.scoring import wilson

Z = 1.96  # for 95 %


class Judged(Frozen):
    """What judging `judged` of `claims` claims says: `share` supported, with 95 % certainty between `low` and `high`."""

    claims: int
    judged: int
    supported: int
    share: float
    low: float
    high: float


def size(claims: int, margin: float) -> int:
    """How many of `claims` to judge so that the share supported is known to within `margin`, with 95 % certainty.

    For a share of one half, the worst case, and corrected for drawing from a finite number (Cochran 1977).
    """
    endless = Z * Z * 0.25 / (margin * margin)
    return min(claims, math.ceil(endless / (1 + (endless - 1) / claims))) if claims else 0


def sample(claims: Sequence[Claim], margin: float, seed: int = 1) -> list[Claim]:
    """Claims to judge, in the order of the report: the same for the same seed, and mostly the same when a claim is added."""
    drawn = sorted(claims, key=lambda c: hashlib.sha256(f"{seed}\0{c.id}".encode()).digest())[
        : size(len(claims), margin)
    ]
    chosen = {c.id for c in drawn}
    return [c for c in claims if c.id in chosen]


def estimate(judgements: Sequence[bool], claims: int) -> Judged:
    """What the judgements of a sample say of all `claims`. The interval shrinks to nothing when all were judged."""
    judged, supported = len(judgements), sum(judgements)
    share = supported / judged if judged else 0.0
    low, high = wilson(supported, judged)
    left = math.sqrt((claims - judged) / max(1, claims - 1)) if claims > judged else 0.0
    return Judged(
        claims=claims,
        judged=judged,
        supported=supported,
        share=round(share, 4),
        low=round(share - (share - low) * left, 4),
        high=round(share + (high - share) * left, 4),
    )
