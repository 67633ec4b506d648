"""One question read in several calls: its claims joined where they say the same, and put under themes.

The model sees the claims alone, by number; their sources go along untouched. A claim that its reply forgets stays as it
is, and a joined sentence that does not pass the gates leaves its claims apart: a merge can lose nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from corpus.model import Claim, Text, Usage
from eval.gates import Grounds, check_claim
from prompts import render
from prompts.replies import JoinedClaim, MergeReply
from synth.engines.claims import Placed, one_line, wrong
from synth.engines.drafting import title_of
from synth.engines.scribe import GivenUpError, Scribe
from vectorstore.embedders import Vectors

OVERHEAD = 1_500  # tokens of a merge prompt beside the claims
SHARE = 0.6  # tokens of the reply, as a share of the claims'
A_CLAIM = 14  # tokens a claim takes beside its sentence


async def merge(
    placed: Sequence[Placed], scribe: Scribe, grounds: Grounds, vectors: Callable[[Sequence[str]], Vectors]
) -> tuple[list[Placed], Usage]:
    """The claims of one question, joined and arranged; a tree of calls where they do not fit into one."""
    current, usage = list(placed), Usage()
    while True:
        groups = _groups(_alike_beside_each_other(current, vectors), scribe)
        done = await asyncio.gather(*(_merge(group, scribe, grounds) for group in groups))
        before = len(current)
        current = [p for merged, _ in done for p in merged]
        for _, spent in done:
            usage += spent
        # Another level pays while it has fewer groups to go through than this one had.
        if len(groups) == 1 or len(_groups(current, scribe)) >= len(groups) or len(current) == before:
            return current, usage


def _alike_beside_each_other(placed: Sequence[Placed], vectors: Callable[[Sequence[str]], Vectors]) -> list[Placed]:
    """`placed` in an order in which each is followed by the one of the rest that is nearest to it: what may be joined meets."""
    if len(placed) < 3:
        return list(placed)
    matrix = vectors([p.claim.text.en or "" for p in placed])
    left = list(range(1, len(placed)))
    order = [0]
    while left:
        scores = matrix[left] @ matrix[order[-1]]
        order.append(left.pop(int(np.argmax(scores))))
    return [placed[i] for i in order]


def _groups(placed: Sequence[Placed], scribe: Scribe) -> list[list[Placed]]:
    """Groups of about equal size that each fit into a call."""
    sizes = [scribe.count(p.claim.text.en or "") + A_CLAIM for p in placed]
    room = scribe.room(OVERHEAD, SHARE)
    count = max(1, -(-sum(sizes) // room))
    fair = sum(sizes) / count
    groups: list[list[Placed]] = [[]]
    filled = 0
    for one, size in zip(placed, sizes, strict=True):
        if groups[-1] and (filled + size > room or filled + size / 2 > fair):
            groups.append([])
            filled = 0
        groups[-1].append(one)
        filled += size
    return groups


async def _merge(placed: Sequence[Placed], scribe: Scribe, grounds: Grounds) -> tuple[list[Placed], Usage]:
    if len(placed) < 2:
        return list(placed), Usage()
    claims = [
        {
            "number": i,
            "kind": p.claim.kind,
            "contributions": sorted({c.contribution for c in p.claim.citations}),
            "text": scribe.hidden(p.claim.text.en or ""),
        }
        for i, p in enumerate(placed, start=1)
    ]
    prompt = render(
        "merge", title=scribe.title, glossary=scribe.glossary, sections=[scribe.section(placed[0].label)], claims=claims
    )
    try:
        answer = await scribe.converse(prompt, MergeReply)
    except GivenUpError:
        return list(placed), Usage()
    if answer.reply is None:
        return list(placed), answer.usage
    return _arranged(answer.reply, placed, grounds), answer.usage


def _arranged(reply: MergeReply, placed: Sequence[Placed], grounds: Grounds) -> list[Placed]:
    """The claims as the reply arranges them; each exactly once, whatever the reply does."""
    found: list[Placed] = []
    used: set[int] = set()
    for theme in reply.themes:
        title = title_of(theme.en, theme.fr)
        for joined in theme.claims:
            numbers = [n for n in dict.fromkeys(joined.numbers) if 1 <= n <= len(placed) and n not in used]
            used.update(numbers)
            members = [placed[n - 1] for n in numbers]
            one = _joined(joined, members, grounds) if len(members) > 1 else None
            found += [replace(p, theme=title if title.en else p.theme) for p in ([one] if one else members)]
    return [*found, *(p for n, p in enumerate(placed, start=1) if n not in used)]


def _joined(joined: JoinedClaim, members: Sequence[Placed], grounds: Grounds) -> Placed | None:
    """The one claim, with all the sources; None if it does not stand."""
    text = Text(en=one_line(joined.en or "") or None, fr=one_line(joined.fr or "") or None)
    citations = tuple(dict.fromkeys(c for p in members for c in p.claim.citations))
    claim = check_claim(Claim(id=members[0].claim.id, kind=joined.kind, text=text, citations=citations), grounds)
    return None if wrong(claim) else replace(members[0], claim=claim)
