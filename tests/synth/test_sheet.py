"""Claims in a spreadsheet and decisions back from it: text stays text, and what is not plain is told and not taken."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from corpus.model import Draft, Theme
from synth import store
from synth.review import decisions, sheet, tables
from synth.review.desk import Desk
from tests.conftest import Outcome

FORMULA = '=HYPERLINK("http://example.org";"free")'
FRENCH = "Là-bas, l’eau coûte « 5 000 » francs : œuvre à part, n’est-ce pas ?"
KINDS = ("claims.xlsx", "claims.csv")

Synth = Callable[..., Outcome]


def fill(path: Path, changes: dict[int, dict[str, str]]) -> None:
    """What a reviewer types in, by the place of the row among the claims; saved as the program at hand does."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        at = {cell.value: cell.column for cell in book.worksheets[0][1]}
        for number, cells in changes.items():
            for name, value in cells.items():
                book.worksheets[0].cell(number + 2, at[name]).value = value
        book.save(path)
        return
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    for number, cells in changes.items():
        rows[number].update(cells)
    save(path, rows)


def save(path: Path, rows: list[dict[str, str]], delimiter: str = ",", encoding: str = "utf-8-sig") -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding, "replace"))


def rows_of(path: Path) -> list[tables.Row]:
    return tables.read(path, ("key", "decision"))


def exported(desk: Desk, name: str) -> Path:
    path = desk.folder / name
    sheet.export(desk, path)
    return path


@pytest.fixture
def desk(copy: Path) -> Desk:
    return Desk(copy)


def places(desk: Desk, question: str) -> list[int]:
    """Where the claims of a question stand in the file."""
    return [i for i, card in enumerate(desk.cards()) if card.question == question]


# -- out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_every_claim_is_a_row_with_its_words_its_sources_and_what_checks_say(desk: Desk, name: str) -> None:
    rows = rows_of(exported(desk, name))
    cards = desk.cards()
    assert [(r["claim"], r["text_en"], r["text_fr"]) for r in rows] == [
        (c.id, c.claim.text.en or "", c.claim.text.fr or "") for c in cards
    ]
    for row, card in zip(rows, cards, strict=True):
        assert row["sources"] == "\n".join(f"{c.contribution}: {c.quote}" for c in card.claim.citations)
        assert all(c.detail in row["checks"] for c in card.claim.checks if c.verdict == "warn")


@pytest.mark.parametrize("name", KINDS)
def test_words_that_look_like_formulas_and_french_ones_come_back_as_they_were(desk: Desk, name: str) -> None:
    texts = [
        FORMULA,
        "+1 for this",
        "-5 % a year",
        "@all: agreed",
        "'=quoted",
        FRENCH,
        "two\nlines",
        "\x07bell, \u202fthin",
    ]
    draft = desk.folder / "drafts" / "1.1.json"
    written = Draft.model_validate_json(draft.read_bytes())
    claims = list(written.claims())
    made = [claims[0].model_copy(update={"id": f"1.1-{50 + i}", "text": claims[0].text.model_copy(update={"en": t, "fr": t})}) for i, t in enumerate(texts)]  # fmt: skip
    theme = Theme(title=written.themes[0].title, claims=tuple(made))
    draft.write_text(written.model_copy(update={"themes": (theme,)}).model_dump_json(), encoding="utf-8")

    rows = {r["claim"]: r for r in rows_of(exported(desk, name))}

    for claim in made:
        expected = (claim.text.en or "").replace("\x07", "")  # no spreadsheet takes a bell
        assert (rows[claim.id]["text_en"], rows[claim.id]["text_fr"]) == (expected, expected)


def test_no_cell_of_a_workbook_is_a_formula_and_its_columns_to_fill_in_are_text(desk: Desk) -> None:
    book = load_workbook(exported(desk, "claims.xlsx"))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.value is None for cell in cells if cell.data_type == "n")
    at = {cell.value: cell.column for cell in book.worksheets[0][1]}
    assert all(book.worksheets[0].cell(2, at[name]).number_format == "@" for name in sheet.FILLED_IN)
    assert [page.title for page in book] == ["Claims", "Help", "Aide"]


