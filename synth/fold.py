"""What is read in one call: whole answers, as many as fit; small questions together, long ones in parts.

A contribution's answer to a question is never split between two calls unless it alone is too long for one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.model import Passage
from synth.evidence import Evidence, nearness

SMALL = 1_500  # tokens; questions with less to read share a call …
TOGETHER = 3_000  # … up to this much
HEADER = 12  # tokens that the line above a passage takes, at most

Size = Callable[[str], int]


@dataclass(frozen=True)
class Part:
    """What one call reads of one question."""

    evidence: Evidence
    passages: tuple[Passage, ...]

    @property
    def label(self) -> str:
        """The question."""
        return self.evidence.label


@dataclass(frozen=True)
class Pack:
    """What one call reads. Empty parts do not occur."""

    parts: tuple[Part, ...]

    def contributions(self) -> list[str]:
        """Ids of the contributions read, in order, each once."""
        return list(dict.fromkeys(p.contribution for part in self.parts for p in part.passages))

    def halves(self) -> tuple[Pack, Pack] | None:
        """Two packs of about half the text each: by question, else by contribution, else by passage; None if it is one passage."""
        if len(self.parts) > 1:
            at = _middle([sum(len(p.text) for p in part.passages) for part in self.parts])
            return Pack(self.parts[:at]), Pack(self.parts[at:])
        part = self.parts[0]
        pieces = answers(part.passages)
        if len(pieces) == 1:
            pieces = [(p,) for p in part.passages]
        if len(pieces) == 1:
            return None
        at = _middle([sum(len(p.text) for p in piece) for piece in pieces])
        first, second = ([p for piece in half for p in piece] for half in (pieces[:at], pieces[at:]))
        return Pack((Part(part.evidence, tuple(first)),)), Pack((Part(part.evidence, tuple(second)),))


def _middle(sizes: Sequence[int]) -> int:
    """Where to cut so that the larger side is as small as can be; at least one on each."""
    return min(range(1, len(sizes)), key=lambda at: max(sum(sizes[:at]), sum(sizes[at:])))


def answers(passages: Sequence[Passage]) -> list[tuple[Passage, ...]]:
    """Passages by contribution, in the order given."""
    owners = list(dict.fromkeys(p.contribution for p in passages))
    return [tuple(p for p in passages if p.contribution == owner) for owner in owners]


def plan(
    evidence: Sequence[Evidence], room: int, size: Size, small: int = SMALL, together: int = TOGETHER
) -> list[Pack]:
    """The packs that read all of `evidence`, each of at most `room` tokens of passages (a single longer passage excepted)."""
    packs: list[Pack] = []
    waiting: list[Part] = []
    for one in evidence:
        parts = [Part(one, batch) for batch in batches(one.passages, room, size)]
        if len(parts) == 1 and weight(parts[0].passages, size) < small:
            if weight([p for part in waiting for p in part.passages], size) + weight(parts[0].passages, size) > min(
                together, room
            ):
                packs.append(Pack(tuple(waiting)))
                waiting = []
            waiting += parts
        else:
            packs += [Pack((part,)) for part in parts]
    return [*packs, Pack(tuple(waiting))] if waiting else packs


def batches(passages: Sequence[Passage], room: int, size: Size) -> list[tuple[Passage, ...]]:
    """`passages` in batches of at most `room` tokens, about equal, whole answers each."""
    pieces = [
        piece
        for answer in answers(passages)
        for piece in ([answer] if weight(answer, size) <= room else _cut(answer, room, size))
    ]
    total = sum(weight(piece, size) for piece in pieces)
    fair = total / max(1, math.ceil(total / room))
    found: list[list[Passage]] = []
    filled = 0
    for piece in pieces:
        more = weight(piece, size)
        if not found or filled + more > room or filled + more / 2 > fair:
            found.append([])
            filled = 0
        found[-1] += piece
        filled += more
    return [tuple(batch) for batch in found]


def _cut(answer: Sequence[Passage], room: int, size: Size) -> list[tuple[Passage, ...]]:
    """One answer that is longer than a call may be, cut between passages."""
    found: list[list[Passage]] = [[]]
    for passage in answer:
        if found[-1] and weight([*found[-1], passage], size) > room:
            found.append([])
        found[-1].append(passage)
    return [tuple(piece) for piece in found]


def weight(passages: Sequence[Passage], size: Size) -> int:
    """Tokens that passages take in a prompt."""
    return sum(size(p.text) + HEADER for p in passages)


def within_budget(evidence: Sequence[Evidence], budget: int, size: Size) -> dict[str, tuple[Passage, ...]]:
    """What to read of each label where not all may be read: its share of `budget`, heard fairly.

    Contributors take turns, each with the passage nearest to the question that is left; so everybody is heard before
    anybody is heard twice. Returned in reading order.
    """
    total = sum(weight(e.passages, size) for e in evidence)
    chosen: dict[str, tuple[Passage, ...]] = {}
    for one in evidence:
        share = budget if total <= budget else budget * weight(one.passages, size) / total
        near = nearness([p.text for p in one.passages], one.label, one.discussion, one.vectors)
        ranks = {p.id: float(n) for p, n in zip(one.passages, near, strict=True)}
        queues = [sorted(answer, key=lambda p: -ranks[p.id]) for answer in answers(one.passages)]
        taken: set[str] = set()
        used = 0
        while any(queues):
            for queue in queues:
                if queue and used + weight(queue[:1], size) <= share:
                    used += weight(queue[:1], size)
                    taken.add(queue[0].id)
                del queue[:1]
        chosen[one.label] = tuple(p for p in one.passages if p.id in taken)
    return chosen
