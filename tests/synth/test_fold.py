from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Discussion, Passage, Question, Text, Topic
from synth.evidence import Evidence
from synth.fold import HEADER, SMALL, Pack, Part, batches, plan, weight, within_budget

ASKED = Discussion(
    title=Text(en="x"),
    topics=(
        Topic(
            id="1", text=Text(en="t"), questions=tuple(Question(id=f"1.{i}", text=Text(en="q")) for i in range(1, 6))
        ),
    ),
)


def evidence(label: str, sizes: dict[str, list[int]]) -> Evidence:
    """Passages of so many words, by contribution."""
    passages = tuple(
        Passage(id=f"{c}.p{label}{i}", contribution=c, questions=(label,), start=0, end=1, language="en", text="w " * n)
        for c, counts in sizes.items()
        for i, n in enumerate(counts)
    )
    ones: Any = lambda texts: np.ones((len(texts), 2), dtype=np.float32)  # noqa: E731
    return Evidence(label, ASKED, passages, {}, {}, ones, 0, np.zeros(2, dtype=np.float32))


def size(text: str) -> int:
    return len(text.split())


lengths = st.dictionaries(
    st.integers(1, 40).map(lambda n: f"C{n:02d}"), st.lists(st.integers(20, 150), min_size=1, max_size=12), min_size=1
)


@given(lengths, st.integers(300, 3000))
def test_everything_is_read_once_and_no_answer_is_split_that_fits(sizes: dict[str, list[int]], room: int) -> None:
    one = evidence("1.1", sizes)
    found = batches(one.passages, room, size)
    assert sorted(p.id for b in found for p in b) == sorted(p.id for p in one.passages)
    for owner, counts in sizes.items():
        holding = [b for b in found if any(p.contribution == owner for p in b)]
        if sum(counts) + HEADER * len(counts) <= room:
            assert len(holding) == 1
    assert all(weight(b, size) <= room for b in found)


def test_small_questions_share_a_call_and_large_ones_do_not() -> None:
    big = {"C01": [150] * 12}
    packs = plan([evidence("1.1", big), *(evidence(f"1.{i}", {"C01": [100]}) for i in (2, 3, 4))], 5000, size)
    assert [[part.label for part in pack.parts] for pack in packs] == [["1.1"], ["1.2", "1.3", "1.4"]]
    assert SMALL > 100


def test_halves_are_made_by_question_then_by_contribution_then_by_passage() -> None:
    two = Pack(
        (
            Part(evidence("1.1", {"C01": [50]}), evidence("1.1", {"C01": [50]}).passages),
            Part(evidence("1.2", {"C02": [50]}), evidence("1.2", {"C02": [50]}).passages),
        )
    )
    first, second = two.halves() or (None, None)
    assert first is not None
    assert second is not None
    assert (first.parts[0].label, second.parts[0].label) == ("1.1", "1.2")
    one = evidence("1.1", {"C01": [50, 50], "C02": [50]})
    halves = Pack((Part(one, one.passages),)).halves()
    assert halves is not None
    assert [h.contributions() for h in halves] == [["C01"], ["C02"]]
    alone = halves[0].halves()
    assert alone is not None
    assert [len(h.parts[0].passages) for h in alone] == [1, 1]
    assert alone[0].halves() is None


@given(lengths, st.integers(100, 4000))
def test_a_budget_is_kept_and_everybody_is_heard_before_anybody_is_heard_twice(
    sizes: dict[str, list[int]], budget: int
) -> None:
    one = evidence("1.1", sizes)
    chosen = within_budget([one], budget, size)["1.1"]
    if weight(one.passages, size) <= budget:
        assert chosen == one.passages
        return
    assert weight(chosen, size) <= budget
    heard = [p.contribution for p in chosen]
    if len(set(heard)) < len(heard):
        smallest = {c: min(counts) for c, counts in sizes.items() if c not in heard}
        assert all(n > 0 for n in smallest.values())
        left = budget - weight(chosen, size)
        assert all(left < 150 + HEADER or c in heard for c in sizes)
