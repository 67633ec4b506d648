"""Drafts and reports on disk: drafts/*.json, report/*. Broken ones are named, never overwritten silently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from corpus.errors import UnreadableError, first_of
from corpus.folder import write_if_changed
from corpus.model import Draft, RecommendationsDraft, Report, Verdict

T = TypeVar("T", bound=BaseModel)


def as_json(model: BaseModel) -> str:
    """The file content of a model: readable, stable."""
    return json.dumps(model.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1) + "\n"


def load(path: Path, kind: type[T]) -> T | None:
    """The model in `path`, None if there is no such file. Raises UnreadableError if it is broken."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}).") from None
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise UnreadableError(f"{path}: is broken ({first_of(error)}). Mend it, or delete it and run again.") from None


def draft_path(folder: Path, label: str) -> Path:
    """Where the draft of a label is kept."""
    return folder / "drafts" / f"{label}.json"


def load_draft(folder: Path, label: str) -> Draft | None:
    """The draft of a label, or None."""
    return load(draft_path(folder, label), Draft)


def load_recommendations(folder: Path) -> RecommendationsDraft | None:
    """drafts/recommendations.json, or None."""
    return load(draft_path(folder, "recommendations"), RecommendationsDraft)


def load_report(folder: Path) -> Report | None:
    """report/report.json, or None."""
    return load(folder / "report" / "report.json", Report)


def load_verdict(folder: Path) -> Verdict | None:
    """report/verdict.json, or None."""
    return load(folder / "report" / "verdict.json", Verdict)


def save(path: Path, model: BaseModel) -> bool:
    """Write `model` whole or not at all; True if that changed the file."""
    return write_if_changed(path, as_json(model))
