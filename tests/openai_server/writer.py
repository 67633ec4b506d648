"""The model behind the server: it answers each task from the prompt alone, and is as good or as bad as it is told to be.

Good claims have spans that stand in their passages and say in both languages what can be carried over without translating:
who says it, the concepts and the figures of the sentence, whether it is negated.
"""

from __future__ import annotations

import hashlib
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.openai_server.claims import Made, chosen, made_of, may_pair, ranked, second_for, worded
from tests.openai_server.figures import Figure, figures
from tests.openai_server.lexicon import NOTHING_KNOWN, Concept, folded, heading, mentions, named
from tests.openai_server.prompt import Asked, Numbered, Passage, Prompt, Sentence, negated
from tests.openai_server.shapes import Content, sentence
from tests.openai_server.spoil import spoil
from tests.openai_server.tokens import compact


@dataclass
class Writer:
    """Writes replies. `bad`: content faults (faults.CONTENT) with their rates among the claims it drafts.

    `stubborn`: a repair gives the same claim again. `merge_fault`: "drops", "twice" or "invents" numbers.
    `judge`: what it says of a claim, by its English text: "supported", "partial", "unsupported", or "" to leave it out.
    `written`: (fault or "good", claim, label) of every claim drafted, `repaired`: of every claim written again.
    """

    bad: dict[str, float] = field(default_factory=dict)
    stubborn: bool = False
    merge_fault: str = ""
    judge: Callable[[str, random.Random], str] = lambda claim, chance: "supported"
    seed: int = 1
    written: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    repaired: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Begin the lists of what was written anew."""
        with self._lock:
            self.written.clear()
            self.repaired.clear()

    def reply(self, prompt: Prompt, fault: str = "") -> str:
        """The text of the reply to a prompt. `fault`: a content fault that every claim is to have."""
        task = task_of(prompt)
        if task == "probe":
            return compact({"ready": True})
        if task is None:
            return compact(_instance(prompt.schema, prompt.schema)) if prompt.schema else "I am ready to help."
        answer = {
            "draft": lambda: self._draft(prompt, fault),
            "update": lambda: self._update(prompt, fault),
            "repair": lambda: self._repair(prompt),
            "merge": lambda: self._merge(prompt),
            "recommend": lambda: self._recommend(prompt),
            "judge": lambda: self._judge(prompt),
        }[task]()
        return compact(answer)

    # -- draft and update ---------------------------------------------------------------------

    def _draft(self, prompt: Prompt, fault: str) -> dict[str, Any]:
        themes: list[dict[str, Any]] = []
        for asked in prompt.asked:
            made = self._claims(prompt, asked, asked.claims or len(asked.passages))
            themes += self._under_themes(prompt, asked.label, made, fault)
        return {"themes": themes}

    def _update(self, prompt: Prompt, fault: str) -> dict[str, Any]:
        standing = [(c, _standing(c.text)) for c in prompt.claims]
        strengthened: dict[int, list[dict[str, str]]] = {}
        themes: list[dict[str, Any]] = []
        for asked in prompt.asked:
            new = []
            for made in self._claims(prompt, asked, 2 * len(asked.passages)):
                number = next((c.number for c, said in standing if said == _said(made)), None)
                if number is None:
                    new.append(made)
                else:
                    strengthened.setdefault(number, []).extend(made.claim()["sources"])
            themes += self._under_themes(prompt, asked.label, new, fault)
        for theme in themes:
            theme["claims"] = [{**claim, "contradicts": None} for claim in theme["claims"]]
            if themes and prompt.themes:
                theme["en"], theme["fr"] = _standing_heading(theme, prompt.themes)
        found = [{"claim": number, "sources": sources} for number, sources in strengthened.items()]
        return {"strengthened": found, "themes": themes}

    def _claims(self, prompt: Prompt, asked: Asked, wanted: int) -> list[Made]:
        """About `wanted` claims, every contribution heard; a sentence is the first source of one claim only."""
        sentences = chosen(asked, max(wanted, len(asked.contributions)))
        texts: set[str] = set()
        found = []
        for i, one in enumerate(sentences):
            chance = self._chance(prompt.digest, one.passage.id, one.text)
            made = made_of(one, second_for(one, sentences[i + 1 :], chance), chance)
            while made.en in texts:
                made = worded(made, chance)
            texts.add(made.en)
            found.append(made)
        return found

    def _under_themes(self, prompt: Prompt, label: str, made: list[Made], fault: str) -> list[dict[str, Any]]:
        """Themes with their claims, spoilt or not, in the order of the first of each."""
        groups: dict[str, list[Made]] = {}
        for one in made:
            groups.setdefault(one.content.concepts[0].theme, []).append(one)
        themes = []
        for group in groups.values():
            en, fr = heading(_frequent(c for one in group for c in one.content.concepts[:2]))
            claims = [claim for one in group for claim in self._spoilt(prompt, one, label, fault)]
            themes.append({"question": label, "en": en, "fr": fr, "claims": claims})
        return themes

    def _spoilt(self, prompt: Prompt, made: Made, label: str, fault: str) -> Iterator[dict[str, Any]]:
        """The claim as it goes into the reply, written down with what is wrong with it."""
        chance = self._chance(prompt.digest, "spoil", made.en)
        drawn, kind = chance.random(), fault
        for name, rate in self.bad.items() if not fault else ():
            if 0 <= drawn < rate:
                kind = name
            drawn -= rate
        bad = spoil(kind, made, prompt, chance) if kind else None
        claim = (bad or made).claim()
        for _ in range(20 if kind == "repeat" else 1):
            with self._lock:
                self.written.append((kind if bad else "good", claim, label))
            yield claim

    # -- the other tasks ----------------------------------------------------------------------

    def _repair(self, prompt: Prompt) -> dict[str, Any]:
        claims = []
        for refused in prompt.claims:
            if self.stubborn:
                same = {"sources": refused.sources, "kind": refused.kind, "en": refused.text, "fr": refused.fr}
                claims.append({"number": refused.number, **same})
            elif (made := self._put_right(prompt, refused)) is not None:
                claims.append({"number": refused.number, **made.claim()})
        with self._lock:
            self.repaired += [("stubborn" if self.stubborn else "good", claim, "") for claim in claims]
        return {"claims": claims}

    def _put_right(self, prompt: Prompt, refused: Numbered) -> Made | None:
        """The claim written anew from the sentences it named, or the nearest in the passages it named."""
        found: list[Sentence] = []
        for source in refused.sources:
            if (one := _cited(source, prompt.passages)) and one not in found:
                found.append(one)
        if not found:
            return None
        chance = self._chance(prompt.digest, found[0].text, refused.text)
        second = next((s for s in found[1:] if may_pair(found[0], s)), None)
        return made_of(found[0], second, chance)

    def _merge(self, prompt: Prompt) -> dict[str, Any]:
        """Joins claims that speak of the same concepts in the same way, and arranges all under at most seven themes."""
        joined: dict[Any, list[Numbered]] = {}
        for claim in prompt.claims:
            concepts, numbers, no = _standing(claim.text)
            alone = claim.kind == "disagreement" or numbers or len(concepts) < 2
            joined.setdefault(claim.number if alone else (claim.kind, concepts, no), []).append(claim)
        themes: dict[str, list[tuple[list[Concept], dict[str, Any]]]] = {}
        for group in joined.values():
            spoken = named(group[0].text) or [NOTHING_KNOWN]
            themes.setdefault(spoken[0].theme, []).append((spoken, self._joined(prompt, group, spoken)))
        ordered = sorted(themes.values(), key=lambda t: -len(t))
        if len(ordered) > 7:
            ordered[6:] = [[one for theme in ordered[6:] for one in theme]]
        arranged = []
        for theme in ordered:
            en, fr = heading(_frequent(c for concepts, _ in theme for c in concepts[:2]))
            arranged.append({"en": en, "fr": fr, "claims": [claim for _, claim in theme]})
        return {"themes": self._misnumbered(arranged)}

    def _joined(self, prompt: Prompt, group: list[Numbered], concepts: list[Concept]) -> dict[str, Any]:
        en = fr = None
        if len(group) > 1:
            content = Content(group[0].kind, "", tuple(concepts), negated=negated(group[0].text), joined=True)
            en, fr = sentence(content, self._chance(prompt.digest, group[0].text))
        return {"from": [c.number for c in group], "kind": group[0].kind, "en": en, "fr": fr}

    def _misnumbered(self, themes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The themes, wrong in the way `merge_fault` says."""
        claims = [claim for theme in themes for claim in theme["claims"]]
        if self.merge_fault == "drops":
            for theme in themes:
                theme["claims"] = [c for c in theme["claims"] if c["from"][0] % 3]
            return [theme for theme in themes if theme["claims"]]
        if self.merge_fault == "twice" and claims:
            themes[-1]["claims"].append(dict(claims[0]))
        if self.merge_fault == "invents" and claims:
            highest = max(number for claim in claims for number in claim["from"])
            themes[-1]["claims"].append({**claims[0], "from": [highest + 7, 0]})
        return themes

    def _recommend(self, prompt: Prompt) -> dict[str, Any]:
        """One recommendation for claims that share two concepts; every claim of that kind is used."""
        groups: list[tuple[set[Concept], list[Numbered]]] = []
        for claim in (c for c in prompt.claims if c.kind == "recommendation"):
            said = set(named(claim.text))
            no = negated(claim.text)
            near = next((g for g in groups if len(g[0] & said) > 1 and negated(g[1][0].text) == no), None)
            if near is None:
                groups.append((said, [claim]))
            else:
                near[1].append(claim)
        objections = [c for c in prompt.claims if c.kind != "recommendation" and negated(c.text)]
        return {"recommendations": [self._action(prompt, said, group, objections) for said, group in groups]}

    def _action(
        self, prompt: Prompt, said: set[Concept], group: list[Numbered], objections: list[Numbered]
    ) -> dict[str, Any]:
        text = group[0].text
        concepts = named(text) or [NOTHING_KNOWN]
        shown = tuple(figures(text, "en")) if len(group) == 1 else ()
        content = Content("recommendation", "", tuple(concepts), shown, negated(text), action=True)
        en, fr = sentence(content, self._chance(prompt.digest, text))
        against = [c.number for c in objections if len(set(named(c.text)) & said) > 1]
        number = _addressee(text, prompt.addressees)
        return {"claims": [c.number for c in group], "against": against, "addressee": number, "en": en, "fr": fr}

    def _judge(self, prompt: Prompt) -> dict[str, Any]:
        """A judgement of every claim between the lines of the fence, as `judge` gives it."""
        found = []
        for number, text in re.findall(r"^\[\w+ claim (\d+)\]\nen: (.*)$", prompt.user, re.MULTILINE):
            bears = self.judge(text, self._chance("judge", text))
            missing = "" if bears == "supported" else " ".join(text.split()[-4:])
            found += [{"number": int(number), "missing": missing, "bears": bears, "same": True}] if bears else []
        return {"judged": found}

    def _chance(self, *of: str) -> random.Random:
        """Chance that is the same for the same things."""
        return random.Random(hashlib.sha256("\0".join([str(self.seed), *of]).encode()).digest())


