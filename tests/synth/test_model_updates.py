"""A late or changed contribution costs what it adds; what stands keeps its words, its numbers and its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.model import Claim, Draft
from synth import store
from tests.conftest import Outcome
from tests.openai_server import Server

Synth = Callable[..., Outcome]
LABELS = ("1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "2.3")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("SYNTH_MODEL", "openai:gpt-test")
        yield running


@pytest.fixture
def folder(copy: Path) -> Path:
    for path in [*(copy / "drafts").glob("*"), *(copy / "report").glob("*")]:
        path.unlink()
    return copy


def drafts(folder: Path) -> dict[str, Draft]:
    return {label: d for label in LABELS if (d := store.load_draft(folder, label)) is not None}


def texts(claims: list[Claim]) -> dict[str, str | None]:
    return {c.id: c.text.en for c in claims}


class TestALateContribution:
    def test_is_read_alone_and_leaves_other_questions_files_as_they_are(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        path = folder / "contributions" / "C11.md"
        late = path.read_text()
        path.unlink()
        assert synth("-C", folder, "run").code == 0
        before = {p.name: p.read_bytes() for p in (folder / "drafts").glob("*")}
        old = drafts(folder)
        full = server.tokens_in
        server.reset()
        path.write_text(late)
        assert synth("-C", folder, "run").code == 0
        new = drafts(folder)
        answered = set(re.findall(r"question: '(\d\.\d)'", late))
        changed = {name for name, content in before.items() if (folder / "drafts" / name).read_bytes() != content}
        assert changed == {f"{q}.json" for q in answered} | {"recommendations.json"}
        assert len(server.calls) <= len(answered) + 1
        assert server.tokens_in < full
        assert {p for c in server.calls for p in re.findall(r"^\[\w+ (C\d+)\.p\d+\]$", c.user, re.MULTILINE)} == {"C11"}
        for label in answered:
            assert texts(old[label].claims()).items() <= texts(new[label].claims()).items()
            assert any(x.contribution == "C11" for c in new[label].claims() for x in c.citations)


class TestAnEdit:
    def test_elsewhere_in_a_contribution_moves_its_citations_and_keeps_its_claims(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        assert synth("-C", folder, "run").code == 0
        old = drafts(folder)
        path = folder / "contributions" / "C01.md"
        head, body = path.read_text().split("\n---\n", 1)
        path.write_text(f"{head}\n---\nA line that was forgotten at the beginning of this mail.\n\n{body}")
        server.reset()
        assert synth("-C", folder, "run").code == 0
        new = drafts(folder)
        for label in LABELS:
            assert texts(old[label].claims()) == texts(new[label].claims())
        moved = [x for d in new.values() for c in d.claims() for x in c.citations if x.contribution == "C01"]
        assert moved
        assert len(server.calls) == 0

    def test_of_the_words_a_claim_rests_on_takes_the_claim_out_and_says_so(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        assert synth("-C", folder, "run").code == 0
        claim = next(
            c for d in drafts(folder).values() for c in d.claims() if {x.contribution for x in c.citations} == {"C04"}
        )
        path = folder / "contributions" / "C04.md"
        text = path.read_text()
        quote = claim.citations[0].quote
        assert quote in text
        path.write_text(text.replace(quote, "Nothing of this was meant, and it is taken back with regret and thanks."))
        assert synth("-C", folder, "run").code == 0
        report, verdict = store.load_report(folder), store.load_verdict(folder)
        assert report is not None
        assert verdict is not None
        assert claim.text.en not in [c.text.en for c in report.claims()]
        assert any(d.text.en == claim.text.en and "edited away" in d.detail for d in verdict.dropped)

    def test_of_the_question_writes_it_anew(self, folder: Path, server: Server, synth: Synth) -> None:
        assert synth("-C", folder, "run").code == 0
        toml = folder / "discussion.toml"
        asked = store.load_report(folder)
        assert asked is not None
        question = next(q.text.en for q in asked.questions if q.id == "1.2")
        assert question is not None
        toml.write_text(toml.read_text().replace(question, f"And again: {question}"))
        server.reset()
        assert synth("-C", folder, "draft").code == 0
        assert [c for c in server.calls if c.system.startswith("You draft")]


def test_what_contradicts_a_standing_claim_becomes_a_disagreement_with_both_sides(
    folder: Path, server: Server, synth: Synth
) -> None:
    """The update's reply names the standing claim; the program puts that claim's source before the new one."""
    from corpus.folder import load_discussion
    from prompts.replies import NewClaim, NewTheme, Source, UpdateReply
    from synth import pipeline
    from synth.engines.standing import Standing
    from synth.engines.updating import update
    from synth.llm.replies import Reply

    assert synth("-C", folder, "draft", "-q", "1.2").code == 0
    corpus = pipeline.read_corpus(folder)
    evidence = pipeline.gather(corpus, pipeline.reader(corpus))["1.2"]
    draft = store.load_draft(folder, "1.2")
    assert draft is not None
    first = next(c for t in draft.themes for c in t.claims)
    other = next(p for p in evidence.passages if p.contribution != first.citations[0].contribution)
    words = " ".join(other.text.split()[:6])

    async def answers(prompt: object) -> Reply:
        claim = NewClaim(
            sources=[Source(id=other.id, words=words)],
            kind="disagreement",
            en="One contributor sees it one way, another sees it differently.",
            fr="Un contributeur le voit d’une façon, un autre le voit autrement.",
            contradicts=1,
        )
        theme = NewTheme(question="1.2", en="Views that differ", fr="Des avis qui diffèrent", claims=[claim])
        return Reply(text=UpdateReply(themes=[theme]).model_dump_json())

    import asyncio

    engine = corpus.engine(answers)  # type: ignore[arg-type]
    standing = Standing(draft.themes, (), (other,))
    done = asyncio.run(update(evidence, standing, engine.scribe, corpus.grounds, corpus.vectors))  # type: ignore[attr-defined]
    [new] = [c for t in done.themes for c in t.claims if c.kind == "disagreement" and c.text.en and "sees it differently" in c.text.en]  # fmt: skip
    assert new.citations[0].contribution == first.citations[0].contribution
    assert new.citations[1].contribution == other.contribution
    assert load_discussion(folder).labels()[0] == "1"
