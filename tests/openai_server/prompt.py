"""What a prompt of synth says, read from the text alone, as a model reads it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.openai_server.figures import Figure, figures
from tests.openai_server.lexicon import Concept, folded, mentions

_SENTENCE = re.compile(
    r"[^\n]+?(?:[.!?…]+[\"'”’»)\]]*(?:[\u00a0\u202f ]?»)?(?=\s+[\"'“‘«(•*\u2013–-]*[A-ZÀ-Ý\d])|(?=\n)|$)"
)
_NEGATION = re.compile(
    r"\b(?:not|no|nor|never|none|nobody|nothing|cannot|ne|pas|aucune?s?|ni|rien|jamais)\b|n't\b|\bn'(?!importe)"
)
_HEDGE = re.compile(r"\b(?:may|might|could|perhaps|seems?|peut|peuvent|pourrai\w+|peut-etre)\b")
_FRENCH = frozenset(
    "le la les des du et est une un dans pour que qui sur par avec pas au aux ce cette ces nous leur ou".split()
)
_ENGLISH = frozenset(
    "the and of to is are for that with this it was be by as at from have has not which they we our".split()
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage."""

    text: str
    passage: Passage

    @cached_property
    def concepts(self) -> list[Concept]:
        """What it speaks of, in order."""
        return [m.concept for m in mentions(self.text)]

    @cached_property
    def figures(self) -> list[Figure]:
        """Its numbers in digits."""
        return figures(self.text, self.passage.language)

    @cached_property
    def negated(self) -> bool:
        """Whether it says no to something."""
        return negated(self.text)

    @property
    def hedged(self) -> bool:
        """Whether it says what may be."""
        return bool(_HEDGE.search(folded(self.text)))

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text.rstrip('”"» \u00a0)').endswith("?")


@dataclass(frozen=True)
class Passage:
    """A passage with who wrote it. `name` is empty where the contributor has none."""

    id: str
    text: str
    contribution: str
    name: str

    @cached_property
    def language(self) -> str:
        """ "en" or "fr", by its small words."""
        words = re.findall(r"[a-z]+", folded(self.text))
        return "fr" if sum(w in _FRENCH for w in words) > sum(w in _ENGLISH for w in words) else "en"

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Its sentences, with the space around them cut off."""
        return [Sentence(m.group().strip(), self) for m in _SENTENCE.finditer(self.text) if m.group().strip()]


@dataclass(frozen=True)
class Asked:
    """One question: its label, what is read for it, and about how many claims are wanted (0: not said)."""

    label: str
    passages: list[Passage]
    claims: int = 0

    @property
    def contributions(self) -> dict[str, list[Passage]]:
        """Passages by contribution."""
        found: dict[str, list[Passage]] = {}
        for passage in self.passages:
            found.setdefault(passage.contribution, []).append(passage)
        return found


@dataclass(frozen=True)
class Numbered:
    """A numbered claim of a prompt."""

    number: int
    kind: str
    text: str
    fr: str = ""
    sources: list[dict[str, str]] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True)
class Prompt:
    """The messages of a request: the system's, and the rest as `user`."""

    system: str
    user: str
    schema: dict[str, Any] | None

    @cached_property
    def fence(self) -> str:
        """The random code, or "" if there is none."""
        match = re.search(r"^Code of this call: (\w+)$", self.user, re.MULTILINE)
        return match[1] if match else ""

    @cached_property
    def digest(self) -> str:
        """Hash of all that is asked, without the random code."""
        plain = self.user.replace(self.fence, "") if self.fence else self.user
        return hashlib.sha256(json.dumps([self.system, plain, self.schema]).encode()).hexdigest()

    @cached_property
    def asked(self) -> list[Asked]:
        """The questions with their passages."""
        wanted = {
            m[1]: int(m[2]) for m in re.finditer(r'^Under "(\S+)" write about (\d+) claims', self.user, re.MULTILINE)
        }
        label = next(iter(wanted), "") or self._label()
        by_label: dict[str, list[Passage]] = {}
        owner = name = ""
        for mark, text in self._fenced():
            if answers := re.fullmatch(r'answers under "(\S+)"', mark):
                label = answers[1]
            elif passage := re.fullmatch(r"(\w+)\.p\d+\w*", mark):
                by_label.setdefault(label, []).append(
                    Passage(mark, text, passage[1], name if passage[1] == owner else "")
                )
            elif mark not in ("end", "claims", "refused claims", "standing claims"):
                owner, _, name = mark.partition(" ")
        return [Asked(k, found, wanted.get(k, 0)) for k, found in by_label.items()]

    @cached_property
    def passages(self) -> list[Passage]:
        """All passages."""
        return [p for asked in self.asked for p in asked.passages]

    @cached_property
    def claims(self) -> list[Numbered]:
        """The numbered claims to merge, to repair, to recommend from, or that stand."""
        text = next((t for mark, t in self._fenced() if mark.endswith("claims")), "")
        return [_numbered(item) for item in re.split(r"^(?=\d+\. \()", text, flags=re.MULTILINE) if item.strip()]

    @cached_property
    def addressees(self) -> list[str]:
        """Names of the addressees, in order."""
        match = re.search(r"^Addressees: (.*)\.$", self.user, re.MULTILINE)
        return [part.partition(" ")[2] for part in match[1].split("; ")] if match else []

    @cached_property
    def themes(self) -> list[tuple[str, str]]:
        """Standing headings in both languages."""
        lines = re.findall(r'^Standing themes(?: under "[^"]+")?: (.*)\.$', self.user, re.MULTILINE)
        pairs = [part.partition(" = ") for line in lines for part in line.split("; ")]
        return [(en, fr) for en, _, fr in pairs if fr]

    def _label(self) -> str:
        match = re.search(r"^(?:Question (\d[\d.]*)|Topic (\d+) as a whole)$", self.user, re.MULTILINE)
        return (match[1] or match[2]) if match else "other"

    def _fenced(self) -> list[tuple[str, str]]:
        """The marks of the fence with the text up to the next."""
        if not self.fence:
            return []
        parts = re.split(rf"^\[{self.fence} ([^\n]+)\]$", self.user, flags=re.MULTILINE)
        return [(parts[i], parts[i + 1].strip("\n")) for i in range(1, len(parts) - 1, 2)]


def negated(text: str) -> bool:
    """Whether a text says no to something, in either language."""
    return bool(_NEGATION.search(folded(text)))


def _numbered(item: str) -> Numbered:
    head = re.match(r"(\d+)\. \(([^);]+)[^)]*\)\s*", item)
    if head is None:
        return Numbered(0, "finding", item)
    rest = item[head.end() :].strip()
    fields = dict(re.findall(r"^(en|fr|refused): (.*)$", rest, re.MULTILINE))
    sources = [{"id": i, "words": w} for i, w in re.findall(r"^source: (\S*) “(.*?)”$", rest, re.MULTILINE | re.DOTALL)]
    return Numbered(
        int(head[1]), head[2].strip(), fields.get("en", rest), fields.get("fr", ""), sources, fields.get("refused", "")
    )
