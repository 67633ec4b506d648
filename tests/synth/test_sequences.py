"""Whatever is done to a discussion, in whatever order and wherever it is cut off: what people decided is kept.

Random sequences of what contributors, reviewers and the commands do to a small discussion, each from a seed of its own. A
sequence in which something dies half-way is gone through twice, once without the deaths: both must end alike.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from pydantic import ValidationError

import vectorstore.builtin
from corpus.edits import remember
from corpus.folder import load_contributions, load_discussion, save_contribution
from corpus.model import Answer, Citation, Claim, Contribution, Draft, Report, Text, Verdict
from corpus.words import fold
from synth.cli import _run
from synth.report import html
from synth.report.view import View
from synth.review import decisions
from synth.review.decisions import Action, Decision
from synth.review.desk import Asked, Card, Desk, Refused, Selection, Taken
from tests.synth import models
from vectorstore import lock

SEQUENCES, TOGETHER = 200, 25
RUN = 6  # so many words in a row tell whose they are

# -- the discussion: nobody in it exists ---------------------------------------------------------------

DISCUSSION = """\
title = {en = "Cycling in Larkhaven", fr = "Le vélo à Larkhaven"}
engine = "extractive"
length = 0.55

[[topics]]
id = "1"
en = "How can cycling become safer?"
fr = "Comment rendre le vélo plus sûr ?"

[[topics.questions]]
id = "1.1"
en = "Where should cycle lanes be built first?"
fr = "Où faut-il construire d’abord des pistes cyclables ?"

[[topics.questions]]
id = "1.2"
en = "How should cycle lanes be paid for?"
fr = "Comment financer les pistes cyclables ?"

