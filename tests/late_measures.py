"""What a late contribution, a correction or a withdrawal costs on the real e-discussion: python -m tests.late_measures [TIMES …]

Each of its 13 contributions in turn comes last, is corrected by a few words, is withdrawn; what drafting then sends is held
against one full run (drafts and recommendations), with the tests' own server and by its estimate of tokens. In a discussion
made larger only one is corrected and withdrawn: a row takes more than a minute there.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.model import Passage
from synth import pipeline, store
from tests.conftest import _do
from tests.model_measures import model_at, seed_folder
from tests.openai_server import Recorded, Server, Writer
from tests.scale import enlarged

BOUNDS = {1: 30.0, 16: 3.0}  # percent of a full run's prompt tokens, by how many times larger the discussion is
# By the second word of the system prompt: "You draft …".
TASKS = {"draft": "draft", "keep": "update", "correct": "repair", "edit": "merge", "write": "recommend"}
_WORDS = re.compile(r"\b[a-zà-ÿ]{4,} [a-zà-ÿ]{4,} [a-zà-ÿ]{4,}\b")


@dataclass(frozen=True)
class Row:
    """What one event cost. `labels`: those whose evidence holds passages of the contribution; `changed`: other labels whose
    draft is another file now; `full`: prompt tokens of a full run."""

    event: str
    contribution: str
    labels: frozenset[str]
    calls: int
    tokens: Counter[str]
    full: int
    changed: tuple[str, ...]

    @property
    def share(self) -> float:
        """Prompt tokens in percent of a full run's."""
        return 100 * self.tokens.total() / self.full

    @property
    def few_calls(self) -> bool:
        """A call for each label and one for the recommendations."""
        return self.calls <= len(self.labels) + 1

    def line(self) -> str:
        """The row as it is printed."""
        split = "".join(f"{self.tokens[task]:10,d}" for task in TASKS.values())
        return (
            f"{self.event:9}  {self.contribution:4}{len(self.labels):8d}{self.calls:7d}{split}{self.tokens.total():10,d}"
            f"{self.share:8.2f} %  {'yes' if self.few_calls else 'NO':16}{', '.join(self.changed) or 'none'}"
        )


HEAD = "event      id    labels  calls" + "".join(f"{task:>10}" for task in (*TASKS.values(), "all"))
HEAD += "     share  calls<=labels+1 other drafts changed"


