"""Claims from passages: one call, what fails its checks written again, what was too long or refused read in halves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.model import Dropped, Text, Usage
from corpus.words import words
from eval.gates import Grounds
from prompts import Prompt, render
from prompts.replies import DraftReply, RepairReply, Source, WrittenClaim
from prompts.shown import ShownPassage, show
from synth.engines.claims import Placed, Refusal, Verifier, Wording, one_line
from synth.engines.scribe import GivenUpError, Scribe
from synth.fold import Pack, Part
from synth.llm.reading import UnusableError, read_reply

REPAIRS = 2  # times that refused claims go back to the model
TOKENS_A_CLAIM = 280  # of evidence: about so many claims are asked for
HEARD = 60  # words; who says more than that and is in no claim is read once more
HEADING = 80  # characters of a theme's heading; more is a sentence, which would need a source
_ADDRESS = re.compile(r"www\.|://|@|\w\.(?:com|org|net|info|io|xyz|example)\b", re.IGNORECASE)


@dataclass
class Found:
    """What came of reading: claims that stand, claims dropped, answers (label, contribution) that were refused, the cost.

    `calls`: per label how many calls read it; what more than one read is to be merged.
    """

    placed: list[Placed] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    calls: dict[str, int] = field(default_factory=dict)

    def add(self, other: Found) -> Found:
        """Both together."""
        self.placed += other.placed
        self.dropped += other.dropped
        self.refused += other.refused
        self.usage += other.usage
        for label, n in other.calls.items():
            self.calls[label] = self.calls.get(label, 0) + n
        return self


def _draft_prompt(pack: Pack, scribe: Scribe) -> Prompt:
    """What is sent to have a pack drafted."""
    sections = []
    for part in pack.parts:
        about = max(2, round(sum(scribe.count(p.text) for p in part.passages) / TOKENS_A_CLAIM))
        sections.append(scribe.section(part.label, scribe.shown(part), max(about, len(Pack((part,)).contributions()))))
    return render("draft", title=scribe.title, glossary=scribe.glossary, sections=sections)


async def read(pack: Pack, scribe: Scribe, grounds: Grounds) -> Found:
    """All that a pack gives. Nobody who answered at length goes unheard without having been read twice."""
    found = await _read(pack, scribe, grounds)
    rest = _unheard(pack, found)
    if rest is not None and len(rest.contributions()) < len(pack.contributions()):
        calls = dict(found.calls)
        found.add(await _read(rest, scribe, grounds))
        found.calls = calls  # too few claims to be worth a merge
    return found


async def _read(pack: Pack, scribe: Scribe, grounds: Grounds) -> Found:
    answer = await scribe.converse(_draft_prompt(pack, scribe), DraftReply, _says_something)
    spent = Found(usage=answer.usage)
    reply = answer.reply
    if reply is None and answer.finish == "refused" and len(pack.contributions()) == 1 == len(pack.parts):
        spent.refused.append((pack.parts[0].label, pack.contributions()[0]))
        return spent
    if reply is None:
        if halves := pack.halves():
            both = await asyncio.gather(*(_read(half, scribe, grounds) for half in halves))
            return spent.add(both[0]).add(both[1])
        if answer.finish == "too_long":
            raise GivenUpError(f"passage {pack.parts[0].passages[0].id} alone is too long for the model; set [model] context in discussion.toml")  # fmt: skip
        try:
            reply, _ = read_reply(answer.text, DraftReply, cut=True)
        except UnusableError as error:
            raise GivenUpError(f"the model's replies could not be used ({error})") from None
    spent.calls = {part.label: 1 for part in pack.parts}
    verifier = _verifier_of(pack.parts, scribe, grounds)
    return spent.add(await hold(_wordings(reply, pack), verifier, scribe))


def _says_something(reply: DraftReply) -> str:
    return "" if any(theme.claims for theme in reply.themes) else "it holds no claims"


def _verifier_of(parts: Sequence[Part], scribe: Scribe, grounds: Grounds) -> Verifier:
    """What wordings from these parts are held against."""
    shown = {p.id: p for part in parts for c in scribe.shown(part) for p in c.passages}
    return Verifier(grounds, shown, {p.id: part.label for part in parts for p in part.passages})


def _wordings(reply: DraftReply, pack: Pack) -> list[Wording]:
    labels = [part.label for part in pack.parts]
    return [
        Wording(theme.question if theme.question in labels else labels[0], title_of(theme.en, theme.fr), claim)
        for theme in reply.themes
        for claim in theme.claims
    ]


def title_of(en: str, fr: str) -> Text:
    """A heading as the model gave it; none where it is missing in a language, too long to be one, or sends readers elsewhere."""
    titles = [one_line(t).strip(" .:#*") for t in (en, fr)]
    if not all(titles) or max(map(len, titles)) > HEADING or any(map(_ADDRESS.search, titles)):
        return Text()
    return Text(en=titles[0], fr=titles[1])


async def hold(wordings: Sequence[Wording], verifier: Verifier, scribe: Scribe) -> Found:
    """The wordings that stand; those refused go back with the reason, at most twice, and are then dropped.

    A model that gives the same words again is not asked a second time: the question would be the same.
    """
    found = Found()
    asked: list[WrittenClaim] = []
    for attempt in range(REPAIRS + 1):
        outcomes = verifier.verify(wordings)
        found.placed += [o for o in outcomes if isinstance(o, Placed)]
        refusals = [o for o in outcomes if isinstance(o, Refusal)]
        if not refusals:
            break
        if attempt == REPAIRS or (attempt and [r.wording.written for r in refusals] == asked):
            found.dropped += [_dropped(r, scribe) for r in refusals]
            break
        asked = [r.wording.written for r in refusals]
        wordings = await _again(refusals, verifier, scribe, found)
    return found


async def _again(refusals: Sequence[Refusal], verifier: Verifier, scribe: Scribe, found: Found) -> list[Wording]:
    """Refused claims as the model writes them again. What it gives up, or has nothing to write from, is dropped."""
    needed = {i: verifier.needed(r.wording) for i, r in enumerate(refusals, start=1)}
    found.dropped += [_dropped(r, scribe) for i, r in enumerate(refusals, start=1) if not needed[i]]
    open_ = {i: r for i, r in enumerate(refusals, start=1) if needed[i]}
    if not open_:
        return []
    try:
        answer = await scribe.converse(_repair_prompt(open_, needed, scribe), RepairReply)
    except GivenUpError:
        found.dropped += [_dropped(r, scribe) for r in open_.values()]
        return []
    found.usage += answer.usage
    written = {claim.number: claim for claim in answer.reply.claims} if answer.reply else {}
    found.dropped += [_dropped(r, scribe) for i, r in open_.items() if i not in written]
    return [
        Wording(
            r.wording.label, r.wording.theme, WrittenClaim.model_validate(written[i].model_dump(exclude={"number"}))
        )
        for i, r in open_.items()
        if i in written
    ]


def _dropped(refusal: Refusal, scribe: Scribe) -> Dropped:
    """For the list of what was left out; a check knows who wrote what, which may not be said everywhere."""
    dropped = refusal.dropped()
    return dropped.model_copy(update={"detail": scribe.hidden(dropped.detail)})


def _repair_prompt(refusals: dict[int, Refusal], needed: dict[int, list[ShownPassage]], scribe: Scribe) -> Prompt:
    labels = list(dict.fromkeys(r.wording.label for r in refusals.values()))
    passages = {p.id: p.passage for i in refusals for p in needed[i]}
    contributions = show(list(passages.values()), scribe.contributions, scribe.attribution)
    sections = [scribe.section(label, contributions if label == labels[0] else ()) for label in labels]
    claims = [
        {
            "number": i,
            "kind": r.wording.written.kind,
            "en": scribe.hidden(one_line(r.wording.written.en)),
            "fr": scribe.hidden(one_line(r.wording.written.fr)),
            "sources": [Source(id=s.id, words=scribe.hidden(s.words)) for s in r.wording.written.sources],
            "reason": scribe.hidden(r.detail),
        }
        for i, r in refusals.items()
    ]
    return render("repair", title=scribe.title, glossary=scribe.glossary, sections=sections, claims=claims)


def _unheard(pack: Pack, found: Found) -> Pack | None:
    """What contributions that no claim cites said at length under a question, to be read once more."""
    heard = {(p.label, c.contribution) for p in found.placed for c in p.claim.citations} | set(found.refused)
    parts = []
    for part in pack.parts:
        silent = {c for c in Pack((part,)).contributions() if (part.label, c) not in heard}
        rest = tuple(p for p in part.passages if p.contribution in silent)
        if sum(len(words(p.text)) for p in rest) >= HEARD:
            parts.append(Part(part.evidence, rest))
    return Pack(tuple(parts)) if parts else None
