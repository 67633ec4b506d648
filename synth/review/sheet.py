"""The round trip through a spreadsheet: claims out, decisions back in, for reviewers who live in one.

A row takes one decision. What is not plain is told and not taken; a row that was taken in before is not taken twice; and a
claim that changed since the file was written is a conflict, which a person settles.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from corpus.errors import first_of
from corpus.model import Text
from corpus.words import fold
from synth.review import decisions, tables
from synth.review.decisions import Action, Decision, question_of
from synth.review.desk import Asked, Card, Desk, Refused, Selection
from synth.review.tables import Look, Row

TOLD = ("claim", "question", "theme_en", "theme_fr", "kind", "status", "text_en", "text_fr", "sources", "checks", "decided")  # fmt: skip
FILLED_IN = ("decision", "new_en", "new_fr", "new_sources", "into", "reason", "confirm")
KEY = "key"  # "1.1-07@3.5f…": no spreadsheet takes it for a date or a number, as it does "1-07"
COLUMNS = (*TOLD, *FILLED_IN, KEY)

ACTIONS: Mapping[str, Action] = {
    "accept": "accept", "accepter": "accept",
    "reject": "reject", "rejeter": "reject",
    "edit": "edit", "modifier": "edit",
    "sources": "sources",
    "move": "move", "deplacer": "move",
    "merge": "merge", "fusionner": "merge",
    "comment": "comment", "commenter": "comment",
    "undo": "undo", "annuler": "undo",
}  # fmt: skip
TAKES: Mapping[Action, tuple[str, ...]] = {
    "accept": ("confirm",),
    "edit": ("new_en", "new_fr", "confirm"),
    "sources": ("new_sources", "confirm"),
    "move": ("new_en", "new_fr"),
    "merge": ("into", "confirm"),
}
YES, NO = ("yes", "oui", "x"), ("no", "non", "")
_SOURCE = re.compile(r"^(C\d+): ", re.MULTILINE)

HELP = (
    ("Help", (
        ("Column", "What to write in it"),
        ("decision", "accept, reject, edit, sources, move, merge, comment or undo; empty: nothing is decided. One decision a row."),
        ("new_en, new_fr", "edit: the new words; a language left empty stays as it is. move: the heading to move the claim under."),
        ("new_sources", "sources: all sources that the claim is to have, each as a line “C04: words of the contribution, word for word”. Copy the cell under sources and change it."),
        ("into", "merge: the claim to merge it into, for example 1.1-02."),
        ("reason", "reject and comment: why, or what you want to say. It may be given with every decision."),
        ("confirm", "yes: you answer for words that a check refuses. Without it they are not taken, and you are told what the check says."),
        ("All others", "They are for reading. What is changed in them is not taken; you are told."),
        ("key", "Leave it as it is: it says which claim this is and how you saw it."),
    )),
    ("Aide", (
        ("Colonne", "Ce qu’on y écrit"),
        ("decision", "accepter, rejeter, modifier, sources, déplacer, fusionner, commenter ou annuler ; vide : rien n’est décidé. Une décision par ligne."),
        ("new_en, new_fr", "modifier : le nouveau texte ; une langue laissée vide reste telle quelle. déplacer : le titre sous lequel placer l’énoncé."),
        ("new_sources", "sources : toutes les sources que l’énoncé doit avoir, chacune sur une ligne « C04: mots de la contribution, mot pour mot ». Copiez la case sources et modifiez-la."),
        ("into", "fusionner : l’énoncé avec lequel le fusionner, par exemple 1.1-02."),
        ("reason", "rejeter et commenter : pourquoi, ou ce que vous voulez dire. Peut accompagner toute décision."),
        ("confirm", "oui : vous répondez de mots qu’un contrôle refuse. Sans cela ils ne sont pas pris, et l’on vous dit ce que dit le contrôle."),
        ("Les autres", "Elles sont à lire. Ce qu’on y change n’est pas pris ; vous en êtes averti."),
        ("key", "Laissez-la telle quelle : elle dit de quel énoncé il s’agit et comment vous l’avez vu."),
    )),
)  # fmt: skip
LOOK = Look(
    widths={"claim": 9, "question": 9, "theme_en": 18, "theme_fr": 18, "kind": 13, "status": 9, "text_en": 50, "text_fr": 50, "sources": 60, "checks": 30, "decided": 24, "decision": 11, "new_en": 50, "new_fr": 50, "new_sources": 40, "into": 9, "reason": 30, "confirm": 9, KEY: 20},
    filled_in=FILLED_IN,
    choices={"decision": list(dict.fromkeys(ACTIONS.values())), "confirm": ["yes"]},
    help=HELP,
)  # fmt: skip


# -- out -----------------------------------------------------------------------------------------------


def export(desk: Desk, path: Path) -> int:
    """Write all claims to a new .xlsx or .csv; how many there are. Raises SynthError."""
    cards = desk.cards()
    tables.write(path, COLUMNS, map(_row, cards), LOOK)
    return len(cards)


def _row(card: Card) -> dict[str, str]:
    claim, theme = card.claim, card.theme
    return {
        "claim": claim.id,
        "question": card.question,
        "theme_en": theme.en or "",
        "theme_fr": theme.fr or "",
        "kind": claim.kind,
        "status": claim.status,
        "text_en": claim.text.en or "",
        "text_fr": claim.text.fr or "",
        "sources": "\n".join(f"{c.contribution}: {c.quote}" for c in claim.citations),
        "checks": "\n".join(f"{c.name}: {c.detail}" for c in claim.checks if c.verdict in ("fail", "warn")),
        "decided": _decided(card),
        KEY: f"{claim.id}@{card.version}",
    }


def _decided(card: Card) -> str:
    """Who decided what, and the comments."""
    if card.ruling is None:
        return ""
    about = [*([card.ruling.last] if card.ruling.decided else []), *card.ruling.comments]
    return "\n".join(f"{d.action}, {d.by}, {d.at[:10]}" + (f": {d.reason}" if d.reason else "") for d in about)


# -- in ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotTaken:
    """A row that decides nothing, and why. `conflict`: the claim changed since the file was written."""

    row: int
    claim: str
    why: str
    conflict: bool = False


@dataclass
class Imported:
    """What became of the rows: decisions taken, claims whose row was taken in before, and rows not taken."""

    taken: list[Decision] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: list[NotTaken] = field(default_factory=list)


class _UnclearError(Exception):
    """What is wrong with a row."""


def take(desk: Desk, path: Path, by: str) -> Imported:
    """Take in what a file decides. Raises UnreadableError where it is no such file."""
    rows = tables.read(path, (KEY, "decision"))
    asking = _Sheet({c.id: c for c in desk.cards()}, decisions.load(desk.folder).made, _versions(rows), by)
    twice = {claim for claim, n in Counter(_key(r)[0] for r in rows if _fills(r)).items() if n > 1}
    found, ours = Imported(), dict[tuple[str, str], str]()  # ours: what became of a version by a row before
    for row in rows:
        claim, _ = _key(row)
        try:
            if claim in twice and _fills(row):
                raise _UnclearError("several rows decide on this claim; leave one")
            asked = asking.asked(row)
            if asked is None:
                continue
            if asking.taken_before(asked, row):
                found.already.append(claim)
                continue
            done = desk.decide(_moved_on(asked, ours))
            if isinstance(done, Refused):
                found.refused.append(NotTaken(row.number, claim, _told(done), done.changed))
                continue
            found.taken.append(done.decision)
            for card in done.now:
                ours[card.id, asking.versions.get(card.id, "")] = card.version
        except _UnclearError as error:
            found.refused.append(NotTaken(row.number, claim or row["claim"], str(error)))
    return found


def _moved_on(asked: Asked, ours: Mapping[tuple[str, str], str]) -> Asked:
    """A claim that another row of the same file decided on is one that its reviewer knows."""
    version = ours.get((asked.claim, asked.version), asked.version)
    into = ours.get((asked.into or "", asked.into_version or ""), asked.into_version)
    return asked.model_copy(update={"version": version, "into_version": into})


def _told(done: Refused) -> str:
    said = done.why
    for card in done.now if done.changed else ():
        said += f"; {card.id} is now {card.claim.status}"
        said += f" by {card.ruling.last.by}" if card.ruling is not None and card.decided else ""
        said += f": “{card.claim.text.best('en')[0]}”"
    if done.checks:
        said += (
            f" ({'; '.join(f'{c.name}: {c.detail}' for c in done.checks)}); write yes under confirm to answer for it"
        )
    return said


def _key(row: Row) -> tuple[str, str]:
    """The claim and its version as it was exported; "" where the key is none."""
    claim, _, version = row[KEY].strip().partition("@")
    return claim, version


def _versions(rows: Iterable[Row]) -> dict[str, str]:
    return dict(map(_key, rows))


def _fills(row: Row) -> list[str]:
    return [name for name in FILLED_IN if row[name].strip()]


@dataclass(frozen=True)
class _Sheet:
    """What rows are understood with: the claims and decisions before the import, the `versions` in the file, and who asks."""

    cards: Mapping[str, Card]
    made: Sequence[Decision]
    versions: Mapping[str, str]
    by: str

    def asked(self, row: Row) -> Asked | None:
        """What a row wants; None if nothing. Raises _UnclearError."""
        claim, version = _key(row)
        card = self.cards.get(claim)
        if card is not None and card.version == version:
            _same_as_exported(row, card)
        filled = _fills(row)
        if not filled:
            return None
        if not version:
            raise _UnclearError("its key is gone; export again and decide there")
        word = row["decision"].strip()
        action = ACTIONS.get(fold(word))
        if action is None:
            raise _UnclearError(f"“{word}” is no decision ({', '.join(dict.fromkeys(ACTIONS.values()))})" if word else f"{filled[0]} is filled in and decision is not")  # fmt: skip
        if other := [n for n in filled if n not in ("decision", "reason", *TAKES.get(action, ()))]:
            raise _UnclearError(f"{other[0]} is filled in, which does not go with {word}")
        data = {"claim": claim, "version": version, "by": self.by, "action": action, "reason": row["reason"].strip()}
        try:
            return Asked.model_validate({**data, "confirmed": _yes(row["confirm"]), **self._more(action, row, card)})
        except ValidationError as error:
            raise _UnclearError(first_of(error)) from None

    def _more(self, action: Action, row: Row, card: Card | None) -> dict[str, object]:
        """What the decision needs beside the claim."""
        given = _new(row)
        if action == "edit":
            if not given.versions():
                raise _UnclearError("an edit needs new_en or new_fr")
            now = card.claim.text if card is not None else Text()
            return {"text": Text(en=given.en or now.en, fr=given.fr or now.fr)}
        if action == "move":
            return {"theme": self._heading(given, row)}
        if action == "sources":
            return {"sources": _sources(row["new_sources"], card)}
        if action == "merge":
            into = row["into"].strip()
            if into not in self.versions:
                raise _UnclearError(f"“{into}” under into is no claim of this file")
            return {"into": into, "into_version": self.versions[into]}
        return {}

    def _heading(self, given: Text, row: Row) -> Text:
        """One of the question's own, by either language, or a new one."""
        question = question_of(_key(row)[0])
        for card in self.cards.values():
            theme = card.theme
            if question_of(card.id) == question and given.versions() and all(fold(t) == fold(theme.model_dump()[name] or "") for name, t in given.versions()):  # fmt: skip
                return theme
        return given

    def taken_before(self, asked: Asked, row: Row) -> bool:
        """Whether the first decision on the claim since the file was written was this very one."""
        number = asked.version.partition(".")[0]
        undoes = asked.action == "undo"  # it is written on the claim that was decided on, which a merge has two of
        about = [d for d in self.made if asked.claim in ((d.claim, d.into) if undoes else (d.claim,))]
        first = next((d for d in about if number.isdigit() and d.n > int(number)), None)
        if first is None or first.action != asked.action or (first.reason or "") != asked.reason:
            return False
        decided = (first.theme if asked.action == "move" else first.text) or Text()
        words = {name: _bare(text) for name, text in decided.versions()}
        if any(words.get(name) != _bare(text) for name, text in _new(row).versions()):
            return False
        cited = [(c.contribution, c.quote) for c in first.citations or ()]
        wanted = [(c.contribution, c.quote) for c in asked.sources or ()]
        return (undoes or first.into == asked.into) and (asked.sources is None or cited == wanted)