# -- which task ---------------------------------------------------------------------------------

_SAID = {
    "You draft": "draft", "You edit": "merge", "You keep": "update", "You correct claims": "repair",
    "You write the recommendations": "recommend", "You check the claims": "judge",
}  # fmt: skip


def task_of(prompt: Prompt) -> str | None:
    """The task, by the shape of the reply that is asked for, else by the system's first words."""
    asked = set((prompt.schema or {}).get("properties", {}))
    for name, task in (
        ("strengthened", "update"),
        ("recommendations", "recommend"),
        ("judged", "judge"),
        ("ready", "probe"),
    ):
        if name in asked:
            return task
    if asked == {"claims"}:
        return "repair"
    if asked == {"themes"}:
        return "merge" if '"from"' in compact(prompt.schema) else "draft"
    if asked:
        return None
    said = next((task for words, task in _SAID.items() if prompt.system.startswith(words)), None)
    return said or ("probe" if 'Set "ready" to true.' in prompt.user else None)


def _instance(schema: Any, root: Any) -> Any:
    """Some value of the schema, for shapes that no task has."""
    if "$ref" in schema:
        return _instance(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return _instance(schema[choices][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "object":
        return {name: _instance(part, root) for name, part in schema.get("properties", {}).items()}
    plain: dict[Any, Any] = {"array": [], "integer": 1, "number": 1.0, "boolean": True, "null": None}
    return plain.get(schema.get("type"), "As the prompt says.")


# -- what is there already -----------------------------------------------------------------------

_Said = tuple[frozenset[Concept], frozenset[Figure], bool]


def _standing(text: str) -> _Said:
    """What an English sentence says, as far as two can be compared."""
    concepts = frozenset(named(text))
    return concepts, frozenset(figures(text, "en")), negated(text)


def _said(made: Made) -> _Said:
    return _standing(made.en)


def _standing_heading(theme: dict[str, Any], known: list[tuple[str, str]]) -> tuple[str, str]:
    """A heading that stands and names one of the same things, else the theme's own."""
    words = {m.concept for m in mentions(theme["en"])}
    return next((pair for pair in known if words & {m.concept for m in mentions(pair[0])}), (theme["en"], theme["fr"]))


def _cited(source: dict[str, str], passages: list[Passage]) -> Sentence | None:
    """The sentence that holds the words, in the passage named or in any; else the best of the passage named."""
    named = [p for p in passages if p.id == source["id"]]
    for passage in [*named, *passages]:
        for one in passage.sentences:
            if source["words"] and source["words"] in one.text:
                return one
    return next(iter(ranked(named)), None)


def _frequent(concepts: Iterable[Concept]) -> list[Concept]:
    counts: dict[Concept, int] = {}
    for concept in concepts:
        counts[concept] = counts.get(concept, 0) + 1
    known = {c: n for c, n in counts.items() if c != NOTHING_KNOWN} or counts
    return sorted(known, key=lambda c: -known[c])[:2]


def _addressee(text: str, names: list[str]) -> int:
    """The number of the addressee whose name has a word of the text; the last one where there is none."""
    said = set(re.findall(r"\w{5,}", folded(text)))
    for number, name in enumerate(names, start=1):
        if said & {w.rstrip("s") for w in re.findall(r"\w{5,}", folded(name))} | said & set(
            re.findall(r"\w{5,}", folded(name))
        ):
            return number
    return max(1, len(names))
