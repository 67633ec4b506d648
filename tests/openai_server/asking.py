"""What the tests of the model server ask it: real prompts over the sample discussion, through the real client."""

from __future__ import annotations

from typing import Any

import openai

import prompts
from corpus.model import Citation, Claim, Passage, Text
from corpus.passages import passages
from eval.gates import Grounds, check_claim
from prompts.shown import Section, ShownContribution, ShownPassage, show
from synth.engines.locate import locate, quotation
from tests.conftest import Loaded
from tests.openai_server import Server

QUESTION = "Question 1.1"


def client(server: Server, timeout: float = 10) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url, api_key="none", max_retries=0, timeout=timeout)


def evidence(
    sample: Loaded, label: str, attribution: Any = "names"
) -> tuple[list[Passage], tuple[ShownContribution, ...]]:
    found = [p for c in sample.contributions for p in passages(c, sample.discussion) if label in p.questions]
    return found, show(found, sample.contributions, attribution)


def drafting(sample: Loaded, *labels: str, claims: int = 12, attribution: Any = "names") -> prompts.Prompt:
    sections = [
        Section(label, f"Question {label}", (), evidence(sample, label, attribution)[1], claims)
        for label in labels or ("1.1",)
    ]
    return prompts.render("draft", title="A discussion", glossary=[], sections=sections)


def made_up(*texts: str) -> prompts.Prompt:
    """A prompt with one passage a contribution."""
    shown = []
    for number, text in enumerate(texts, start=1):
        owner = f"C{number:02}"
        passage = Passage(
            id=f"{owner}.p1", contribution=owner, questions=("1.1",), start=0, end=len(text), language="en", text=text
        )
        shown.append(ShownContribution(owner, f"Name {number}", (ShownPassage(passage, text),)))
    section = Section("1.1", QUESTION, (), tuple(shown), len(texts))
    return prompts.render("draft", title="A discussion", glossary=[], sections=[section])


def body(prompt: prompts.Prompt, **more: Any) -> dict[str, Any]:
    schema = {"name": "reply", "strict": True, "schema": prompts.schema(prompt.reply)}
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    given = {"model": "gpt-test", "messages": messages, "temperature": 0, "seed": 1}
    return {**given, "response_format": {"type": "json_schema", "json_schema": schema}, **more}


def ask(server: Server, prompt: prompts.Prompt, **more: Any) -> Any:
    return client(server).chat.completions.create(**body(prompt, **more))


def reply(server: Server, prompt: prompts.Prompt) -> Any:
    return prompt.reply.model_validate_json(ask(server, prompt).choices[0].message.content)


def claims_of(drafted: Any) -> list[Any]:
    return [claim for theme in drafted.themes for claim in theme.claims]


def failed(written: Any, texts: dict[str, ShownPassage], grounds: Grounds) -> list[str]:
    """What keeps a written claim out: the sources that are not found, and the checks that fail."""
    citations, lost = [], []
    for source in written.sources:
        shown = texts.get(source.id)
        span = locate(source.words, shown) if shown else None
        if shown is None or span is None:
            lost.append(f"{source.id} “{source.words}”")
            continue
        start, end = quotation(span, shown.passage)
        body_of = grounds.contributions[shown.passage.contribution].body
        citations.append(
            Citation(
                contribution=shown.passage.contribution, passage=shown.id, quote=body_of[start:end], start=start, end=end,
                language=shown.passage.language,
            )
        )  # fmt: skip
    if lost:
        return lost
    claim = Claim(id="1", kind=written.kind, text=Text(en=written.en, fr=written.fr), citations=tuple(citations))
    return [f"{c.name}: {c.detail}: {written.en}" for c in check_claim(claim, grounds).checks if c.verdict == "fail"]
