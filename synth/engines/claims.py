"""From what a model wrote to claims that stand: sources located, quotations cut out of the bodies, every gate run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.model import Citation, Claim, Dropped, Text
from corpus.sentences import Range
from corpus.words import fold
from eval.gates import Grounds, check_claims
from eval.quantities import quantities
from prompts.replies import Source, WrittenClaim
from prompts.shown import ShownPassage
from synth.engines import cues
from synth.engines.locate import locate, quotation
from vectorstore.embedders import Vectors

SAME = 0.92  # cosine of two claims' English above which they say the same, if figures and negation agree too
LONGEST = 600  # characters of a claim; more is no sentence
_CAUSES = ("language", "counts")  # where these fail, others may fail for that alone: they are the reason to give


@dataclass(frozen=True)
class Wording:
    """A claim as the model wrote it, for one question, under one heading."""

    label: str
    theme: Text
    written: WrittenClaim


@dataclass(frozen=True)
class Placed:
    """A claim that stands, with the question and the heading it belongs to."""

    label: str
    theme: Text
    claim: Claim


@dataclass(frozen=True)
class Refusal:
    """Why a wording does not stand: which check, and what it says."""

    wording: Wording
    check: str
    detail: str

    def dropped(self) -> Dropped:
        """For the list of what was left out."""
        text = Text(en=one_line(self.wording.written.en) or None, fr=one_line(self.wording.written.fr) or None)
        return Dropped(question=self.wording.label, text=text, check=self.check, detail=self.detail)


@dataclass(frozen=True)
class Verifier:
    """Holds wordings against the passages that were sent. `labels`: of which question each passage is evidence."""

    grounds: Grounds
    shown: Mapping[str, ShownPassage]
    labels: Mapping[str, str]

    def verify(self, wordings: Sequence[Wording]) -> list[Placed | Refusal]:
        """For each wording the claim, or the first reason why it does not stand."""
        placed = [self._place(wording) for wording in wordings]
        fresh = iter(check_claims([p.claim for p in placed if isinstance(p, Placed)], self.grounds))
        return [
            _held(p, wording, next(fresh)) if isinstance(p, Placed) else p
            for p, wording in zip(placed, wordings, strict=True)
        ]

    def _place(self, wording: Wording) -> Placed | Refusal:
        """The claim with its sources, not yet checked. One source that is not there is enough to refuse it: the sentence
        may say what only that one would bear."""
        citations, lost = self._citations(wording.written.sources)
        if lost or not citations:
            return Refusal(wording, "source", lost[0] if lost else "it names no source")
        label = (
            wording.label
            if any(self.labels[c.passage] == wording.label for c in citations)
            else self.labels[citations[0].passage]
        )
        citations = [c for c in citations if self.labels[c.passage] == label]
        return Placed(label, wording.theme, _claim(replace(wording, label=label), citations))

    def located(self, sources: Sequence[Source]) -> list[Citation]:
        """The sources that were found."""
        return self._citations(sources)[0]

    def _citations(self, sources: Sequence[Source]) -> tuple[list[Citation], list[str]]:
        """The sources that were found, each span once, and why the others were not."""
        found: dict[tuple[str, int, int], Citation] = {}
        lost: list[str] = []
        for source in sources:
            passage = self.shown.get(source.id.strip().strip("[]"))
            if passage is None:
                lost.append(f"there is no passage {source.id} among those given")
                continue
            passage, span = self._found(source.words, passage)
            if span is None:
                lost.append(
                    f"the words “{one_line(source.words)[:120]}” are not in {passage.id}, or are fewer than three"
                )
                continue
            start, end = quotation(span, passage.passage)
            body = self.grounds.contributions[passage.passage.contribution].body
            found.setdefault(
                (passage.passage.contribution, start, end),
                Citation(
                    contribution=passage.passage.contribution,
                    passage=passage.id,
                    quote=body[start:end],
                    start=start,
                    end=end,
                    language=passage.passage.language,
                ),
            )
        return list(found.values()), lost

    def _found(self, words: str, passage: ShownPassage) -> tuple[ShownPassage, Range | None]:
        """Where the words stand: in the passage named or, if it is the only one, in another of the same contribution."""
        if span := locate(words, passage):
            return passage, span
        siblings = [p for p in self.shown.values() if p.passage.contribution == passage.passage.contribution]
        others = [(p, span) for p in siblings if (span := locate(words, p))]
        return others[0] if len(others) == 1 else (passage, None)

    def needed(self, wording: Wording) -> list[ShownPassage]:
        """The passages to write a wording again from: those it names and those its words stand in."""
        named = [p for s in wording.written.sources if (p := self.shown.get(s.id.strip().strip("[]")))]
        holding = [p for s in wording.written.sources for p in self.shown.values() if locate(s.words, p)]
        return list({p.id: p for p in [*named, *holding]}.values())


def _held(placed: Placed, wording: Wording, checked: Claim) -> Placed | Refusal:
    if bad := wrong(checked):
        return Refusal(replace(wording, label=placed.label), *bad)
    return replace(placed, claim=checked)


def _claim(wording: Wording, citations: Sequence[Citation]) -> Claim:
    written = wording.written
    return Claim(
        id=f"{wording.label}-00",
        kind=written.kind,
        text=Text(en=one_line(written.en) or None, fr=one_line(written.fr) or None),
        citations=tuple(citations),
    )


def wrong(claim: Claim) -> tuple[str, str] | None:
    """(check, detail) of the first thing that keeps a written claim out; None if it stands. It carries its checks."""
    if not claim.text.en or not claim.text.fr:
        return "language", f"the {'English' if not claim.text.en else 'French'} text is missing"
    if fold(claim.text.en) == fold(claim.text.fr):
        return "language", "the English and the French text are the same words"
    if max(len(claim.text.en), len(claim.text.fr)) > LONGEST:
        return "sentence", f"it is longer than {LONGEST} characters; a claim is one sentence"
    if claim.kind == "disagreement" and len({c.contribution for c in claim.citations}) < 2:
        return "source", "a disagreement needs a source from each side"
    # A figure that stands elsewhere in the contribution is a warning to a reviewer; of a model it is asked that it cites it.
    found = [c for c in claim.checks if c.verdict == "fail" or (c.verdict == "warn" and c.name == "numbers")]
    first = min(found, key=lambda c: c.name not in _CAUSES, default=None)
    return (first.name, first.detail) if first else None


def one_line(text: str) -> str:
    """`text` on one line, its no-break spaces kept."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text).strip()


