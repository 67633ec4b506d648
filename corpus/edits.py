"""Labels follow the text: when somebody edits a body by hand, the offsets of its answers move along.

What the offsets referred to is kept in .synth/seen/. Without it (deleted, or a file from elsewhere) offsets stay as they are,
and those that do not fit are named when the contribution is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rapidfuzz.distance import Indel

from corpus.folder import load_contributions, save_contribution, write_if_changed
from corpus.model import Answer, Contribution, Discussion


def follow_edits(folder: Path, discussion: Discussion) -> list[str]:
    """Move the labels of bodies edited since the last call; one line for each contribution whose file was rewritten."""
    lines: list[str] = []
    loaded = load_contributions(folder, discussion, keep_all=True)
    present = {c.id for c in loaded if c.withdrawn is None} | set(loaded.unread)
    for path in (folder / ".synth" / "seen").glob("*.txt"):
        if path.stem not in present:
            path.unlink()
    for contribution in loaded.read():
        seen = folder / ".synth" / "seen" / f"{contribution.id}.txt"
        before = _read(seen)
        if before is not None and before[1] != contribution.body and before[0] == _marks(contribution.answers):
            answers = _moved(contribution.answers, before[1], contribution.body)
            if answers != contribution.answers:
                contribution = contribution.model_copy(update={"answers": answers})
                save_contribution(folder, contribution)
                lines.append(f"{contribution.id}: its text was edited; the labels of its answers moved along.")
        remember(folder, contribution)
    return lines


def remember(folder: Path, contribution: Contribution) -> None:
    """Keep the body that the offsets of `contribution` refer to."""
    write_if_changed(
        folder / ".synth" / "seen" / f"{contribution.id}.txt", f"{_marks(contribution.answers)}\n{contribution.body}"
    )


def _read(path: Path) -> tuple[str, str] | None:
    try:
        marks, _, body = path.read_text(encoding="utf-8").partition("\n")
    except OSError:
        return None
    return marks, body


def _marks(answers: Sequence[Answer]) -> str:
    return " ".join(f"{a.question}:{a.start}-{a.end}" for a in answers)


def _moved(answers: Sequence[Answer], old: str, new: str) -> tuple[Answer, ...]:
    """`answers` of `old` as ranges of `new`; those whose text is gone are left out."""
    opcodes = Indel.opcodes(old, new)

    def place(offset: int, at_end: bool) -> int:
        for op in opcodes:
            inside = op.src_start < offset <= op.src_end if at_end else op.src_start <= offset < op.src_end
            if inside:
                if op.tag == "equal":
                    return op.dest_start + offset - op.src_start
                return op.dest_end if at_end else op.dest_start
        return len(new) if offset >= len(old) else 0

    moved = []
    for answer in answers:
        start, end = place(answer.start, False), place(answer.end, True)
        if start < end:
            moved.append(answer.model_copy(update={"start": start, "end": end}))
    return tuple(moved)
