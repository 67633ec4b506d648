"""What both the page and the Markdown say, in one language: claims as sentences with their sources, counts, the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Cell:
    """One contribution under one question: how many claims cite it there, and whether it answered at all."""

    claims: int
    answered: bool


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

    # -- what was asked and who answered --------------------------------------------------------

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
            return f.text("Nobody answered this question.")
        from babel.lists import format_list

        themes = [self.theme(t.title.get(self.language) or t.title.best(self.language)[0]) for t in question.themes]
        disputes = sum(c.kind == "disagreement" for c in question.claims())
        said = f.count("{n} contributor speaks of {{themes}}", "{n} contributors speak of {{themes}}", len(who)).format(
            themes=format_list([_small(t) for t in themes], locale=f.locale)
        )
        at_odds = (
            f.count("; on {n} point they differ openly", "; on {n} points they differ openly", disputes)
            if disputes
            else ""
        )
        return _capital(f"{said}{at_odds}.")

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
            return [Sentence("", written, self.language, False, claim.citations)]
        again = before is not None and {c.contribution for c in before.citations} == {first.contribution}
        lead = (
            self.frame.text("The same contributor adds")
            if again
            else self.frame.text("For {name}", name=self._name(first))
        )
        found = [Sentence(lead, first.quote, first.language, True, (first,))]
        for other in claim.citations[1:]:
            key = "{name} sees it differently" if claim.kind == "disagreement" else "In the same sense, {name}"
            found.append(
                Sentence(self.frame.text(key, name=self._name(other)), other.quote, other.language, True, (other,))
            )
        return found

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
        return [label for label in labels if label in used or "." in label]

    def cell(self, contribution: Contribution, label: str) -> Cell:
        """How often `contribution` is cited under `label`, and whether it answers it."""
        question = next((q for q in self.report.questions if q.id == label), None)
        claims = question.claims() if question else []
        cited = sum(any(x.contribution == contribution.id for x in claim.citations) for claim in claims)
        return Cell(cited, any(a.question == label for a in contribution.answers))

    def why_absent(self) -> list[tuple[str, str]]:
        """(who, why) for every contribution in no claim."""
        names = {c.id: self.frame.who(c) for c in self.contributions}
        return [
            (names.get(n.id, self.frame.text("Contributor {n}", n=int(n.id[1:]))), self.frame.text(n.why))
            for n in self.report.not_represented
        ]


def answered_labels(answers: Sequence[Answer]) -> list[str]:
    """The questions answered, each once, in order."""
    return sorted({a.question for a in answers})


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(title: str) -> str:
    """A heading within a sentence: first letter small unless it is an abbreviation."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
