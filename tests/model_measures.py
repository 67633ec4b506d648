"""What a full draft by a model costs on the real e-discussion and on larger ones: python -m tests.model_measures [TIMES …]

Calls, tokens, claims, concurrency with the tests' own server, which writes terse, sensible claims; then once with simulated
latency (300 ms and 10 ms a token), to hold the wall time against the slowest chain of calls. Tokens are counted by the
server's estimate, for the contributions as well.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eval.gold import seed_file
from synth import pipeline
from tests.conftest import _do
from tests.openai_server import Recorded, Server, Writer
from tests.openai_server.tokens import tokens
from tests.scale import enlarged


@dataclass(frozen=True)
class Figures:
    """One full draft. `sent`: how often each passage was sent in a draft prompt; `evidence`: the passages to be read."""

    contributions: int
    calls: int
    questions: int
    contribution_tokens: int
    tokens_in: int
    tokens_out: int
    claims: int
    kept: int
    peak: int
    sent: Counter[str]
    evidence: set[str]
    seconds: float
    slowest_chain: float

    @property
    def ratio(self) -> float:
        """Prompt tokens over tokens of the contributions."""
        return self.tokens_in / self.contribution_tokens

    def line(self) -> str:
        """One row."""
        return (
            f"{self.contributions:4d} contributions  {self.contribution_tokens:8,d} tokens  {self.calls:3d} calls  "
            f"{self.tokens_in:8,d} in ({self.ratio:.2f} x)  {self.tokens_out:8,d} out  {self.kept:5d} of {self.claims} claims  "
            f"{self.tokens_out / max(1, self.claims):5.1f} out a claim  peak {self.peak}  "
            f"{self.seconds:6.1f} s, slowest chain {self.slowest_chain:.1f} s"
        )


@contextmanager
def model_at(url: str, **settings: str) -> Iterator[None]:
    """The environment in which the model server at `url` writes."""
    wanted = {"OPENAI_BASE_URL": url, "SYNTH_MODEL": "openai:gpt-test"} | {
        f"SYNTH_MODEL_{name.upper()}": value for name, value in settings.items()
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def full_draft(folder: Path, latency: tuple[float, float] = (0.0, 0.0), bad: dict[str, float] | None = None) -> Figures:
    """Draft all of `folder`, which has no drafts, and count."""
    with Server(Writer(bad=bad or {}), latency=latency) as server, model_at(server.url):
        corpus = pipeline.read_corpus(folder)
        evidence = pipeline.gather(corpus, pipeline.reader(corpus))
        began = time.perf_counter()
        drafted = pipeline.draft_stale(corpus, evidence)
        seconds = time.perf_counter() - began
        assert not drafted.unfinished, drafted.unfinished
        calls = server.calls
        return Figures(
            contributions=len(corpus.active),
            calls=len(calls),
            questions=len(list(corpus.discussion.questions())),
            contribution_tokens=sum(tokens(c.body) for c in corpus.active),
            tokens_in=server.tokens_in,
            tokens_out=server.tokens_out,
            claims=len(server.writer.written),
            kept=sum(len(d.claims()) for d in drafted.drafts),
            peak=server.peak,
            sent=_sent(calls),
            evidence={p.id for e in evidence.values() for p in e.passages},
            seconds=seconds,
            slowest_chain=_slowest_chain(calls),
        )


def _sent(calls: Sequence[Recorded]) -> Counter[str]:
    drafts = [c for c in calls if c.system.startswith("You draft")]
    return Counter(p for c in drafts for p in re.findall(r"^\[\w+ (C\d+\.p\d+)\]$", c.user, re.MULTILINE))


def _slowest_chain(calls: Sequence[Recorded]) -> float:
    """Seconds of the longest draft call and of the recommendations, which can only come after it."""
    drafting = [(c.finished or c.started) - c.started for c in calls if not c.system.startswith("You write the rec")]
    after = [(c.finished or c.started) - c.started for c in calls if c.system.startswith("You write the rec")]
    return max(drafting, default=0.0) + sum(after)


def seed_folder(root: Path) -> Path:
    """The real e-discussion, taken in and not drafted."""
    path = seed_file()
    if path is None:
        sys.exit("the real e-discussion (../shared/seed) is not beside the checkout")
    _do("new", root / "seed", "--from", path)
    _do("-C", root / "seed", "add", path)
    return root / "seed"


def main() -> None:
    """Print a row for each size, and one with latency."""
    sizes = [int(a) for a in sys.argv[1:]] or [1, 4, 16]
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        seed = seed_folder(root)
        print()
        for times in sizes:
            figures = full_draft(enlarged(seed, root / f"x{times}", times))
            print(f"x{times:<3}", figures.line(), "| passages sent once:", figures.sent == Counter(figures.evidence))
        slow = full_draft(enlarged(seed, root / "slow", 1), latency=(0.3, 0.01))
        print("slow", slow.line(), f"| wall {slow.seconds / slow.slowest_chain:.2f} x the slowest chain")


if __name__ == "__main__":
    main()
