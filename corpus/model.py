"""The few types that carry the whole flow.

All offsets, everywhere, are half-open ranges of Unicode code points into the body of a contribution
(`Source.start`/`end`: into the decoded source file). Everything here is frozen: a change is a new value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


class Frozen(BaseModel):
    """Base of all types: immutable, and an unknown field in a file is an error rather than lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Frozen):
    """The same text in both languages; a language in which it is not known is None."""

    en: str | None = None
    fr: str | None = None

    def get(self, language: Language) -> str | None:
        """The text in `language`, or None."""
        return self.en if language == "en" else self.fr

    def best(self, language: Language) -> tuple[str, Language]:
        """The text in `language` if it is known, else in the other one; with the language it is in."""
        if own := self.get(language):
            return own, language
        other: Language = "fr" if language == "en" else "en"
        return self.get(other) or "", other

    def versions(self) -> list[tuple[Language, str]]:
        """The languages in which the text is known, with the text."""
        return [(language, text) for language in LANGUAGES if (text := self.get(language))]


class Question(Frozen):
    """One question of the discussion; id "1.2" is topic 1, question 2."""

    id: str = Field(pattern=r"^\d+\.\d+$")
    text: Text


class Topic(Frozen):
    """A topic; its id "1" also labels remarks on the topic as a whole."""

    id: str = Field(pattern=r"^\d+$")
    text: Text
    questions: tuple[Question, ...] = ()


class Discussion(Frozen):
    """What was asked: read from discussion.toml."""

    title: Text
    period: str | None = None
    topics: tuple[Topic, ...]
    glossary: tuple[Text, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)

    def questions(self) -> Iterator[Question]:
        """All questions in the order asked."""
        for topic in self.topics:
            yield from topic.questions

    def labels(self) -> list[str]:
        """Every label a stretch may carry, in the order of the report: "1", "1.1", "1.2", …, "2", …"""
        return [label for t in self.topics for label in (t.id, *(q.id for q in t.questions))]

    def text_of(self, label: str) -> Text:
        """The text of a topic or question. KeyError if there is none of that id."""
        for topic in self.topics:
            if topic.id == label:
                return topic.text
            for question in topic.questions:
                if question.id == label:
                    return question.text
        raise KeyError(label)


class Source(Frozen):
    """Where a contribution came from: a file in sources/ and the range of its decoded text."""

    file: str
    sha256: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Answer(Frozen):
    """A stretch of the body that answers a question.

    `stands_under` names the question whose heading it stands under where that is another one.
    """

    question: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    stands_under: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Answer:
        if self.end <= self.start:
            raise ValueError(f"ends at {self.end}, before or where it starts ({self.start})")
        return self


class Withdrawn(Frozen):
    """A contributor took the contribution back; it stays listed, unread."""

    on: str
    why: str


class Contribution(Frozen):
    """One contribution: who, where from, what it answers, and the text itself with contact details replaced."""

    id: str = Field(pattern=r"^C\d{2,}$")
    author: str | None = None
    organisation: str | None = None
    country: str | None = None
    capacity: Literal["organisation", "personal"] | None = None
    date: str | None = None
    language: Language
    source: Source | None = None
    answers: tuple[Answer, ...] = ()
    redacted: tuple[str, ...] = ()
    withdrawn: Withdrawn | None = None
    body: str = Field(exclude=True)

    @property
    def name(self) -> str:
        """How the report calls the contributor: organisation when it speaks for one, else the author, else the id."""
        if self.capacity == "organisation" and self.organisation:
            return self.organisation
        return self.author or self.organisation or self.id


class Passage(Frozen):
    """Whole sentences under one answer, about 100 to 150 words. `questions` is empty where nothing labels it."""

    id: str
    contribution: str
    questions: tuple[str, ...]
    start: int
    end: int
    language: str
    text: str


class Window(Frozen):
    """One or two sentences of a passage: what is embedded and searched."""

    passage: str
    contribution: str
    questions: tuple[str, ...]
    start: int
    end: int
    language: str
    text: str


class Citation(Frozen):
    """A verbatim span: `quote` equals body[start:end] of the contribution, exactly."""

    contribution: str
    passage: str
    quote: str
    start: int
    end: int
    language: str


Kind = Literal["finding", "example", "challenge", "recommendation", "disagreement"]
Status = Literal["draft", "accepted", "edited", "rejected"]
Outcome = Literal["pass", "warn", "fail", "not_checked"]


class Check(Frozen):
    """What one check says of one claim, in words a reviewer understands."""

    name: str
    verdict: Outcome
    detail: str = ""


class Claim(Frozen):
    """One sentence of the report with what it rests on. A language the engine cannot write is None."""

    id: str
    kind: Kind
    text: Text
    citations: tuple[Citation, ...] = Field(min_length=1)
    status: Status = "draft"
    checks: tuple[Check, ...] = ()


class Theme(Frozen):
    """Claims about one matter, under a heading."""

    title: Text
    claims: tuple[Claim, ...]


