"""The engine that lets a model write. What the model says and cannot show is not in the report, whatever model it is.

Per question: passages → claims with the words they rest on → sources located, gates run → what fails goes back with the
reason → what was read in parts is joined → themes. Sources go along untouched; after the first reply no model writes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from corpus.errors import ServerError
from corpus.model import Claim, Draft, Generated, Recommendation, RecommendationsDraft, Text, Theme, Usage
from eval.gates import Grounds
from prompts import prompts_hash
from synth import __version__
from synth.engines import updating
from synth.engines.claims import Placed, distinct
from synth.engines.drafting import Found, read
from synth.engines.engine import Say, Unfinished, Written
from synth.engines.merging import merge
from synth.engines.recommending import recommend
from synth.engines.scribe import GivenUpError, Scribe
from synth.engines.standing import Standing, mark, to_update
from synth.engines.themes import ALL_OF_IT, UNNAMED
from synth.engines.updating import Added, Reader, updated
from synth.evidence import Evidence
from synth.fold import Pack, plan, within_budget
from synth.llm.client import UnansweredError
from synth.llm.later import WaitingError
from vectorstore.embedders import Vectors

OVERHEAD = 1_500  # tokens of a draft prompt beside the passages
SHARE = 0.5  # tokens of a reply, as a share of the passages it is written from

T = TypeVar("T")


@dataclass
class LlmEngine:
    """See the module. `vectors`: unit vectors of texts."""

    scribe: Scribe
    grounds: Grounds
    vectors: Callable[[Sequence[str]], Vectors]
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def generated(self) -> Generated:
        """The model and the prompts it was given."""
        return Generated(engine="llm", model=self.scribe.settings.name, prompts=prompts_hash(), version=__version__)

    def draft(
        self, stale: Sequence[Evidence], standing: Mapping[str, Draft], say: Say
    ) -> Iterator[Written | Unfinished]:
        """Each question as it is finished; several are in flight at once."""
        readable = [e for e in stale if e.passages]
        yield from (Written(e.label, ()) for e in stale if not e.passages)
        left_out = self._left_out(readable)
        open_ = [e.reading(tuple(p for p in e.passages if p.id not in left_out.get(e.label, ()))) for e in readable]
        updates = {e.label: s for e in open_ if (s := to_update(standing.get(e.label), e.passages, self.grounds))}
        jobs = [self._update(labels, packs, updates, say) for labels, packs in self._updates(open_, updates)]
        jobs += [self._job(packs, say) for packs in self._jobs([e for e in open_ if e.label not in updates])]
        marks = {e.label: tuple(sorted({mark(p) for p in e.passages})) for e in open_}
        for outcome in self._as_completed(jobs):
            for one in outcome:
                if isinstance(one, Written):
                    yield replace(one, not_read=left_out.get(one.label, ()), read=marks[one.label])
                else:
                    yield one

    def recommend(
        self, claims: Sequence[Claim], standing: RecommendationsDraft | None
    ) -> tuple[tuple[Recommendation, ...], Usage | None]:
        """Recommendations drafted from the claims; those that stand are kept where their claims did not change."""
        return self._runner.run(recommend(claims, standing, self.scribe, self.grounds, self.vectors))

    def close(self) -> None:
        """End the connections; calls in flight are cancelled."""
        self._runner.run(self.scribe.ask.close())
        self._runner.close()

    # -- what is read together ----------------------------------------------------------------------

    def _left_out(self, evidence: Sequence[Evidence]) -> dict[str, tuple[str, ...]]:
        """Per label the passages that are beyond the budget."""
        budget = self.scribe.settings.budget
        if budget is None:
            return {}
        chosen = within_budget(evidence, budget, self.scribe.count)
        kept = {label: {p.id for p in passages} for label, passages in chosen.items()}
        return {e.label: tuple(p.id for p in e.passages if p.id not in kept[e.label]) for e in evidence}

    def _jobs(self, evidence: Sequence[Evidence]) -> list[list[Pack]]:
        """Packs that are finished together: those of one question, or one that holds several."""
        return _finished_together(plan(evidence, self.scribe.room(OVERHEAD, SHARE), self.scribe.count))

    def _updates(
        self, evidence: Sequence[Evidence], updates: Mapping[str, Standing]
    ) -> Iterator[tuple[list[str], list[Pack]]]:
        """Labels that are brought up to date together, with the packs of what is new under them; none where nothing is."""
        new = [e.reading(updates[e.label].unread) for e in evidence if e.label in updates]
        yield from (([e.label], []) for e in new if not e.passages)
        room = int(self.scribe.room(updating.OVERHEAD, updating.SHARE) * (1 - updating.CLAIMS_ROOM))
        packs = plan([e for e in new if e.passages], room, self.scribe.count, updating.SMALL, updating.TOGETHER)
        for found in _finished_together(packs):
            yield list(dict.fromkeys(part.label for pack in found for part in pack.parts)), found

    # -- one job --------------------------------------------------------------------------------------

    async def _job(self, packs: Sequence[Pack], say: Say) -> list[Written | Unfinished]:
        labels = list(dict.fromkeys(part.label for pack in packs for part in pack.parts))
        for label in labels:
            say(label, "reading")
        try:
            found = Found()
            for one in await asyncio.gather(*(read(pack, self.scribe, self.grounds) for pack in packs)):
                found.add(one)
            return [await self._written(label, labels, found, say) for label in labels]
        except WaitingError:
            return [Unfinished(label, "waits for its batch", waiting=True) for label in labels]
        except (GivenUpError, UnansweredError) as error:
            return [Unfinished(label, str(error).rstrip(".")) for label in labels]

    async def _update(
        self, labels: Sequence[str], packs: Sequence[Pack], standing: Mapping[str, Standing], say: Say
    ) -> list[Written | Unfinished]:
        for label in labels:
            say(label, "reading")
        reader = Reader(standing, self.scribe, self.grounds, self.vectors)
        added = Added(Found())
        try:
            for one in await asyncio.gather(*(reader.read(pack) for pack in packs)):
                added.add(one)
        except WaitingError:
            return [Unfinished(label, "waits for its batch", waiting=True) for label in labels]
        except (GivenUpError, UnansweredError) as error:
            return [Unfinished(label, str(error).rstrip(".")) for label in labels]
        done = []
        for label in labels:
            themes = updated(label, standing[label], added, self.grounds, self.vectors)
            say(label, f"{sum(len(t.claims) for t in themes)} claims")
            dropped = (d for d in added.found.dropped if d.question == label)
            refused = dict.fromkeys(c for at, c in added.found.refused if at == label)
            usage = _part_of(added.found, label, labels)
            done.append(
                Written(label, themes, (*standing[label].dropped, *dropped), refused=tuple(refused), usage=usage)
            )
        return [*done]

    async def _written(self, label: str, together: Sequence[str], found: Found, say: Say) -> Written:
        placed = distinct([p for p in found.placed if p.label == label], self.vectors)
        usage = _part_of(found, label, together)
        if found.calls.get(label, 0) > 1 and len(placed) > 1:
            say(label, f"joining {len(placed)} claims")
            placed, spent = await merge(placed, self.scribe, self.grounds, self.vectors)
            usage += spent
        say(label, f"{len(placed)} claims")
        return Written(
            label=label,
            themes=themes(placed),
            dropped=tuple(d for d in found.dropped if d.question == label),
            refused=tuple(dict.fromkeys(c for at, c in found.refused if at == label)),
            usage=usage,
        )

    # -- the event loop ---------------------------------------------------------------------------------

    def _as_completed(self, jobs: Sequence[Coroutine[Any, Any, T]]) -> Iterator[T]:
        """Results in the order in which they come. The loop stands still between two of them.

        Where the server stops everything, calls that it is answering are waited for all the same: they are paid for.
        """

        async def start() -> set[asyncio.Task[T]]:
            return {asyncio.create_task(job) for job in jobs}

        async def some(tasks: set[asyncio.Task[T]]) -> tuple[set[asyncio.Task[T]], set[asyncio.Task[T]]]:
            return await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

        pending = self._runner.run(start())
        stopped: BaseException | None = None
        while pending and (stopped is None or isinstance(stopped, ServerError)):
            done, pending = self._runner.run(some(pending))
            for task in done:
                if error := task.exception():
                    stopped = stopped if isinstance(error, ServerError) and stopped else error
                else:
                    yield task.result()
        if stopped is not None:
            raise stopped  # the rest is cancelled by close()


def _finished_together(packs: Sequence[Pack]) -> list[list[Pack]]:
    """Packs of one question, and each that holds several."""
    jobs: dict[str, list[Pack]] = {}
    for pack in packs:
        jobs.setdefault(pack.parts[0].label, []).append(pack)
    return list(jobs.values())


def _part_of(found: Found, label: str, together: Sequence[str]) -> Usage:
    """What a label took of calls that read several: its share by claims written; whole calls count with the first."""
    if len(together) == 1:
        return found.usage
    written = [p.label for p in found.placed] + [d.question for d in found.dropped]
    share = (written.count(label) + 1) / (len(written) + len(together))
    if label == together[0]:
        others = [_part_of(found, other, together) for other in together[1:]]
        rest = sum(others, Usage())
        return Usage(
            calls=found.usage.calls,
            prompt=found.usage.prompt - rest.prompt,
            cached=found.usage.cached - rest.cached,
            completion=found.usage.completion - rest.completion,
        )
    used = found.usage
    return Usage(
        prompt=int(used.prompt * share), cached=int(used.cached * share), completion=int(used.completion * share)
    )


def themes(placed: Sequence[Placed]) -> tuple[Theme, ...]:
    """Claims under their headings, those without one last."""
    grouped: dict[str, tuple[Text, list[Claim]]] = {}
    for p in placed:
        grouped.setdefault((p.theme.en or "").casefold(), (p.theme, []))[1].append(p.claim)
    nameless = grouped.pop("", None)
    if nameless:
        grouped[""] = (UNNAMED if grouped else ALL_OF_IT, nameless[1])
    return tuple(Theme(title=title, claims=tuple(claims)) for title, claims in grouped.values())
