"""All checks over all claims of a discussion: the verdict."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from corpus.model import Check, CheckCounts, Claim, Contribution, Draft, Dropped, Unsupported, Verdict
from eval.gates import GATES, Grounds, check_claims
from eval.judge import NAME, Judge, borne, judged, with_judgements
from eval.repeats import with_repeats

# What no gate can look at; without a judge it is said to be unchecked and never counted as passed.
JUDGED = "meaning (cause, role, scope, who holds the view)"
SPOT_CHECK = 20
PLACED = ("span", "source", "own words")  # gates of where a quotation stands and whose it is


@dataclass(frozen=True)
class Reviewed:
    """What people said of a claim: who answers for its words though gates refuse them ("" for nobody), and a check of what
    became of its sources since."""

    confirmed_by: str
    evidence: Check


def check_drafts(
    drafts: Sequence[Draft],
    grounds: Grounds,
    judge: Judge | None = None,
    reviewed: Mapping[str, Reviewed] = MappingProxyType({}),
) -> tuple[list[Draft], Verdict]:
    """The drafts with fresh checks in every claim, and the verdict over those that nobody rejected.

    `judge`: who is asked beside the gates. `reviewed`: by claim id, of those that a person decided on.
    """
    checked = _with_checks(drafts, grounds, judge, reviewed)
    dropped = [d for draft in drafts for d in draft.dropped]
    not_read = [passage for draft in drafts for passage in draft.not_read]
    claims = [c for d in checked for c in d.claims() if c.status != "rejected"]
    named = judge.name if judge is not None and any(map(judged, claims)) else "gates"
    return checked, verdict(claims, list(grounds.contributions.values()), dropped, not_read, named)


def _with_checks(
    drafts: Sequence[Draft], grounds: Grounds, judge: Judge | None, reviewed: Mapping[str, Reviewed]
) -> list[Draft]:
    fresh = iter(check_claims([claim for draft in drafts for claim in draft.claims()], grounds))
    claims = [c for draft in drafts for c in with_repeats([next(fresh) for _ in draft.claims()], grounds)]
    claims = [answered_for(c, reviewed[c.id]) if c.id in reviewed else c for c in claims]
    if judge is not None:
        claims = with_judgements(claims, judge.judge([c for c in claims if not failed(c) and c.status != "rejected"]))
    fresh = iter(claims)
    found = []
    for draft in drafts:
        themes = tuple(t.model_copy(update={"claims": tuple(next(fresh) for _ in t.claims)}) for t in draft.themes)
        found.append(draft.model_copy(update={"themes": themes}))
    return found


def answered_for(claim: Claim, said: Reviewed) -> Claim:
    """`claim` with what gates refuse of its words as a warning where a person answers for them. Nobody can answer for a
    quotation that is not there."""
    checks = [
        Check(name=c.name, verdict="warn", detail=f"{c.detail} – kept by {said.confirmed_by}")
        if said.confirmed_by and _fails(c, [name for name in GATES if name not in PLACED])
        else c
        for c in claim.checks
    ]
    return claim.model_copy(update={"checks": (*checks, said.evidence)})


def failed(claim: Claim) -> bool:
    """Whether any check failed it: such a claim is in no report."""
    return any(check.verdict == "fail" for check in claim.checks)


def verdict(
    claims: Sequence[Claim],
    contributions: Sequence[Contribution],
    dropped: Sequence[Dropped] = (),
    not_read: Sequence[str] = (),
    supported_by: str = "gates",
) -> Verdict:
    """The verdict over claims that carry their checks.

    Citation recall and precision are those of ALCE (Gao et al. 2023) with the gates as what supports: recall is the share of
    claims that no gate fails, precision the share of citations that hold for themselves. With a judge a claim is supported
    that no gate fails and of which the judge finds every part borne; what it did not judge is not supported by it. Coverage
    is the share of contributors cited. Parity is null where no claim is written in both languages.
    """
    bad = [c for c in claims if failed(c)]
    warned = [c for c in claims if c not in bad and any(check.verdict == "warn" for check in c.checks)]
    by_judge = supported_by != "gates"
    supported = [c for c in claims if c not in bad and (borne(c) or not by_judge)]
    active = [c for c in contributions if c.withdrawn is None]
    cited = {citation.contribution for claim in claims if claim not in bad for citation in claim.citations}
    both = [c for c in claims if c.text.en and c.text.fr]
    return Verdict(
        claims=len(claims),
        supported=len(supported),
        warned=len(warned),
        failed=len(bad),
        supported_by=supported_by,
        by_check=_by_check(claims),
        citation_recall=_share(len(supported), len(claims)),
        citation_precision=_citation_precision(claims),
        coverage=_share(sum(c.id in cited for c in active), len(active)),
        parity=_share(sum(not failed(c) for c in both), len(both)) if both else None,
        unsupported=tuple(
            Unsupported(claim=c.id, check=check.name, detail=check.detail)
            for c in bad
            for check in c.checks
            if check.verdict == "fail"
        )
        + tuple(
            Unsupported(claim=c.id, check=NAME, detail=check.detail)
            for c in claims
            if c not in bad
            for check in c.checks
            if check.name == NAME and check.verdict != "pass"
        ),
        dropped=tuple(dropped),
        not_read=tuple(not_read),
        spot_check=tuple(sorted(_sample([c.id for c in claims]))),
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _by_check(claims: Sequence[Claim]) -> dict[str, CheckCounts]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in GATES}
    for claim in claims:
        for check in claim.checks:
            counts.setdefault(check.name, Counter())[check.verdict] += 1
    counts[JUDGED] = Counter({"not_checked": sum(not judged(c) for c in claims)})
    return {
        name: CheckCounts(**{"pass": c["pass"], "fail": c["fail"], "warn": c["warn"], "not_checked": c["not_checked"]})
        for name, c in counts.items()
    }


def _citation_precision(claims: Sequence[Claim]) -> float | None:
    """Citations that the gates of place (span, source, own words) pass, among all; a failed claim's do not count as holding."""
    total = sum(len(c.citations) for c in claims)
    good = sum(len(c.citations) for c in claims if not any(_fails(check, PLACED) for check in c.checks))
    return _share(good, total) if total else None


def _fails(check: Check, names: Sequence[str]) -> bool:
    return check.verdict == "fail" and check.name in names


def _sample(ids: Sequence[str]) -> list[str]:
    """Claims for a person to judge: always the same ones for the same claims."""
    return sorted(ids, key=lambda i: hashlib.sha256(i.encode()).digest())[:SPOT_CHECK]
