"""What a draft was made from, and so when it is stale, and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from corpus.model import Draft, Generated, Passage
from corpus.sentences import Range
from synth.engines.standing import mark
from synth.evidence import OTHER, Evidence
from synth.settings import Settings

# What the parts of a basis are called where they changed.
CHANGED = {
    "question": "the question's text changed",
    "glossary": "the glossary changed",
    "settings": "settings changed",
    "writer": "another engine, model or version of the prompts",
}


def basis(evidence: Evidence, settings: Settings, generated: Generated) -> dict[str, str]:
    """Hashes of all a draft is made from but the passages: a draft of another basis is written anew, not brought up to date.

    What a model wrote is not paid for again because synth has a new version; what the rules of a version quoted is.
    """
    texts = [] if evidence.label == OTHER else evidence.discussion.text_of(evidence.label).versions()
    model = settings.model if generated.engine == "llm" else None
    writes = [settings.attribution, model.temperature, model.seed, model.budget] if model else [settings.embedder, settings.length]  # fmt: skip
    by = generated.model_dump(exclude={"version"} if model else set())
    return {
        "question": digest([evidence.label, texts]),
        "glossary": digest([t.model_dump() for t in evidence.discussion.glossary]),
        "settings": digest(writes),
        "writer": digest([by]),
    }


def fingerprint(evidence: Evidence, settings: Settings, generated: Generated) -> str:
    """Hash of everything a draft is made from: it is stale when this changes."""
    said = {p.contribution for p in evidence.passages}
    return digest(
        [
            basis(evidence, settings, generated),
            evidence.allowance if generated.engine == "extractive" else None,
            [(p.id, p.start, p.end, p.language, p.questions, p.text) for p in evidence.passages],
            [(c.id, c.author, c.organisation, c.country) for c in evidence.contributions.values() if c.id in said],
            [r for p in evidence.passages for r in evidence.somebody_elses.get(p.contribution, []) if _overlap(p, r)],
        ]
    )


def _overlap(passage: Passage, stretch: Range) -> bool:
    return stretch[0] < passage.end and passage.start < stretch[1]


def digest(parts: Sequence[object]) -> str:
    """SHA-256 of data."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=str).encode()).hexdigest()


def is_stale(draft: Draft | None, evidence: Evidence, settings: Settings, generated: Generated) -> bool:
    """Whether a draft is missing or made from something else than is there now."""
    return draft is None or draft.made_from != fingerprint(evidence, settings, generated)


def why_stale(draft: Draft | None, evidence: Evidence, settings: Settings, generated: Generated) -> str:
    """In words, what changed since a draft was made; "" where it is current."""
    if not is_stale(draft, evidence, settings, generated):
        return ""
    if draft is None:
        return "never drafted"
    now = basis(evidence, settings, generated)
    changed = [part for part in now if draft.basis.get(part) != now[part]]
    reasons = [CHANGED[part] for part in changed if part != "settings" or "writer" not in changed]  # each has its own
    if not set(now) & set(draft.basis):
        return "drafted by an older version"
    reasons += _passages(draft, evidence)
    return "; ".join(reasons or ["what is known of its contributors, or how far they are quoted, changed"])


def _passages(draft: Draft, evidence: Evidence) -> list[str]:
    """Contributions that are new under the question, that changed, that are gone."""
    left_out = set(draft.not_read)
    before, now = _by_contribution(draft.read), _by_contribution([mark(p) for p in evidence.passages if p.id not in left_out])  # fmt: skip
    kinds = {
        "new": [c for c in now if c not in before],
        "changed": [c for c in now if c in before and now[c] != before[c]],
        "gone": [c for c in before if c not in now],
    }
    return [f"{kind}: {', '.join(sorted(found))}" for kind, found in kinds.items() if found]


def _by_contribution(marks: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in marks:
        found.setdefault(one.partition(".")[0], set()).add(one)
    return found
