"""What a reviewer decided stands: in the file, over every draft, whoever drafts again and whatever is edited."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.folder import load_contributions, load_discussion, save_contribution
from corpus.model import Answer, Check, Citation, Claim, Contribution, Text, Theme
from synth import pipeline, store
from synth.admission import checked_draft
from synth.engines.engine import Written
from synth.numbering import claim_id
from synth.review import decisions
from synth.review.apply import EVIDENCE, with_decisions
from synth.review.desk import Asked, Card, Desk, Refused, Selection, Taken
from tests.conftest import Outcome
from tests.openai_server import Server
from tests.synth.models import plain

Synth = Callable[..., Outcome]


@pytest.fixture
def desk(copy: Path) -> Desk:
    return Desk(copy)


def decide(desk: Desk, card: Card, action: str, **more: object) -> Taken:
    reason = "Said twice" if action in ("reject", "comment") else ""
    asked = {"claim": card.id, "version": card.version, "by": "Ada", "action": action, "reason": reason, **more}
    done = desk.decide(Asked.model_validate(asked))
    assert isinstance(done, Taken), done
    return done


def card(desk: Desk, claim: str) -> Card:
    found = desk.card(claim)
    assert found is not None
    return found


def rewrite(folder: Path, cid: str, old: str, new: str) -> None:
    """Edit a contribution's body; its labels move along as they do when `synth run` takes edits."""
    path = folder / "contributions" / f"{cid}.md"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def evidence(claim: Claim) -> Check:
    return next(c for c in claim.checks if c.name == EVIDENCE)


def reported(folder: Path) -> dict[str, Claim]:
    report = store.load_report(folder)
    assert report is not None
    return {c.id: c for c in report.claims()}


# -- the file ----------------------------------------------------------------------------------------


def test_half_a_line_left_by_a_crash_counts_for_nothing_and_the_next_decision_is_whole(desk: Desk) -> None:
    first, second, third = desk.cards()[:3]
    decide(desk, first, "accept")
    decide(desk, second, "accept")
    path = decisions.path_of(desk.folder)
    path.write_bytes(path.read_bytes()[:-40])
    assert [d.claim for d in decisions.load(desk.folder).made] == [first.id]
    assert decisions.load(desk.folder).problems == []
    decide(desk, third, "accept")
    assert [(d.n, d.claim) for d in decisions.load(desk.folder).made] == [(1, first.id), (2, third.id)]
    assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def test_a_whole_last_line_without_its_end_is_kept(desk: Desk) -> None:
    first, second = desk.cards()[:2]
    decide(desk, first, "accept")
    path = decisions.path_of(desk.folder)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    decide(desk, second, "accept")
    assert [d.claim for d in decisions.load(desk.folder).made] == [first.id, second.id]


def test_a_broken_line_is_named_left_as_it_is_and_the_rest_counts(desk: Desk, synth: Synth) -> None:
    first, second = desk.cards()[:2]
    decide(desk, first, "accept")
    decide(desk, second, "reject")
    path = decisions.path_of(desk.folder)
    one, two = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(one.replace(b'"accept"', b'"bless"') + two)
    said = synth("-C", desk.folder, "run")
    assert said.code == 3
    assert "reviews/decisions.jsonl: line 1 cannot be read" in said.err
    assert second.id not in reported(desk.folder)
    assert path.read_bytes().splitlines(keepends=True)[0] == one.replace(b'"accept"', b'"bless"')


# -- undo --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["accept", "reject", "edit", "sources", "move", "merge"])
def test_what_is_undone_is_as_it_was_in_the_report_too(desk: Desk, synth: Synth, action: str) -> None:
    before = {c.id: (c.claim.status, c.claim.text, c.claim.citations, c.theme) for c in desk.cards()}
    first, other = [c for c in desk.cards() if c.question == "2.3"][:2]
    quote = Selection(contribution=other.claim.citations[0].contribution, quote=other.claim.citations[0].quote)
    more = {
        "edit": {"text": Text(en="Other words.", fr="D’autres mots."), "confirmed": True},
        "sources": {"sources": [quote], "confirmed": True},
        "move": {"theme": Text(en="Elsewhere", fr="Ailleurs")},
        "merge": {"into": other.id, "into_version": other.version, "confirmed": True},
    }.get(action, {})
    decide(desk, first, action, **more)
    assert synth("-C", desk.folder, "run").code == 0
    assert {c.id: (c.claim.status, c.claim.text, c.claim.citations, c.theme) for c in desk.cards()} != before
    decide(desk, card(desk, first.id), "undo")
    assert synth("-C", desk.folder, "run").code == 0
    assert {c.id: (c.claim.status, c.claim.text, c.claim.citations, c.theme) for c in desk.cards()} == before
    assert set(reported(desk.folder)) == set(before)


