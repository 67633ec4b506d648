"""A stale question brought up to date from its standing claims and the new passages alone.

Standing claims keep their words, their ids and their places: they gain sources, new claims join them, a contradiction becomes
a disagreement between the two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.model import Citation, Claim, Passage, Text, Theme
from eval.gates import Grounds, check_claim
from prompts import Prompt, render
from prompts.replies import Source, UpdateReply, WrittenClaim
from prompts.shown import ShownContribution, ShownPassage, show
from synth.engines.claims import Placed, Verifier, Wording, distinct, wrong
from synth.engines.drafting import Found, hold, title_of
from synth.engines.scribe import GivenUpError, Scribe
from synth.engines.standing import Standing
from synth.engines.themes import UNNAMED
from synth.evidence import Evidence
from synth.fold import batches
from vectorstore.embedders import Vectors

OVERHEAD = 2_000  # tokens of an update prompt beside passages and claims
CLAIMS_ROOM = 0.4  # share of the room that standing claims may take; the nearest ones are sent
SHARE = 0.5  # tokens of the reply, as a share of what is read
A_CLAIM = 14  # tokens a standing claim takes beside its sentence


@dataclass(frozen=True)
class Updated:
    """What an update gave: themes with all claims, what was dropped or refused on the way, and the cost."""

    themes: tuple[Theme, ...]
    found: Found


async def update(
    evidence: Evidence,
    standing: Standing,
    scribe: Scribe,
    grounds: Grounds,
    vectors: Callable[[Sequence[str]], Vectors],
) -> Updated:
    """`standing` with what its unread passages add. Raises GivenUpError."""
    found = Found()
    claims = standing.claims()
    titles = [t.title for t in standing.themes if t.title.en and t.title.fr]
    gained: dict[str, list[Citation]] = {}
    room = scribe.room(OVERHEAD, SHARE)
    parts = batches(standing.unread, int(room * (1 - CLAIMS_ROOM)), scribe.count) if standing.unread else []
    reader = _Reader(evidence, claims, titles, scribe, grounds, vectors, int(room * CLAIMS_ROOM))
    for one, more in await asyncio.gather(*(reader.read(list(part)) for part in parts)):
        found.add(one)
        for claim_id, citations in more.items():
            gained.setdefault(claim_id, []).extend(citations)
    themes = [
        theme.model_copy(
            update={"claims": tuple(_strengthened(c, gained.get(c.id, ()), grounds) for c in theme.claims)}
        )
        for theme in standing.themes
    ]
    return Updated(_with_new(themes, distinct(found.placed, vectors)), found)


@dataclass(frozen=True)
class _Reader:
    evidence: Evidence
    claims: Sequence[Claim]
    titles: Sequence[Text]
    scribe: Scribe
    grounds: Grounds
    vectors: Callable[[Sequence[str]], Vectors]
    room: int

    async def read(self, passages: list[Passage]) -> tuple[Found, dict[str, list[Citation]]]:
        """New claims of some passages, and new sources by the id of the standing claim."""
        near = self._near([p.text for p in passages])
        contributions = show(passages, self.scribe.contributions, self.scribe.attribution)
        answer = await self.scribe.converse(self._prompt(near, contributions), UpdateReply)
        found = Found(usage=answer.usage)
        if answer.reply is None and len(passages) > 1:
            half = len(passages) // 2
            (one, gained), (other, more) = await asyncio.gather(self.read(passages[:half]), self.read(passages[half:]))
            return found.add(one).add(other), {i: [*gained.get(i, ()), *more.get(i, ())] for i in (*gained, *more)}
        if answer.reply is None and answer.finish == "refused":
            found.refused.append((self.evidence.label, passages[0].contribution))
            return found, {}
        if answer.reply is None:
            raise GivenUpError(f"what passage {passages[0].id} adds is too long for the model; set [model] context in discussion.toml")  # fmt: skip
        shown = {p.id: p for c in contributions for p in c.passages}
        gained = {
            near[s.claim - 1].id: self._verifier(shown).located(s.sources)
            for s in answer.reply.strengthened
            if 1 <= s.claim <= len(near)
        }
        wordings, shown = self._wordings(answer.reply, near, shown)
        return found.add(await hold(wordings, self._verifier(shown), self.scribe)), gained

    def _verifier(self, shown: dict[str, ShownPassage]) -> Verifier:
        return Verifier(self.grounds, shown, dict.fromkeys(shown, self.evidence.label))

    def _near(self, texts: Sequence[str]) -> list[Claim]:
        """The standing claims nearest to the new passages, as many as there is room for, in reading order."""
        if not self.claims:
            return []
        matrix = self.vectors([c.text.best("en")[0] for c in self.claims]) @ self.vectors(texts).T
        order = sorted(range(len(self.claims)), key=lambda i: -float(matrix[i].max()))
        chosen: set[int] = set()
        used = 0
        for i in order:
            used += self.scribe.count(self.claims[i].text.best("en")[0]) + A_CLAIM
            if used > self.room:
                break
            chosen.add(i)
        return [c for i, c in enumerate(self.claims) if i in chosen]

    def _prompt(self, near: Sequence[Claim], contributions: Sequence[ShownContribution]) -> Prompt:
        scribe = self.scribe
        return render(
            "update",
            title=scribe.title,
            glossary=scribe.glossary,
            sections=[scribe.section(self.evidence.label, contributions)],
            themes=self.titles,
            claims=[
                {
                    "number": n,
                    "kind": c.kind,
                    "contributions": sorted({x.contribution for x in c.citations}),
                    "text": scribe.hidden(c.text.best("en")[0]),
                }
                for n, c in enumerate(near, start=1)
            ],
        )

    def _wordings(
        self, reply: UpdateReply, near: Sequence[Claim], shown: dict[str, ShownPassage]
    ) -> tuple[list[Wording], dict[str, ShownPassage]]:
        """New claims; one that contradicts a standing claim has that claim's first source before its own."""
        every = dict(shown)
        wordings = []
        for theme in reply.themes:
            for claim in theme.claims:
                sources = list(claim.sources)
                if claim.contradicts is not None and 1 <= claim.contradicts <= len(near):
                    position = near[claim.contradicts - 1].citations[0]
                    passage = self.grounds.passages[position.passage]
                    every[passage.id] = ShownPassage(passage, passage.text)
                    sources.insert(0, Source(id=passage.id, words=position.quote))
                written = WrittenClaim(sources=sources, kind=claim.kind, en=claim.en, fr=claim.fr)
                wordings.append(Wording(self.evidence.label, title_of(theme.en, theme.fr), written))
        return wordings, every


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