def distinct(found: Sequence[Placed], vectors: Callable[[Sequence[str]], Vectors]) -> list[Placed]:
    """`found` with claims that say the same made one, which has all their sources; figures and negation must agree."""
    if len(found) < 2:
        return list(found)
    matrix = vectors([p.claim.text.en or "" for p in found])
    kept: list[int] = []
    result: dict[int, Placed] = {}
    for i, placed in enumerate(found):
        twin = next((k for k in kept if _alike(found[k], placed, float(matrix[k] @ matrix[i]))), None)
        if twin is None:
            kept.append(i)
            result[i] = placed
        else:
            citations = tuple(dict.fromkeys([*result[twin].claim.citations, *placed.claim.citations]))
            joined = result[twin].claim.model_copy(update={"citations": citations})
            result[twin] = replace(result[twin], claim=joined)
    return list(result.values())


def _alike(a: Placed, b: Placed, cosine: float) -> bool:
    if a.label != b.label or a.claim.kind != b.claim.kind or a.claim.kind == "disagreement":
        return fold(str(a.claim.text)) == fold(str(b.claim.text)) and a.label == b.label
    one, other = a.claim.text.en or "", b.claim.text.en or ""
    if fold(one) == fold(other):
        return True
    return (
        cosine >= SAME
        and quantities(one, "en") == quantities(other, "en")
        and cues.negates(one) == cues.negates(other)
        and {c.contribution for c in a.claim.citations} == {c.contribution for c in b.claim.citations}
    )