[[topics.questions]]
id = "1.3"
en = "What keeps people from riding to work?"
fr = "Qu’est-ce qui retient les gens d’aller au travail à vélo ?"
"""

PEOPLE = ("Ada Wren", "Luc Marchand", "Ben Okoro", "Inès Delorme", "Tom Hale", "Rosa Lind", "Jean Vasseur", "Mia Stone")

SAID = {
    "en": {
        "1.1": (
            "Cycle lanes should be built first along the road to the secondary school, where 400 pupils ride every day.",
            "The bridge over the river is the most dangerous place, and two riders were injured there last year.",
            "We recommend that the ring road gets a separated lane before any street of the old town.",
            "Counting showed that 1,200 riders cross the market square on a working day, more than anywhere else.",
            "I do not agree with Mr Okoro, because lanes in the suburbs bring more new riders than lanes in the centre.",
            "Hospitals report that most accidents happen at the three crossings near the railway station.",
            "Lanes beside the tram were a failure, since wheels are caught in the rails when it rains.",
        ),
        "1.2": (
            "The town should pay for cycle lanes from parking fees, which brought in 90,000 euros last year.",
            "Shops along the high street paid half of the first lane because they expected more customers.",
            "National funds are slow, and our association waited three years for a single grant.",
            "A small levy on new buildings would cover the upkeep of all lanes for ten years.",
            "Painting a lane costs little, but repairing it every spring takes a third of the road budget.",
            "I disagree with Ms Wren, since employers should contribute rather than pass the costs on to residents.",
        ),
        "1.3": (
            "Most of my colleagues would ride to work if there were showers and a dry place for wet clothes.",
            "Theft is the main problem, as one bicycle in five was stolen from the station rack last winter.",
            "Parents cannot ride because the nursery opens only ten minutes before their shift begins.",
            "The hospital lent electric bicycles to 60 nurses, and car journeys fell by a quarter within a year.",
            "Bus drivers need to be trained, for example with an hour on a bicycle in heavy traffic.",
            "Snow is not cleared from the lanes, so that nobody can rely on a bicycle between December and March.",
        ),
    },
    "fr": {
        "1.1": (
            "Il faut construire les premières pistes autour du lycée, où 400 élèves arrivent à vélo chaque matin.",
            "Le pont sur la rivière est l’endroit le plus dangereux, car les camions y frôlent les cyclistes.",
            "Nous proposons une voie séparée le long du canal, qui relie cinq villages à la gare.",
            "La place du marché devrait être fermée aux voitures avant que l’on y trace une piste.",
        ),
        "1.2": (
            "La commune doit financer les pistes par le stationnement, qui a rapporté 90 000 euros l’an dernier.",
            "Les entreprises ont payé la moitié de la piste du port, parce que leurs employés la demandaient.",
            "Les subventions de la région arrivent trop tard, et notre association a attendu trois ans.",
            "Nous recommandons un budget participatif dans lequel les habitants choisissent chaque année une rue.",
        ),
        "1.3": (
            "Le vol est le principal frein, puisque vingt vélos ont disparu de la gare en un seul mois.",
            "Mes collègues viendraient à vélo s’il y avait des douches et des casiers dans l’atelier.",
            "Les chauffeurs de bus doivent être formés, par exemple par une heure de vélo en pleine circulation.",
            "L’hôpital a prêté 60 vélos électriques, et les trajets en voiture ont baissé d’un quart.",
        ),
    },
}  # fmt: skip

HEADINGS = (Text(en="Safety", fr="Sécurité"), Text(en="Money", fr="Argent"))
REVIEWERS = ("Nora", "Paul")


def contribution(rng: random.Random, number: int) -> Contribution:
    """Somebody who answers two questions in one language."""
    language: Literal["en", "fr"] = "fr" if number % 3 == 2 else "en"
    body, answers = "", []
    for label in sorted(rng.sample(sorted(SAID[language]), 2)):
        start = len(body)
        body += " ".join(rng.sample(SAID[language][label], rng.choice((2, 3))))
        answers.append(Answer(question=label, start=start, end=len(body)))
        body += "\n\n"
    author = PEOPLE[(number - 1) % len(PEOPLE)]
    return Contribution(id=f"C{number:02d}", author=author, language=language, answers=tuple(answers), body=body.strip())  # fmt: skip


def sentences(body: str) -> list[str]:
    """What stands in a body, sentence by sentence."""
    return [s for paragraph in body.split("\n\n") for s in re.split(r"(?<=\.) ", paragraph) if s]


# -- dying ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Death:
    """The process dies at the `at`-th time that it syncs, renames or deletes something: just before it, or just after. Of
    what it appended to the decisions the last part, `cut`, is lost."""

    at: int
    before: bool
    cut: float


@contextmanager
def dying(death: Death, appended_from: int = 0) -> Iterator[None]:
    """Die within. Whoever is dead tidies nothing up, as nobody does who is killed. `appended_from`: where the decisions
    ended before."""
    left, dead = death.at, False

    def mortal(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal left, dead
            if dead:
                return None
            left -= 1
            if left or not death.before:
                done = real(*given, **named)
            if left:
                return done
            dead = True
            if appended_from and real is fsync:
                written = os.fstat(given[0]).st_size - appended_from
                os.ftruncate(given[0], appended_from + round(written * (1 - death.cut)))
            raise KeyboardInterrupt

        return call

    fsync = os.fsync
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", mortal(os.fsync))
        patched.setattr(shutil, "rmtree", mortal(shutil.rmtree))
        patched.setattr(Path, "replace", mortal(Path.replace))
        patched.setattr(Path, "unlink", mortal(Path.unlink))
        yield


def quietly(folder: Path, *arguments: str) -> int:
    """A command, without what it prints; its exit code."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return _run(["-C", str(folder), *arguments], debug=True)


# -- what was promised, as somebody who reads docs and no code would work it out ------------------------


@dataclass(frozen=True)
class Promise:
    """What the last decision on a claim promises of it, and the number of that decision."""

    status: str
    text: Text
    kind: str
    citations: tuple[Citation, ...]
    n: int

    def bears(self, left: set[tuple[str, str]]) -> bool:
        """Whether the claim stands on the (contribution, quote) that are left. One that sets a contributor against another
        does not on one of the two."""
        two_sides = self.kind == "disagreement" and len({x.contribution for x in self.citations}) > 1
        return len({who for who, _ in left}) > two_sides

    @property
    def stands(self) -> bool:
        """Whether it is to be in the report."""
        return self.status in ("accepted", "edited")


def promises(made: Sequence[Decision]) -> dict[str, Promise]:
    """By claim id, what reviewers were told is decided."""
    undone = {d.undoes for d in made if d.action == "undo"}
    found: dict[str, Promise] = {}
    for d in made:
        if d.action in ("undo", "comment") or d.n in undone:
            continue
        seen, before = d.seen, found.get(d.claim)
        was = before.status if before else "draft"
        status = {"accept": "edited" if was == "edited" else "accepted", "move": was, "reject": "rejected", "merge": "rejected"}.get(d.action, "edited")  # fmt: skip
        found[d.claim] = Promise(status, d.text or seen.text, seen.kind, d.citations or seen.citations, d.n)
        if d.into and d.into_seen:
            both = (*d.into_seen.citations, *seen.citations)
            found[d.into] = Promise("edited", d.into_seen.text, d.into_seen.kind, both, d.n)
    return found


