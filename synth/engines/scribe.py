"""Puts prompts to the model and reads what comes back. Knows the discussion and what of it may be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from corpus.errors import SynthError
from corpus.model import Contribution, Discussion, Text, Usage
from prompts import Prompt, again
from prompts.replies import Reply as Shape
from prompts.shown import Attribution, Section, ShownContribution, masked, show
from synth.evidence import OTHER
from synth.fold import Part
from synth.llm.client import Ask
from synth.llm.reading import UnusableError, read_reply
from synth.llm.replies import Finish
from synth.llm.tokens import counter
from synth.settings import ModelSettings

ATTEMPTS = 3  # replies that cannot be used, until a call is given up

R = TypeVar("R", bound=Shape)


class GivenUpError(SynthError):
    """A model's replies to one call could not be used, as often as it was asked."""


@dataclass(frozen=True)
class Answer(Generic[R]):
    """What came of a prompt: the reply, or how it failed (`finish`, with the text as far as it came), and what it cost."""

    reply: R | None
    finish: Finish
    text: str
    usage: Usage


@dataclass(frozen=True)
class Scribe:
    """One model, one discussion."""

    ask: Ask
    settings: ModelSettings
    discussion: Discussion
    contributions: Sequence[Contribution]
    attribution: Attribution

    async def converse(
        self, prompt: Prompt, kind: type[R], useless: Callable[[R], str] = lambda reply: ""
    ) -> Answer[R]:
        """The reply to `prompt`. One that cannot be read is asked for again, with the reason.

        `useless`: why a well-formed reply is of no use, or "". Raises GivenUpError after the last attempt; the replies are
        then forgotten, so that the next run asks anew.
        """
        asked, usage, why = [prompt], Usage(), ""
        for _ in range(ATTEMPTS):
            reply = await self.ask(asked[-1])
            usage += reply.usage
            if reply.finish != "stop":
                return Answer(None, reply.finish, reply.text, usage)
            try:
                read, _ = read_reply(reply.text, kind)
                if not (why := useless(read)):
                    return Answer(read, "stop", reply.text, usage)
            except UnusableError as error:
                why = str(error)
            asked.append(again(prompt, _no_use(len(asked), why)))
        self.ask.forget(asked)
        raise GivenUpError(f"the model's replies could not be used ({why[:120]})")

    @property
    def title(self) -> str:
        """The title of the discussion, for the head of a prompt."""
        return self.discussion.title.best("en")[0]

    @property
    def glossary(self) -> list[Text]:
        """Terms that are known in both languages."""
        return [t for t in self.discussion.glossary if t.en and t.fr]

    def section(self, label: str, passages: Iterable[ShownContribution] = (), claims: int = 0) -> Section:
        """A question as a prompt shows it, with what is read for it."""
        if label == OTHER:
            return Section(label, "What fits no question", (), tuple(passages), claims)
        heading = f"Question {label}" if "." in label else f"Topic {label} as a whole"
        texts = tuple(text for _, text in self.discussion.text_of(label).versions())
        return Section(label, heading, texts, tuple(passages), claims)

    def shown(self, part: Part) -> tuple[ShownContribution, ...]:
        """The passages of a part as they may be sent."""
        return show(part.passages, self.contributions, self.attribution)

    def hidden(self, text: str) -> str:
        """`text` without the names that may not be sent."""
        return masked(text, self.contributions, self.attribution)

    def count(self, text: str) -> int:
        """Tokens of a text for this model, or a stated estimate."""
        return counter(self.settings.name.partition(":")[2])[0](text)

    def room(self, overhead: int, share: float) -> int:
        """Tokens of input one call has room for beside `overhead`, if the reply takes `share` of the input."""
        return max(300, int((self.settings.context - overhead) / (1 + share)))


def _no_use(times: int, why: str) -> str:
    """The line that goes back with a prompt. It differs each time, so that it is really asked again."""
    last = "Your last reply was" if times == 1 else f"Your last {times} replies were"
    return f"{last} of no use: {why[:200]}. Reply with one JSON object of the shape asked for."
