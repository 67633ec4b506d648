"""What a whole report is worth, in figures that each have one definition. docs/eval.md lists them with their sources.

The support behind recall and precision is named with them: gates, or a judge. Two reports compare only under the same one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corpus.model import Claim, Contribution, Discussion, Frozen, Passage, Report, Verdict
from eval import keypoints
from eval.gates.grounds import Grounds
from eval.gold import KeyPoint, Span
from eval.repeats import repeated


class Metrics(Frozen):
    """Shares from 0 to 1, but for `claims`, `disagreements` and `compression`; null where there is nothing to measure.

    `citation_recall`: claims that what they cite supports, taken together (ALCE, Gao et al. 2023, section 4.2).
    `citation_precision`: citations that hold for themselves, after ALCE: the words are there, the contributor's own, and
    rightly placed. Whether a further one was needed is not measured.
    `coverage`: contributors who are cited. `answers_covered`: pairs of contributor and question answered that a claim of that
    question cites. `balance`: 1 minus the total variation distance between the contributors' shares of the citations and of
    the text; 1 is everybody heard as much as they wrote. `disagreements`: claims that set two positions against each other.
    `both_sides`: those of them that cite two contributors. `parity`: claims in both languages that no gate fails.
    `redundancy`: claims that say what an earlier one of the same question says. `compression`: characters of the contributions
    to one of the claims. `key_points`: gold points that are cited by half (eval/keypoints.py); null without gold.
    """

    claims: int
    citation_recall: float
    citation_precision: float | None
    supported_by: str
    coverage: float
    answers_covered: float
    balance: float | None
    disagreements: int
    both_sides: float | None
    parity: float | None
    redundancy: float
    compression: float | None
    key_points: float | None = None


def metrics(
    report: Report,
    verdict: Verdict,
    discussion: Discussion,
    contributions: Sequence[Contribution],
    passages: Sequence[Passage],
    grounds: Grounds,
    gold: Sequence[KeyPoint] = (),
) -> Metrics:
    """The figures of one report, its claims as they stand in it."""
    claims = report.claims()
    active = [c for c in contributions if c.withdrawn is None]
    disagreements = [c for c in claims if c.kind == "disagreement"]
    both = [len({x.contribution for x in c.citations}) > 1 for c in disagreements]
    said = sum(len(c.text.best("en")[0]) for c in claims)
    quotes = [Span(x.contribution, x.start, x.end) for c in claims for x in c.citations]
    return Metrics(
        claims=len(claims),
        citation_recall=verdict.citation_recall,
        citation_precision=verdict.citation_precision,
        supported_by=verdict.supported_by,
        coverage=verdict.coverage,
        answers_covered=_answers_covered(report, active, discussion),
        balance=_balance(claims, passages),
        disagreements=len(disagreements),
        both_sides=_share(both),
        parity=verdict.parity,
        redundancy=_redundancy(report, grounds),
        compression=round(sum(len(c.body) for c in active) / said, 2) if said else None,
        key_points=round(keypoints.recall(gold, quotes), 4) if gold else None,
    )


def _share(found: Sequence[bool]) -> float | None:
    return round(sum(found) / len(found), 4) if found else None


def _answers_covered(report: Report, active: Sequence[Contribution], discussion: Discussion) -> float:
    known = set(discussion.labels())
    answered = {(c.id, a.question) for c in active for a in c.answers if a.question in known}
    cited = {(x.contribution, q.id) for q in report.questions for claim in q.claims() for x in claim.citations}
    return _share([pair in cited for pair in sorted(answered)]) or 0.0


def _balance(claims: Sequence[Claim], passages: Sequence[Passage]) -> float | None:
    cited = Counter(contribution for c in claims for contribution in {x.contribution for x in c.citations})
    written = Counter[str]()
    for passage in passages:
        written[passage.contribution] += len(passage.text)
    if not cited or not written:
        return None
    apart = sum(abs(cited[c] / cited.total() - written[c] / written.total()) for c in cited.keys() | written.keys())
    return round(1 - apart / 2, 4)


def _redundancy(report: Report, grounds: Grounds) -> float:
    again = sum(len(repeated(q.claims(), grounds)) for q in report.questions)
    return round(again / max(1, len(report.claims())), 4)
