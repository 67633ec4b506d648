"""What a model must return, task by task. The sentence at each field is sent to the model as part of the schema.

A field with a default is still asked for: the default is for servers that enforce no schema. Order matters: a model writes the fields in the order they stand here, so the sources come before the sentence that is
written from them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Reply(BaseModel):
    """Base of all replies: strict, as servers that enforce a schema want it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Reply):
    """Where a claim comes from."""

    id: str = Field(description="Id of the passage, such as C04.p12.")
    words: str = Field(description="Three to eight consecutive words copied from that passage, letter by letter.")


Kind = Literal["finding", "challenge", "example", "recommendation", "disagreement"]
_KIND = "What the claim is; disagreement only where contributors contradict each other."
_EN = "The claim as one sentence in English."
_FR = "The same sentence in French."


class WrittenClaim(Reply):
    """One sentence of the reply."""

    sources: list[Source] = Field(description="The words the sentence rests on, one or more, chosen first.")
    kind: Kind = Field(description=_KIND)
    en: str = Field(description=_EN)
    fr: str = Field(description=_FR)


class WrittenTheme(Reply):
    """Claims about one matter."""

    question: str = Field(description="Number of the question or topic the claims answer, as given.")
    en: str = Field(description="Heading in English, two to six words, asserting nothing.")
    fr: str = Field(description="The same heading in French.")
    claims: list[WrittenClaim] = Field(description="The claims of this theme, in reading order.")


class DraftReply(Reply):
    """The claims drafted from the passages."""

    themes: list[WrittenTheme] = Field(description="The themes, the weightiest first.")


class JoinedClaim(Reply):
    """A claim that stays as it is, or several joined in one sentence."""

    numbers: list[int] = Field(alias="from", description="Number of the claim, or of all the claims joined here.")
    kind: Kind = Field(description=_KIND)
    en: str | None = Field(
        default=None, description="The joined sentence in English; null for a claim that stands alone."
    )
    fr: str | None = Field(
        default=None, description="The joined sentence in French; null for a claim that stands alone."
    )


class JoinedTheme(Reply):
    """Claims about one matter, by number."""

    en: str = Field(description="Heading in English, two to six words, asserting nothing.")
    fr: str = Field(description="The same heading in French.")
    claims: list[JoinedClaim] = Field(description="The claims of this theme, in reading order.")


class MergeReply(Reply):
    """All claims, each number once, under themes."""

    themes: list[JoinedTheme] = Field(description="The themes, the weightiest first.")


class RepairedClaim(WrittenClaim):
    """A refused claim, written again."""

    number: int = Field(description="Number of the refused claim.")


class RepairReply(Reply):
    """Claims written again; a number left out is given up."""

    claims: list[RepairedClaim] = Field(description="The claims that now hold.")


class Strengthened(Reply):
    """A standing claim that new passages bear out."""

    claim: int = Field(description="Number of the standing claim.")
    sources: list[Source] = Field(description="The new words that say just this.")


class NewClaim(WrittenClaim):
    """A claim that stood nowhere yet."""

    contradicts: int | None = Field(
        default=None, description="Number of the standing claim it contradicts; null if none."
    )


class NewTheme(Reply):
    """New claims about one matter."""

    question: str = Field(description="Number of the question or topic the claims answer, as given.")
    en: str = Field(description="Heading in English: a standing one, or a new one of two to six words.")
    fr: str = Field(description="The same heading in French.")
    claims: list[NewClaim] = Field(description="The new claims of this theme.")


class UpdateReply(Reply):
    """What new passages add to a standing draft."""

    strengthened: list[Strengthened] = Field(
        default_factory=list, description="Standing claims that gain a source; empty if none."
    )
    themes: list[NewTheme] = Field(default_factory=list, description="New claims under their themes; empty if none.")


class WrittenRecommendation(Reply):
    """One action asked of one addressee."""

    claims: list[int] = Field(description="Numbers of the claims that propose this action.")
    against: list[int] = Field(
        default_factory=list, description="Numbers of the claims that object to it; empty if none."
    )
    addressee: int = Field(description="Number of the addressee in the list.")
    en: str = Field(description="The recommendation as one sentence in English, beginning with what is to be done.")
    fr: str = Field(description="The same sentence in French.")


class RecommendReply(Reply):
    """The recommendations."""

    recommendations: list[WrittenRecommendation] = Field(description="The recommendations, each action once.")


class JudgedClaim(Reply):
    """One claim, judged."""

    number: int = Field(description="Number of the claim.")
    missing: str = Field(description='The part of the claim that does not follow, in its own words; "" if none.')
    bears: Literal["supported", "partial", "unsupported"] = Field(description="Whether the cited words bear the claim.")
    same: bool = Field(default=True, description="Whether the English and the French text say the same.")


class JudgeReply(Reply):
    """All claims of the call, judged."""

    judged: list[JudgedClaim] = Field(description="Every claim by its number.")


class TranslateReply(Reply):
    """A passage in the other language."""

    text: str = Field(description="The whole passage in the language asked for.")


class ProbeReply(Reply):
    """The tiny call of `synth doctor`."""

    ready: bool = Field(description="true")
