"""A discussion opened: what lies on disk, cut into passages, and what works on it – embedder, engine, model, judge.

Each is made when it is first asked for, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import SynthError
from corpus.model import Contribution, Discussion, Passage, Window
from eval.gates import Grounds
from synth.engines.engine import Engine
from synth.engines.extractive import ExtractiveEngine
from synth.evidence import OTHER
from synth.llm.client import Ask, Client
from synth.review.decisions import Decisions, Ruling
from synth.settings import Settings
from vectorstore.embedders import CachedEmbedder, Vectors, comparable

if TYPE_CHECKING:
    from eval.judge import Judge
    from synth.llm.batch import Batches


@dataclass
class Corpus:
    """A discussion as it stands on disk, cut into passages and windows."""

    folder: Path
    discussion: Discussion
    settings: Settings
    contributions: list[Contribution]
    problems: list[str]
    unread: list[str]
    decisions: Decisions = field(default_factory=Decisions)
    passages: list[Passage] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)

    @property
    def active(self) -> list[Contribution]:
        """Contributions that are not withdrawn."""
        return [c for c in self.contributions if c.withdrawn is None]

    @cached_property
    def rulings(self) -> dict[str, Ruling]:
        """What reviewers decided, by claim id."""
        return self.decisions.rulings()

    @cached_property
    def embedder(self) -> CachedEmbedder:
        """The embedder with its cache."""
        return CachedEmbedder(
            self.settings.embedder, self.folder / ".synth" / "vectors.sqlite", self.settings.embedder_base_url
        )

    @cached_property
    def vectors(self) -> Callable[[Sequence[str]], Vectors]:
        """Unit vectors of texts whose cosines may be compared with fixed bounds, whatever the embedder."""
        return comparable(self.embedder.vectors, _mean(self.embedder.vectors, self.windows))

    @cached_property
    def background(self) -> Vectors:
        """The mean vector of all that is said."""
        return _mean(self.vectors, self.windows)

    @cached_property
    def grounds(self) -> Grounds:
        """What claims are checked against."""
        return Grounds.of(self.discussion, self.contributions, self.passages, vectors=self.vectors)

    def engine(self, ask: Ask | None = None) -> Engine:
        """Who writes. `ask`: what answers the prompts of the llm engine instead of the model itself. Close it."""
        if self.settings.engine == "extractive" or self.settings.model is None:
            return ExtractiveEngine(self.discussion, self.grounds, self.vectors)
        from synth.engines.llm import LlmEngine
        from synth.engines.scribe import Scribe

        ask = ask or self.client
        scribe = Scribe(ask, self.settings.model, self.discussion, self.active, self.settings.attribution)
        return LlmEngine(scribe, self.grounds, self.vectors)

    @cached_property
    def client(self) -> Client:
        """The model of the settings, with the replies it gave before."""
        from synth.llm.replies import Replies

        if self.settings.model is None:
            raise SynthError("no model is set up; `synth doctor` says how.")
        derived = self.folder / ".synth"
        return Client(self.settings.model, Replies(derived / "replies.sqlite"), derived / "models.json")

    @cached_property
    def judge(self) -> Judge | None:
        """The judge of the settings, if there is one: a model that is asked, or one of inference on this machine."""
        if self.settings.judge is None:
            return None
        if self.settings.judge.provider == "nli":
            from eval.nli import NliJudge

            return NliJudge(self.settings.judge.name.partition(":")[2], self.grounds)
        from synth.engines.scribe import Scribe
        from synth.judging import ModelJudge
        from synth.llm.replies import Replies

        derived = self.folder / ".synth"
        client = Client(self.settings.judge, Replies(derived / "replies.sqlite"), derived / "models.json")
        scribe = Scribe(client, self.settings.judge, self.discussion, self.active, self.settings.attribution)
        return ModelJudge(scribe, self.grounds, derived / "judged.jsonl")

    @property
    def batches(self) -> Batches:
        """The batches that are out."""
        from synth.llm.batch import Batches

        return Batches(self.folder / ".synth" / "batches.json", self.client)

    @property
    def batches_wait(self) -> bool:
        """Whether a batch is out."""
        return (self.folder / ".synth" / "batches.json").exists() and bool(self.batches.waiting())

    def labels(self) -> list[str]:
        """Labels of the report in its order, what fits no question last."""
        return [*self.discussion.labels(), OTHER]


def _mean(vectors: Callable[[Sequence[str]], Vectors], windows: Sequence[Window]) -> Vectors:
    mean: Vectors = vectors([w.text for w in windows]).mean(axis=0)
    return mean
