"""What is different between two states of the claims: for the last line of a run, and for the report's section on what is new.

`synth publish` keeps the state of a report in reviews/published.jsonl, one line each time, without any words of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from corpus.errors import FolderError
from corpus.folder import write_if_changed
from corpus.model import Claim, Frozen, Since


class Face(Frozen):
    """What of a claim is compared: the hash of its words and who is cited."""

    text: str
    contributions: tuple[str, ...]


Faces = dict[str, Face]


def faces(claims: Iterable[Claim]) -> Faces:
    """By claim id."""
    return {c.id: Face(text=_hash(c.text.model_dump_json()), contributions=tuple(sorted({x.contribution for x in c.citations}))) for c in claims}  # fmt: skip


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Changes:
    """Ids of claims. `strengthened` gained a contributor, `weakened` lost one and stand on the rest; `gone` are not there any
    more, `rejected` neither, because a reviewer said so."""

    new: tuple[str, ...] = ()
    strengthened: tuple[str, ...] = ()
    weakened: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()


def changes(before: Mapping[str, Face], after: Mapping[str, Face], rejected: Container[str] = ()) -> Changes:
    """What became of the claims of `before`, in the order of `after`. `rejected`: ids that a reviewer said no to."""
    missing = [i for i in before if i not in after]
    both = [(i, before[i], after[i]) for i in after if i in before]
    return Changes(
        new=tuple(i for i in after if i not in before),
        strengthened=tuple(i for i, old, new in both if set(new.contributions) - set(old.contributions)),
        weakened=tuple(i for i, old, new in both if set(old.contributions) - set(new.contributions)),
        reworded=tuple(i for i, old, new in both if old.text != new.text),
        gone=tuple(i for i in missing if i not in rejected),
        rejected=tuple(i for i in missing if i in rejected),
    )


# -- published reports ----------------------------------------------------------------------------------


class Published(Frozen):
    """One line of reviews/published.jsonl. `report`: SHA-256 of report.json as it was."""

    on: str
    by: str
    report: str
    claims: Faces


def _path(folder: Path) -> Path:
    return folder / "reviews" / "published.jsonl"


def published(folder: Path) -> list[Published]:
    """All that was published, in order. Raises FolderError for a line that cannot be read."""
    try:
        lines = _path(folder).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError(f"{_path(folder)}: cannot be read ({error}).") from None
    try:
        return [Published.model_validate_json(line) for line in lines if line.strip()]
    except ValidationError:
        raise FolderError(f"{_path(folder)}: has a line that cannot be read. Mend it, or take the line out.") from None


def publish(folder: Path, one: Published) -> None:
    """Keep `one` as the last published report."""
    lines = [*published(folder), one]
    write_if_changed(_path(folder), "".join(json.dumps(p.model_dump(mode="json")) + "\n" for p in lines))


def since_published(folder: Path, claims: Iterable[Claim]) -> Since | None:
    """What is new against the last published report that is not just this one; None where there was none."""
    now = faces(claims)
    before = next((p for p in reversed(published(folder)) if p.claims != now), None)
    if before is None:
        return None
    found = changes(before.claims, now)
    return Since(
        on=before.on,
        new=found.new,
        strengthened=found.strengthened,
        weakened=found.weakened,
        reworded=found.reworded,
        withdrawn=len(found.gone),
    )
