"""What both the page and the Markdown say, in one language: claims as sentences with their sources, counts, the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.model import (
    Answer,
    Citation,
    Claim,
    Contribution,
    Language,
    QuestionReport,
    Recommendation,
    Report,
    Theme,
)
from corpus.quoted import read_marker
from corpus.sentences import Range, sentences
from corpus.words import words
from synth.evidence import OTHER
from synth.report.frame import Frame


@dataclass(frozen=True)
class Sentence:
    """A piece of running text: who is introduced (frame), the words (quoted or written), its language, its sources."""

    lead: str
    words: str
    language: str
    quoted: bool
    sources: tuple[Citation, ...]
    cut_before: bool = False
    cut_after: bool = False


@dataclass(frozen=True)
class Cell:
    """One contribution under one question: how many claims cite it there, and whether it answered at all."""

    claims: int
    answered: bool


# What the report is; by who wrote it.
QUOTED = (
    "These are the views of the contributors in their own words, arranged by question and theme. It is not a consensus, and "
    "nothing in it was checked for facts. Every sentence carries the number of the contribution it comes from; the "
    "contributions stand in full at the end."
)
WRITTEN = (
    "These are the views of the contributors, summarised by question and theme. It is not a consensus, and nothing in it was "
    "checked for facts. The sentences were drafted by a language model and checked by a program; every sentence carries the "
    "number of each contribution it comes from, and a click shows the contributor’s own words. Where the two differ, the "
    "contributor’s words count; the contributions stand in full at the end."
)


class View:
    """A report in one language. `contributions` are those of the discussion, for their answers and full texts."""

    def __init__(
        self,
        report: Report,
        contributions: Sequence[Contribution],
        language: Language,
        addressees: dict[str, str],
    ) -> None:
        self.report = report
        self.frame = Frame(language)
        self.language: Language = language
        self.contributions = [c for c in contributions if c.withdrawn is None]
        self.people = {c.id: c for c in self.contributions}
        self.addressees = addressees

    def caveat(self) -> str:
        """What the report is and is not, as a message."""
        return WRITTEN if self.report.generated.engine == "llm" else QUOTED

    # -- what was asked and who answered --------------------------------------------------------

    def reviewed(self) -> str:
        """ "Reviewers accepted or reworded 41 of the 63 claims.", or nothing where nobody did."""
        claims = self.report.claims()
        n = sum(c.status in ("accepted", "edited") for c in claims)
        if not n:
            return ""
        one, many = "A reviewer accepted or reworded {n} claim of {{all}}.", "Reviewers accepted or reworded {n} claims of {{all}}."  # fmt: skip
        return self.frame.count(one, many, n).format(all=self.frame.number(len(claims)))

    def since(self) -> str:
        """When the report before this one was published, in words; nothing where none was."""
        return self.frame.day(self.report.since.on) if self.report.since else ""

    def news(self) -> list[tuple[str, list[Claim]]]:
        """What is new since then: what happened, to which claims."""
        since = self.report.since
        if since is None:
            return []
        by_id = {c.id: c for c in self.report.claims()}
        kinds = [
            ("New", since.new),
            ("Said by more contributors now", since.strengthened),
            ("Said by fewer contributors now", since.weakened),
            ("Worded differently", since.reworded),
        ]
        return [(self.frame.text(what), [by_id[i] for i in ids if i in by_id]) for what, ids in kinds if ids]

    def withdrawn(self) -> str:
        """ "Three claims are no longer in the report.", or nothing."""
        n = self.report.since.withdrawn if self.report.since else 0
        one, many = "{n} claim is no longer in the report.", "{n} claims are no longer in the report."
        return _capital(self.frame.count(one, many, n)) if n else ""

    def title(self) -> tuple[str, Language]:
        """The title of the discussion, and the language it is in."""
        return self.frame.asked(self.report.discussion.title)

    def heading(self, question: QuestionReport) -> str:
        """ "Question 1.2", "Topic 1 as a whole", or nothing for what fits no question."""
        if question.id == OTHER:
            return ""
        key = "Question {id}" if "." in question.id else "Topic {id} as a whole"
        return self.frame.text(key, id=question.id)

    def answered(self) -> str:
        """ "Twelve contributors answered, six in English and six in French, from ten countries." """
        people = self.report.contributors
        f = self.frame
        by_language = [(code, sum(p.language == code for p in people)) for code in ("en", "fr")]
        spoken = "".join(
            f.text(", {n} in English" if code == "en" else ", {n} in French", n=f.number(n, feminine=True))
            for code, n in by_language
            if n
        )
        countries = {p.country for p in people if p.country}
        said = f.count("{n} contributor answered", "{n} contributors answered", len(people))
        where = f.count("; {n} country is named", "; {n} countries are named", len(countries)) if countries else ""
        return _capital(f"{said}{spoken}{where}.")

    def short(self, question: QuestionReport) -> str:
        """One sentence on a question: how many speak to it and of what."""
        f = self.frame
        who = {c.contribution for claim in question.claims() for c in claim.citations}
        if not who:
            return f.text(question.empty or "Nobody answered this question.")
        from babel.lists import format_list

        said = f.count("{n} contributor speaks here.", "{n} contributors speak here.", len(who))
        if len(question.themes) > 1:
            themes = [
                f"{_small(self.theme(t.title.best(self.language)[0]))} ({len({c.contribution for x in t.claims for c in x.citations})})"
                for t in question.themes
            ]
            told = f.text("Themes, with how many speak to each: {themes}.", themes=format_list(themes, locale=f.locale))
            said = f"{said} {told}"
        disputes = sum(c.kind == "disagreement" for c in question.claims())
        one, many = "On {n} point contributors openly disagree.", "On {n} points contributors openly disagree."
        return _capital(f"{said} {f.count(one, many, disputes)}" if disputes else said)

    def theme(self, title: str) -> str:
        """The heading of a theme, or a neutral one."""
        return _capital(title) or self.frame.text("What contributors say")

    # -- claims ---------------------------------------------------------------------------------

    def sentences(self, claim: Claim, before: Claim | None = None) -> list[Sentence]:
        """The claim as running text. What no engine wrote in this language is quoted from its sources.

        `before` is the claim above it: who is quoted twice in a row is not named twice.
        """
        written = claim.text.get(self.language)
        first = claim.citations[0]
        if written is not None and written != first.quote:
            return [Sentence("", self.frame.typeset(written), self.language, False, claim.citations)]
        again = before is not None and {c.contribution for c in before.citations} == {first.contribution}
        lead = self.frame.text("The same contributor adds") if again else self._name(first)
        found = [self._quoted(lead, first)]
        for other in claim.citations[1:]:
            key = "{name} sees it differently" if claim.kind == "disagreement" else "In the same sense, {name}"
            found.append(self._quoted(self.frame.text(key, name=self._name(other)), other))
        return found

    def _quoted(self, lead: str, citation: Citation) -> Sentence:
        """A quotation; where it is less than the sentence it comes from, it says so."""
        before, after = self.cuts(citation)
        return Sentence(lead, citation.quote, citation.language, True, (citation,), before, after)

    def cuts(self, citation: Citation) -> tuple[bool, bool]:
        """Whether words of the same sentence before or after the quotation were left out."""
        person = self.people.get(citation.contribution)
        if person is None:
            return False, False
        start, end = next(
            ((s, e) for s, e in _sentences(person.body) if s <= citation.start < e), (citation.start, citation.end)
        )
        marker = read_marker(person.body[start : citation.start] + " ").end >= citation.start - start
        left = 0 if marker else len(words(person.body[start : citation.start]))
        return left > 0, len(words(person.body[citation.end : end])) > 0

    def told(self, theme: Theme) -> list[tuple[Claim, list[Sentence]]]:
        """The claims of a theme with their sentences."""
        return [(c, self.sentences(c, before)) for before, c in zip([None, *theme.claims], theme.claims, strict=False)]

    def _name(self, citation: Citation) -> str:
        person = self.people.get(citation.contribution)
        return self.frame.name(person) if person else citation.contribution

    def source_number(self, citation: Citation) -> int:
        """The number a source is cited by: that of the contribution."""
        return int(citation.contribution[1:])

    def anchor(self, citation: Citation) -> str:
        """The place of the cited words in the full text."""
        return f"{citation.contribution}-{citation.start}-{citation.end}"

    def kind(self, claim: Claim) -> str:
        """The kind of a claim in a word."""
        return self.frame.text(claim.kind)

    # -- recommendations ------------------------------------------------------------------------

    def by_addressee(self) -> list[tuple[str, list[Recommendation]]]:
        """Recommendations under the name of whom they are addressed to, in order."""
        grouped: dict[str, list[Recommendation]] = {}
        for recommendation in self.report.recommendations:
            grouped.setdefault(recommendation.addressee, []).append(recommendation)
        return [(self.addressees.get(name, name), found) for name, found in grouped.items()]

    def support(self, recommendation: Recommendation) -> str:
        """ "Proposed by X." or "Proposed by two contributors: X and Y." """
        people = [self.people[i] for i in recommendation.supporters if i in self.people]
        if len(people) == 1:
            return self.frame.text("Proposed by {names}.", names=self.frame.names(people))
        many = self.frame.count(
            "Proposed by {n} contributor: {{names}}.", "Proposed by {n} contributors: {{names}}.", len(people)
        )
        return many.format(names=self.frame.names(people))

    def dissent(self, recommendation: Recommendation) -> str:
        """ "Seen differently by Z.", or nothing."""
        people = [self.people[i] for i in recommendation.dissenters if i in self.people]
        return self.frame.text("Seen differently by {names}.", names=self.frame.names(people)) if people else ""

    # -- matrix ---------------------------------------------------------------------------------

    def columns(self) -> list[str]:
        """Labels of the matrix: every topic and question somebody answered or is cited under."""
        labels = [label for t in self.report.discussion.topics for label in (t.id, *(q.id for q in t.questions))]
        used = {a.question for c in self.contributions for a in c.answers} | {
            q.id for q in self.report.questions if q.themes
        }
        return [label for label in [*labels, OTHER] if label in used or "." in label]

    def column(self, label: str) -> str:
        """The head of a column."""
        return self.frame.text("Other") if label == OTHER else label

    def cell(self, contribution: Contribution, label: str) -> Cell:
        """How often `contribution` is cited under `label`, and whether it answers it."""
        question = next((q for q in self.report.questions if q.id == label), None)
        claims = question.claims() if question else []
        cited = sum(any(x.contribution == contribution.id for x in claim.citations) for claim in claims)
        return Cell(cited, any(a.question == label for a in contribution.answers))

    def cited(self, number: int) -> str:
        """ "cited in three places", "not cited"."""
        return (
            self.frame.count("cited in {n} place", "cited in {n} places", number)
            if number
            else self.frame.text("not cited")
        )

    def why_absent(self) -> list[tuple[str, str]]:
        """(who, why) for every contribution in no claim."""
        names = {c.id: self.frame.who(c) for c in self.contributions}
        return [(names.get(n.id, n.id), self.frame.text(n.why)) for n in self.report.not_represented]


@lru_cache(maxsize=256)
def _sentences(body: str) -> list[Range]:
    return sentences(body)


def answered_labels(answers: Sequence[Answer]) -> list[str]:
    """The questions answered, each once, in order."""
    return sorted({a.question for a in answers})


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(title: str) -> str:
    """A heading within a sentence: first letter small unless it is an abbreviation."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