def test_undoing_goes_back_one_decision_at_a_time_and_says_when_none_is_left(desk: Desk) -> None:
    first = desk.cards()[0]
    decide(desk, first, "accept")
    decide(desk, card(desk, first.id), "reject")
    statuses = [decide(desk, card(desk, first.id), "undo").now[0].claim.status for _ in range(2)]
    assert statuses == ["accepted", "draft"]
    now = card(desk, first.id)
    refused = desk.decide(Asked(claim=first.id, version=now.version, by="Ada", action="undo"))
    assert isinstance(refused, Refused)
    assert refused.why == "there is nothing to undo"


def test_a_comment_decides_nothing(desk: Desk, synth: Synth) -> None:
    first = desk.cards()[0]
    decide(desk, first, "comment")
    assert not card(desk, first.id).decided
    assert synth("-C", desk.folder, "run").code == 0
    assert reported(desk.folder)[first.id].status == "draft"


# -- through every regeneration ------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["run", "fresh", "without .synth"])
def test_decided_claims_are_what_they_were_however_it_is_drafted_again(desk: Desk, synth: Synth, again: str) -> None:
    accepted, edited, rejected = (c for c in desk.cards() if c.question == "2.3" and c.claim.text.en)
    decide(desk, accepted, "accept")
    decide(desk, edited, "edit", text=Text(en=f"{edited.claim.text.en} Indeed."), confirmed=True)
    decide(desk, rejected, "reject")
    wanted = {accepted.id: accepted.claim.text, edited.id: Text(en=f"{edited.claim.text.en} Indeed.")}
    if again == "without .synth":
        shutil.rmtree(desk.folder / ".synth")
    assert synth("-C", desk.folder, "run", *(["--fresh"] if again == "fresh" else [])).code == 0
    found = reported(desk.folder)
    assert {i: found[i].text for i in wanted} == wanted
    assert rejected.id not in found
    assert rejected.claim.text not in [c.text for c in found.values()]
    assert sum(c.text == accepted.claim.text for c in found.values()) == 1


def written_again(desk: Desk, wording: Text, cited: tuple[Citation, ...], label: str = "2.3") -> list[str]:
    """What the admission of a newly written claim drops, by reason."""
    corpus = pipeline.read_corpus(desk.folder)
    draft = store.load_draft(desk.folder, label)
    assert draft is not None
    new = Claim(id=claim_id(label, 0), kind="finding", text=wording, citations=cited)
    evidence = pipeline.gather(corpus, pipeline.reader(corpus))
    written = Written(label=label, themes=(Theme(title=draft.themes[0].title, claims=(new,)),))
    return [d.check for d in checked_draft(written, evidence[label], corpus, draft.generated, draft).dropped]


def test_a_rejected_claim_does_not_come_back_in_other_words_on_the_same_source(desk: Desk) -> None:
    rejected = next(c for c in desk.cards() if c.question == "2.3" and c.claim.text.en)
    decide(desk, rejected, "reject")
    words = (rejected.claim.text.en or "").rstrip(".")
    other = next(c for c in desk.cards() if c.question == "2.3" and c.claim.text.en and c.id != rejected.id)
    near = Text(en=words[:1].upper() + words[1:])
    assert written_again(desk, near, rejected.claim.citations) == ["decided"]
    assert written_again(desk, other.claim.text, other.claim.citations) == []


# -- when the evidence changes -------------------------------------------------------------------------


def test_words_that_go_from_under_a_decided_claim_are_flagged_and_its_words_stay(desk: Desk, synth: Synth) -> None:
    held, other = [c for c in desk.cards() if len(c.claim.citations) == 1][:2]
    kept, lost = held.claim.citations[0], other.claim.citations[0]
    both = [Selection(contribution=x.contribution, quote=x.quote, start=x.start) for x in (kept, lost)]
    decide(desk, held, "sources", sources=both, confirmed=True)
    rewrite(desk.folder, lost.contribution, lost.quote, "Something else altogether was found when we looked again.")
    assert synth("-C", desk.folder, "run").code == 0
    now = reported(desk.folder)[held.id]
    assert (now.text, now.status, [x.quote for x in now.citations]) == (held.claim.text, "edited", [kept.quote])
    assert evidence(now).verdict == "warn"
    assert f"words of {lost.contribution} that it rested on are gone since Ada decided" in evidence(now).detail


