"""The review page as HTML: the whole of it, and the pieces that its script puts in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from corpus.model import Check, Citation, Contribution, Language, Passage, Text
from corpus.sentences import sentences
from eval.support import support
from prompts.shown import attributed
from synth import pipeline
from synth.engines.themes import UNNAMED
from synth.evidence import OTHER
from synth.report.build import OTHER_TEXT
from synth.report.frame import Frame
from synth.review.decisions import Decision
from synth.review.desk import Card, Desk

_TEMPLATES = Path(__file__).parent / "templates"
FOUND = 12  # passages that a search shows
SCORED = 300  # claims that are ordered by how well their quotes bear them; more would take too long
SHOW = {
    "all": "all claims",
    "undecided": "undecided",
    "doubtful": "failed or warned of",
    "decided": "decided",
    "rejected": "rejected",
    "flagged": "sources changed since",
}
KINDS = ("finding", "example", "challenge", "recommendation", "disagreement")
ACTED = {
    "accept": "accepted",
    "reject": "rejected",
    "edit": "reworded",
    "sources": "changed the sources",
    "move": "moved",
    "merge": "merged",
    "comment": "commented",
    "undo": "took a decision back",
}
STATUS = {"draft": "undecided", "accepted": "accepted", "edited": "edited", "rejected": "rejected"}
OUTCOME = {"pass": "holds", "warn": "look at this", "fail": "does not hold", "not_checked": "not checked"}


@dataclass(frozen=True)
class Filters:
    """What of the claims is shown, as the address of the page says."""

    show: str = "all"
    question: str = ""
    contribution: str = ""
    kind: str = ""
    doubtful_first: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """Those of an address; what is unknown counts for nothing."""
        show = query.get("show", "all")
        return cls(
            show if show in SHOW else "all",
            query.get("question", ""),
            query.get("contribution", ""),
            query.get("kind", ""),
            query.get("sort") == "doubtful",
        )

    def lets_through(self, card: Card) -> bool:
        """Whether a claim is shown."""
        claim = card.claim
        return (
            {
                "all": True,
                "undecided": not card.decided,
                "doubtful": card.verdict != "pass",
                "decided": card.decided,
                "rejected": claim.status == "rejected",
                "flagged": any(c.name == "evidence" and c.verdict == "warn" for c in claim.checks),
            }[self.show]
            and self.question in ("", card.question)
            and (not self.contribution or any(c.contribution == self.contribution for c in claim.citations))
            and self.kind in ("", claim.kind)
        )


@dataclass(frozen=True)
class Piece:
    """A cited passage in its surroundings: the words before, the quotation, the words after; passages before and after it."""

    citation: Citation
    before: str
    after: str
    earlier: str
    later: str


@dataclass(frozen=True)
class Found:
    """A passage as it is offered to select words in: (offset into the body, sentence, what stands before the next one)."""

    passage: Passage
    sentences: tuple[tuple[int, str, str], ...]


@dataclass
class Page:
    """What is rendered for one request, in the language of the interface."""

    desk: Desk
    language: Language
    translates: bool = False

    @cached_property
    def frame(self) -> Frame:
        """The page's own words."""
        return Frame(self.language)

    @cached_property
    def people(self) -> dict[str, Contribution]:
        """Contributors as they may be named."""
        corpus = self.desk.corpus
        return {c.id: attributed(c, corpus.settings.attribution) for c in corpus.active}

    # -- pages and pieces of pages ----------------------------------------------------------------------

    def whole(self, filters: Filters, nonce: str) -> str:
        """The page."""
        every = self.desk.cards()
        cards = [card for card in every if filters.lets_through(card)]
        if filters.doubtful_first:
            cards = self._doubtful_first(cards)
        return self._render(
            "review.html.j2",
            filters=filters,
            nonce=nonce,
            groups=_groups(cards, flat=filters.doubtful_first),
            shown=len(cards),
            labels=self.desk.corpus.labels(),
            progress=self.progress(every),
            problems=self.desk.problems,
            style=_source("review.css"),
            script=_source("review.js"),
            words=json.dumps(self._words(), ensure_ascii=False).replace("<", "\\u003c"),
        )

    def claim(self, card: Card) -> str:
        """One claim of the list."""
        return self._render("claim.html.j2", card=card)

    def panel(self, card: Card) -> str:
        """What is beside the list for one claim."""
        others = [c for c in self.desk.cards() if c.question == card.question]
        themes = list({c.theme.best("en")[0]: c.theme for c in others if c.theme != UNNAMED}.values())
        return self._render(
            "panel.html.j2",
            card=card,
            pieces=[self._piece(c) for c in card.claim.citations],
            history=self.desk.history(card.id),
            themes=themes,
            others=[c for c in others if c.id != card.id and c.claim.status != "rejected"],
        )

    def passages(self, words: str) -> str:
        """What a search finds."""
        hits = pipeline.reader(self.desk.corpus).search(words, FOUND) if words.strip() else []
        return self._render("passages.html.j2", found=[_offered(hit.passage) for hit in hits], words=words, whole="")

    def contribution(self, contribution_id: str) -> str:
        """One contribution, passage by passage; "" if there is none."""
        mine = [p for p in self.desk.corpus.passages if p.contribution == contribution_id]
        found = [_offered(p) for p in mine]
        return self._render("passages.html.j2", found=found, words="", whole=contribution_id) if mine else ""

    def progress(self, cards: Sequence[Card] | None = None) -> dict[str, Any]:
        """How many claims are decided, in figures and in words."""
        cards = self.desk.cards() if cards is None else cards
        done = sum(c.decided for c in cards)
        return {
            "done": done,
            "all": len(cards),
            "text": self.frame.text("{n} of {all} decided", n=done, all=len(cards)),
        }

    # -- what the templates say ----------------------------------------------------------------------------

    def said(self, why: str) -> str:
        """A reason of the desk in the language of the interface."""
        return self.frame.text(why) if "{" not in why else why

    def asked(self, label: str) -> tuple[str, Language]:
        """The question, and the language it is in."""
        return self.frame.asked(OTHER_TEXT if label == OTHER else self.desk.corpus.discussion.text_of(label))

    def heading(self, text: Text) -> tuple[str, Language]:
        """The heading of a theme, and the language it is in."""
        return text.best(self.language)

    def who(self, contribution_id: str) -> str:
        """Who a contribution is from."""
        person = self.people.get(contribution_id)
        return self.frame.who(person) if person else contribution_id

    def name(self, contribution_id: str) -> str:
        """The same in short."""
        person = self.people.get(contribution_id)
        return self.frame.name(person) if person else contribution_id

    def status(self, card: Card) -> str:
        """What a person decided, in a word; where to a claim was merged."""
        into = card.ruling.merged_into if card.ruling else None
        return self.frame.text("merged into {id}", id=into) if into else self.frame.text(STATUS[card.claim.status])

    def outcome(self, check: Check) -> str:
        """What a check says, in words."""
        return self.frame.text(OUTCOME[check.verdict])

    def check_name(self, check: Check) -> str:
        """What a check looks at."""
        return self.frame.text(check.name)

    def told(self, decision: Decision) -> str:
        """What somebody did, in a word."""
        return self.frame.text(ACTED[decision.action])

    def _words(self) -> dict[str, str]:
        """What the script says."""
        f = self.frame
        return {
            "unsaved": f.text("Not saved: there is no answer from synth review. What you typed is kept here; start it again and save."),
            "changed": f.text("Somebody changed this claim since you saw it. Nothing was overwritten."),
            "gone": f.text("This claim is no longer in the draft."),
            "named": f.text("Say who you are first: your name is kept with what you decide."),
            "saved": f.text("Saved."),
            "shut": f.text("Not saved: open the link that synth review printed once more. What you typed is kept here."),
            "wait": f.text("One moment: the checks are running."),
            "selected": f.text("Select words of a passage first."),
            "nothing": f.text("There is nothing to undo."),
            "confirm": f.text("Keep it all the same: I answer for these words"),
            "seen": f.text("What you saw"),
            "now": f.text("What stands now"),
            "again": f.text("Decide so on what stands now"),
            "leave": f.text("Leave it as it stands now"),
            "remove": f.text("Remove"),
        }  # fmt: skip

    def _piece(self, citation: Citation) -> Piece:
        mine = [p for p in self.desk.corpus.passages if p.contribution == citation.contribution]
        at = next((i for i, p in enumerate(mine) if p.id == citation.passage), None)
        if at is None:
            return Piece(citation, "", "", "", "")
        text, start = mine[at].text, mine[at].start
        return Piece(
            citation,
            text[: citation.start - start],
            text[citation.end - start :],
            mine[at - 1].text if at else "",
            mine[at + 1].text if at + 1 < len(mine) else "",
        )

    def _doubtful_first(self, cards: Sequence[Card]) -> list[Card]:
        """What fails, what is warned of, then what its quotes bear least."""
        grounds = self.desk.corpus.grounds
        scores = {c.id: support(c.claim, grounds) or 0.0 for c in cards} if len(cards) <= SCORED else {}
        worst = ("fail", "warn", "pass")
        return sorted(cards, key=lambda c: (worst.index(c.verdict), scores.get(c.id, 0.0)))

    def _render(self, name: str, **values: Any) -> str:
        return str(_environment().get_template(name).render(page=self, f=self.frame, L=self.language, kinds=KINDS, shows=SHOW, **values))  # fmt: skip


@dataclass
class Group:
    """Claims under one heading of one question."""

    question: str
    theme: Text
    cards: list[Card]


def _groups(cards: Sequence[Card], flat: bool) -> list[Group]:
    """The claims by question and theme, in the order given; all in one where they are not in the report's order."""
    if flat:
        return [Group("", Text(), list(cards))] if cards else []
    found: list[Group] = []
    for card in cards:
        if not found or (found[-1].question, found[-1].theme) != (card.question, card.theme):
            found.append(Group(card.question, card.theme, []))
        found[-1].cards.append(card)
    return found


def _offered(passage: Passage) -> Found:
    text = passage.text
    spans = [(e - len(text[s:e].lstrip()), e) for s, e in sentences(text)]
    ends = [*(s for s, _ in spans[1:]), len(text)]
    pieces = zip(spans, ends, strict=True)
    return Found(passage, tuple((passage.start + s, text[s:e], text[e:until]) for (s, e), until in pieces))


@lru_cache(maxsize=4)
def _source(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
