"""Prompts that are not asked now: gathered for a batch, for an estimate of cost, or to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from prompts import Prompt
from synth.llm.client import request_key
from synth.llm.replies import Replies, Reply
from synth.settings import ModelSettings


class WaitingError(Exception):
    """A reply that has not been given yet. Whatever depends on it waits."""


@dataclass
class Later:
    """Answers from the replies there are; what is asked beyond that is written down in `wanted` and not sent.

    With `replies` None nothing is answered: `wanted` then holds the first prompts of everything.
    """

    settings: ModelSettings
    replies: Replies | None
    wanted: dict[str, Prompt] = field(default_factory=dict)

    async def __call__(self, prompt: Prompt) -> Reply:
        """The reply, if it is there. Raises WaitingError."""
        key = request_key(prompt, self.settings)
        if self.replies is not None and (known := self.replies.get(key)):
            return known
        self.wanted[key] = prompt
        raise WaitingError

    def forget(self, prompts: Sequence[Prompt]) -> None:
        """The replies to these were of no use."""
        if self.replies is not None:
            self.replies.forget([request_key(p, self.settings) for p in prompts])

    async def close(self) -> None:
        """Nothing was opened."""
