"""The judge: a model that is asked whether the cited words bear each claim, twenty claims a call, no claim twice.

A judgement belongs to the words of a claim and what it cites, so it is kept by them in .synth/ and stands as long as they do.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import FolderError, ServerError
from corpus.model import Citation, Claim
from eval.gates import Grounds
from eval.judge import Judgement
from prompts import Prompt, prompt_hash, render
from prompts.replies import JudgeReply
from synth.engines.scribe import GivenUpError, Scribe

TOGETHER = 20  # claims a call
OVERHEAD = 1_200  # tokens of the prompt beside the claims
A_JUDGEMENT = 40  # tokens of the reply a claim takes


@dataclass
class ModelJudge:
    """Asks a model. `problem`: why it could not be asked about all claims, or "". See `eval.harness.Judge`."""

    scribe: Scribe
    grounds: Grounds
    path: Path
    problem: str = ""
    _known: dict[str, Judgement] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As the verdict names it."""
        return f"judge:{self.scribe.settings.name}"

    def judge(self, claims: Sequence[Claim]) -> Mapping[str, Judgement]:
        """Judgements by claim id, of those that could be had."""
        self._known = _load(self.path)
        new = [c for c in claims if self._key(c) not in self._known]
        settings = self.scribe.settings
        if new and not settings.reachable:
            self.problem = f"{settings.name} needs a key: set {settings.key_variable}"
        elif new:
            asyncio.run(self._ask(new))
        return {c.id: self._known[self._key(c)] for c in claims if self._key(c) in self._known}

    async def _ask(self, claims: Sequence[Claim]) -> None:
        try:
            for outcome in await asyncio.gather(*(self._call(g) for g in self._groups(claims)), return_exceptions=True):
                if isinstance(outcome, ServerError | GivenUpError):
                    self.problem = self.problem or str(outcome).rstrip(".")
                elif isinstance(outcome, BaseException):
                    raise outcome
        finally:
            await self.scribe.ask.close()

    def _groups(self, claims: Sequence[Claim]) -> list[list[Claim]]:
        """At most twenty claims together, and no more than fit."""
        room = self.scribe.settings.context - OVERHEAD
        groups: list[list[Claim]] = [[]]
        filled = 0
        for claim in claims:
            size = A_JUDGEMENT + self.scribe.count(" ".join([claim.text.en or "", claim.text.fr or "", *map(self.grounds.beside, claim.citations)]))  # fmt: skip
            if groups[-1] and (len(groups[-1]) == TOGETHER or filled + size > room):
                groups.append([])
                filled = 0
            groups[-1].append(claim)
            filled += size
        return groups

    async def _call(self, claims: Sequence[Claim]) -> None:
        prompt = self._prompt(claims)
        answer = await self.scribe.converse(
            prompt, JudgeReply, lambda reply: "" if reply.judged else "it judges no claim"
        )
        if answer.reply is None:
            self.problem = (
                self.problem or f"the model did not judge {claims[0].id} and {len(claims) - 1} more ({answer.finish})"
            )
            return
        found: dict[str, Judgement] = {}
        for one in answer.reply.judged:
            if 1 <= one.number <= len(claims):
                judgement = Judgement(bears=one.bears, missing=one.missing, same=one.same)
                found.setdefault(self._key(claims[one.number - 1]), judgement)
        self._known |= found
        _keep(self.path, found)
        if len(found) < len({self._key(c) for c in claims}):
            self.scribe.ask.forget([prompt])
            self.problem = self.problem or "the model left claims of a call out; the next check asks about them again"

    def _prompt(self, claims: Sequence[Claim]) -> Prompt:
        return render(
            "judge",
            title=self.scribe.title,
            glossary=self.scribe.glossary,
            claims=[
                {
                    "number": n,
                    "en": self.scribe.hidden(c.text.en or ""),
                    "fr": self.scribe.hidden(c.text.fr or ""),
                    "sources": [
                        {"who": self._who(x), "text": self.scribe.hidden(self._marked(x))} for x in c.citations
                    ],
                }
                for n, c in enumerate(claims, start=1)
            ],
        )

    def _marked(self, citation: Citation) -> str:
        """The sentences around the quote, with the quote marked."""
        around = self.grounds.beside(citation)
        return " ".join(around.replace(citation.quote, f"»{citation.quote}«", 1).split())

    def _who(self, citation: Citation) -> str:
        source = self.grounds.contributions[citation.contribution]
        name = source.author or source.organisation if self.scribe.attribution == "names" else source.organisation if self.scribe.attribution == "organisations" else None  # fmt: skip
        return f"{citation.contribution} ({name})" if name else citation.contribution

    def _key(self, claim: Claim) -> str:
        """Of all that the judgement rests on: the judge and its prompt, the claim's words, what it cites in its surroundings."""
        asked = [self.name, prompt_hash("judge"), claim.text.en, claim.text.fr, [[x.contribution, x.quote, self.grounds.beside(x)] for x in claim.citations]]  # fmt: skip
        return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()


def _load(path: Path) -> dict[str, Judgement]:
    """What was judged before; derived, so a line that cannot be read is left out."""
    found: dict[str, Judgement] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").split("\n"):
            try:
                row = json.loads(line)
                key = row.pop("key")
                found[key] = Judgement.model_validate(row)
            except (ValueError, KeyError, AttributeError):
                continue
    return found


def _keep(path: Path, found: Mapping[str, Judgement]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(
                json.dumps({"key": key, **j.model_dump()}, ensure_ascii=False) + "\n" for key, j in found.items()
            )
    except OSError as error:
        raise FolderError(f"{path}: cannot be written ({error.strerror}).") from None
