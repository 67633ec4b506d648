"""An exported report proven again: what stands in the file, sentence by sentence, against contributions and checked claims.

The file is read for what it says, not compared as bytes: its statements with their sources, its quotations, the
contributions it prints, and the rest. Whatever differs from what the folder bears out today is a deviation, by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from corpus.errors import UnreadableError, first_of
from corpus.model import Contribution, Frozen, Language, Report
from eval.gates import Grounds, check_claims

FORMATS = (".html", ".json", ".md")
_ANCHOR = re.compile(r"(C\d+)-(\d+)-(\d+)")
_MD_CLAIM = re.compile(r'^<a id="(?P<id>[^"]+)"></a>(?P<text>.*)$')
_MD_SOURCE = re.compile(r"\[\[\d+\]\]\(#(C\d+)\)")


class Deviation(Frozen):
    """One way in which a file is not what the folder bears out. `where`: a claim, a contribution or a part of the file."""

    kind: str
    where: str
    detail: str


@dataclass(frozen=True)
class Statement:
    """A sentence of the file with what it names as its sources."""

    text: str
    sources: tuple[str, ...]


@dataclass
class Exported:
    """What a file says. Keys of `statements`: "1.1-03 (en)", "R02 (fr)"; of `quotes`: "C04-120-180"; `rest`: all other text."""

    statements: dict[str, Statement] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    quotes: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)

    def state(self, key: str, text: str, sources: Sequence[str]) -> None:
        """One statement more; an id that is there already is remembered."""
        if key in self.statements:
            self.twice.append(key)
        else:
            self.statements[key] = Statement(_squeezed(text), tuple(sources))


def deviations(
    path: Path, expected: Mapping[str, str], contributions: Sequence[Contribution], grounds: Grounds
) -> list[Deviation]:
    """All deviations of the file at `path`. `expected`: by file name what the folder gives today. Raises UnreadableError."""
    text = _text(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnreadableError(f"{path}: is none of the reports that can be verified ({', '.join(FORMATS)}).")
    if suffix == ".json":
        try:
            report = Report.model_validate_json(text)
        except ValidationError as error:
            return [Deviation(kind="broken", where=path.name, detail=first_of(error))]
        found, unsupported = _read_json(text), _unsupported(report, grounds)
        wanted = _read_json(expected["report.json"])
    else:
        read: Callable[[str], Exported] = _read_html if suffix == ".html" else _read_markdown
        language = _language(text, suffix)
        found, unsupported = read(text), []
        wanted = read(expected[f"report.{language}{suffix}"])
    return [
        *unsupported,
        *_quotes(found, contributions),
        *_bodies(found, wanted),
        *_statements(found, wanted),
        *_rest(found, wanted),
    ]


def languages_of(path: Path) -> list[Language]:
    """The languages a report was exported in, the one it opens in first. Raises UnreadableError."""
    text, suffix = _text(path), path.suffix.lower()
    if suffix == ".json":
        return ["en", "fr"]
    if suffix == ".md":
        return [_language(text, suffix)]
    there: list[Language] = [
        code for code in ("en", "fr") if re.search(rf'<main[^>]*data-lang="{code}"|id="{code}-contributors"', text)
    ]
    return sorted(there, key=lambda code: code != _language(text, suffix)) or ["en", "fr"]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: cannot be read ({error}).") from None


def _language(text: str, suffix: str) -> Language:
    """In which language the file opens."""
    if suffix == ".html":
        return "fr" if re.search(r"<html[^>]*\blang=\"fr\"", text) else "en"
    return "fr" if "\n## Qui a répondu\n" in text else "en"


def _squeezed(text: str) -> str:
    return " ".join(text.split())


# -- what deviates ----------------------------------------------------------------------------------------


def _statements(found: Exported, wanted: Exported) -> Iterator[Deviation]:
    for key in found.twice:
        yield Deviation(kind="added", where=key, detail="it stands in the file twice")
    for key, statement in found.statements.items():
        if key not in wanted.statements:
            yield Deviation(kind="added", where=key, detail="it is not among the checked claims")
            continue
        checked = wanted.statements[key]
        if not statement.sources:
            yield Deviation(kind="no source", where=key, detail="it names no source")
        elif statement.sources != checked.sources:
            yield Deviation(kind="sources", where=key, detail=_differing(statement.sources, checked.sources))
        if statement.text != checked.text:
            yield Deviation(kind="changed", where=key, detail=_first_difference(statement.text, checked.text))
    for key in wanted.statements:
        if key not in found.statements:
            yield Deviation(kind="missing", where=key, detail="it was checked and is not in the file")


def _differing(found: Sequence[str], wanted: Sequence[str]) -> str:
    more, less = [s for s in found if s not in wanted], [s for s in wanted if s not in found]
    parts = [f"names {', '.join(more)}, which it was not checked against"] if more else []
    parts += [f"lacks {', '.join(less)}"] if less else []
    return "; ".join(parts) or "names its sources in another order or number"


def _first_difference(found: str, wanted: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), min(len(found), len(wanted)))
    begin = max(0, at - 20)
    return f"says “{found[begin : at + 30]}”; checked was “{wanted[begin : at + 30]}”"


def _quotes(found: Exported, contributions: Sequence[Contribution]) -> Iterator[Deviation]:
    bodies = {c.id: c.body for c in contributions if c.withdrawn is None}
    for anchor, quote in found.quotes.items():
        match = _ANCHOR.fullmatch(anchor)
        if match is None or match[1] not in bodies:
            yield Deviation(kind="quote", where=anchor, detail="there is no such contribution now")
        elif bodies[match[1]][int(match[2]) : int(match[3])] != quote:
            yield Deviation(
                kind="quote", where=anchor, detail=f"{match[1]} does not say “{_squeezed(quote)[:60]}” there"
            )


def _bodies(found: Exported, wanted: Exported) -> Iterator[Deviation]:
    for contribution, body in found.bodies.items():
        if wanted.bodies.get(contribution) != body:
            yield Deviation(
                kind="contribution",
                where=contribution,
                detail=_first_difference(body, wanted.bodies.get(contribution, "")),
            )


def _rest(found: Exported, wanted: Exported) -> Iterator[Deviation]:
    """Headings, lists of who answered, counts: what is there and should not be, and what should be."""
    ours, theirs = _count(found.rest), _count(wanted.rest)
    for line in [line for line, n in ours.items() if n > theirs.get(line, 0)]:
        yield Deviation(kind="elsewhere", where=line[:80], detail="is not in what the folder gives now")
    for line in [line for line, n in theirs.items() if n > ours.get(line, 0)]:
        yield Deviation(kind="elsewhere", where=line[:80], detail="is no longer in the file")


def _count(lines: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line] = counts.get(line, 0) + 1
    return counts


def _unsupported(report: Report, grounds: Grounds) -> list[Deviation]:
    """Claims of the file that a gate fails today."""
    return [
        Deviation(kind=check.name, where=claim.id, detail=check.detail)
        for claim in check_claims(report.claims(), grounds)
        for check in claim.checks
        if check.verdict == "fail"
    ]


# -- what a file says ---------------------------------------------------------------------------------------


def _read_json(text: str) -> Exported:
    data: dict[str, Any] = json.loads(text)
    exported = Exported()
    claims = [claim for q in data["questions"] for theme in q["themes"] for claim in theme.pop("claims")]
    recommendations = data.pop("recommendations")
    for one in [*claims, *recommendations]:
        one.pop("checks", None)  # made anew, not believed
        citations = one.pop("citations")
        sources = [f"{c['contribution']}-{c['start']}-{c['end']} ({c['passage']}, {c['language']})" for c in citations]
        exported.quotes |= {f"{c['contribution']}-{c['start']}-{c['end']}": c["quote"] for c in citations}
        for language, sentence in one.pop("text").items():
            exported.state(f"{one['id']} ({language})", sentence or "", sources)
        exported.rest += list(_leaves(one, one["id"]))
    exported.rest += list(_leaves(data, ""))
    return exported


def _leaves(data: Any, path: str) -> Iterator[str]:
    """Every value within `data` as "path = value"."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _leaves(value, f"{path}[{i}]")
    elif data is not None:
        yield f"{path} = {json.dumps(data, ensure_ascii=False)}"