@dataclass(frozen=True)
class Gone:
    """Who withdrew: the words, what others said at the time, and the number of the last decision by then."""

    body: str
    elsewhere: str
    n: int

    def said(self, text: str) -> bool:
        """Whether words are the contributor's and nobody else's."""
        words = text.split()
        runs = [" ".join(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1))]
        return any(run in self.body and run not in self.elsewhere for run in runs)


# -- steps ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something that somebody does."""

    does: Literal["add", "write", "withdraw", "decide", "run"]
    who: str = ""
    added: Contribution | None = None
    body: str = ""
    asked: Asked | None = None
    death: Death | None = None

    def __str__(self) -> str:
        what = self.asked.model_dump_json(exclude_none=True) if self.asked else self.body.replace("\n", " ")
        death = f" †{self.death.at}{'<' if self.death.before else '>'}{self.death.cut:.2f}" if self.death else ""
        return f"{self.does} {self.added.id if self.added else self.who} {what}{death}".replace("  ", " ")


@dataclass
class World:
    """A folder, and what was said and answered outside of it. `faces`: the words that an id first stood for; `sources`: what a
    claim cited after the last run, unless it was decided on since."""

    name: str
    folder: Path
    steps: list[Step] = field(default_factory=list)
    made: list[Decision] = field(default_factory=list)
    gone: dict[str, Gone] = field(default_factory=dict)
    faces: dict[str, str] = field(default_factory=dict)
    sources: dict[str, tuple[Citation, ...]] = field(default_factory=dict)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.folder)

    def told(self, what: object) -> str:
        """For a message: what is wrong, and how it came to that."""
        return f"{self.name}: {what}\n" + "\n".join(f"  {i}. {step}" for i, step in enumerate(self.steps, start=1))

    def contributions(self) -> dict[str, Contribution]:
        """Those on disk that nobody took back."""
        return {c.id: c for c in load_contributions(self.folder, load_discussion(self.folder), keep_all=True).read()}

    def held(self, promise: Promise) -> set[tuple[str, str]]:
        """(contribution, quote) of what a claim was decided to rest on, as far as it still stands there."""
        bodies = {c.id: c.body for c in self.contributions().values()}
        return {(x.contribution, x.quote) for x in promise.citations if x.quote in bodies.get(x.contribution, "")}

    def take(self, step: Step) -> None:
        """Do a step and look whether all is as it must be."""
        self.steps.append(step)
        if step.added is not None:
            save_contribution(self.folder, step.added)
            remember(self.folder, step.added)  # as `synth add` does, so that its labels follow the text
        elif step.does == "write":
            path = self.folder / "contributions" / f"{step.who}.md"
            head = path.read_text(encoding="utf-8").split("---\n")[1]
            path.write_text(f"---\n{head}---\n{step.body}\n", encoding="utf-8")
        elif step.asked is not None:
            self._decide(step.asked, step.death)
        elif step.does == "withdraw":
            self._withdraw(step)
        else:
            self._command(step, "run", codes=(0, 1))
            self._holds_after_a_run()
        self._no_decision_is_lost()

    def _command(self, step: Step, *arguments: str, codes: Sequence[int]) -> None:
        """A command, and the same once more where it died."""
        code = 130
        if step.death is not None:
            with dying(step.death):
                code = quietly(self.folder, *arguments)
        if code == 130:
            self.desk = Desk(self.folder)
            code = quietly(self.folder, *arguments)
        assert code in codes, self.told(f"{arguments} ended with {code}")

    def _withdraw(self, step: Step) -> None:
        active = self.contributions()
        said = [c.body for c in active.values() if c.id != step.who]
        n = self.made[-1].n if self.made else 0
        self.gone[step.who] = Gone(active[step.who].body, "\n".join([DISCUSSION, *said]), n)
        # 3: the labels of what was edited since the last run have not moved along yet
        self._command(step, "withdraw", step.who, "--why", "asked", codes=(0, 1, 3))
        self._quotations_are_verbatim(self.report().claims())
        assert step.who not in {x.contribution for c in self.claims() for x in c.citations}, self.told(
            "a draft cites it"
        )

    def _decide(self, asked: Asked, death: Death | None) -> None:
        answer: Taken | Refused | None = None
        if death is not None:
            path = decisions.path_of(self.folder)
            try:
                with dying(death, path.stat().st_size if path.exists() else 0):
                    answer = self.desk.decide(asked)
            except KeyboardInterrupt:
                self.desk = Desk(self.folder)
        died = answer is None and death is not None
        answer = answer or self.desk.decide(asked)
        made = decisions.load(self.folder).made
        before = len(self.made)
        if isinstance(answer, Taken):
            self.made.append(answer.decision)
            self._shown_as_decided(answer)
        elif died and len(made) > len(
            self.made
        ):  # it was on disk already: whoever asks again is told that the claim changed
            last = made[-1]
            assert answer.changed, self.told(f"decided, and refused: {answer.why}")
            assert (last.claim, last.action, last.by) == (asked.claim, asked.action, asked.by), self.told(last)
            self.made.append(last)
        for decided in self.made[before:]:  # what the claim rests on from now on is what was decided
            self.sources.pop(decided.claim, None)
            self.sources.pop(decided.into or "", None)

    def _shown_as_decided(self, taken: Taken) -> None:
        promised = promises(self.made)
        concerned = {i for i in (taken.decision.claim, taken.decision.into) if i in promised}
        lost = {i for i in concerned - {card.id for card in taken.now} if promised[i].bears(self.held(promised[i]))}
        assert not lost, self.told(f"{lost} is not there any more after {taken.decision.action}")
        for card in taken.now:
            if (promise := promised.get(card.id)) and promise.status != "draft":
                shown, told = (card.claim.status, card.claim.text), (promise.status, promise.text)
                assert shown == told, self.told(f"decided on {card.id}: {told}, shown: {shown}")

    # -- what lies on disk -----------------------------------------------------------------------------

    def claims(self) -> list[Claim]:
        """Those of all drafts."""
        drafts = sorted((self.folder / "drafts").glob("[!.r]*.json"))
        return [c for path in drafts for c in Draft.model_validate_json(path.read_bytes()).claims()]

    def report(self) -> Report:
        """report.json."""
        return Report.model_validate_json((self.folder / "report" / "report.json").read_bytes())

    def verdict(self) -> Verdict:
        """verdict.json."""
        return Verdict.model_validate_json((self.folder / "report" / "verdict.json").read_bytes())

    # -- what must hold --------------------------------------------------------------------------------

    def _no_decision_is_lost(self) -> None:
        """All that was acknowledged is on disk in order and whole, but for words of who withdrew."""
        found = decisions.load(self.folder)
        assert not found.problems, self.told(found.problems)
        assert [d.n for d in found.made] == [d.n for d in self.made], self.told([d.n for d in found.made])
        for kept, made in zip(found.made, self.made, strict=True):
            if self._holds_words_of_the_gone(made):
                same = [(d.claim, d.action, d.by, d.at, d.into, d.undoes, d.confirmed) for d in (kept, made)]
                assert same[0] == same[1], self.told(f"decision {made.n} became {kept}")
            else:
                assert kept == made, self.told(f"decision {made.n} was {made} and is {kept}")

    def _holds_words_of_the_gone(self, made: Decision) -> bool:
        texts = [t for text in (made.seen.text, made.text, made.into_seen and made.into_seen.text) if text for _, t in text.versions()]  # fmt: skip
        cited = [*made.seen.citations, *(made.citations or ()), *(made.into_seen.citations if made.into_seen else ())]
        left = {who: gone for who, gone in self.gone.items() if gone.n >= made.n}
        return any(x.contribution in left for x in cited) or any(g.said(t) for g in left.values() for t in texts)

    def _holds_after_a_run(self) -> None:
        claims, report = {c.id: c for c in self.claims()}, self.report()
        self._quotations_are_verbatim([*claims.values(), *report.claims()], report)
        promised = promises(self.made)
        self._accepted_claims_keep_their_words(claims, report, promised)
        self._rejected_claims_stay_away(report, promised)
        self._ids_stand_for_one_claim(claims, promised)
        self.sources = {c.id: c.citations for c in claims.values()}

    def _quotations_are_verbatim(self, claims: Sequence[Claim], report: Report | None = None) -> None:
        active = self.contributions()
        cited = [(c.id, x) for c in claims for x in c.citations]
        cited += [(r.id, x) for r in (report.recommendations if report else ()) for x in r.citations]
        for claim, x in cited:
            assert x.contribution in active, self.told(f"{claim} cites {x.contribution}, which is withdrawn")
            stands = active[x.contribution].body[x.start : x.end]
            assert stands == x.quote, self.told(f"{claim} cites {x}, where {stands!r} stands")

    def _accepted_claims_keep_their_words(
        self, claims: dict[str, Claim], report: Report, promised: dict[str, Promise]
    ) -> None:
        reported = {c.id: c for c in report.claims()}
        doubted = {u.claim for u in self.verdict().unsupported}
        bodies = {c.id: c.body for c in self.contributions().values()}
        for claim_id, promise in promised.items():
            if not promise.stands or any(g.said(t) for g in self.gone.values() if g.n >= promise.n for _, t in promise.text.versions()):  # fmt: skip
                continue
            held = self.held(promise)
            known = {(x.contribution, x.quote) for x in self.sources.get(claim_id, ())}
            left = held | {(who, quote) for who, quote in known if quote in bodies.get(who, "")}
            if not promise.bears(left):  # though words that somebody else has too may have gone there
                elsewhere = {
                    (who, x.quote) for x in promise.citations for who, body in bodies.items() if x.quote in body
                }
                lost = not promise.bears(left | elsewhere)
                assert not lost or claim_id not in reported, self.told(f"{claim_id} has no source left")
                continue
            assert claim_id in claims, self.told(f"{claim_id} was {promise.status} and is lost; left: {left}")
            assert (claim_id in reported) != (claim_id in doubted), self.told(f"{claim_id} is kept out of the report and no check says why")  # fmt: skip
            for claim in filter(None, (claims[claim_id], reported.get(claim_id))):
                assert (claim.status, claim.text) == (promise.status, promise.text), self.told(f"{claim} was {promise}")
                missing = held - {(x.contribution, x.quote) for x in claim.citations}
                assert not missing, self.told(f"{claim_id} lost {missing}, which still stand there")

    def _rejected_claims_stay_away(self, report: Report, promised: dict[str, Promise]) -> None:
        rejected = {i: p for i, p in promised.items() if p.status == "rejected"}
        for claim in report.claims():
            assert claim.id not in rejected, self.told(f"{claim.id} was rejected and is reported")
            who = {x.contribution for x in claim.citations}
            for claim_id, promise in rejected.items():
                again = {fold(t) for _, t in promise.text.versions()} & {fold(t) for _, t in claim.text.versions()}
                same = again and claim.status == "draft" and who <= {x.contribution for x in promise.citations}
                assert not same, self.told(f"{claim.id} says again what was rejected as {claim_id}: {again}")

    def _ids_stand_for_one_claim(self, claims: dict[str, Claim], promised: dict[str, Promise]) -> None:
        for claim in claims.values():
            if claim.status == "edited" or (claim.id in promised and promised[claim.id].text != claim.text):
                continue  # a person's words
            words = claim.text.best("en")[0]
            stood = self.faces.setdefault(claim.id, words)
            assert stood == words or self._by_a_person(claim), self.told(f"{claim.id} was {stood!r} and is {words!r}")

    def _by_a_person(self, claim: Claim) -> bool:
        return any(claim.id in (d.claim, d.into) and d.action == "edit" and d.text == claim.text for d in self.made)


