"""Which sentences to quote, without a model: what each promises, which are chosen, and what is put beside them.

Per question every sentence is weighed by the words that mark a point, by how central it is to what the others say and to
the question, and by its length; the best are taken within an allowance shared among the contributors; and what others
say in the same sense, or against it, is put beside it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from corpus.model import Citation, Claim, Kind, Passage, Text
from corpus.sentences import sentences
from corpus.words import content_words
from synth.engines import cues
from synth.engines.clauses import clause
from synth.engines.disagreement import spoken_of
from synth.evidence import OTHER, Evidence, nearness
from synth.numbering import UNNUMBERED, claim_id
from vectorstore.embedders import Vectors

SAME = 0.80  # cosine above which two sentences say the same thing and one is left out
IN_THE_SAME_SENSE = 0.74  # above which another contributor's sentence is put beside a claim as saying it too
ANSWERED = 0.25  # above which a sentence is what a dissenter speaks against, best first
FAIR = 2.2  # a contributor's part of the allowance, at most, over the part of the text
LENGTH_COUNTS_UP_TO = 180  # characters

Dispute = tuple["Candidate", "Candidate"]  # who dissents, what they dissent from


@dataclass(frozen=True, eq=False)
class Candidate:
    """A sentence that could be quoted: its place, the clause to quote, its vector and how much it promises."""

    passage: Passage
    sentence: str
    start: int
    end: int
    vector: Vectors
    weight: float

    @cached_property
    def negates(self) -> bool:
        """Whether the sentence says no to something."""
        return cues.negates(self.sentence)

    @property
    def length(self) -> int:
        """Characters the quotation takes."""
        return self.end - self.start


@dataclass(frozen=True)
class Quoted:
    """What claims that stand quote already: the sentences, and how many characters of each contribution."""

    sentences: tuple[Candidate, ...] = ()
    used: Mapping[str, int] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Characters in all."""
        return sum(self.used.values())


def quoted_by(claims: Iterable[Claim], candidates: Sequence[Candidate]) -> Quoted:
    """What `claims` quote."""
    citations = [citation for claim in claims for citation in claim.citations]
    used = Counter[str]()
    for citation in citations:
        used[citation.contribution] += citation.end - citation.start
    return Quoted(tuple(c for c in candidates if any(overlap(c, x) for x in citations)), used)


def overlap(candidate: Candidate, citation: Citation) -> bool:
    """Whether they have words in common."""
    same = candidate.passage.contribution == citation.contribution
    return same and candidate.start < citation.end and citation.start < candidate.end


def candidates_of(evidence: Evidence) -> list[Candidate]:
    """Every sentence of the evidence that states something of the contributor's own."""
    found: list[tuple[Passage, str, int, int]] = []
    for passage in evidence.passages:
        foreign = evidence.somebody_elses.get(passage.contribution, [])
        for s, e in sentences(passage.text):
            start, end = passage.start + s, passage.start + e
            text = passage.text[s:e]
            if (
                cues.long_enough(text)
                and not cues.is_question(text)
                and not cues.is_said_of_others(text)
                and (evidence.label != OTHER or cues.makes_a_point(text))
                and not any(start < b and a < end for a, b in foreign)
            ):
                found.append((passage, text, start, end))
    if not found:
        return []
    vectors = evidence.vectors([text for _, text, _, _ in found])
    centrality = _centrality(vectors, [p.contribution for p, _, _, _ in found])
    asked = nearness([text for _, text, _, _ in found], evidence.label, evidence.discussion, evidence.vectors)
    candidates = []
    for i, (passage, text, start, _) in enumerate(found):
        begin, stop = clause(text)
        size = 0.75 * math.log(min(len(text), LENGTH_COUNTS_UP_TO) / 60)
        weight = cues.weight(text) + size + float(centrality[i]) + float(asked[i])
        candidates.append(Candidate(passage, text, start + begin, start + stop, vectors[i], weight))
    return candidates


def _centrality(vectors: Vectors, owners: Sequence[str]) -> Vectors:
    """How near a sentence is to the five nearest of other contributors, plus how near to its own contribution's."""
    similarity = vectors @ vectors.T
    same = np.array(owners)[:, None] == np.array(owners)[None, :]
    others = np.where(same, -np.inf, similarity)
    nearest = np.sort(others, axis=1)[:, -5:]
    near_others = np.where(np.isfinite(nearest), nearest, 0).mean(axis=1)
    np.fill_diagonal(same, False)
    count = same.sum(axis=1)
    near_own = np.where(count > 0, (similarity * same).sum(axis=1) / np.maximum(count, 1), 0)
    result: Vectors = near_others + near_own
    return result


def disputes_of(candidates: Sequence[Candidate], evidence: Evidence) -> list[Dispute]:
    """(who dissents, what they dissent from), one for each pair of contributors, both sides in their own words."""
    found: dict[tuple[str, str], tuple[Candidate, Candidate]] = {}
    people = list(evidence.contributions.values())
    for passage in evidence.passages:
        mine = [c for c in candidates if c.passage.id == passage.id]
        spans = sentences(passage.text)
        texts = [passage.text[s:e] for s, e in spans]
        for i, text in enumerate(texts):
            for other in spoken_of(text, passage.contribution, people):
                pair = (passage.contribution, other)
                at = next((j for j in range(i, min(i + 3, len(texts))) if cues.dissents(texts[j])), None)
                if at is None or pair in found:
                    continue
                # The sentence that dissents or, where that is a mere exclamation, what is said right after it.
                place = [passage.start + spans[j][0] for j in range(at, min(at + 2, len(spans)))]
                said = next(
                    (c for start in place for c in mine if start <= c.start < start + len(texts[at]) + 40),
                    None,
                )
                against = [
                    c
                    for c in candidates
                    if c.passage.contribution == other and not spoken_of(c.sentence, other, people)
                ]
                if said and against:
                    heard = evidence.vectors([text])[0]  # what the other is said to have said
                    best = max(against, key=lambda c: float(c.vector @ heard))
                    if float(best.vector @ heard) >= ANSWERED:
                        found[pair] = (said, best)
    return list(found.values())


