"""reviews/decisions.jsonl: what reviewers decided, one decision a line, only ever appended to.

Each line holds the claim as the reviewer saw it, so that what was decided can be restored from this file alone, whatever
becomes of the drafts. What the lines on one claim amount to is a `Ruling`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import Field, ValidationError, model_validator

from corpus.errors import FolderError, LockedError, first_of
from corpus.folder import write_if_changed
from corpus.model import Citation, Claim, Frozen, Kind, Status, Text

Action = Literal["accept", "reject", "edit", "sources", "move", "merge", "comment", "undo"]
WAIT_SECONDS = 10.0
NEEDS: Mapping[Action, tuple[str, ...]] = {
    "reject": ("reason",),
    "edit": ("text",),
    "sources": ("citations",),
    "move": ("theme",),
    "merge": ("into", "into_seen"),
    "comment": ("reason",),
    "undo": ("undoes",),
}


class Seen(Frozen):
    """A claim as somebody saw it, under its heading. No citation is left where all were withdrawn."""

    kind: Kind
    text: Text
    citations: tuple[Citation, ...]
    theme: Text

    def claim(self, claim_id: str, status: Status) -> Claim:
        """As a claim of that id. There must be a citation."""
        return Claim(id=claim_id, kind=self.kind, text=self.text, citations=self.citations, status=status)


class Decision(Frozen):
    """One line of the file. `n` counts them; `seen` is the claim before the decision; `reason` is also what a comment says.

    `confirmed`: the reviewer answers for words that a gate refuses. `undoes`: the `n` of a decision taken back.
    """

    n: int = Field(ge=1)
    at: str
    by: str
    claim: str
    action: Action
    seen: Seen
    reason: str | None = None
    text: Text | None = None
    citations: tuple[Citation, ...] | None = None
    theme: Text | None = None
    into: str | None = None
    into_seen: Seen | None = None
    undoes: int | None = None
    confirmed: bool = False

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Decision:
        for name in NEEDS.get(self.action, ()):
            if getattr(self, name) in (None, ""):
                raise ValueError(f"a decision to {self.action} needs {name}")
        return self

    def after(self) -> Seen:
        """The claim as it is by this decision."""
        new = {"text": self.text, "citations": self.citations, "theme": self.theme}
        return self.seen.model_copy(update={name: value for name, value in new.items() if value is not None})

    def target_after(self) -> Seen | None:
        """Of a merge: the claim merged into, with both claims' sources."""
        if self.into_seen is None:
            return None
        both = tuple(dict.fromkeys((*self.into_seen.citations, *self.seen.citations)))
        return self.into_seen.model_copy(update={"citations": both})


