"""What is stale and why, what a run changed, and what is new since the report that was sent out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.model import Report
from synth import store
from synth.changes import Changes, Face, changes
from synth.review.desk import Asked, Desk, Taken
from tests.conftest import Outcome

Synth = Callable[..., Outcome]
LATE = """\
From: Odile Carrasco
Date: Fri, 4 Apr 2025

Question 1.1

A pump in our three villages was repaired eleven times in one year, and the mechanic asked 14,000 shillings each time.
Villages should keep a box of spare parts, because the shop in town is closed for half of the rainy season.

Odile Carrasco
"""


def late(folder: Path, synth: Synth) -> None:
    path = folder.parent / "late.txt"
    path.write_text(LATE, encoding="utf-8")
    assert synth("-C", folder, "add", path).code == 0


def states(folder: Path, synth: Synth) -> dict[str, str]:
    """By label what `synth status` says, of those that are not current."""
    found = synth("-C", folder, "status", "--json").json["questions"]
    return {label: q["state"] for label, q in found.items() if q["state"] != "current"}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def decide(folder: Path, action: str, question: str = "2.3", **more: object) -> str:
    desk = Desk(folder)
    card = next(c for c in desk.cards() if c.question == question and not c.decided)
    asked = {"claim": card.id, "version": card.version, "by": "Ada", "action": action, "reason": "x", **more}
    assert isinstance(desk.decide(Asked.model_validate(asked)), Taken)
    return card.id


# -- stale, and why ------------------------------------------------------------------------------------


def test_a_current_discussion_has_nothing_stale(copy: Path, synth: Synth) -> None:
    assert states(copy, synth) == {}


def test_a_late_contribution_is_named_under_the_question_that_it_answers(copy: Path, synth: Synth) -> None:
    late(copy, synth)
    assert states(copy, synth) == {"1.1": "stale: new: C13"}


def test_a_corrected_one_a_withdrawn_one_and_a_relabelled_one_are_named(copy: Path, synth: Synth) -> None:
    edit(copy / "contributions" / "C07.md", ". ", "; ")
    assert all(state == "stale: changed: C07" for state in states(copy, synth).values())
    assert synth("-C", copy, "run").code == 0
    assert synth("-C", copy, "withdraw", "C07", "--why", "asked").code == 0
    assert all("gone: C07" in state for state in states(copy, synth).values())
    assert synth("-C", copy, "run").code == 0
    edit(copy / "contributions" / "C01.md", "question: '1.2'", "question: '2.1'")
    assert states(copy, synth) == {"1.2": "stale: gone: C01", "2.1": "stale: new: C01"}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Can you give figures", "Can you tell figures", {"1.1": "stale: the question's text changed"}),
        ("title = ", "length = 0.2\ntitle = ", "stale: settings changed"),
    ],
)
def test_what_was_asked_and_settings_are_named_where_they_changed(
    copy: Path, synth: Synth, old: str, new: str, why: str | dict[str, str]
) -> None:
    edit(copy / "discussion.toml", old, new)
    found = states(copy, synth)
    assert found == why if isinstance(why, dict) else set(found.values()) == {why}


def test_a_changed_glossary_is_named(copy: Path, synth: Synth) -> None:
    (copy / "glossary.csv").write_text("en,fr\nborehole,forage\n", encoding="utf-8")
    assert set(states(copy, synth).values()) == {"stale: the glossary changed"}


def test_another_writer_is_named(copy: Path, synth: Synth, model: None) -> None:
    assert set(states(copy, synth).values()) == {"stale: another engine, model or version of the prompts"}


def test_decisions_make_nothing_stale_and_are_said_to_be_new_until_the_next_run(copy: Path, synth: Synth) -> None:
    decide(copy, "accept")
    state = synth("-C", copy, "status", "--json").json
    assert (state["decided"], state["decisions_since"]) == (1, ["2.3"])
    assert all(q["state"] == "current" for q in state["questions"].values())
    assert "2.3      6 claims; decisions were made since" in synth("-C", copy, "status").out
    assert synth("-C", copy, "run").code == 0
    assert synth("-C", copy, "status", "--json").json["decisions_since"] == []


# -- what a run changed --------------------------------------------------------------------------------


def test_a_run_says_what_it_changed_and_what_it_kept(copy: Path, synth: Synth) -> None:
    decide(copy, "accept")
    gone = decide(copy, "reject")
    late(copy, synth)
    said = synth("-C", copy, "run")
    assert "Changed  +1 claim, 1 rejected · 7 questions untouched · 1 reviewed claim kept" in said.out
    edit(copy / "contributions" / "C13.md", "eleven", "twelve")
    found = synth("-C", copy, "run", "--json").json["changes"]
    assert set(found) == {"new", "strengthened", "weakened", "reworded", "gone", "rejected"}
    assert gone not in json.dumps(found)


def test_claims_are_compared_by_their_words_and_by_who_is_cited() -> None:
    def face(text: str, *who: str) -> Face:
        return Face(text=text, contributions=who)

    before = {"1": face("a", "C01"), "2": face("b", "C01", "C02"), "3": face("c", "C03"), "4": face("d", "C04")}
    after = {"1": face("a", "C01", "C05"), "2": face("b", "C02"), "3": face("C", "C03"), "6": face("f", "C06")}
    found = changes(before, after)
    assert found == Changes(new=("6",), strengthened=("1",), weakened=("2",), reworded=("3",), gone=("4",))
    assert changes(before, after, {"4"}) == Changes(new=("6",), strengthened=("1",), weakened=("2",), reworded=("3",), rejected=("4",))  # fmt: skip


def test_drafted_anew_all_the_same_the_extractive_engine_gives_the_same_claims(copy: Path, synth: Synth) -> None:
    before = {p.name: p.read_bytes() for p in (copy / "drafts").glob("*.json")}
    said = synth("-C", copy, "run", "--fresh")
    assert said.code == 0
    assert "Changed  no claim" in said.out
    assert {p.name: p.read_bytes() for p in (copy / "drafts").glob("*.json")} == before


# -- since the report that was sent out ----------------------------------------------------------------


def report(folder: Path) -> Report:
    found = store.load_report(folder)
    assert found is not None
    return found


def test_a_report_says_what_is_new_since_the_published_one_in_both_languages(copy: Path, synth: Synth) -> None:
    words = {"en": "What is new since the report of", "fr": "Ce qui est nouveau depuis la synthèse du"}
    assert all(w not in (copy / "report" / f"report.{name}.md").read_text(encoding="utf-8") for name, w in words.items())  # fmt: skip
    said = synth("-C", copy, "publish", "--by", "Ada")
    assert said.code == 0
    assert re.fullmatch(
        r"Published on \d{4}-\d\d-\d\d: 34 claims\. The next report says what is new since\.\n", said.out
    )
    gone = decide(copy, "reject")
    late(copy, synth)
    assert synth("-C", copy, "run").code == 0
    since = report(copy).since
    assert since is not None
    assert (since.new, since.withdrawn) == (("1.1-05",), 1)
    for name, heading in words.items():
        markdown = (copy / "report" / f"report.{name}.md").read_text(encoding="utf-8")
        page = (copy / "report" / f"report.{name}.html").read_text(encoding="utf-8")
        assert heading in markdown
        assert heading in page
        assert "[1.1-05](#1.1-05)" in markdown
        assert gone not in markdown


def test_right_after_publishing_nothing_is_new_against_that_report(copy: Path, synth: Synth) -> None:
    assert synth("-C", copy, "publish").code == 0
    late(copy, synth)
    assert synth("-C", copy, "run").code == 0
    first = report(copy).since
    assert synth("-C", copy, "publish").code == 0
    assert synth("-C", copy, "run").code == 0
    assert report(copy).since == first  # the report is the published one to the letter
    edit(copy / "contributions" / "C13.md", "Villages should keep", "All villages should keep")
    assert synth("-C", copy, "run").code == 0
    later = report(copy).since
    assert later is not None
    assert first is not None
    assert set(later.new) & set(first.new) == set()


def test_what_is_published_is_a_report_that_is_there_and_whole(copy: Path, synth: Synth) -> None:
    (copy / "report" / "report.json").unlink()
    said = synth("-C", copy, "publish")
    assert said.code in (2, 3)
    assert "synth run" in said.err
    assert not (copy / "reviews" / "published.jsonl").exists()


def test_nobody_publishes_or_decides_without_a_name(copy: Path, synth: Synth) -> None:
    for command in (["publish"], ["review", "--import", "claims.csv"]):
        for name in ("", "  ", "x" * 81):
            said = synth("-C", copy, *command, "--by", name)
            assert said.code == 2
            assert "say who this is" in said.err
