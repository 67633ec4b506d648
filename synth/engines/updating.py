"""Stale questions brought up to date from their standing claims and the new passages alone.

Standing claims keep their words, their ids and their places: they gain sources, new claims join them, a contradiction becomes
a disagreement between the two. Several questions share a call where each has little that is new, and only the claims
nearest to what is new are sent along: what an update costs depends on what came, not on how much stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from corpus.model import Citation, Claim, Text, Theme
from eval.gates import Grounds, check_claim
from prompts import Prompt, render
from prompts.replies import Source, UpdateReply, WrittenClaim
from prompts.shown import ShownPassage
from synth.engines.claims import Placed, Verifier, Wording, distinct, wrong
from synth.engines.drafting import Found, hold, title_of
from synth.engines.scribe import GivenUpError, Scribe
from synth.engines.standing import Standing
from synth.engines.themes import UNNAMED
from synth.fold import Pack
from vectorstore.embedders import Vectors

OVERHEAD = 2_000  # tokens of an update prompt beside passages and claims
CLAIMS_ROOM = 0.4  # share of the room that standing claims may take
SHARE = 0.5  # tokens of the reply, as a share of what is read
A_CLAIM = 14  # tokens a standing claim takes beside its sentence
NEAREST = 6  # standing claims that are sent for a new passage
SMALL, TOGETHER = 3_000, 6_000  # tokens: of what is new under questions that share a call, and of such a call


@dataclass
class Added:
    """What new passages gave: claims and what was dropped on the way, and by the id of a standing claim its new sources."""

    found: Found
    gained: dict[str, list[Citation]] = field(default_factory=dict)

    def add(self, other: Added) -> Added:
        """Both together."""
        self.found.add(other.found)
        for claim_id, citations in other.gained.items():
            self.gained.setdefault(claim_id, []).extend(citations)
        return self


def updated(
    label: str, standing: Standing, added: Added, grounds: Grounds, vectors: Callable[[Sequence[str]], Vectors]
) -> tuple[Theme, ...]:
    """The themes of one question with what was added to them."""
    themes = [
        theme.model_copy(
            update={"claims": tuple(_strengthened(c, added.gained.get(c.id, ()), grounds) for c in theme.claims)}
        )
        for theme in standing.themes
    ]
    new = [p for p in added.found.placed if p.label == label]
    return _with_new(themes, distinct(new, vectors))


@dataclass(frozen=True)
class Reader:
    """Reads what is new. `standing`: of each question that is brought up to date."""

    standing: Mapping[str, Standing]
    scribe: Scribe
    grounds: Grounds
    vectors: Callable[[Sequence[str]], Vectors]

    async def read(self, pack: Pack) -> Added:
        """What the passages of a pack add. Raises GivenUpError."""
        near = self._near(pack)
        answer = await self.scribe.converse(self._prompt(pack, near), UpdateReply)
        added = Added(Found(usage=answer.usage))
        if answer.reply is None:
            return await self._in_halves(pack, answer.finish, added)
        shown = {p.id: p for part in pack.parts for c in self.scribe.shown(part) for p in c.passages}
        labels = {p.id: part.label for part in pack.parts for p in part.passages}
        located = Verifier(self.grounds, shown, labels).located
        for s in answer.reply.strengthened:
            if 1 <= s.claim <= len(near):
                label, claim = near[s.claim - 1]
                sources = [c for c in located(s.sources) if labels[c.passage] == label]
                added.gained.setdefault(claim.id, []).extend(sources)
        wordings = self._wordings(answer.reply, pack, near, shown, labels)
        added.found.add(await hold(wordings, Verifier(self.grounds, shown, labels), self.scribe))
        return added

    async def _in_halves(self, pack: Pack, finish: str, added: Added) -> Added:
        if halves := pack.halves():
            one, other = await asyncio.gather(*(self.read(half) for half in halves))
            return added.add(one).add(other)
        part = pack.parts[0]
        if finish != "refused":
            raise GivenUpError(f"what passage {part.passages[0].id} adds is too long for the model; set [model] context in discussion.toml")  # fmt: skip
        added.found.refused.append((part.label, part.passages[0].contribution))
        return added

    def _near(self, pack: Pack) -> list[tuple[str, Claim]]:
        """Of each question the standing claims nearest to its new passages, as many as there is room for, in reading order."""
        room = int(self.scribe.room(OVERHEAD, SHARE) * CLAIMS_ROOM)
        ranked: list[tuple[float, str, Claim]] = []
        order: dict[str, int] = {}
        for part in pack.parts:
            claims = self.standing[part.label].claims()
            order |= {c.id: len(order) + i for i, c in enumerate(claims)}
            texts = [p.text for p in part.passages]
            ranked += [(score, part.label, claims[i]) for i, score in self._ranked(claims, texts)]
        chosen, used = [], 0
        for _, label, claim in sorted(ranked, key=lambda r: -r[0]):
            used += self.scribe.count(claim.text.best("en")[0]) + A_CLAIM
            if used > room:
                break
            chosen.append((label, claim))
        return sorted(chosen, key=lambda pair: order[pair[1].id])

    def _ranked(self, claims: Sequence[Claim], passages: Sequence[str]) -> list[tuple[int, float]]:
        """Which claims are among the nearest to one of the passages, and how near they come."""
        if not claims:
            return []
        matrix = self.vectors([c.text.best("en")[0] for c in claims]) @ self.vectors(passages).T
        nearest = np.argsort(-matrix, axis=0, kind="stable")[:NEAREST]
        return [(i, float(matrix[i].max())) for i in sorted(set(nearest.ravel().tolist()))]

    def _prompt(self, pack: Pack, near: Sequence[tuple[str, Claim]]) -> Prompt:
        scribe = self.scribe
        return render(
            "update",
            title=scribe.title,
            glossary=scribe.glossary,
            sections=[scribe.section(part.label, scribe.shown(part)) for part in pack.parts],
            themes={part.label: self._titles(part.label) for part in pack.parts},
            claims=[
                {
                    "number": n,
                    "question": label,
                    "kind": c.kind,
                    "contributions": sorted({x.contribution for x in c.citations}),
                    "text": scribe.hidden(c.text.best("en")[0]),
                }
                for n, (label, c) in enumerate(near, start=1)
            ],
        )

    def _titles(self, label: str) -> list[Text]:
        return [t.title for t in self.standing[label].themes if t.title.en and t.title.fr]

    def _wordings(
        self,
        reply: UpdateReply,
        pack: Pack,
        near: Sequence[tuple[str, Claim]],
        shown: dict[str, ShownPassage],
        labels: dict[str, str],
    ) -> list[Wording]:
        """New claims; one that contradicts a standing claim has that claim's first source before its own, which `shown` and
        `labels` get then."""
        asked = [part.label for part in pack.parts]
        wordings = []
        for theme in reply.themes:
            question = theme.question if theme.question in asked else asked[0]
            for claim in theme.claims:
                sources, at = list(claim.sources), question
                if claim.contradicts is not None and 1 <= claim.contradicts <= len(near):
                    at, against = near[claim.contradicts - 1]
                    position = against.citations[0]
                    passage = self.grounds.passages[position.passage]
                    shown[passage.id] = ShownPassage(passage, passage.text)
                    labels[passage.id] = at
                    sources.insert(0, Source(id=passage.id, words=position.quote))
                written = WrittenClaim(sources=sources, kind=claim.kind, en=claim.en, fr=claim.fr)
                wordings.append(Wording(at, title_of(theme.en, theme.fr), written))
        return wordings


def _strengthened(claim: Claim, citations: Sequence[Citation], grounds: Grounds) -> Claim:
    """`claim` with further sources, if it stands with them; its words stay."""
    new = [c for c in citations if c.contribution not in {x.contribution for x in claim.citations}]
    if not new or claim.kind == "disagreement":
        return claim
    grown = check_claim(claim.model_copy(update={"citations": (*claim.citations, *dict.fromkeys(new))}), grounds)
    return claim if wrong(grown) else grown


def _with_new(themes: Sequence[Theme], placed: Sequence[Placed]) -> tuple[Theme, ...]:
    """New claims under the heading they were given, new headings last."""
    result = list(themes)
    for p in placed:
        title = p.theme if p.theme.en else UNNAMED
        at = next(
            (i for i, t in enumerate(result) if (t.title.en or "").casefold() == (title.en or "").casefold()), None
        )
        if at is None:
            result.append(Theme(title=title, claims=(p.claim,)))
        else:
            result[at] = result[at].model_copy(update={"claims": (*result[at].claims, p.claim)})
    return tuple(result)
