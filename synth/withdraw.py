"""A contributor takes a contribution back: its words leave every file but sources/.

Drafts first, the contribution last: whoever is interrupted gives the same command again, and until the end the text is there to say
what has to go. What is derived is deleted rather than searched: the index and the replies keep deleted text in their bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import FolderError
from corpus.folder import save_contribution
from corpus.model import Citation, Claim, Contribution, Draft, Recommendation, RecommendationsDraft, Text, Withdrawn
from synth import store
from synth.engines.standing import mark
from synth.workspace import Corpus

# Of .synth/: all that may hold a contributor's words. Vectors stay: they are kept by the hash of what they stand for.
DERIVED = ("index-*", "index.json", "replies.sqlite*", "judged.jsonl", "batches.json")


def withdraw(corpus: Corpus, gone: Contribution, withdrawn: Withdrawn) -> list[str]:
    """Take `gone` out of drafts, report, caches and its own file; the labels whose drafts lost a claim. Hold the lock.

    Raises UnreadableError for a draft that is broken (nothing was changed yet), FolderError for a file that cannot be deleted.
    """
    labels = corpus.labels()
    drafts = {label: draft for label in labels if (draft := store.load_draft(corpus.folder, label)) is not None}
    recommended = store.load_recommendations(corpus.folder)
    read = {mark(p) for p in corpus.passages if p.contribution == gone.id}
    without = {label: draft_without(draft, gone, read) for label, draft in drafts.items()}
    left = {claim.id for draft in without.values() for claim in draft.claims()}
    for label, draft in without.items():
        store.save(store.draft_path(corpus.folder, label), draft)
    if recommended is not None:
        store.save(store.draft_path(corpus.folder, "recommendations"), _recommended_without(recommended, gone, left))
    _delete(sorted((corpus.folder / "report").glob("*")))
    _delete([path for pattern in DERIVED for path in sorted((corpus.folder / ".synth").glob(pattern))])
    _delete([corpus.folder / ".synth" / "seen" / f"{gone.id}.txt"])
    save_contribution(corpus.folder, gone.model_copy(update={"body": "", "answers": (), "withdrawn": withdrawn}))
    return [label for label in drafts if len(without[label].claims()) < len(drafts[label].claims())]


def draft_without(draft: Draft, gone: Contribution, read: set[str]) -> Draft:
    """`draft` without what rests on `gone` alone, is worded in its words, or sets others against it.

    `read`: marks of its passages. What was dropped from a draft that read any of them goes too: nothing tells whose words those were.
    """
    themes = []
    for theme in draft.themes:
        claims = [kept for claim in theme.claims if (kept := _claim_without(claim, gone)) is not None]
        if claims:
            themes.append(theme.model_copy(update={"claims": tuple(claims)}))
    dropped = () if read & set(draft.read) or draft.generated.engine == "extractive" else draft.dropped
    return draft.model_copy(
        update={
            "themes": tuple(themes),
            "dropped": dropped,
            "not_read": tuple(p for p in draft.not_read if not p.startswith(f"{gone.id}.")),
            "refused": tuple(c for c in draft.refused if c != gone.id),
        }
    )


def _claim_without(claim: Claim, gone: Contribution) -> Claim | None:
    left = _others(claim.citations, gone)
    one_side = claim.kind == "disagreement" and len({x.contribution for x in left}) < 2
    if len(left) == len(claim.citations):
        return claim
    if not left or one_side or _worded_by(claim.text, gone):
        return None
    return claim.model_copy(update={"citations": left})


def _recommended_without(draft: RecommendationsDraft, gone: Contribution, claims: set[str]) -> RecommendationsDraft:
    kept = [r for one in draft.recommendations if (r := _one_without(one, gone, claims)) is not None]
    return draft.model_copy(update={"recommendations": tuple(kept), "made_from": ""})


def _one_without(one: Recommendation, gone: Contribution, claims: set[str]) -> Recommendation | None:
    left, rests_on = _others(one.citations, gone), tuple(c for c in one.claims if c in claims)
    if not left or not rests_on or _worded_by(one.text, gone):
        return None
    return one.model_copy(
        update={
            "citations": left,
            "claims": rests_on,
            "supporters": tuple(c for c in one.supporters if c != gone.id),
            "dissenters": tuple(c for c in one.dissenters if c != gone.id),
        }
    )


def _others(citations: Sequence[Citation], gone: Contribution) -> tuple[Citation, ...]:
    return tuple(c for c in citations if c.contribution != gone.id)


def _worded_by(text: Text, gone: Contribution) -> bool:
    """Whether a text is, as it stands, the contributor's own."""
    body = " ".join(gone.body.split())
    return any(" ".join(words.split()).rstrip(".") in body for _, words in text.versions())


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise FolderError(f"{path}: cannot be deleted ({error.strerror}). It may hold words of the contribution; delete it and give the same command again.") from None  # fmt: skip
