"""Claims as they stand, and what a reviewer may do to them: the page and the spreadsheet both decide here.

A decision is taken only on what its maker saw: whoever decides on a claim that changed meanwhile gets it back as it is now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import Field

from corpus.errors import UnreadableError
from corpus.model import Check, Citation, Claim, Draft, Frozen, Text
from eval.gates import check_claim
from eval.harness import PLACED, answered_for
from synth import pipeline, store
from synth.engines.claims import one_line
from synth.engines.standing import places_of
from synth.review import decisions
from synth.review.apply import EVIDENCE, reviewed, with_decisions
from synth.review.decisions import Action, Decision, Decisions, Ruling, Seen, deciding, question_of
from synth.workspace import Corpus

WORDS = 3  # a source has at least so many
GONE = "the claim is no longer in the draft"
CHANGED = "the claim changed since you saw it"
NOT_BORNE = "its quotes do not bear it"


class Selection(Frozen):
    """Words somebody selected as a source: `quote`, at about `start` of the body of the contribution."""

    contribution: str
    quote: str
    start: int = 0


class Asked(Frozen):
    """What a reviewer wants. `version`: of the claim as it was seen, `into_version` of the one to merge it into."""

    claim: str
    version: str
    by: str = Field(min_length=1, max_length=80)
    action: Action
    reason: str = Field(default="", max_length=4_000)
    text: Text | None = None
    sources: tuple[Selection, ...] | None = None
    theme: Text | None = None
    into: str | None = None
    into_version: str | None = None
    confirmed: bool = False


@dataclass(frozen=True)
class Card:
    """A claim under its heading, with its checks and what was decided on it."""

    claim: Claim
    theme: Text
    ruling: Ruling | None

    @property
    def id(self) -> str:
        """Of the claim."""
        return self.claim.id

    @property
    def question(self) -> str:
        """The label it belongs to."""
        return question_of(self.claim.id)

    @property
    def version(self) -> str:
        """Changes with every decision on the claim and with whatever else a reviewer sees change in it."""
        c = self.claim
        cited = [(x.contribution, x.quote) for x in c.citations]
        shown = json.dumps([c.kind, c.status, c.text.model_dump(), self.theme.model_dump(), cited])
        return f"{self.ruling.version if self.ruling else 0}.{hashlib.sha256(shown.encode()).hexdigest()[:12]}"

    @property
    def seen(self) -> Seen:
        """As a decision keeps it."""
        c = self.claim
        return Seen(kind=c.kind, text=c.text, citations=c.citations, theme=self.theme)

    @property
    def decided(self) -> bool:
        """Whether a person said what becomes of it."""
        return self.claim.status != "draft"

    @property
    def verdict(self) -> str:
        """The worst that a check says: "fail", "warn" or "pass"."""
        said = {c.verdict for c in self.claim.checks}
        return next((v for v in ("fail", "warn") if v in said), "pass")


@dataclass(frozen=True)
class Refused:
    """Why a decision was not taken. `changed`: the reviewer saw another claim than is there now, which is `now`; `checks`: what
    refuses the words, where the reviewer may take responsibility for them by confirming."""

    why: str
    changed: bool = False
    now: tuple[Card, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What was decided, and the claims it concerned as they are now."""

    decision: Decision
    now: tuple[Card, ...]


