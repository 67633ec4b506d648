"""A digest into contributions: where each begins and ends, exactly."""

from __future__ import annotations

from corpus.blocks import Block, blocks
from corpus.model import Discussion
from corpus.quoted import is_topic_heading
from corpus.words import words

Range = tuple[int, int]


def split(text: str, discussion: Discussion) -> list[Range]:
    """Ranges of the contributions in `text`: from the first word of the greeting or text to the last of the signature or text.

    The announcement, mail headers and separators belong to none.
    """
    pieces: list[list[Block]] = []
    for block in blocks(text, discussion):
        if block.starts and not (pieces and _only_titles(pieces[-1], text)):
            pieces.append([])
        if pieces and block.kind != "header":
            pieces[-1].append(block)
    return [
        (piece[0].start, piece[-1].end)
        for i, piece in enumerate(pieces)
        if not (i == 0 and _announces(piece, text, discussion)) and _says_something(piece, text)
    ]


def _only_titles(piece: list[Block], text: str) -> bool:
    """The title of a forum post, its date, above the greeting: they belong to what follows."""
    return (
        len(words(text[piece[0].start : piece[-1].end])) < 40
        and all(b.kind in ("heading", "text") for b in piece)
        and not any(text[b.start : b.end].rstrip().endswith((".", "!")) for b in piece)
    )


def _says_something(piece: list[Block], text: str) -> bool:
    return any(b.kind in ("text", "question") for b in piece) and len(words(text[piece[0].start : piece[-1].end])) >= 8


def _announces(piece: list[Block], text: str, discussion: Discussion) -> bool:
    """Whether this is the announcement itself: most questions in a row, and between them nothing that answers."""
    questions = [i for i, b in enumerate(piece) if b.kind == "question"]
    asked = {piece[i].label for i in questions}
    total = sum(1 for _ in discussion.questions())
    if not questions or len(asked) < max(1, 0.8 * total) or any(b.kind == "signoff" for b in piece):
        return False
    between = [
        b
        for b in piece[questions[0] : questions[-1]]
        if b.kind == "text" and not is_topic_heading(text[b.start : b.end])
    ]
    return sum(len(words(text[b.start : b.end])) for b in between) < 10 * total
