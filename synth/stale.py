"""What a draft was made from, and so when it is stale."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from corpus.model import Draft, Generated
from synth.evidence import OTHER, Evidence
from synth.settings import Settings


def basis(evidence: Evidence, settings: Settings, generated: Generated) -> str:
    """Hash of all a draft is made from but the passages: a draft of another basis is written anew, not brought up to date."""
    texts = [] if evidence.label == OTHER else evidence.discussion.text_of(evidence.label).versions()
    written: list[object] = [settings.embedder]
    if generated.engine == "llm" and settings.model is not None:
        written = [settings.attribution, settings.model.temperature, settings.model.seed, settings.model.budget]
    glossary = [t.model_dump() for t in evidence.discussion.glossary]
    return digest([generated.model_dump(), evidence.label, texts, written, glossary])


def fingerprint(evidence: Evidence, settings: Settings, generated: Generated) -> str:
    """Hash of everything a draft is made from: it is stale when this changes."""
    said = {p.contribution for p in evidence.passages}
    return digest(
        [
            basis(evidence, settings, generated),
            evidence.allowance if generated.engine == "extractive" else None,
            [(p.id, p.start, p.end, p.language, p.questions, p.text) for p in evidence.passages],
            [(c.id, c.author, c.organisation, c.country) for c in evidence.contributions.values() if c.id in said],
            [evidence.somebody_elses.get(c, []) for c in sorted(said)],
        ]
    )


def digest(parts: Sequence[object]) -> str:
    """SHA-256 of data."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=str).encode()).hexdigest()


def is_stale(draft: Draft | None, evidence: Evidence, settings: Settings, generated: Generated) -> bool:
    """Whether a draft is missing or made from something else than is there now."""
    return draft is None or draft.made_from != fingerprint(evidence, settings, generated)