def test_the_help_of_a_workbook_tells_every_column_and_every_decision_in_both_languages() -> None:
    for (_, rows), words in zip(
        sheet.HELP, (set(sheet.ACTIONS.values()), {"accepter", "déplacer", "annuler"}), strict=True
    ):
        told = " ".join(f"{name} {text}" for name, text in rows)
        assert all(name in told for name in (*sheet.FILLED_IN, "key"))
        assert all(word in told for word in words)


def test_a_file_that_is_there_is_not_written_over(desk: Desk, synth: Synth) -> None:
    path = exported(desk, "claims.csv")
    fill(path, {0: {"decision": "accept"}})
    before = path.read_bytes()
    said = synth("-C", desk.folder, "review", "--export", path)
    assert (said.code, path.read_bytes()) == (2, before)
    assert "Import it" in said.err


# -- in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_each_decision_can_be_taken_in_a_row_in_english_or_in_french(desk: Desk, name: str) -> None:
    path = exported(desk, name)
    cards = desk.cards()
    same = [places(desk, "1.1"), places(desk, "2.3")]
    target = cards[same[1][0]].id
    quote = cards[same[0][1]].claim.citations[0].quote
    asked: dict[int, dict[str, str]] = {
        same[0][0]: {"decision": "Accepter", "reason": FRENCH},
        same[0][1]: {"decision": "reject", "reason": FORMULA.lstrip("=")},
        same[0][2]: {"decision": "edit", "new_en": f"{cards[same[0][2]].claim.text.best('en')[0].rstrip('.')}, it was said.", "confirm": "oui"},
        same[0][3]: {"decision": "déplacer", "new_en": "Costs", "new_fr": "Coûts"},
        same[1][1]: {"decision": "merge", "into": target},
        same[1][2]: {"decision": "commenter", "reason": "À revoir"},
        same[1][3]: {"decision": "sources", "new_sources": f"{cards[same[0][1]].claim.citations[0].contribution}: {quote}", "confirm": "yes"},
    }  # fmt: skip
    fill(path, asked)

    found = sheet.take(desk, path, "Ada")

    assert found.refused == []
    assert {d.claim: d.action for d in found.taken} == {cards[i].id: sheet.ACTIONS[a["decision"].lower().replace("é", "e")] for i, a in asked.items()}  # fmt: skip
    assert found.taken == decisions.load(desk.folder).made
    by_claim = {d.claim: d for d in found.taken}
    assert by_claim[cards[same[0][0]].id].reason == FRENCH
    assert by_claim[cards[same[1][3]].id].citations[0].quote == quote  # type: ignore[index]
    assert by_claim[cards[same[0][2]].id].text.fr == cards[same[0][2]].claim.text.fr  # type: ignore[union-attr]


@pytest.mark.parametrize("name", KINDS)
def test_the_same_file_taken_in_again_decides_nothing(desk: Desk, name: str) -> None:
    path = exported(desk, name)
    first, *others = places(desk, "2.3")
    cards = desk.cards()
    fill(
        path,
        {
            first: {"decision": "edit", "new_en": "Quite another thing.", "confirm": "yes"},
            others[0]: {"decision": "merge", "into": cards[first].id, "confirm": "yes"},
            others[1]: {"decision": "accept"},
            others[2]: {"decision": "move", "new_en": "Costs", "new_fr": "Coûts"},
        },
    )
    once = sheet.take(desk, path, "Ada")
    before = decisions.path_of(desk.folder).read_bytes()

    again = sheet.take(Desk(desk.folder), path, "Paul")

    assert (len(once.taken), once.refused) == (4, [])
    assert (again.taken, again.refused, len(again.already)) == ([], [], 4)
    assert decisions.path_of(desk.folder).read_bytes() == before


