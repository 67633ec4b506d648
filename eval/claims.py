"""The checks measured on labelled claims: what each gate finds and how often it cries wolf, and how well the score orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.model import Check, Citation, Claim, Frozen, Language
from eval.gates import GATES, Grounds, check_claims
from eval.gates.grounds import Vectors
from eval.gates.parity import check_parity
from eval.labelled import Labelled, Pair, load_claims
from eval.scoring import auc, auc_interval, balanced_accuracy
from eval.support import plain_score, support

Outcomes = dict[str, str]
USUAL = ("draft", "ordinary")  # the styles of our own rows that are no adversary's (docs/eval.md)
WRITTEN_ON, HELD = "written on", "held back"
DRAFT_HELD, USUAL_HELD = f"draft, {HELD}", f"draft and ordinary, {HELD}"


class Found(Frozen):
    """Of `rows` rows, how many a check fails and how many it warns of."""

    rows: int
    fail: int
    warn: int


class Ordering(Frozen):
    """How well a score orders rows: area under the ROC curve with a 95 % interval, beside plain word matching."""

    rows: int
    support: float
    low: float
    high: float
    plain: float


class ClaimMeasures(Frozen):
    """What `synth eval claims` says of one set of rows.

    `gates`: check → kind of error ("" for true rows) → what it finds; "together" is any of them. Balanced accuracy of "out if
    a gate fails it", and of "looked at if a gate fails it or warns". `orders`: "all" and by pair of languages.
    """

    rows: int
    supported: int
    balanced_accuracy_fail: float
    balanced_accuracy_warn: float
    gates: dict[str, dict[str, Found]]
    orders: dict[str, Ordering]


@dataclass(frozen=True)
class Measured:
    """A row with its checks and its scores."""

    row: Labelled
    checks: Outcomes
    support: float | None
    plain: float


def measure(rows: Sequence[Labelled]) -> list[Measured]:
    """Every row through all gates and both scores."""
    found = []
    for row in rows:
        claim = check_claims([row.claim], row.grounds)[0]
        language: Language = "fr" if row.text[1] == "fr" else "en"
        outcomes: Outcomes = {check.name: check.verdict for check in claim.checks}
        found.append(Measured(row, outcomes, support(claim, row.grounds), plain_score(claim, language)))
    return found


def summary(found: Sequence[Measured]) -> ClaimMeasures:
    """The figures over some measured rows."""
    labels = [m.row.supported for m in found]
    return ClaimMeasures(
        rows=len(found),
        supported=sum(labels),
        balanced_accuracy_fail=balanced_accuracy(labels, [not _says(m, "fail") for m in found]),
        balanced_accuracy_warn=balanced_accuracy(labels, [not _says(m, "fail", "warn") for m in found]),
        gates=_by_gate(found),
        orders=_orders(found),
    )


def _says(one: Measured, *verdicts: str) -> bool:
    return any(v in verdicts for v in one.checks.values())


def _by_gate(found: Sequence[Measured]) -> dict[str, dict[str, Found]]:
    kinds = sorted({m.row.kind for m in found})
    table: dict[str, dict[str, Found]] = {}
    for gate in [*GATES, "together"]:
        table[gate] = {}
        for kind in kinds:
            of = [m.checks for m in found if m.row.kind == kind]
            said = [_worst(checks) if gate == "together" else checks.get(gate, "pass") for checks in of]
            table[gate][kind] = Found(rows=len(of), fail=said.count("fail"), warn=said.count("warn"))
    return table


def _worst(checks: Outcomes) -> str:
    said = set(checks.values())
    return "fail" if "fail" in said else "warn" if "warn" in said else "pass"


def _orders(found: Sequence[Measured]) -> dict[str, Ordering]:
    scored = [m for m in found if m.support is not None]
    groups: dict[str, list[Measured]] = {"all": scored}
    for m in scored:
        same = m.row.languages[:2] == m.row.languages[-2:]
        groups.setdefault("same language" if same else "other language", []).append(m)
        groups.setdefault(m.row.languages, []).append(m)
    return {name: _ordering(group) for name, group in sorted(groups.items()) if len({m.row.supported for m in group}) == 2}  # fmt: skip


def _ordering(found: Sequence[Measured]) -> Ordering:
    labels = [m.row.supported for m in found]
    scores = [m.support or 0.0 for m in found]
    low, high = auc_interval(labels, scores)
    return Ordering(
        rows=len(found),
        support=auc(labels, scores),
        low=low,
        high=high,
        plain=auc(labels, [m.plain for m in found]),
    )


# -- English against French ---------------------------------------------------------------------------


def measure_pairs(pairs: Iterable[Pair], vectors: Vectors | None = None) -> dict[str, Found]:
    """What the parity gate finds, by kind of difference; "" are pairs that say the same."""
    grounds = Grounds({}, {}, {}, {}, vectors=vectors)
    quote = Citation(contribution="C01", passage="C01.p1", quote="–", start=0, end=1, language="en")
    said: dict[str, list[Check]] = {}
    for pair in pairs:
        claim = Claim(id=pair.id, kind="finding", text=pair.text, citations=(quote,))
        said.setdefault(pair.kind, []).append(check_parity(claim, grounds))
    return {
        kind: Found(rows=len(checks), fail=sum(c.verdict == "fail" for c in checks), warn=sum(c.verdict == "warn" for c in checks))
        for kind, checks in sorted(said.items())
    }  # fmt: skip


# -- whole files ----------------------------------------------------------------------------------------


def measure_file(path: Path, vectors: Vectors | None = None) -> dict[str, ClaimMeasures]:
    """The figures of a file under "all"; of our own claims by what was held back, and by style ("draft, held back")."""
    found = measure(load_claims(path, vectors))
    if not any(m.row.held and m.row.style for m in found):
        return {"all": summary(found)}
    parts: dict[str, list[Measured]] = {}
    for m in found:
        part = HELD if m.row.held else WRITTEN_ON
        parts.setdefault(part, []).append(m)
        parts.setdefault(f"{m.row.style}, {part}", []).append(m)
        if m.row.held and m.row.style in USUAL:
            parts.setdefault(USUAL_HELD, []).append(m)
    return {name: summary(part) for name, part in parts.items()}


def headline(parts: dict[str, ClaimMeasures], pairs: dict[str, Found]) -> dict[str, float]:
    """The figures that are held to bounds, from the third that no rule was written on: of the gates on all styles, and ("draft_…")
    on drafts alone; of the score on drafts and ordinary summaries."""
    changed = [pairs.get(kind) for kind in ("number", "negation")]
    orders = parts[USUAL_HELD].orders
    found = {
        **_of_gates(parts[HELD]),
        **{f"draft_{name}": value for name, value in _of_gates(parts[DRAFT_HELD]).items()},
        "pairs_found": _rate(*changed, warned=False),
        "pairs_false_alarms": _rate(pairs.get(""), warned=False),
        "support_same_language": orders["same language"].support,
        "support_other_language": orders["other language"].support,
    }
    return {name: round(value, 4) for name, value in found.items() if value is not None}


def _of_gates(held: ClaimMeasures) -> dict[str, float | None]:
    true = {gate: kinds[""] for gate, kinds in held.gates.items()}
    number, name, question = (held.gates[g].get(k) for g, k in (("numbers", "number"), ("names", "name"), ("own words", "question text")))  # fmt: skip
    negation = [held.gates["negation"].get(kind) for kind in ("negation", "modality")]
    return {
        "number_found": _rate(number, warned=False),
        "number_false_alarms": _rate(true["numbers"], warned=False),
        "name_failed": _rate(name, warned=False),
        "name_found": _rate(name),
        "name_fail_false_alarms": _rate(true["names"], warned=False),
        "name_false_alarms": _rate(true["names"]),
        "negation_found": _rate(*negation),
        "negation_false_alarms": _rate(true["negation"]),
        "question_text_found": _rate(question, warned=False),
        "balanced_accuracy": held.balanced_accuracy_warn,
    }


def _rate(*found: Found | None, warned: bool = True) -> float | None:
    """Share of the rows that are failed, or warned of as well; None without rows."""
    there = [f for f in found if f is not None]
    rows = sum(f.rows for f in there)
    return sum(f.fail + (f.warn if warned else 0) for f in there) / rows if rows else None
