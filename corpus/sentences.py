"""Where sentences end, in English and French, by rules of our own.

A splitter by characters cuts one passage in four in mid-sentence, and the general ones stumble over exactly what
practitioners write: signatures, references, bullets, « … » and no-break spaces. The rules work on *units*: a paragraph,
a list item, a heading or a line of a signature; no sentence crosses the end of a unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Range = tuple[int, int]

BULLET = r"[-–—•·*▪◦●○➢►]"
_MARKER = re.compile(
    rf"[ \t\u00a0]*(?:{BULLET}[ \t\u00a0]|\(?\d{{1,2}}(?:\.\d{{1,2}})?[.)][ \t\u00a0]|\(?[a-z][.)][ \t\u00a0]|>|#)"
)
_HEADING = re.compile(r"[ \t]*(?:topic|sujet|th[eè]me|question)\s*\d*\s*[:.)–-]", re.IGNORECASE)
_AHEAD, _BEHIND = 120, 60  # characters looked at around a stop
_WRAPPED = 55  # a line at least this long was broken by the mail program, not by its writer

# Words before a full stop that does not end a sentence. Lower case; compared without the stop.
_ABBREVIATIONS = frozenset(
    """
        mr mrs ms dr prof st sr jr rev hon gen col capt lt sgt gov pres min dept univ inst assoc corp inc ltd vs cf eg
        ie viz resp approx ca al ibid op cit ed eds vol vols no nos nr n° fig figs tab pp p para sect ch chap art arts
        jan feb febr mar apr jun jul aug sept sep oct nov dec mon tue wed thu fri m mm mme mmes mlle mlles me mgr pr
        dir adj env chap éd coll trad hab av bd boul janv févr avr juil déc ann tel tél telf cell ext min max est incl
        excl e.g i.e p.ex c.-à-d c.à.d n.b p.s u.n e.u u.s u.k a.m p.m
    """.split()
)
# These may also end a sentence: they do when a capitalised word follows.
_MAY_END = frozenset(
    {"etc", "inc", "ltd", "al", "a.m", "p.m", "u.n", "e.u", "u.s", "u.k", "no", "st", "me", "max", "min", "p"}
)
_BEFORE_FIGURE = frozenset(
    {"no", "nos", "nr", "p", "pp", "art", "arts", "vol", "ch", "chap", "fig", "min", "max", "al", "st", "me"}
)

_END = re.compile(r"(?:[.!?…]+|[\u00a0\u202f ][!?]+)[\"'”’»)\]]*(?:[\u00a0\u202f ]?»)?")
_OPENING = "\"'“‘«([¿¡-–—•*"


def units(text: str, start: int = 0, end: int | None = None) -> list[Range]:
    """Ranges of the units of text[start:end], without surrounding white space.

    A line break inside a paragraph that a mail program wrapped is no end; a list marker, a heading, a short line and a
    blank line are. Only "\\n" breaks lines: U+2028, U+0085 and form feeds are white space within them.
    """
    end = len(text) if end is None else end
    found: list[Range] = []
    position, open_start = start, -1
    previous_line = ""
    while position < end:
        line_end = text.find("\n", position, end)
        line_end = end if line_end < 0 else line_end
        line = text[position:line_end]
        if not line.strip():
            open_start = -1
        elif open_start >= 0 and _continues(previous_line, line):
            found[-1] = (open_start, position + len(line.rstrip()))
        else:
            open_start = position + len(line) - len(line.lstrip())
            found.append((open_start, position + len(line.rstrip())))
        previous_line = line
        position = line_end + 1
    return found


def _continues(previous: str, line: str) -> bool:
    """Whether `line` goes on with the sentence of the line before it."""
    if _MARKER.match(line) or _HEADING.match(line):
        return False
    stripped = previous.rstrip()
    if len(stripped) < _WRAPPED:
        # A short line goes on only inside a list item or when the next one visibly continues it.
        return bool(_MARKER.match(previous)) and len(stripped) >= 40 and line.lstrip()[:1].islower()
    return not (stripped.endswith(":") and len(stripped) > 110)


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Range]:
    """Ranges of the sentences of text[start:end], in order, without surrounding white space.

    Every character that is not white space is in exactly one sentence.
    """
    found: list[Range] = []
    for unit_start, unit_end in units(text, start, end):
        found.extend(_split_unit(text, unit_start, unit_end))
    return found


def _split_unit(text: str, start: int, end: int) -> Iterator[Range]:
    begin = start
    for match in _END.finditer(text, start, end):
        if match.start() < begin or not _is_end(text, begin, match, end):
            continue
        yield begin, match.end()
        begin = match.end()
        while begin < end and text[begin].isspace():
            begin += 1
    if begin < end:
        yield begin, end


def _is_end(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    after = match.end()
    if after >= end:
        return False  # the unit ends here anyway
    following = text[after : min(end, after + _AHEAD)].lstrip()
    glued = not text[after].isspace()
    if not following:
        return False
    if glued:
        return _glued_end(text, match, following)
    first = following.lstrip(_OPENING + " \u00a0\u202f")[:1]
    mark = match.group().strip("\u00a0\u202f \"'”’»)]")
    if mark in ("!", "?") or mark.endswith(("!", "?")):
        return not first.islower()
    if first.islower():
        return False
    if mark == "." and not match.group().endswith(("»", "”", ")")):
        return _stop_ends(text, begin, match.start(), first)
    return True


def _glued_end(text: str, match: re.Match[str], following: str) -> bool:
    """A stop with no space behind it ends a sentence only as in "the aid.The next": lower case, stop, capitalised word."""
    before = re.search(r"[^\W\d_]{3,}[)”»]?$", text[max(0, match.start() - 30) : match.start()])
    return bool(
        match.group() == "."
        and before
        and before.group()[:-1].islower()
        and re.match(r"[A-ZÀÂÉÈÊÎÔ][a-zà-ÿ]+[ ,\u00a0’']", following)
    )


def _stop_ends(text: str, begin: int, stop: int, first: str) -> bool:
    """Whether the full stop at `stop` ends a sentence, looking at the word before it and the letter after it."""
    near = max(begin, stop - _BEHIND)
    word_match = re.search(r"[^\s(\[«“\"/]+$", text[near:stop])
    if not word_match:
        return stop > begin
    word = word_match.group()
    lowered = re.sub(r"^(?:l|d|qu)['’]", "", word.lower())
    if re.fullmatch(r"\(?\d{1,2}(\.\d{1,2})?|\(?[a-zA-Z]", word) and near + word_match.start() == begin:
        return False  # a list marker: "2. La considération …"
    if re.fullmatch(r"[A-ZÀ-Ý](?:[.-]+[A-ZÀ-Ýa-z])*", word):
        return False  # an initial: "E. Amari", "J.-P. Durand", "C.I.C.U."
    if lowered in _MAY_END:
        return not (first.isdigit() and lowered in _BEFORE_FIGURE) and lowered not in {"no", "st", "me", "p"}
    return lowered not in _ABBREVIATIONS


def stretches(text: str) -> list[str]:
    """The sentences of `text`, and every two that follow each other: what a short text is best compared with."""
    ranges = list(sentences(text))
    pairs = [(ranges[i][0], ranges[i + 1][1]) for i in range(len(ranges) - 1)]
    return [text[start:end] for start, end in [*ranges, *pairs]] or [text]