class Recommendation(Frozen):
    """What contributors propose. Supporters and dissenters follow from the sources of the claims, for it and `against` it."""

    id: str
    text: Text
    addressee: str
    claims: tuple[str, ...]
    supporters: tuple[str, ...]
    dissenters: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = Field(min_length=1)


class Generated(Frozen):
    """Which engine wrote a draft, and from which prompts (their hash)."""

    engine: Literal["extractive", "llm"]
    model: str | None = None
    prompts: str | None = None
    version: str


class Usage(Frozen):
    """What a model was asked and answered: calls, and tokens (`cached`: those of `prompt` that the provider had already)."""

    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            calls=self.calls + other.calls,
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            completion=self.completion + other.completion,
        )


class Dropped(Frozen):
    """A claim that an engine wrote and that did not stand; it is in no report."""

    question: str
    text: Text
    check: str
    detail: str


class Draft(Frozen):
    """The current draft of one label ("1.1", or "1" for remarks on a topic). `made_from` is the hash of all it read.

    `basis`: hashes of all it was made from but the passages, by name: the question, the settings, who wrote it. `read`: marks of the
    passages it has read, from which an update knows what is new. `numbered`: the highest number that a claim of it ever had.
    `not_read`: passages left out for the budget. `refused`: contributions whose answer the model or its filter would not read.
    """

    question: str
    generated: Generated
    made_from: str
    themes: tuple[Theme, ...]
    dropped: tuple[Dropped, ...] = ()
    basis: dict[str, str] = Field(default_factory=dict)
    read: tuple[str, ...] = ()
    numbered: int = 0
    not_read: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    usage: Usage | None = None

    @field_validator("basis", mode="before")
    @classmethod
    def _of_an_older_version(cls, value: object) -> object:
        return value if isinstance(value, dict) else {}  # it was one hash, which says nothing now

    def claims(self) -> list[Claim]:
        """All claims in the order of the report."""
        return [claim for theme in self.themes for claim in theme.claims]


class RecommendationsDraft(Frozen):
    """drafts/recommendations.json. `read`: by the id of every claim they were made from, the hash of its words."""

    generated: Generated
    made_from: str
    recommendations: tuple[Recommendation, ...]
    read: dict[str, str] = Field(default_factory=dict)
    usage: Usage | None = None


class Contributor(Frozen):
    """One row of who answered; `cited` counts the claims that cite the contribution."""

    id: str
    author: str | None
    organisation: str | None
    country: str | None
    language: Language
    cited: int


class Coverage(Frozen):
    """How much of one contribution the report rests on."""

    passages: int
    cited: int
    claims: int


class NotRepresented(Frozen):
    """A contribution that no claim cites, and why."""

    id: str
    why: str


class QuestionReport(Frozen):
    """One question (or remarks on a topic, or what fits no question) in the report.

    `empty`: why there are no themes, where it is not that nobody answered.
    """

    id: str
    text: Text
    themes: tuple[Theme, ...]
    empty: str | None = None

    def claims(self) -> list[Claim]:
        """All claims in the order of the report."""
        return [claim for theme in self.themes for claim in theme.claims]


class ReportDiscussion(Frozen):
    """What the report says of the discussion itself."""

    title: Text
    period: str | None
    topics: tuple[Topic, ...]


class Since(Frozen):
    """What is new since a report was published: ids of claims, and how many are no longer in it."""

    on: str
    new: tuple[str, ...]
    strengthened: tuple[str, ...]
    weakened: tuple[str, ...]
    reworded: tuple[str, ...]
    withdrawn: int


class Report(Frozen):
    """report.json: all that is said, with its sources, and who said it. `since`: what is new, once one was published."""

    discussion: ReportDiscussion
    generated: Generated
    questions: tuple[QuestionReport, ...]
    recommendations: tuple[Recommendation, ...]
    contributors: tuple[Contributor, ...]
    coverage: dict[str, Coverage]
    not_represented: tuple[NotRepresented, ...]
    since: Since | None = None

    def claims(self) -> list[Claim]:
        """All claims of all questions."""
        return [claim for question in self.questions for claim in question.claims()]


class CheckCounts(Frozen):
    """How often a check said what."""

    passed: int = Field(default=0, alias="pass")
    fail: int = 0
    warn: int = 0
    not_checked: int = 0

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Unsupported(Frozen):
    """A claim that a check failed."""

    claim: str
    check: str
    detail: str


class Verdict(Frozen):
    """verdict.json: the outcome of all checks over a report."""

    claims: int
    supported: int
    warned: int
    failed: int
    supported_by: str
    by_check: dict[str, CheckCounts]
    citation_recall: float
    citation_precision: float | None
    coverage: float
    parity: float | None
    unsupported: tuple[Unsupported, ...]
    dropped: tuple[Dropped, ...] = ()
    not_read: tuple[str, ...] = ()
    spot_check: tuple[str, ...] = ()
