"""A contributor takes a contribution back: its words leave every file but sources/.

Drafts first, the contribution last: whoever is interrupted gives the same command again, and until the end the text is there to say
what has to go. What is derived is deleted rather than searched: the index and the replies keep deleted text in their bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import FolderError
from corpus.folder import save_contribution, write_if_changed
from corpus.model import Citation, Claim, Contribution, Draft, Recommendation, RecommendationsDraft, Text, Withdrawn
from corpus.readers import read
from synth import store
from synth.engines.standing import TELLING, lost_a_side, mark
from synth.review import decisions
from synth.review.apply import with_decisions
from synth.review.decisions import Decision, Seen
from synth.workspace import Corpus

# Of .synth/: all that may hold a contributor's words. Vectors stay: they are kept by the hash of what they stand for.
DERIVED = ("index-*", "index.json", "replies.sqlite*", "judged.jsonl", "batches.json")


@dataclass(frozen=True)
class Leaving:
    """A contribution that is taken back, and all that is said or asked elsewhere."""

    contribution: Contribution
    elsewhere: str

    @classmethod
    def of(cls, gone: Contribution, corpus: Corpus) -> Leaving:
        """`gone` among the others of the discussion."""
        asked = [
            words for label in corpus.discussion.labels() for _, words in corpus.discussion.text_of(label).versions()
        ]
        return cls(
            gone, "\n".join(" ".join(t.split()) for t in [*asked, *(c.body for c in corpus.active if c.id != gone.id)])
        )

    @property
    def id(self) -> str:
        """Of the contribution."""
        return self.contribution.id

    def said(self, words: str) -> bool:
        """Whether `words` are, as they stand or in six words in a row, the contributor's own and nobody else's."""
        parts, body = words.split(), " ".join(self.contribution.body.split())
        runs = (" ".join(parts[i : i + TELLING]) for i in range(len(parts) - TELLING + 1))
        return any(run in body and run not in self.elsewhere for run in (" ".join(parts).rstrip("."), *runs))


def withdraw(corpus: Corpus, gone: Contribution, withdrawn: Withdrawn) -> list[str]:
    """Take `gone` out of drafts, report, caches and its own file; the labels whose drafts lost a claim. Hold the lock.

    Raises UnreadableError for a draft that is broken (nothing was changed yet), FolderError for a file that cannot be deleted.
    """
    labels = corpus.labels()
    drafts = {label: draft for label in labels if (draft := store.load_draft(corpus.folder, label)) is not None}
    recommended = store.load_recommendations(corpus.folder)
    known = {mark(p) for p in corpus.passages if p.contribution == gone.id}
    leaving = Leaving.of(gone, corpus)
    decisions.rewrite(corpus.folder, lambda decision: decision_without(decision, leaving))
    rulings = decisions.load(corpus.folder).rulings()
    others = [p for p in corpus.passages if p.contribution != gone.id]
    without = {
        label: with_decisions(draft_without(draft, leaving, known), rulings, others) for label, draft in drafts.items()
    }
    left = {claim.id for draft in without.values() for claim in draft.claims()}
    for label, draft in without.items():
        store.save(store.draft_path(corpus.folder, label), draft)
    if recommended is not None:
        store.save(store.draft_path(corpus.folder, "recommendations"), _recommended_without(recommended, leaving, left))
    _delete(sorted((corpus.folder / "report").glob("*")))
    _delete([path for pattern in DERIVED for path in sorted((corpus.folder / ".synth").glob(pattern))])
    _delete([corpus.folder / ".synth" / "seen" / f"{gone.id}.txt"])
    save_contribution(corpus.folder, gone.model_copy(update={"body": "", "answers": (), "withdrawn": withdrawn}))
    return [label for label in drafts if len(without[label].claims()) < len(drafts[label].claims())]


def draft_without(draft: Draft, gone: Leaving, read: set[str]) -> Draft:
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


def _claim_without(claim: Claim, gone: Leaving) -> Claim | None:
    left = _others(claim.citations, gone)
    if len(left) == len(claim.citations):
        return claim
    if not left or lost_a_side(claim.kind, claim.citations, left) or _worded_by(claim.text, gone):
        return None
    return claim.model_copy(update={"citations": left})


# -- decisions ------------------------------------------------------------------------------------------


def decision_without(decision: Decision, gone: Leaving) -> Decision:
    """`decision` without the words of `gone`: its quotations, a claim worded by it, what a reviewer copied from it."""
    seen = _seen_without(decision.seen, gone)
    into = decision.into_seen and _seen_without(decision.into_seen, gone)
    return decision.model_copy(
        update={
            "seen": seen,
            "into_seen": into,
            "reason": decision.reason
            and (
                "[withdrawn]"
                if len(decision.reason.split()) >= TELLING and gone.said(decision.reason)
                else decision.reason
            ),
            "text": decision.text and _text_without(decision.text, gone),
            "citations": None if decision.citations is None else _others(decision.citations, gone),
        }
    )


def _seen_without(seen: Seen, gone: Leaving) -> Seen:
    """Nothing is left of a claim that set somebody against `gone`."""
    left = _others(seen.citations, gone)
    left = () if lost_a_side(seen.kind, seen.citations, left) else left
    text = _text_without(seen.text, gone) if left or not seen.citations else Text()
    return seen.model_copy(update={"citations": left, "text": text})


def _text_without(text: Text, gone: Leaving) -> Text:
    return Text() if _worded_by(text, gone) else text


# -- what was received ------------------------------------------------------------------------------------


def erase(corpus: Corpus, gone: Contribution) -> str:
    """Take the words of `gone` out of sources/ too; the name of the file. "" where it is not known or not there.

    A file that holds nothing else is deleted; of one that holds other contributions its part is blanked, so that all others
    stay where they are. The hashes that tell a file again stay those of the file as it came. Raises UnreadableError.
    """
    if gone.source is None:
        return ""
    path = corpus.folder / "sources" / Path(gone.source.file).name
    if not path.exists():
        return ""
    shared = [c for c in corpus.contributions if c.id != gone.id and c.source and c.source.file == gone.source.file]
    if not shared:
        _delete([path])
        return path.name
    text = read(path).text
    start, end = gone.source.start, gone.source.end
    blank = "".join(c if c.isspace() else "·" for c in text[start:end])
    write_if_changed(path, text[:start] + blank + text[end:])
    return path.name


# -- parts of a draft -------------------------------------------------------------------------------------


def _recommended_without(draft: RecommendationsDraft, gone: Leaving, claims: set[str]) -> RecommendationsDraft:
    kept = [r for one in draft.recommendations if (r := _one_without(one, gone, claims)) is not None]
    return draft.model_copy(update={"recommendations": tuple(kept), "made_from": ""})


def _one_without(one: Recommendation, gone: Leaving, claims: set[str]) -> Recommendation | None:
    left, rests_on = _others(one.citations, gone), tuple(c for c in one.claims if c in claims)
    if not left or not rests_on or _worded_by(one.text, gone):
        return None
    return one.model_copy(
        update={
            "citations": left,
            "claims": rests_on,
            "supporters": tuple(c for c in one.supporters if c != gone.id),
            "dissenters": tuple(c for c in one.dissenters if c != gone.id),
            "against": tuple(c for c in one.against if c in claims),
        }
    )


def _others(citations: Sequence[Citation], gone: Leaving) -> tuple[Citation, ...]:
    return tuple(c for c in citations if c.contribution != gone.id)


def _worded_by(text: Text, gone: Leaving) -> bool:
    return any(gone.said(words) for _, words in text.versions())


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise FolderError(f"{path}: cannot be deleted ({error.strerror}). It may hold words of the contribution; delete it and give the same command again.") from None  # fmt: skip