def _new(row: Row) -> Text:
    """What stands under new_en and new_fr."""
    return Text(en=row["new_en"].strip() or None, fr=row["new_fr"].strip() or None)


def _same_as_exported(row: Row, card: Card) -> None:
    """Raises _UnclearError where a cell that is there for reading was written in."""
    exported = _row(card)
    for name in ("text_en", "text_fr", "theme_en", "theme_fr", "sources"):
        if name in row.cells and _bare(row[name]) != _bare(exported[name]):
            wanted = {"text_en": "new_en, with the decision edit", "text_fr": "new_fr, with the decision edit", "sources": "new_sources, with the decision sources"}  # fmt: skip
            raise _UnclearError(f"{name} was changed, which is there for reading; write it under {wanted.get(name, 'new_en and new_fr, with the decision move')}")  # fmt: skip


def _bare(text: str) -> str:
    """For comparing: programs change spaces, and put "?" for what their encoding lacks."""
    return re.sub(r"[\s?…]+", " ", tables.legal(text)).strip()


def _yes(cell: str) -> bool:
    word = fold(cell.strip())
    if word not in (*YES, *NO):
        raise _UnclearError(f"“{cell.strip()}” under confirm is neither yes nor no")
    return word in YES


def _sources(cell: str, card: Card | None) -> tuple[Selection, ...]:
    """Those that a cell lists, "C04: words" each. One that the claim has already is meant where it stands."""
    parts = _SOURCE.split(cell.strip())
    if parts[0].strip() or len(parts) < 3:
        raise _UnclearError("new_sources lists “C04: words of the contribution”, one a line")
    known = {(c.contribution, c.quote): c.start for c in (card.claim.citations if card is not None else ())}
    pairs = [(who, quote.strip()) for who, quote in zip(parts[1::2], parts[2::2], strict=True)]
    return tuple(Selection(contribution=who, quote=q, start=known.get((who, q), 0)) for who, q in pairs)