class Discussion:
    """A discussion drafted in full, once; every event happens to a copy of it. Vectors are shared by all copies."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        (folder / ".synth").mkdir()
        (folder / ".synth" / "vectors.sqlite").symlink_to(folder.parent / "vectors.sqlite")
        self.passages = draft(folder)
        self.calls = len(server.calls)
        self.full = spent(server.calls).total()

    def late(self, cid: str) -> Row:
        """All is drafted without the contribution; then it comes."""
        copy = self._copy("drafts", "replies.sqlite*")
        path = copy / "contributions" / f"{cid}.md"
        text = path.read_text(encoding="utf-8")
        path.unlink()
        draft(copy)
        path.write_text(text, encoding="utf-8")
        return self._row("late", cid, copy, files(copy))

    def corrected(self, cid: str) -> Row:
        """Three words of a paragraph that a claim cites change places: no offset moves."""
        copy = self._copy()
        path = copy / "contributions" / f"{cid}.md"
        text = path.read_text(encoding="utf-8")
        old = self._words(cid, text)
        path.write_text(text.replace(old, " ".join(reversed(old.split()))), encoding="utf-8")
        return self._row("corrected", cid, copy, files(self.folder))

    def withdrawn(self, cid: str) -> Row:
        """`synth withdraw`, then drafting."""
        copy = self._copy()
        with contextlib.redirect_stdout(io.StringIO()):
            _do("-C", copy, "withdraw", cid, "--why", "asked")
        return self._row("withdrawn", cid, copy, files(self.folder))

    def _copy(self, *without: str) -> Path:
        """Under a name of its own: a lock is held until this process ends."""
        target = Path(tempfile.mkdtemp(dir=self.folder.parent)) / "copy"
        return shutil.copytree(self.folder, target, symlinks=True, ignore=shutil.ignore_patterns("lock*", *without))

    def _row(self, event: str, cid: str, copy: Path, before: Mapping[str, bytes]) -> Row:
        self.server.reset()
        draft(copy)
        calls, after = self.server.calls, files(copy)
        shutil.rmtree(copy)
        labels = frozenset(label for label, held in self.passages.items() if any(p.contribution == cid for p in held))
        changed = [label for label in self.passages if label not in labels and before[label] != after[label]]
        return Row(event, cid, labels, len(calls), spent(calls), self.full, tuple(changed))

    def _words(self, cid: str, text: str) -> str:
        """Three words in a row, once in the file, of a passage that a claim cites; outside all quotations if possible."""
        passages = {p.id: p for held in self.passages.values() for p in held}
        drafts = [d for label in self.passages if (d := store.load_draft(self.folder, label)) is not None]
        cited = [x for d in drafts for c in d.claims() for x in c.citations if x.contribution == cid]
        runs = [m[0] for x in cited for m in _WORDS.finditer(passages[x.passage].text) if text.count(m[0]) == 1]
        return next((run for run in runs if not any(run in x.quote for x in cited)), runs[0])


def draft(folder: Path) -> Mapping[str, tuple[Passage, ...]]:
    """Draft what is stale; the passages that each label has."""
    corpus = pipeline.read_corpus(folder)
    evidence = pipeline.gather(corpus, pipeline.reader(corpus))
    drafted = pipeline.draft_stale(corpus, evidence)
    assert not drafted.unfinished, drafted.unfinished
    return {label: e.passages for label, e in evidence.items()}


def files(folder: Path) -> dict[str, bytes]:
    """The draft files by label."""
    return {p.stem: p.read_bytes() for p in (folder / "drafts").glob("*.json")}


def spent(calls: Collection[Recorded]) -> Counter[str]:
    """Prompt tokens by task, which the second word of the system prompt tells."""
    found = Counter[str]()
    for call in calls:
        found[TASKS[call.system.split()[1]]] += call.usage.get("prompt_tokens", 0)
    return found


def measure(folder: Path, times: int) -> None:
    """Print the rows of a discussion, and the dearest against the bound."""
    with Server(Writer()) as server, model_at(server.url):
        whole = Discussion(folder, server)
        print(f"\nx{times}: a full run takes {whole.calls} calls, {whole.full:,d} prompt tokens\n{HEAD}", flush=True)
        ids = [f"C{number:02d}" for number in range(1, 14)]
        rows = []
        for event in (whole.late, whole.corrected, whole.withdrawn):
            for cid in ids if times == 1 or event == whole.late else ids[:1]:
                rows.append(event(cid))
                print(rows[-1].line(), flush=True)
    dearest = {row.event: row for row in sorted(rows, key=lambda row: row.share)}
    shares = ", ".join(f"{event} {row.share:.2f} % ({row.contribution})" for event, row in dearest.items())
    bound = BOUNDS.get(times, 100.0)
    held = "held" if all(row.share <= bound for row in rows) else f"NOT HELD in {sum(r.share > bound for r in rows)}"
    print(
        f"x{times}: at most {shares}; bound {bound:.0f} %: {held}; more calls than labels + 1 in "
        f"{sum(not row.few_calls for row in rows)}, other drafts changed in {sum(bool(row.changed) for row in rows)} "
        f"of {len(rows)} rows"
    )


def main() -> None:
    """Measure the discussion as it is, or as many times larger as is said."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        seed = seed_folder(root)
        for times in [int(a) for a in sys.argv[1:]] or [1]:
            (root / f"x{times}").mkdir()
            measure(enlarged(seed, root / f"x{times}" / "whole", times), times)


if __name__ == "__main__":
    main()