def within(disputes: Sequence[Dispute], allowance: int) -> list[Dispute]:
    """As many disputes as the allowance bears, in order."""
    kept, used = [], 0
    for pair in disputes:
        size = sum(c.length for c in pair)
        if used + size <= allowance:
            kept.append(pair)
            used += size
    return kept


def choose(
    candidates: Sequence[Candidate], evidence: Evidence, settled: Sequence[Candidate], quoted: Quoted
) -> list[Candidate]:
    """The heaviest within what the allowance leaves beside what is `quoted` already: what is `settled`, the best of each
    contributor who is not quoted yet, then by weight; nothing twice."""
    text_of: dict[str, int] = {}
    for passage in evidence.passages:
        text_of[passage.contribution] = text_of.get(passage.contribution, 0) + len(passage.text)
    total = sum(text_of.values())
    part = {c: FAIR * evidence.allowance * n / total for c, n in text_of.items()}
    order = sorted(candidates, key=lambda c: (-(c.weight + 2) / c.length**0.15, c.passage.id, c.start))
    firsts = _first_of_each(order)
    chosen: list[Candidate] = list(quoted.sentences)
    used = {**dict.fromkeys(text_of, 0), **quoted.used}
    for candidate in [*settled, *firsts, *order]:
        owner = candidate.passage.contribution
        first = used[owner] == 0 or candidate in settled
        if candidate in chosen or (candidate not in settled and _repeats(candidate, chosen)):
            continue
        room = (
            used[owner] + candidate.length <= part[owner]
            and sum(used.values()) + candidate.length <= evidence.allowance
        )
        if first or room:
            chosen.append(candidate)
            used[owner] += candidate.length
    return chosen[len(quoted.sentences) :]


def _first_of_each(order: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence of every contributor that is no mere talk; where even that is long, the best short one."""
    best: dict[str, Candidate] = {}
    for candidate in order:
        if not cues.is_talk(candidate.sentence):
            best.setdefault(candidate.passage.contribution, candidate)
    return list(best.values())


def _repeats(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    return any(
        float(candidate.vector @ other.vector) >= SAME and candidate.negates == other.negates for other in chosen
    )


def claims_of(
    chosen: Sequence[Candidate],
    disputes: Sequence[Dispute],
    candidates: Sequence[Candidate],
    evidence: Evidence,
    quoted: Quoted,
) -> list[tuple[Claim, Vectors]]:
    """One claim a chosen sentence, in the order of contributions, with the vector it is grouped by.

    A dispute is one claim with both sides as its citations: the position, then who sees it differently. Beside another claim stands a sentence
    of another contributor that says the same, as long as the allowance lasts.
    """
    left = evidence.allowance - quoted.length - sum(c.length for c in chosen)
    answered = {_key(a): b for a, b in disputes}
    spoken_against = {_key(b) for _, b in disputes} - set(answered)
    claims: list[tuple[Claim, Vectors]] = []
    for candidate in sorted(chosen, key=lambda c: (_order(c.passage.contribution), c.start)):
        if _key(candidate) in spoken_against:
            continue
        kind: Kind = cues.kind_of(candidate.sentence)
        cited = [candidate]
        if other := answered.get(_key(candidate)):
            kind = "disagreement"
            cited.insert(0, other)
        elif (same := in_the_same_sense(candidate, candidates, [*chosen, *quoted.sentences])) and same.length <= left:
            cited.append(same)
            left -= same.length
        claims.append((_claim(kind, cited, evidence), candidate.vector))
    return claims


def _key(candidate: Candidate) -> tuple[str, int]:
    return candidate.passage.id, candidate.start


def _order(contribution_id: str) -> int:
    """Contributions in the order they came."""
    return int(contribution_id[1:])


def in_the_same_sense(
    candidate: Candidate, candidates: Sequence[Candidate], quoted: Sequence[Candidate]
) -> Candidate | None:
    """Another contributor's sentence that says what `candidate` says, and is not quoted yet."""
    found = [
        other
        for other in candidates
        if other.passage.contribution != candidate.passage.contribution
        and other not in quoted
        and float(other.vector @ candidate.vector) >= IN_THE_SAME_SENSE
        and other.negates == candidate.negates
        and len(set(content_words(other.sentence))) >= 5
    ]
    return max(found, key=lambda o: float(o.vector @ candidate.vector)) if found else None


def _claim(kind: Kind, cited: Sequence[Candidate], evidence: Evidence) -> Claim:
    citations = tuple(cited_from(c, evidence) for c in cited)
    first = citations[0]
    text = Text(**{first.language: first.quote}) if first.language in ("en", "fr") else Text()
    return Claim(id=claim_id(evidence.label, UNNUMBERED), kind=kind, text=text, citations=citations)


def cited_from(candidate: Candidate, evidence: Evidence) -> Citation:
    """The citation of the words that a candidate quotes."""
    passage, start, end = candidate.passage, candidate.start, candidate.end
    return Citation(
        contribution=passage.contribution,
        passage=passage.id,
        quote=evidence.contributions[passage.contribution].body[start:end],
        start=start,
        end=end,
        language=passage.language,
    )
