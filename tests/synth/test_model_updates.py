"""A late or changed contribution costs what it adds; what stands keeps its words, its numbers and its place."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpus.model import Claim, Draft, Passage, Theme
from prompts import Prompt
from prompts.replies import NewClaim, NewTheme, Source, Strengthened, UpdateReply
from synth import pipeline, store
from synth.engines.drafting import Found
from synth.engines.llm import LlmEngine
from synth.engines.scribe import GivenUpError
from synth.engines.standing import Standing
from synth.engines.updating import Reader, updated
from synth.evidence import Evidence
from synth.fold import Pack, Part
from synth.llm.replies import Reply
from synth.workspace import Corpus
from tests.openai_server import Server
from tests.synth.models import Synth

LABELS = ("1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "2.3")


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


@dataclass
class Done:
    """The themes of question 1.2 after an update, and what was found on the way."""

    themes: tuple[Theme, ...]
    found: Found


@dataclass
class Case:
    """Question 1.2 as drafted, its first claim, and two passages of other contributions that count as new."""

    corpus: Corpus
    evidence: Evidence
    draft: Draft
    new: list[Passage]

    @property
    def first(self) -> Claim:
        return self.draft.claims()[0]

    def updated(self, reply: Callable[[str], Reply]) -> Done:
        """The update that a model makes of it whose reply to a prompt (its user part) is `reply`."""

        async def answers(prompt: Prompt) -> Reply:
            return reply(prompt.user)

        engine = self.corpus.engine(answers)  # type: ignore[arg-type]
        assert isinstance(engine, LlmEngine)
        standing = Standing(self.draft.themes, (), tuple(self.new))
        reader = Reader({"1.2": standing}, engine.scribe, self.corpus.grounds, self.corpus.vectors)
        pack = Pack((Part(self.evidence.reading(tuple(self.new)), tuple(self.new)),))
        added = asyncio.run(reader.read(pack))
        return Done(updated("1.2", standing, added, self.corpus.grounds, self.corpus.vectors), added.found)


@pytest.fixture
def case(folder: Path, server: Server, synth: Synth) -> Case:
    assert synth("-C", folder, "draft", "-q", "1.2").code == 0
    corpus = pipeline.read_corpus(folder)
    evidence = pipeline.gather(corpus, pipeline.reader(corpus))["1.2"]
    draft = store.load_draft(folder, "1.2")
    assert draft is not None
    taken = {draft.claims()[0].citations[0].contribution}
    new = []
    for passage in evidence.passages:
        if passage.contribution not in taken:
            taken.add(passage.contribution)
            new.append(passage)
    return Case(corpus, evidence, draft, new[:2])


def words_of(passage: Passage) -> Source:
    return Source(id=passage.id, words=" ".join(passage.text.split()[:6]))


def theme(en: str, fr: str, passage: Passage, contradicts: int | None = None) -> NewTheme:
    claim = NewClaim(
        sources=[words_of(passage)],
        kind="finding" if contradicts is None else "disagreement",
        en="On households that cannot pay for water, one contributor sees it one way, another sees it differently.",
        fr="Sur les ménages qui ne peuvent pas payer l’eau, un contributeur le voit d’une façon, un autre le voit autrement.",
        contradicts=contradicts,
    )
    return NewTheme(question="1.2", en=en, fr=fr, claims=[claim])


def as_reply(**found: Any) -> Reply:
    return Reply(text=UpdateReply(**found).model_dump_json())


class TestWhatAnUpdateSays:
    def test_against_a_standing_claim_becomes_a_disagreement_with_the_position_first(self, case: Case) -> None:
        case.new = case.new[:1]
        made = theme("Views that differ", "Des avis qui diffèrent", case.new[0], contradicts=1)
        done = case.updated(lambda prompt: as_reply(themes=[made]))
        [new] = [c for t in done.themes for c in t.claims if "sees it differently" in (c.text.en or "")]
        assert [c.contribution for c in new.citations] == [
            case.first.citations[0].contribution,
            case.new[0].contribution,
        ]

    def test_under_no_usable_heading_stands_under_further_points(self, case: Case) -> None:
        case.new = case.new[:1]
        made = theme("See www.example.org for more", "Voir www.example.org", case.new[0])
        done = case.updated(lambda prompt: as_reply(themes=[made]))
        assert (done.themes[-1].title.en, done.themes[-1].title.fr) == ("Further points", "Autres points")

    def test_in_two_halves_for_one_claim_gives_it_both_sources(self, case: Case) -> None:
        """The prompt with both passages is too long; each half bears the first claim out."""

        def reply(prompt: str) -> Reply:
            there = [p for p in case.new if f"{p.id}]" in prompt]
            if len(there) == 2:
                return Reply(text="", finish="too_long")
            return as_reply(strengthened=[Strengthened(claim=1, sources=[words_of(there[0])])])

        grown = next(c for t in case.updated(reply).themes for c in t.claims if c.id == case.first.id)
        assert {p.contribution for p in case.new} <= {c.contribution for c in grown.citations}

    def test_that_is_refused_names_the_contribution_and_what_is_too_long_the_setting(self, case: Case) -> None:
        case.new = case.new[:1]
        refused = case.updated(lambda prompt: Reply(text="", finish="refused")).found.refused
        assert refused == [("1.2", case.new[0].contribution)]
        with pytest.raises(GivenUpError, match=r"too long for the model; set \[model\] context"):
            case.updated(lambda prompt: Reply(text="", finish="too_long"))