def _read_markdown(text: str) -> Exported:
    exported = Exported()
    language = _language(text, ".md")
    for line in text.split("\n"):
        if match := _MD_CLAIM.match(line):
            sources = tuple(_MD_SOURCE.findall(match["text"]))
            exported.state(f"{match['id']} ({language})", _MD_SOURCE.sub("", match["text"]), sources)
        elif line.strip():
            exported.rest.append(line.strip())
    return exported


def _read_html(text: str) -> Exported:
    reader = _Page()
    reader.feed(text)
    reader.close()
    return reader.exported


class _Page(HTMLParser):
    """Reads statements (paragraphs of claims, items of recommendations), printed contributions with their marks, and the rest."""

    VOID = frozenset(("meta", "link", "br", "hr", "img", "input", "path", "rect", "circle", "line"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.exported = Exported()
        self._open: list[tuple[str, str]] = []  # (tag, what it is: "claim:en-1.1-01", "body:C01", "skip", "")
        self._text: list[str] = []
        self._sources: list[str] = []
        self._spans: list[str] = []
        self._article = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin whatever the tag begins."""
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        if "data-card" in given:
            self._sources.append(given["data-card"])
        if tag == "article":
            self._article = given.get("id", "")
        if tag == "mark":
            self._spans = given.get("data-spans", "").split()
        if tag in self.VOID:
            return
        what = ""
        if (tag == "p" and "claim" in classes) or (
            tag == "li" and re.fullmatch(r"(?:en|fr)-R\d+", given.get("id", ""))
        ):
            what, self._text, self._sources = f"claim:{given.get('id', '')}", [], []
        elif tag == "div" and "body" in classes and self._article:
            what, self._text = f"body:{self._article}", []
        elif tag in ("script", "style") or "kind" in classes or "source" in classes or "back" in classes:
            what = "skip"
        self._open.append((tag, what))

    def handle_endtag(self, tag: str) -> None:
        """End it, and what was left open within it."""
        if tag == "mark":
            self._spans = []
        if tag in self.VOID or tag not in [t for t, _ in self._open]:
            return
        while self._open:
            closed, what = self._open.pop()
            kind, _, name = what.partition(":")
            if kind == "claim":
                language, _, claim = name.partition("-")
                self.exported.state(f"{claim} ({language})", "".join(self._text), self._sources)
            elif kind == "body":
                self.exported.bodies[name] = "".join(self._text).strip()
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        """Text goes to the statement or contribution that is open, else to the rest."""
        states = [what for _, what in self._open]
        if "skip" in states:
            return
        for span in self._spans:
            self.exported.quotes[span] = self.exported.quotes.get(span, "") + data
        if any(s.startswith(("claim:", "body:")) for s in states):
            self._text.append(data)
        elif data.strip():
            self.exported.rest.append(_squeezed(data))
