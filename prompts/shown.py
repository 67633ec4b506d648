"""What of a discussion leaves the machine: passages and, as far as the report may name them, who wrote them.

Contact details are not in the bodies to begin with. Where the report may not name contributors, their names are replaced
by their ids wherever they occur, also in what others wrote; words that a model copies are mapped back to the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.model import Contribution, Passage
from corpus.sentences import Range
from corpus.words import STOPWORDS

Attribution = Literal["names", "organisations", "ids"]


@dataclass(frozen=True)
class Mask:
    """A stretch of a passage (`origin`, offsets into its text) that is shown as other words (`shown`, into the shown text)."""

    shown: Range
    origin: Range


@dataclass(frozen=True)
class ShownPassage:
    """A passage as it is sent."""

    passage: Passage
    text: str
    masks: tuple[Mask, ...] = ()

    @property
    def id(self) -> str:
        """The id of the passage."""
        return self.passage.id

    def origin(self, shown: Range) -> Range:
        """The range of the passage's text that stands behind a range of the shown text; whole masks."""
        return self._back(shown[0], at_end=False), self._back(shown[1], at_end=True)

    def _back(self, offset: int, at_end: bool) -> int:
        moved = offset
        for mask in self.masks:
            if offset >= mask.shown[1]:
                moved = mask.origin[1] + offset - mask.shown[1]
            elif offset > mask.shown[0] or (offset == mask.shown[0] and not at_end):
                return mask.origin[1] if at_end else mask.origin[0]
        return moved


@dataclass(frozen=True)
class ShownContribution:
    """The passages of one contribution under one question. `name` is empty where it may not or cannot be named."""

    id: str
    name: str
    passages: tuple[ShownPassage, ...]


@dataclass(frozen=True)
class Section:
    """One question with what is read for it. `claims`: about how many are asked for."""

    label: str
    heading: str
    texts: tuple[str, ...]
    contributions: tuple[ShownContribution, ...]
    claims: int = 0

    def passages(self) -> list[ShownPassage]:
        """All passages, in the order sent."""
        return [p for c in self.contributions for p in c.passages]


def show(
    passages: Sequence[Passage], contributions: Sequence[Contribution], attribution: Attribution
) -> tuple[ShownContribution, ...]:
    """`passages` by contribution, in the order given, as they may be sent. `contributions`: all of the discussion."""
    names = _names(contributions, attribution)
    people = {c.id: c for c in contributions}
    order = list(dict.fromkeys(p.contribution for p in passages))
    return tuple(
        ShownContribution(
            id=owner,
            name=displayed_name(people[owner], attribution),
            passages=tuple(_masked(p, names) for p in passages if p.contribution == owner),
        )
        for owner in order
    )


def attributed(contribution: Contribution, attribution: Attribution) -> Contribution:
    """`contribution` with no more of who wrote it than may be named. The body is left as it is."""
    if attribution == "names":
        return contribution
    hidden: dict[str, None] = {"author": None, "capacity": None}
    if attribution == "ids":
        hidden |= {"organisation": None, "country": None}
    return contribution.model_copy(update=hidden)


def displayed_name(contribution: Contribution, attribution: Attribution) -> str:
    """How a contributor may be called, as in the report; empty if not at all."""
    name = attributed(contribution, attribution).name
    return name if name != contribution.id else ""


def _names(contributions: Iterable[Contribution], attribution: Attribution) -> dict[str, str]:
    """Names that may not be sent, with the id to send instead."""
    hidden: dict[str, str] = {}
    for c in contributions:
        if attribution != "names" and c.author:
            hidden[c.author] = c.id
            surname = c.author.split()[-1]
            if surname[0].isupper() and len(surname) > 1 and surname.lower() not in STOPWORDS:
                hidden.setdefault(surname, c.id)
        if attribution == "ids" and c.organisation:
            hidden[c.organisation] = c.id
    return hidden


def masked(text: str, contributions: Sequence[Contribution], attribution: Attribution) -> str:
    """`text` without the names that may not be sent."""
    return _mask(text, _names(contributions, attribution))[0]


def _masked(passage: Passage, names: dict[str, str]) -> ShownPassage:
    text, masks = _mask(passage.text, names)
    return ShownPassage(passage, text, masks)


def _mask(text: str, names: dict[str, str]) -> tuple[str, tuple[Mask, ...]]:
    if not names:
        return text, ()
    # As it is written, or in capitals: "Sow" is somebody, "sow" is not.
    forms = {form: i for name, i in names.items() for form in (name, name.upper())}
    pattern = "|".join(r"\s+".join(map(re.escape, name.split())) for name in sorted(forms, key=len, reverse=True))
    by_words = {" ".join(name.split()): i for name, i in forms.items()}
    pieces: list[str] = []
    masks: list[Mask] = []
    at = length = 0
    for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text):
        replacement = by_words[" ".join(match.group().split())]
        pieces += [text[at : match.start()], replacement]
        length += match.start() - at
        masks.append(Mask((length, length + len(replacement)), match.span()))
        length += len(replacement)
        at = match.end()
    return "".join([*pieces, text[at:]]), tuple(masks)
