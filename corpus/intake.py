"""A source text taken in: split into contributions, each identified, labelled and with its contact details replaced."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corpus.answers import label_answers
from corpus.blocks import blocks
from corpus.language import detect, main_language
from corpus.model import Answer, Contribution, Discussion, Source
from corpus.orders import orders
from corpus.people import identify
from corpus.privacy import redact
from corpus.quoted import SentenceIndex
from corpus.readers import SourceText
from corpus.sentences import units
from corpus.split import Range, split
from corpus.translations import Similarity, learn


@dataclass(frozen=True)
class Taken:
    """One contribution as taken in, with what a person should look at."""

    contribution: Contribution
    look_at: tuple[str, ...] = field(default=())


def ranges_in(source: SourceText, discussion: Discussion) -> list[Range]:
    """Where the contributions of `source` begin and end, in its decoded text."""
    return split(source.text, discussion)


def learn_from(source: SourceText, discussion: Discussion, similar: Similarity | None = None) -> Discussion:
    """`discussion` with the other language's texts that the contributions of `source` quote."""
    return learn([redact(_body(source.text[s:e]))[0] for s, e in ranges_in(source, discussion)], discussion, similar)


def take_in(
    source: SourceText,
    discussion: Discussion,
    stored_as: str,
    new_ids: Callable[[], str],
    known: set[tuple[str, int, int]],
) -> list[Taken]:
    """The contributions in `source` that are not among `known` (sha256, start, end) yet.

    `stored_as` is the file's name in sources/; `new_ids` gives the next free id.
    """
    taken: list[Taken] = []
    previous_end = 0
    for start, end in ranges_in(source, discussion):
        header = source.text[previous_end:start] if previous_end or not taken else ""
        previous_end = end
        if (source.sha256, start, end) in known:
            continue
        origin = Source(file=stored_as, sha256=source.sha256, start=start, end=end)
        taken.append(_take(source.text[start:end], header[-600:], origin, discussion, new_ids()))
    return taken


def _body(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _take(text: str, header: str, origin: Source, discussion: Discussion, new_id: str) -> Taken:
    original = _body(text)
    person = identify(original, discussion, header)
    signatures = [(b.start, b.end) for b in blocks(original, discussion) if b.kind == "signature"]
    body, redacted = redact(original, signatures)
    answers = label_answers(body, discussion)
    contribution = Contribution(
        id=new_id,
        author=person.author,
        organisation=person.organisation,
        country=person.country,
        capacity=person.capacity,
        date=person.date,
        language=main_language([body[s:e] for s, e in units(body)]),
        source=origin,
        answers=answers,
        redacted=redacted,
        body=body,
    )
    return Taken(contribution, tuple(_look_at(contribution, discussion)))


def _look_at(contribution: Contribution, discussion: Discussion) -> list[str]:
    """What a person should check, in a few words each."""
    notes = [] if contribution.author or contribution.organisation else ["no name found"]
    spoken = detect(contribution.body)
    if spoken not in (None, "en", "fr"):
        notes.append(f"seems to be neither English nor French ({spoken})")
    answered = {a.question for a in contribution.answers}
    quoted = [b.label for b in blocks(contribution.body, discussion) if b.kind == "question" and b.label]
    notes += [f"{label} is quoted, not answered" for label in dict.fromkeys(quoted) if label not in answered]
    notes += [_misplaced(a) for a in contribution.answers if a.stands_under]
    if orders(contribution.body):
        notes.append("tells a writer what to write")
    return notes if answered else [*notes, "answers no question that was asked"]


def _misplaced(answer: Answer) -> str:
    return f"a stretch under {answer.stands_under} answers {answer.question}"


def borrowed(contributions: Sequence[Contribution]) -> dict[str, list[Range]]:
    """Per contribution, the sentences that repeat an earlier one's word for word or nearly: somebody else's words."""
    earlier = SentenceIndex()
    found: dict[str, list[Range]] = {}
    for contribution in contributions:
        found[contribution.id] = [(q.start, q.end) for q in earlier.repeated_in(contribution.body)]
        earlier.add(contribution.id, contribution.body)
    return found
