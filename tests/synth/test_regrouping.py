"""Contributions are split and joined by editing their files: claims go along with the words they rest on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.folder import load_contributions, load_discussion, save_contribution
from corpus.model import Claim, Contribution
from synth.review.apply import EVIDENCE
from synth.review.desk import Asked, Card, Desk, Taken
from tests.conftest import Outcome

Synth = Callable[..., Outcome]


def contribution(folder: Path, cid: str) -> Contribution:
    found = load_contributions(folder, load_discussion(folder)).get(cid)
    assert found is not None
    return found


def split(folder: Path) -> None:
    """C01 becomes two: what answers 1.2 and later questions is C13's."""
    whole = contribution(folder, "C01")
    at = next(a.start for a in whole.answers if a.question == "1.2")
    later = [a.model_copy(update={"start": a.start - at, "end": a.end - at}) for a in whole.answers if a.start >= at]
    second = Contribution(id="C13", author="A colleague", language="en", answers=tuple(later), body=whole.body[at:])
    first = {"answers": tuple(a for a in whole.answers if a.end <= at), "body": whole.body[:at].rstrip()}
    save_contribution(folder, whole.model_copy(update=first))
    save_contribution(folder, second)


def decide(desk: Desk, card: Card, action: str) -> None:
    done = desk.decide(Asked.model_validate({"claim": card.id, "version": card.version, "by": "Ada", "action": action, "reason": "Said twice"}))  # fmt: skip
    assert isinstance(done, Taken)


def cited(claim: Claim) -> set[str]:
    return {c.contribution for c in claim.citations}


@pytest.fixture
def desk(copy: Path) -> Desk:
    """A desk on which the claims that C01 alone bears under 1.2 and later are decided on, one rejected."""
    desk = Desk(copy)
    mine = [c for c in desk.cards() if "C01" in cited(c.claim)]
    for card in mine:
        decide(desk, card, "reject" if card.question == "2.2" else "accept")
    return desk


def test_decided_claims_go_along_when_a_contribution_is_split(desk: Desk, synth: Synth) -> None:
    before = {c.id: c for c in desk.cards() if c.decided}
    split(desk.folder)
    assert synth("-C", desk.folder, "run").code == 0
    after = {c.id: c for c in desk.cards()}
    for claim_id, card in before.items():
        now = after[claim_id].claim
        assert (now.status, now.text) == (card.claim.status, card.claim.text)
        assert cited(now) == {("C13" if c == "C01" and card.question != "1.1" else c) for c in cited(card.claim)}
        flagged = any(c.name == EVIDENCE and c.verdict == "warn" and "C13" in c.detail for c in now.checks)
        assert flagged == ("C13" in cited(now) and now.status == "accepted")


def test_a_claim_that_was_rejected_does_not_come_back_in_the_name_of_the_other_half(desk: Desk, synth: Synth) -> None:
    rejected = [c for c in desk.cards() if c.claim.status == "rejected"]
    assert rejected
    split(desk.folder)
    assert synth("-C", desk.folder, "run", "--fresh").code == 0
    standing = {c.claim.text.best("en")[0] for c in desk.cards() if c.claim.status != "rejected"}
    assert not standing & {c.claim.text.best("en")[0] for c in rejected}


def test_what_was_split_and_joined_again_stands_as_it_did(desk: Desk, synth: Synth) -> None:
    assert synth("-C", desk.folder, "run").code == 0
    whole = contribution(desk.folder, "C01")
    before = {c.id: (c.claim.status, c.claim.text, cited(c.claim)) for c in desk.cards() if c.decided}
    split(desk.folder)
    assert synth("-C", desk.folder, "run").code == 0
    (desk.folder / "contributions" / "C13.md").unlink()
    save_contribution(desk.folder, whole)
    assert synth("-C", desk.folder, "run").code == 0
    assert {c.id: (c.claim.status, c.claim.text, cited(c.claim)) for c in desk.cards() if c.decided} == before
