"""What every engine is: something that drafts one question from its evidence."""

from __future__ import annotations

from typing import Protocol

from corpus.model import Generated, Theme
from synth.evidence import Evidence


class Engine(Protocol):
    """`standing` are the themes of yesterday's draft, none for a first one."""

    def generated(self) -> Generated:
        """Who wrote it: goes into every draft."""

    def draft(self, evidence: Evidence, standing: tuple[Theme, ...]) -> tuple[Theme, ...]:
        """The themes of one question with their claims, from its evidence."""