@dataclass
class Desk:
    """All claims of a discussion as they lie on disk. Only decisions are ever written here, under a lock of their own, so
    that a run may go on beside it."""

    folder: Path
    _stamp: list[tuple[str, int, int]] = field(default_factory=list)
    _state: _State | None = None
    _checks: dict[str, tuple[Check, ...]] = field(default_factory=dict)

    def cards(self) -> list[Card]:
        """All claims in the order of the report, rejected ones too."""
        state, made = self._read(), decisions.load(self.folder)
        rulings = made.rulings()
        return [card for label in state.corpus.labels() for card in self._cards_of(state, label, rulings)]

    def card(self, claim_id: str) -> Card | None:
        """One claim; None if there is none of that id now."""
        return self._card(self._read(), decisions.load(self.folder).rulings(), claim_id)

    def history(self, claim_id: str) -> list[tuple[Decision, bool]]:
        """Every decision on a claim in order, and whether it was taken back."""
        made = decisions.load(self.folder).made
        undone = {d.undoes for d in made if d.action == "undo"}
        return [(d, d.n in undone) for d in made if claim_id in (d.claim, d.into)]

    @property
    def corpus(self) -> Corpus:
        """The discussion as it is on disk now."""
        return self._read().corpus

    @property
    def problems(self) -> list[str]:
        """What could not be read, a line each."""
        state = self._read()
        return [*state.corpus.problems, *state.problems]

    def decide(self, asked: Asked) -> Taken | Refused:
        """Take a decision, or say why not. When it is taken it is on disk."""
        with deciding(self.folder) as made:
            state, rulings = self._read(), made.rulings()
            wanted = [(asked.claim, asked.version)] + ([(asked.into, asked.into_version)] if asked.into else [])
            cards = [self._card(state, rulings, i) for i, _ in wanted]
            found = [c for c in cards if c is not None]
            if len(found) < len(cards):
                return Refused(GONE, True, tuple(found))
            if any(c.version != version for c, (_, version) in zip(found, wanted, strict=True)):
                return Refused(CHANGED, True, tuple(found))
            try:
                decision = _decision(asked, found, made, state.corpus)
            except _WrongError as wrong:
                return Refused(str(wrong))
            if bad := self._refusing(decision, state):
                only_words = not any(c.name in PLACED for c in bad)
                if not (decision.confirmed and only_words):
                    return Refused(NOT_BORNE if only_words else bad[0].detail, checks=bad)
            decisions.append(self.folder, made, [decision])
            now = [self._card(state, made.rulings(), i) for i in (decision.claim, decision.into) if i]
            return Taken(decision, tuple(c for c in now if c is not None))

    # -- what lies on disk ----------------------------------------------------------------------------

    def _read(self) -> _State:
        """The drafts and what they are of; read again when a file changed."""
        files = [p for name in ("contributions", "drafts") for p in sorted((self.folder / name).glob("*"))]
        files += [self.folder / name for name in ("discussion.toml", "glossary.csv", "report/report.json")]
        stamp = [s for p in files if not p.name.startswith(".") and (s := _stamp_of(p))]
        if self._state is None or stamp != self._stamp:
            self._state, self._stamp = _State.of(self.folder), stamp
            self._checks.clear()
        return self._state

    def _card(self, state: _State, rulings: Mapping[str, Ruling], claim_id: str) -> Card | None:
        label = question_of(claim_id)
        return next((c for c in self._cards_of(state, label, rulings) if c.id == claim_id), None)

    def _cards_of(self, state: _State, label: str, rulings: Mapping[str, Ruling]) -> list[Card]:
        written = state.drafts.get(label)
        if written is None:
            return []
        mine = {i: r for i, r in rulings.items() if r.question == label}
        draft = with_decisions(written, mine, state.corpus.passages)
        known = {c.id: (c, state.reported.get(c.id)) for c in written.claims()}
        said = reviewed([draft], mine)
        found = []
        for theme in draft.themes:
            for claim in theme.claims:
                checks = self._checks_of(claim, known.get(claim.id, ()), state)
                checked = claim.model_copy(update={"checks": checks})
                checked = answered_for(checked, said[claim.id]) if claim.id in said else checked
                found.append(Card(checked, theme.title, mine.get(claim.id)))
        return found

    def _checks_of(self, claim: Claim, known: Iterable[Claim | None], state: _State) -> tuple[Check, ...]:
        """Those of the last run while the claim is what it was, a judge's too where one was asked; else fresh ones."""
        for one in reversed([c for c in known if c is not None]):
            if (one.text, one.citations, one.kind) == (claim.text, claim.citations, claim.kind) and one.checks:
                return tuple(c for c in one.checks if c.name != EVIDENCE)
        key = claim.model_dump_json(exclude={"checks", "status"})
        if key not in self._checks:
            self._checks[key] = check_claim(claim, state.corpus.grounds).checks
        return self._checks[key]

    def _refusing(self, decision: Decision, state: _State) -> tuple[Check, ...]:
        """What gates refuse of the claim as it would stand."""
        if decision.action in ("reject", "comment", "move", "undo"):
            return ()
        seen = decision.target_after() if decision.action == "merge" else decision.after()
        assert seen is not None  # a merge has a target
        claim = check_claim(seen.claim(decision.into or decision.claim, "edited"), state.corpus.grounds)
        return tuple(c for c in claim.checks if c.verdict == "fail")