def test_a_claim_that_changed_since_is_a_conflict_that_shows_what_stands_now_and_the_rest_is_taken(
    desk: Desk, synth: Synth
) -> None:
    path = exported(desk, "claims.xlsx")
    fill(path, {0: {"decision": "reject", "reason": "Off the point"}, 1: {"decision": "accept"}})
    card = desk.cards()[0]
    other = desk.folder / "other.csv"
    sheet.export(desk, other)
    fill(other, {0: {"decision": "edit", "new_en": "Paul's words.", "confirm": "yes"}})
    sheet.take(desk, other, "Paul")

    said = synth("-C", desk.folder, "review", "--import", path, "--by", "Ada", "--json")

    told = json.loads(said.out)
    assert said.code == 3
    assert [t["action"] for t in told["taken"]] == ["accept"]
    assert [(r["row"], r["claim"], r["conflict"]) for r in told["refused"]] == [(2, card.id, True)]
    assert "edited by Paul: “Paul's words.”" in said.err
    assert [d.by for d in decisions.load(desk.folder).made] == ["Paul", "Ada"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"decision": "perhaps"}, "“perhaps” is no decision"),
        ({"new_en": "Words."}, "new_en is filled in and decision is not"),
        ({"text_en": "Words in the wrong column."}, "text_en was changed"),
        ({"decision": "accept", "text_fr": "Au mauvais endroit."}, "text_fr was changed"),
        ({"decision": "accept", "new_en": "Words."}, "new_en is filled in, which does not go with accept"),
        ({"decision": "edit"}, "an edit needs new_en or new_fr"),
        ({"decision": "edit", "new_en": "It costs 77,777 euros."}, "write yes under confirm to answer for it"),
        ({"decision": "edit", "new_en": "Words.", "confirm": "perhaps"}, "is neither yes nor no"),
        ({"decision": "reject"}, "say why"),
        ({"decision": "merge", "into": "9.9-01"}, "is no claim of this file"),
        ({"decision": "sources", "new_sources": "somewhere in C04"}, "one a line"),
        ({"decision": "sources", "new_sources": "C01: words that nobody ever said"}, "these are no 3 words or more of C01"),
        ({"decision": "move", "new_en": "A heading in English only"}, "a heading is needed in English and in French"),
        ({"decision": "accept", "key": "01-01-2026"}, "its key is gone"),
        ({"decision": "accept", "key": "1.1-99@0.0"}, "the claim is no longer in the draft"),
        ({"decision": "undo"}, "there is nothing to undo"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_plain_is_told_and_decides_nothing(desk: Desk, cells: dict[str, str], told: str) -> None:
    path = exported(desk, "claims.csv")
    fill(path, {0: cells})
    found = sheet.take(desk, path, "Ada")
    assert found.taken == []
    assert [r.row for r in found.refused] == [2]
    assert told in found.refused[0].why
    assert not decisions.path_of(desk.folder).exists()


def test_two_rows_on_one_claim_decide_nothing(desk: Desk) -> None:
    path = exported(desk, "claims.csv")
    rows: list[Any] = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    save(path, [{**rows[0], "decision": "accept"}, {**rows[0], "decision": "reject", "reason": "No."}, *rows[1:]])
    found = sheet.take(desk, path, "Ada")
    assert (found.taken, [r.row for r in found.refused]) == ([], [2, 3])


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), (";", "utf-8"), (",", "utf-8-sig")]
)
def test_a_table_is_read_as_whatever_program_saved_it(desk: Desk, delimiter: str, encoding: str) -> None:
    path = exported(desk, "claims.csv")
    rows: list[Any] = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    rows[0] |= {"decision": "reject", "reason": "Déjà dit : hors sujet"}
    save(path, rows, delimiter, encoding)
    found = sheet.take(desk, path, "Ada")
    assert found.refused == []  # though the thin spaces of French are lost in cp1252
    assert [d.reason for d in found.taken] == ["Déjà dit : hors sujet"]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("none.xlsx", None, "cannot be read"),
        ("torn.xlsx", b"PK\x03\x04 torn", "is no workbook that can be read"),
        ("other.csv", b"a,b\n1,2\n", "has no table with the columns"),
        ("claims.ods", b"", "ends in .xlsx or .csv"),
    ],
)
def test_a_file_that_is_no_such_table_is_told_in_one_line(
    copy: Path, synth: Synth, name: str, data: bytes | None, told: str
) -> None:
    if data is not None:
        (copy / name).write_bytes(data)
    said = synth("-C", copy, "review", "--import", copy / name)
    assert said.code in (2, 3)
    assert told in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_what_a_row_decided_is_in_the_report_after_the_next_run(desk: Desk, synth: Synth) -> None:
    path = exported(desk, "claims.xlsx")
    card = desk.cards()[0]
    fill(path, {0: {"decision": "reject", "reason": "Said twice"}})
    assert synth("-C", desk.folder, "review", "--import", path, "--by", "Ada").code == 0
    assert synth("-C", desk.folder, "run").code == 0
    report = store.load_report(desk.folder)
    assert report is not None
    assert card.id not in {c.id for c in report.claims()}