def test_a_claim_that_only_moved_within_its_contribution_is_the_one_that_was_seen(desk: Desk, synth: Synth) -> None:
    seen = next(c for c in desk.cards() if {x.contribution for x in c.claim.citations} == {"C01"})
    rewrite(desk.folder, "C01", "First of all let me thank", "First of all, and with all my heart, let me thank")
    assert synth("-C", desk.folder, "run").code == 0
    assert card(desk, seen.id).claim.citations[0].start > seen.claim.citations[0].start
    decide(desk, seen, "accept")


def test_a_claim_whose_evidence_is_all_gone_is_listed_and_is_back_when_the_words_are(desk: Desk, synth: Synth) -> None:
    held = next(c for c in desk.cards() if len(c.claim.citations) == 1)
    [cited] = held.claim.citations
    decide(desk, held, "accept")
    path = desk.folder / "contributions" / f"{cited.contribution}.md"
    before = path.read_bytes()
    rewrite(desk.folder, cited.contribution, cited.quote, "Something else altogether was found when we looked again.")
    assert synth("-C", desk.folder, "run").code == 0
    assert held.id not in reported(desk.folder)
    verdict = store.load_verdict(desk.folder)
    assert verdict is not None
    assert [d.detail for d in verdict.dropped if d.check == EVIDENCE] == [f"{held.id} was accepted by Ada; the words it rested on were edited away since"]  # fmt: skip
    path.write_bytes(before)
    assert synth("-C", desk.folder, "run").code == 0
    assert (reported(desk.folder)[held.id].text, evidence(reported(desk.folder)[held.id]).verdict) == (held.claim.text, "pass")  # fmt: skip


def test_a_source_that_an_engine_adds_to_an_accepted_claim_is_flagged(desk: Desk) -> None:
    held, other = [c for c in desk.cards() if c.question == "2.3"][:2]
    decide(desk, held, "accept")
    draft = store.load_draft(desk.folder, "2.3")
    assert draft is not None
    more = {"citations": (*held.claim.citations, *other.claim.citations)}
    themes = tuple(t.model_copy(update={"claims": tuple(c.model_copy(update=more) if c.id == held.id else c for c in t.claims)}) for t in draft.themes)  # fmt: skip
    store.save(store.draft_path(desk.folder, "2.3"), draft.model_copy(update={"themes": themes}))
    now = card(desk, held.id).claim
    assert now.text == held.claim.text
    assert evidence(now).verdict == "warn"
    assert "came to its sources since Ada decided" in evidence(now).detail


def test_words_a_reviewer_answers_for_are_warned_of_by_name_and_reported(desk: Desk, synth: Synth) -> None:
    held = next(c for c in desk.cards() if c.claim.text.en)
    refused = desk.decide(Asked(claim=held.id, version=held.version, by="Ada", action="edit", text=Text(en="It costs 77,777 euros.")))  # fmt: skip
    assert isinstance(refused, Refused)
    assert "numbers" in [c.name for c in refused.checks]
    decide(desk, held, "edit", text=Text(en="It costs 77,777 euros."), confirmed=True)
    assert synth("-C", desk.folder, "run").code == 0
    now = reported(desk.folder)[held.id]
    assert all(c.verdict != "fail" for c in now.checks)
    assert any("kept by Ada" in c.detail for c in now.checks if c.verdict == "warn")
    assert synth("-C", desk.folder, "check").code == 0


def test_no_confirmation_makes_a_source_of_words_that_nobody_wrote(desk: Desk) -> None:
    first = desk.cards()[0]
    asked = Asked(claim=first.id, version=first.version, by="Ada", action="sources", confirmed=True, sources=(Selection(contribution="C01", quote="words that nobody ever wrote"),))  # fmt: skip
    refused = desk.decide(asked)
    assert isinstance(refused, Refused)
    assert "these are no 3 words or more of C01" in refused.why


def test_decisions_laid_over_a_draft_twice_are_as_once(desk: Desk) -> None:
    first, other, third = [c for c in desk.cards() if c.question == "2.3"][:3]
    decide(desk, first, "move", theme=Text(en="Elsewhere", fr="Ailleurs"))
    decide(desk, other, "merge", into=third.id, into_version=third.version, confirmed=True)
    rulings = decisions.load(desk.folder).rulings()
    draft = store.load_draft(desk.folder, "2.3")
    assert draft is not None
    once = with_decisions(draft, rulings, desk.corpus.passages)
    assert once != draft
    assert with_decisions(once, rulings, desk.corpus.passages) == once