@dataclass
class _State:
    corpus: Corpus
    drafts: dict[str, Draft]
    problems: list[str]

    @classmethod
    def of(cls, folder: Path) -> _State:
        corpus = pipeline.read_corpus(folder)
        drafts, problems = {}, []
        for label in corpus.labels():
            try:
                if draft := store.load_draft(folder, label):
                    drafts[label] = draft
            except UnreadableError as error:
                problems.append(str(error))
        return cls(corpus, drafts, problems)

    @cached_property
    def reported(self) -> dict[str, Claim]:
        """Claims of the last report by id: they carry what a judge said too."""
        try:
            report = store.load_report(self.corpus.folder)
        except UnreadableError:
            return {}
        return {c.id: c for c in report.claims()} if report else {}


def _stamp_of(path: Path) -> tuple[str, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_mtime_ns, found.st_size


# -- from what is asked to a decision ---------------------------------------------------------------------


class _WrongError(Exception):
    """What is asked cannot be; why."""


def _decision(asked: Asked, cards: Sequence[Card], made: Decisions, corpus: Corpus) -> Decision:
    """The line to write. Raises _WrongError."""
    card = cards[0]
    data: dict[str, object] = {
        "n": max((d.n for d in made.made), default=0) + 1,
        "at": decisions.now(),
        "by": asked.by.strip(),
        "claim": asked.claim,
        "action": asked.action,
        "seen": card.seen,
        "reason": asked.reason.strip() or None,
        "confirmed": asked.confirmed,
    }
    if asked.action in ("reject", "comment") and not data["reason"]:
        raise _WrongError("say why" if asked.action == "reject" else "the comment is empty")
    if asked.action == "edit":
        data["text"] = _reworded(asked.text, card)
    elif asked.action == "sources":
        data["citations"] = _citations(asked.sources or (), corpus)
    elif asked.action == "move":
        data["theme"] = _heading(asked.theme)
    elif asked.action == "merge":
        data |= _merge(cards, asked)
    elif asked.action == "undo":
        data |= _undo(made.undoable(asked.claim))
    return Decision.model_validate(data)


def _reworded(text: Text | None, card: Card) -> Text:
    given = Text(en=one_line((text and text.en) or "") or None, fr=one_line((text and text.fr) or "") or None)
    for language, name in (("en", "English"), ("fr", "French")):
        if card.claim.text.model_dump()[language] and not given.model_dump()[language]:
            raise _WrongError(f"the {name} text is missing")
    if not given.versions() or given == card.claim.text:
        raise _WrongError("nothing was changed")
    return given


def _citations(chosen: Sequence[Selection], corpus: Corpus) -> tuple[Citation, ...]:
    if not chosen:
        raise _WrongError("a claim needs a source")
    return tuple(dict.fromkeys(_citation(one, corpus) for one in chosen))


def _citation(one: Selection, corpus: Corpus) -> Citation:
    """The selected words at their place: verbatim, or they are refused."""
    body = next((c.body for c in corpus.active if c.id == one.contribution), None)
    if body is None:
        raise _WrongError(f"there is no contribution {one.contribution}")
    quote = one.quote.strip()
    start = min(places_of(quote, body), key=lambda at: abs(at - one.start), default=None)
    if start is None or len(quote.split()) < WORDS:
        raise _WrongError(f"these are no {WORDS} words or more of {one.contribution}: “{quote[:80]}”")
    mine = [p for p in corpus.passages if p.contribution == one.contribution]
    passage = next((p for p in mine if p.start <= start < p.end), None)
    if passage is None:
        raise _WrongError("what was selected is a question, a greeting or a signature")
    if start + len(quote) > passage.end:
        raise _WrongError(f"the words run over the end of passage {passage.id}; select within one")
    return Citation(contribution=one.contribution, passage=passage.id, quote=quote, start=start, end=start + len(quote), language=passage.language)  # fmt: skip


def _heading(theme: Text | None) -> Text:
    given = Text(en=one_line((theme and theme.en) or "") or None, fr=one_line((theme and theme.fr) or "") or None)
    if not given.en or not given.fr:
        raise _WrongError("a heading is needed in English and in French")
    return given


def _merge(cards: Sequence[Card], asked: Asked) -> dict[str, object]:
    if len(cards) < 2 or cards[1].id == cards[0].id or question_of(cards[1].id) != question_of(cards[0].id):
        raise _WrongError("a claim is merged into another one of the same question")
    if cards[1].claim.status == "rejected":
        raise _WrongError(f"{cards[1].id} was rejected")
    return {"into": asked.into, "into_seen": cards[1].seen}


def _undo(last: Decision | None) -> dict[str, object]:
    if last is None:
        raise _WrongError("there is nothing to undo")
    return {"claim": last.claim, "into": last.into, "undoes": last.n}