# -- what comes next -----------------------------------------------------------------------------------

ACTIONS: dict[Action, int] = {"accept": 5, "reject": 4, "edit": 4, "sources": 2, "move": 2, "merge": 2, "comment": 1, "undo": 3}  # fmt: skip


@dataclass
class Chance:
    """Thinks up what happens next in a world, from what lies there now."""

    rng: random.Random
    world: World
    mortality: float
    bodies: dict[str, list[str]] = field(default_factory=dict)  # by contribution, what it said before

    def step(self) -> Step:
        """The next thing that happens."""
        found = None
        while found is None:
            [what] = self.rng.choices(
                (self._decide, self._write, self._add, self._withdraw, self._run), (12, 5, 2, 1, 3)
            )
            found = what()
        return replace(found, death=self._death(found)) if self.rng.random() < self.mortality else found

    def _death(self, step: Step) -> Death | None:
        if step.does in ("add", "write"):
            return None
        at = 1 if step.does == "decide" else self.rng.choice((*range(1, 9), self.rng.randint(9, 24)))
        return Death(at, self.rng.random() < 0.5, self.rng.choice((0.0, 1.0, 0.001, self.rng.random())))

    def _run(self) -> Step:
        return Step("run")

    def _add(self) -> Step | None:
        numbers = [int(p.stem[1:]) for p in (self.world.folder / "contributions").glob("C*.md")]
        if max(numbers) >= len(PEOPLE):
            return None
        new = contribution(self.rng, max(numbers) + 1)
        if self.rng.random() < 0.3:  # a reply that repeats what it replies to
            quoted = self.rng.choice(sentences(self.rng.choice(list(self.world.contributions().values())).body))
            new = new.model_copy(update={"body": f"{new.body} {quoted}"})
        return Step("add", added=new)

    def _withdraw(self) -> Step | None:
        active = sorted(self.world.contributions())
        return Step("withdraw", self.rng.choice(active)) if len(active) > 3 else None

    def _write(self) -> Step | None:
        active = self.world.contributions()
        who, said = self._what_to_write_over(active)
        body = active[who].body
        before = self.bodies.setdefault(who, [])
        if before and self.rng.random() < 0.4:
            new = self.rng.choice(before)
        elif self.rng.random() < 0.5 and len(sentences(body)) > 2:
            new = re.sub(r"\n{3,}", "\n\n", re.sub(rf" ?{re.escape(said)}", "", body)).replace("\n ", "\n").strip()
        elif self.rng.random() < 0.6:
            new = body.replace(said, self._changed(said))
        else:
            new = f"{body} {self.rng.choice(SAID[active[who].language][self.rng.choice(('1.1', '1.2', '1.3'))])}"
        if new == body:
            return None
        before.append(body)
        return Step("write", who, body=new)

    def _what_to_write_over(self, active: dict[str, Contribution]) -> tuple[str, str]:
        """Somebody's sentence, often one that a decided claim rests on."""
        held = [x for p in promises(self.world.made).values() for x in p.citations if x.contribution in active]
        places = [(x.contribution, s) for x in held for s in sentences(active[x.contribution].body) if x.quote in s]
        if places and self.rng.random() < 0.5:
            return self.rng.choice(places)
        who = self.rng.choice(sorted(active))
        return who, self.rng.choice(sentences(active[who].body))

    def _changed(self, text: str) -> str:
        words = text.rstrip(".").split()
        cut = " ".join(words[: max(5, len(words) * 2 // 3)]).rstrip(",") + "."
        return self.rng.choice((cut, re.sub(r"\d+", "7", text), f"{text[:-1]} 7."))

    def _decide(self) -> Step | None:
        cards = self.world.desk.cards()
        if not cards:
            return None
        card = self.rng.choice(cards)
        [action] = self.rng.choices(list(ACTIONS), list(ACTIONS.values()))
        more = self._more(action, card, cards)
        version = card.version if self.rng.random() < 0.95 else "0.0"
        try:
            asked = Asked.model_validate({"claim": card.id, "version": version, "by": self.rng.choice(REVIEWERS), "action": action, **more})  # fmt: skip
        except ValidationError:
            return None
        return Step("decide", asked=asked)

    def _more(self, action: Action, card: Card, cards: Sequence[Card]) -> dict[str, object]:
        """What an action needs beside the claim."""
        confirmed = self.rng.random() < 0.6
        if action in ("reject", "comment"):
            return {"reason": self.rng.choice(("Not what was asked.", "Said twice.", "Hors sujet."))}
        if action == "edit":
            return {"text": {name: self._changed(t) for name, t in card.claim.text.versions()}, "confirmed": confirmed}
        if action == "sources":
            return {"sources": self._sources(card), "confirmed": confirmed}
        if action == "move":
            return {"theme": self.rng.choice((*HEADINGS, self.rng.choice(cards).theme))}
        if action == "merge":
            into = self.rng.choice(cards)
            return {"into": into.id, "into_version": into.version, "confirmed": confirmed}
        return {}

    def _sources(self, card: Card) -> list[Selection]:
        """One more, or others."""
        active = self.world.contributions()
        who = self.rng.choice(sorted(active))
        more = Selection(contribution=who, quote=self.rng.choice(sentences(active[who].body)))
        kept = [Selection(contribution=x.contribution, quote=x.quote, start=x.start) for x in card.claim.citations]
        return [*kept, more] if self.rng.random() < 0.7 else [more]


# -- the test ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The discussion with four contributions, run once."""
    folder = tmp_path_factory.mktemp("base") / "larkhaven"
    (folder / "contributions").mkdir(parents=True)
    (folder / "discussion.toml").write_text(DISCUSSION, encoding="utf-8")
    for number in range(1, 5):
        save_contribution(folder, contribution(random.Random(number), number))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(vectorstore.builtin, "BuiltIn", models._kept)
        patched.setattr(html, "render", page)
        assert quietly(folder, "run") == 0
    return folder


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One embedder for all, the quick reader of the same YAML, no waiting for a disk, pages that say no more than which report
    they are of; and one time for all decisions, so that two sequences can be compared."""
    monkeypatch.setattr(vectorstore.builtin, "BuiltIn", models._kept)
    monkeypatch.setattr(yaml, "BaseLoader", getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    monkeypatch.setattr(html, "render", page)
    monkeypatch.setattr(decisions, "now", lambda: "2025-05-05T10:00:00Z")


def page(views: Sequence[View], first: str) -> str:
    """Changes when the report does, as a page does; report.json is what is looked at here."""
    return f"{first} {hashlib.sha256(views[0].report.model_dump_json().encode()).hexdigest()}"


@contextmanager
def world(name: str, base: Path, folder: Path) -> Iterator[World]:
    """A copy of the base; afterwards the lock is let go, which a command holds until its process ends."""
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("lock*", "decisions.lock"))
    found = World(name, folder)
    found.faces = {c.id: c.text.best("en")[0] for c in found.claims()}
    try:
        yield found
    finally:
        if held := lock._held.pop((folder / ".synth" / "lock").resolve(), None):
            held.release()
        models.let_go(20)
    shutil.rmtree(folder)


def outside(folder: Path) -> dict[str, bytes]:
    """Every file but what is derived."""
    files = [p for p in folder.rglob("*") if p.is_file() and ".synth" not in p.parts]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def drafts_and_report(folder: Path) -> dict[str, bytes]:
    """What a reader gets."""
    return {name: data for name, data in outside(folder).items() if re.match(r"drafts/[^.]|report/report\.json", name)}


def run_with_nothing_changed(found: World) -> None:
    """A run that has to look at everything, since nothing tells that there is nothing to do, and that changes nothing."""
    before = outside(found.folder)
    (found.folder / ".synth" / "done").unlink(missing_ok=True)
    found.take(Step("run"))
    after = outside(found.folder)
    changed = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    assert not changed, found.told(f"a run with nothing changed changed {changed}")


def difference(one: dict[str, bytes], other: dict[str, bytes]) -> str:
    """The first file in which two folders differ, and where."""
    for name in sorted({*one, *other}):
        mine, theirs = (json.dumps(json.loads(x.get(name, b"null")), indent=0).split("\n") for x in (one, other))
        for a, b in zip([*mine, ""], [*theirs, ""], strict=False):
            if a != b:
                return f"{name}: {a[:300]} without the deaths, {b[:300]} with them"
    return "bytes"


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("first", range(0, SEQUENCES, TOGETHER))
def test_whatever_happens_and_wherever_it_is_cut_off_what_people_decided_is_kept(
    base: Path, tmp_path: Path, first: int
) -> None:
    for seed in range(first, first + TOGETHER):
        one_sequence(base, tmp_path, seed)


def one_sequence(base: Path, tmp_path: Path, seed: int) -> None:
    """What one seed gives, first without the deaths and then, if there are any, with them."""
    rng = random.Random(seed)
    steps = []
    with world(f"seed {seed}, nobody dies", base, tmp_path / f"{seed}") as living:
        chance = Chance(rng, living, mortality=rng.choice((0.0, 0.6)))
        for _ in range(rng.randint(5, 10)):
            steps.append(chance.step())
            living.take(replace(steps[-1], death=None))
        living.take(Step("run"))
        expected = drafts_and_report(living.folder)
        run_with_nothing_changed(living)
    if not any(step.death for step in steps):
        return
    with world(f"seed {seed}", base, tmp_path / f"{seed}-dying") as mortal:
        for step in (*steps, Step("run")):
            mortal.take(step)
        found = drafts_and_report(mortal.folder)
        assert found == expected, mortal.told(difference(expected, found))
