"""Recommendations written by a model, from accepted claims alone. Who supports them is read off the claims' sources."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corpus.model import Claim, Recommendation, RecommendationsDraft, Text, Usage
from eval.gates import Grounds, check_claim
from prompts import Prompt, render
from prompts.replies import RecommendReply, WrittenRecommendation
from synth.engines import cues
from synth.engines.claims import one_line, wrong
from synth.engines.recommendations import EVERYBODY, Addressee, addressed, addressees_of, alike, recommendation
from synth.engines.scribe import GivenUpError, Scribe
from vectorstore.embedders import Vectors

OVERHEAD = 1_300  # tokens of the prompt beside the claims
SHARE = 1.5  # tokens of the reply, as a share of the claims' in English
A_CLAIM = 8  # tokens a claim takes beside its sentence
UPDATE = 0.5  # share of the claims that must be what they were; below it all recommendations are written anew
NEAR = 0.5  # cosine above which a new claim may belong to a recommendation that stands
SENT = ("recommendation", "disagreement", "challenge")  # kinds of claims a proposal or an objection can be in


@dataclass(frozen=True)
class Proposal:
    """A recommendation before it has its number: claims for and against, to whom (index), in which words."""

    claims: tuple[Claim, ...]
    against: tuple[Claim, ...]
    addressee: int
    text: Text


async def recommend(
    claims: Sequence[Claim],
    standing: RecommendationsDraft | None,
    scribe: Scribe,
    grounds: Grounds,
    vectors: Callable[[Sequence[str]], Vectors],
) -> tuple[tuple[Recommendation, ...], Usage]:
    """Recommendations by addressee, the most supported first, and the cost. Every claim that recommends is in one.

    Of `standing` those are kept whose claims are what they were, and the model sees of them only what is near to what is new.
    """
    if not any(c.kind == "recommendation" for c in claims):
        return (), Usage()
    order = addressees_of(scribe.discussion)
    kept, open_ = _kept(claims, standing, order, grounds, vectors)
    answers = await asyncio.gather(*(_propose(group, scribe, grounds) for group in _groups(open_, scribe)))
    proposals = [p for found, _ in answers for p in found]
    if len(answers) > 1:
        proposals = _together(proposals, vectors)
    proposals += kept
    used = {c.id for p in proposals for c in p.claims}
    for claim in claims:
        if claim.kind == "recommendation" and claim.id not in used:
            at = addressed(claim.text.en or claim.citations[0].quote, order)
            proposals.append(Proposal((claim,), (), at, claim.text))
    first = {c.id: i for i, c in enumerate(claims)}
    proposals.sort(
        key=lambda p: (
            p.addressee,
            -len({c.contribution for x in p.claims for c in x.citations}),
            first[p.claims[0].id],
        )
    )
    names = [*(a.name for a in order), EVERYBODY]
    usage = sum((spent for _, spent in answers), Usage())
    return tuple(
        recommendation(f"R{n:02d}", p.claims, names[p.addressee], p.text, p.against)
        for n, p in enumerate(proposals, start=1)
    ), usage


# -- what stands -----------------------------------------------------------------------------------------


def words_of(claims: Sequence[Claim]) -> dict[str, str]:
    """What recommendations were made from: by claim id, the hash of what a model is told of it."""
    told = {c.id: f"{c.kind} {c.text.en or c.text.fr or ''}" for c in claims if c.kind in SENT}
    return {i: hashlib.sha256(text.encode()).hexdigest()[:16] for i, text in told.items()}


def _kept(
    claims: Sequence[Claim],
    standing: RecommendationsDraft | None,
    order: Sequence[Addressee],
    grounds: Grounds,
    vectors: Callable[[Sequence[str]], Vectors],
) -> tuple[list[Proposal], list[Claim]]:
    """Proposals that stand, and the claims to send: what is new, what stood in a recommendation that does not stand any more,
    and what is in those nearest to them."""
    now = words_of(claims)
    same = {i for i, words in now.items() if standing and standing.read.get(i) == words}
    sent = [c for c in claims if c.id in now]
    if standing is None or len(same) < UPDATE * len(sent):
        return [], sent
    by_id = {c.id: c for c in sent if c.id in same}
    proposals = [p for r in standing.recommendations if (p := _standing(r, by_id, order, grounds))]
    free = [
        c
        for c in sent
        if c.id not in same or (c.kind == "recommendation" and not any(c in p.claims for p in proposals))
    ]
    near = _near(free, proposals, vectors)
    open_ = {c.id for c in free} | {c.id for p in near for c in (*p.claims, *p.against)}
    if not any(c.kind == "recommendation" for c in free) and not near:
        open_ = set()  # a new difficulty far from all proposals recommends nothing
    return [p for p in proposals if p not in near], [c for c in sent if c.id in open_]


def _standing(
    one: Recommendation, claims: Mapping[str, Claim], order: Sequence[Addressee], grounds: Grounds
) -> Proposal | None:
    """A recommendation as a proposal, if its words still rest on its claims; who is against it is read off its dissenters."""
    for_it = tuple(claims[i] for i in one.claims if i in claims)
    names = [a.name.best("en")[0] for a in order]
    if not for_it or (len(for_it) < len(one.claims) and not _borne(one.text, for_it, grounds)):
        return None
    at = names.index(one.addressee) if one.addressee in names else len(names)
    against = tuple(claims[i] for i in one.against if i in claims)
    return Proposal(for_it, against, at, one.text)


def _near(
    free: Sequence[Claim], proposals: Sequence[Proposal], vectors: Callable[[Sequence[str]], Vectors]
) -> list[Proposal]:
    """The proposals that what is new may belong to: for each claim the nearest, if it is near at all."""
    if not free or not proposals:
        return []
    matrix = vectors([c.text.best("en")[0] for c in free]) @ vectors([p.text.best("en")[0] for p in proposals]).T
    nearest = {int(row.argmax()) for row in matrix if float(row.max()) >= NEAR}
    return [proposals[i] for i in sorted(nearest)]


# -- what is asked ---------------------------------------------------------------------------------------


def _groups(claims: Sequence[Claim], scribe: Scribe) -> list[list[Claim]]:
    """The claims to send, in as many calls as they need."""
    room = scribe.room(OVERHEAD, SHARE)
    groups: list[list[Claim]] = [[]]
    filled = 0
    for claim in claims:
        size = scribe.count(claim.text.en or "") + A_CLAIM
        if groups[-1] and filled + size > room:
            groups.append([])
            filled = 0
        groups[-1].append(claim)
        filled += size
    return [group for group in groups if group]


def _prompt(claims: Sequence[Claim], scribe: Scribe) -> Prompt:
    """What is sent to have recommendations drafted from these claims."""
    return render(
        "recommend",
        title=scribe.title,
        glossary=scribe.glossary,
        addressees=[a.name.best("en")[0] for a in addressees_of(scribe.discussion)] + [EVERYBODY.en],
        claims=[
            {"number": n, "kind": c.kind, "text": scribe.hidden(c.text.en or c.text.fr or "")}
            for n, c in enumerate(claims, start=1)
        ],
    )


async def _propose(claims: Sequence[Claim], scribe: Scribe, grounds: Grounds) -> tuple[list[Proposal], Usage]:
    """What the model makes of some claims; nothing where it fails: each claim then stands for itself."""
    try:
        answer = await scribe.converse(_prompt(claims, scribe), RecommendReply)
    except GivenUpError:
        return [], Usage()
    if answer.reply is None and len(claims) > 1 and answer.finish in ("length", "too_long"):
        half = len(claims) // 2
        both = await asyncio.gather(*(_propose(part, scribe, grounds) for part in (claims[:half], claims[half:])))
        return [p for found, _ in both for p in found], sum((spent for _, spent in both), answer.usage)
    written = answer.reply.recommendations if answer.reply else []
    count = len(addressees_of(scribe.discussion))
    return [p for w in written if (p := _proposal(w, claims, grounds, count))], answer.usage


def _proposal(
    written: WrittenRecommendation, claims: Sequence[Claim], grounds: Grounds, everybody: int
) -> Proposal | None:
    """The proposal, if a claim really proposes it. Words that do not pass the gates give way to those of the first claim."""

    def known(numbers: Sequence[int]) -> list[Claim]:
        return [claims[n - 1] for n in dict.fromkeys(numbers) if 1 <= n <= len(claims)]

    for_it = [c for c in known(written.claims) if c.kind == "recommendation"]
    for_it += [c for c in known(written.claims) if c.kind == "disagreement" and for_it]
    if not for_it:
        return None
    against = [c for c in known(written.against) if c not in for_it]
    text = Text(en=one_line(written.en) or None, fr=one_line(written.fr) or None)
    stands = _borne(text, for_it, grounds)
    at = written.addressee - 1
    return Proposal(
        tuple(for_it), tuple(against), at if 0 <= at < everybody else everybody, text if stands else for_it[0].text
    )


def _borne(text: Text, claims: Sequence[Claim], grounds: Grounds) -> bool:
    """Whether a sentence stands on the sources of these claims."""
    citations = tuple(dict.fromkeys(x for c in claims for x in c.citations))
    return not wrong(check_claim(Claim(id="R", kind="recommendation", text=text, citations=citations), grounds))


def _together(proposals: Sequence[Proposal], vectors: Callable[[Sequence[str]], Vectors]) -> list[Proposal]:
    """Proposals of several calls that ask the same of the same addressee made one."""
    matrix = vectors([p.text.en or "" for p in proposals])
    negates = [cues.negates(p.text.en or "") for p in proposals]
    found = []
    for addressee in sorted({p.addressee for p in proposals}):
        members = [i for i, p in enumerate(proposals) if p.addressee == addressee]
        for group in alike(members, matrix, negates):
            claims = tuple(dict.fromkeys(c for i in group for c in proposals[i].claims))
            against = tuple(dict.fromkeys(c for i in group for c in proposals[i].against if c not in claims))
            found.append(Proposal(claims, against, addressee, proposals[group[0]].text))
    return found
