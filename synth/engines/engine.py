"""What every engine is: something that drafts questions from their evidence, and recommendations from claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.model import Claim, Draft, Dropped, Generated, Recommendation, RecommendationsDraft, Theme, Usage
from synth.evidence import Evidence


@dataclass(frozen=True)
class Written:
    """One question drafted. `dropped`: claims that did not stand; the rest as in `corpus.model.Draft`."""

    label: str
    themes: tuple[Theme, ...]
    dropped: tuple[Dropped, ...] = ()
    not_read: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    usage: Usage | None = None
    read: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unfinished:
    """A question that could not be drafted now, and why. `waiting`: for a batch; nothing went wrong."""

    label: str
    why: str
    waiting: bool = False


Say = Callable[[str, str], None]  # (label, what is going on)


class Engine(Protocol):
    """Draws on the network at most while `draft` or `recommend` run; `close` ends what they opened."""

    def generated(self) -> Generated:
        """Who writes: goes into every draft."""

    def draft(
        self, stale: Sequence[Evidence], standing: Mapping[str, Draft], say: Say
    ) -> Iterator[Written | Unfinished]:
        """Each question as it is finished, in any order. `standing`: yesterday's drafts that may be brought up to date, by label.

        Raises ServerError where no further question can be drafted.
        """

    def recommend(
        self, claims: Sequence[Claim], standing: RecommendationsDraft | None
    ) -> tuple[tuple[Recommendation, ...], Usage | None]:
        """Recommendations from the claims as they stand, and what they cost. `standing`: yesterday's, by the same writer."""

    def close(self) -> None:
        """End what was opened."""
