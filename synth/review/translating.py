"""A passage in the reviewer's language, on request, where a model is set up. A help for reading: never a source."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.errors import SynthError
from corpus.model import Language
from prompts import render
from prompts.replies import TranslateReply
from prompts.shown import show
from synth.engines.scribe import Scribe
from synth.review.desk import Desk

NAMES = {"en": "English", "fr": "French"}


@dataclass
class Translator:
    """Asks the model that the discussion is drafted with. Its replies are kept like all others, in .synth/."""

    desk: Desk

    @property
    def possible(self) -> bool:
        """Whether there is a model to ask."""
        return self.desk.corpus.settings.engine == "llm"

    async def translate(self, passage_id: str, language: Language) -> str:
        """The passage in `language`. Raises SynthError where that cannot be had."""
        corpus = self.desk.corpus
        passage = next((p for p in corpus.passages if p.id == passage_id), None)
        if passage is None or corpus.settings.model is None or not self.possible:
            raise SynthError("there is nothing that could translate this passage.")
        scribe = Scribe(
            corpus.client, corpus.settings.model, corpus.discussion, corpus.active, corpus.settings.attribution
        )
        [shown] = show([passage], corpus.active, corpus.settings.attribution)
        prompt = render("translate", glossary=scribe.glossary, language=NAMES[language], passage=shown.passages[0].text)
        answer = await scribe.converse(prompt, TranslateReply)
        if answer.reply is None:
            raise SynthError("the model would not translate this passage.")
        return answer.reply.text