@dataclass(frozen=True)
class Ruling:
    """What the decisions on one claim amount to.

    `status`: "draft" where none of them decides. `held`: the claim as it was decided on or, where all was undone, as it was
    before. `moved`: somebody put it under the heading of `held`, or back; it stands there wherever an engine puts it. `known`: (contribution, quote) of
    every citation that a reviewer saw with it. `last`: the decision that it follows from; `version`: `n` of the last line
    about it.
    """

    claim: str
    status: Status
    held: Seen
    last: Decision
    version: int
    moved: bool = False
    merged_into: str | None = None
    known: frozenset[tuple[str, str]] = frozenset()
    comments: tuple[Decision, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether a person said what becomes of the claim."""
        return self.status != "draft"

    @property
    def stands(self) -> bool:
        """Whether a person wants it in the report."""
        return self.status in ("accepted", "edited")

    @property
    def question(self) -> str:
        """The label the claim belongs to."""
        return question_of(self.claim)


def question_of(claim_id: str) -> str:
    """ "1.1" of "1.1-07"."""
    return claim_id.rpartition("-")[0]


@dataclass
class Decisions:
    """All that was decided, and one line for each line of the file that cannot be read."""

    made: list[Decision] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def rulings(self) -> dict[str, Ruling]:
        """By claim id, what was decided."""
        undone = {d.undoes for d in self.made if d.action == "undo"}
        lines: dict[str, list[Decision]] = {}
        for decision in self.made:
            for claim_id in dict.fromkeys((decision.claim, decision.into)):
                if claim_id is not None:
                    lines.setdefault(claim_id, []).append(decision)
        return {claim_id: _ruling(claim_id, about, undone) for claim_id, about in lines.items()}

    def undoable(self, claim_id: str) -> Decision | None:
        """The last decision on a claim that is not undone."""
        undone = {d.undoes for d in self.made if d.action == "undo"}
        about = [d for d in self.made if claim_id in (d.claim, d.into) and d.action != "undo" and d.n not in undone]
        return about[-1] if about else None


def _ruling(claim_id: str, about: Sequence[Decision], undone: set[int | None]) -> Ruling:
    status: Status = "draft"
    first = about[0]
    held = first.seen if first.claim == claim_id else first.into_seen or first.seen
    last, moved, merged = first, False, None
    comments = []
    for d in about:
        moved = moved or d.action == "move"  # one that is undone goes back to where it was
        if d.action == "undo" or d.n in undone:
            continue
        if d.action == "comment":
            comments.append(d)
            continue
        last = d
        if d.action == "merge" and d.into == claim_id:
            status, held, merged = "edited", d.target_after() or held, None
        else:
            status, held, merged = _status(d.action, status), d.after(), d.into
    return Ruling(
        claim=claim_id,
        status=status,
        held=held,
        last=last,
        version=about[-1].n,
        moved=moved,
        merged_into=merged,
        known=frozenset((c.contribution, c.quote) for d in about for c in _citations(d, claim_id)),
        comments=tuple(comments),
    )


def _status(action: Action, before: Status) -> Status:
    """A claim that a person reworded stays "edited" when it is accepted; moving it decides nothing else about it."""
    if action == "accept":
        return "edited" if before == "edited" else "accepted"
    if action in ("reject", "merge"):
        return "rejected"
    return "edited" if action in ("edit", "sources") else before


def _citations(decision: Decision, claim_id: str) -> Iterator[Citation]:
    """Those that the decision knew with the claim; of what was undone too, so that they do not come back as new."""
    if decision.claim == claim_id:
        yield from decision.seen.citations
        yield from decision.citations or ()
    if decision.into == claim_id and decision.into_seen is not None:
        yield from decision.into_seen.citations
        if decision.action == "merge":
            yield from decision.seen.citations


# -- on disk -----------------------------------------------------------------------------------------


def path_of(folder: Path) -> Path:
    """Where the decisions on a discussion are kept."""
    return folder / "reviews" / "decisions.jsonl"


def load(folder: Path) -> Decisions:
    """All decisions in the order they were made. A line that cannot be read is named and left where it is."""
    path = path_of(folder)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Decisions()
    except OSError as error:
        raise FolderError(f"{path}: cannot be read ({error.strerror}).") from None
    found = Decisions()
    lines = data.split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.made.append(Decision.model_validate_json(line))
        except ValidationError as error:
            if number < len(lines):  # a last line without its end was never acknowledged: nothing is lost with it
                found.problems.append(f"reviews/decisions.jsonl: line {number} cannot be read ({first_of(error)}); it counts for nothing until it is mended.")  # fmt: skip
    return found


@contextmanager
def deciding(folder: Path) -> Iterator[Decisions]:
    """The decisions made so far, while nobody else decides. Raises LockedError after ten seconds.

    This is a lock of its own: a reviewer never waits for a run, nor a run for a reviewer.
    """
    path = folder / ".synth" / "decisions.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path, timeout=WAIT_SECONDS):
            yield load(folder)
    except Timeout:
        raise LockedError(f"{folder}: somebody else's decision is being written. Try again.") from None
    except OSError as error:
        raise FolderError(f"{folder}: cannot be written ({error.strerror}).") from None


def append(folder: Path, decisions: Decisions, new: Iterable[Decision]) -> None:
    """Add `new` to the file; when this returns they are on disk. Call it within `deciding`."""
    rows = list(new)
    path = path_of(folder)
    text = "".join(
        json.dumps(d.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) + "\n" for d in rows
    )
    try:
        fresh = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            _end_last_line(path, file.fileno())
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            _sync_folder(path.parent)
    except OSError as error:
        raise FolderError(f"{path}: cannot be written ({error.strerror}). Nothing was decided.") from None
    decisions.made += rows


def _end_last_line(path: Path, handle: int) -> None:
    """Whoever was killed while writing leaves half a line, never acknowledged: it is taken away. A whole one gets its end."""
    data = path.read_bytes()
    if not data or data.endswith(b"\n"):
        return
    tail = data[data.rfind(b"\n") + 1 :]
    try:
        Decision.model_validate_json(tail)
    except ValidationError:
        os.ftruncate(handle, len(data) - len(tail))
    else:
        os.write(handle, b"\n")


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def now() -> str:
    """The time of a decision: UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rewrite(folder: Path, change: Callable[[Decision], Decision]) -> None:
    """Every decision as `change` gives it, for what must not be kept. Lines that cannot be read stay as they are.

    The one exception to "only ever appended to": words of a contributor who withdrew.
    """
    with deciding(folder):
        path = path_of(folder)
        if not path.exists():
            return
        lines = []
        for line in path.read_bytes().split(b"\n"):
            try:
                decision = change(Decision.model_validate_json(line))
                lines.append(
                    json.dumps(decision.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False).encode()
                )
            except ValidationError:
                lines.append(line)
        write_if_changed(path, b"\n".join(lines))
