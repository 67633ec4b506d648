"""What a judge adds to the gates: whether the quotes, read in their surroundings, bear the claim, and what of it they do not.

A judge is an adviser: the best known model is right on about three of four such claims, people on nine of ten. So what it says
warns and is shown, orders nothing out of the report, and is named with every figure that rests on it. Who is asked, and how,
is the caller's business; this is only what the answers mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from corpus.model import Check, Claim, Frozen

NAME = "judge"
Bears = Literal["supported", "partial", "unsupported"]


class Judgement(Frozen):
    """One claim judged. `missing`: what of it the quotes do not bear. `same`: whether English and French say the same."""

    bears: Bears
    missing: str = ""
    same: bool = True

    def check(self) -> Check:
        """As a reviewer reads it. A judge never fails a claim."""
        if self.bears == "unsupported":
            return Check(name=NAME, verdict="warn", detail=f"not borne by the quotes{self._what()}")
        if self.bears == "partial":
            return Check(name=NAME, verdict="warn", detail=f"borne in part{self._what()}")
        if not self.same:
            return Check(
                name=NAME, verdict="warn", detail=f"the English and the French text do not say the same{self._what()}"
            )
        return Check(name=NAME, verdict="pass")

    def _what(self) -> str:
        words = " ".join(self.missing.split())[:200]
        return f": {words}" if words else ""


class Judge(Protocol):
    """Somebody who says whether quotes bear claims."""

    @property
    def name(self) -> str:
        """As the verdict names the judge: "judge:openai:gpt-4.1", "nli:PATH"."""
        ...

    @property
    def problem(self) -> str:
        """Why not every claim could be judged, or ""."""
        ...

    def judge(self, claims: Sequence[Claim]) -> Mapping[str, Judgement]:
        """Judgements by claim id; a claim may be left out."""
        ...


def with_judgements(claims: Sequence[Claim], judgements: Mapping[str, Judgement]) -> list[Claim]:
    """`claims` with what the judge said of those it was asked about."""
    return [
        claim.model_copy(update={"checks": (*claim.checks, judgements[claim.id].check())}) if claim.id in judgements else claim
        for claim in claims
    ]  # fmt: skip


def borne(claim: Claim) -> bool:
    """Whether a judge found all of it borne."""
    return any(check.name == NAME and check.verdict == "pass" for check in claim.checks)


def judged(claim: Claim) -> bool:
    """Whether a judge said anything of it."""
    return any(check.name == NAME for check in claim.checks)