# -- who withdraws takes the words along ---------------------------------------------------------------


def test_a_withdrawal_takes_the_words_out_of_decisions_and_leaves_all_others_as_they_are(
    desk: Desk, synth: Synth
) -> None:
    mine = next(c for c in desk.cards() if {x.contribution for x in c.claim.citations} == {"C05"})
    other = next(c for c in desk.cards() if "C05" not in {x.contribution for x in c.claim.citations})
    decide(desk, mine, "accept")
    decide(desk, other, "accept")
    path = decisions.path_of(desk.folder)
    before = path.read_bytes().splitlines()
    assert synth("-C", desk.folder, "withdraw", "C05", "--why", "asked").code == 0
    after = path.read_bytes().splitlines()
    assert after[1] == before[1]
    assert mine.claim.citations[0].quote.encode() not in after[0]
    kept = decisions.load(desk.folder).made[0]
    assert (kept.claim, kept.action, kept.by, kept.seen.citations) == (mine.id, "accept", "Ada", ())
    assert synth("-C", desk.folder, "run").code == 0
    assert mine.id not in reported(desk.folder)
    assert other.id in reported(desk.folder)


@pytest.mark.parametrize("shared", [True, False])
def test_erasing_takes_the_words_out_of_what_was_received_and_leaves_others_in_place(
    copy: Path, synth: Synth, shared: bool
) -> None:
    people = load_contributions(copy, load_discussion(copy)).contributions
    files = [c.source.file for c in people if c.source]
    gone = next(c for c in people if c.source and (files.count(c.source.file) > 1) == shared)
    assert gone.source
    path = copy / "sources" / gone.source.file
    before = path.read_text(encoding="utf-8")
    words = gone.body.split("\n")[0]
    said = synth("-C", copy, "withdraw", gone.id, "--why", "asked", "--erase")
    assert said.code == 0
    assert f"sources/{gone.source.file} lost them too" in said.out
    if not shared:
        assert not path.exists()
        return
    after = path.read_text(encoding="utf-8")
    assert words not in after
    assert (after[: gone.source.start], after[gone.source.end :], len(after)) == (before[: gone.source.start], before[gone.source.end :], len(before))  # fmt: skip
    assert synth("-C", copy, "run").code == 0


# -- with a model ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["late", "fresh"])
def test_what_a_model_writes_next_leaves_decided_claims_as_they_are(
    server: Server, folder: Path, synth: Synth, again: str
) -> None:
    assert synth("-C", folder, "run").code == 0
    desk = Desk(folder)
    accepted, rejected, edited = [c for c in desk.cards() if c.question == "2.2"][:3]
    decide(desk, accepted, "accept")
    decide(desk, rejected, "reject")
    decide(desk, edited, "edit", text=edited.claim.text.model_copy(update={"en": f"{edited.claim.text.en} Indeed."}), confirmed=True)  # fmt: skip
    before = len(server.calls)
    assert "this is what --fresh would send" in synth("-C", folder, "draft", "--show-prompt").err
    if again == "late":
        body = (
            "Spare parts were sold at 40 market stalls in our district, and a pump was then repaired within two days."
        )
        whole = (Answer(question="2.2", start=0, end=len(body)),)
        save_contribution(folder, Contribution(id="C13", author="Odile Carrasco", language="en", answers=whole, body=body))  # fmt: skip
    else:
        (folder / ".synth" / "replies.sqlite").unlink()
    options = ["--fresh"] if again == "fresh" else []
    shown = synth("-C", folder, "draft", "--show-prompt", "--json", *options).json
    assert len(server.calls) == before
    assert synth("-C", folder, "run", *options).code == 0
    found = reported(folder)
    sent = [c.user for c in server.calls[before:]]
    assert {plain(prompt["user"]) for prompt in shown} <= set(map(plain, sent))
    assert shown
    assert (found[accepted.id].text, found[accepted.id].status) == (accepted.claim.text, "accepted")
    assert found[edited.id].text.en == f"{edited.claim.text.en} Indeed."
    assert rejected.id not in found
    assert rejected.claim.text not in [c.text for c in found.values()]
    assert not any(rejected.claim.text.en in user for user in sent)  # type: ignore[operator]
