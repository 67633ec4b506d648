"""What claims are checked against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.blocks import blocks
from corpus.intake import borrowed
from corpus.model import Contribution, Discussion, Passage
from corpus.passages import passages
from corpus.sentences import Range


@dataclass(frozen=True)
class Grounds:
    """Contributions and passages by id, and per contribution the ranges that are not its own words."""

    contributions: dict[str, Contribution]
    passages: dict[str, Passage]
    questions: dict[str, list[Range]]
    somebody_elses: dict[str, list[Range]]

    @classmethod
    def of(
        cls,
        discussion: Discussion,
        contributions: Sequence[Contribution],
        known: Sequence[Passage] | None = None,
    ) -> Grounds:
        """The grounds of a discussion as it stands. `known`: its passages, if they were cut already."""
        cut = known if known is not None else [p for c in contributions for p in passages(c, discussion)]
        return cls(
            contributions={c.id: c for c in contributions},
            passages={p.id: p for p in cut},
            questions={
                c.id: [
                    (b.start, b.end)
                    for b in blocks(c.body, discussion)
                    if b.kind == "question" or (b.kind == "heading" and b.label)
                ]
                for c in contributions
            },
            somebody_elses=borrowed(contributions),
        )
