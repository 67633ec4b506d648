"""Spreadsheet files: a table with a header written and read, as .xlsx or .csv, so that text stays text.

A cell is never a formula, in neither direction, and comes back as it was given, whatever program saved the file in between.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from corpus.errors import FolderError, SynthError, UnreadableError
from corpus.folder import write_if_changed

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cells = Mapping[str, str]

MOST_BYTES, MOST_UNPACKED = 50_000_000, 400_000_000
LONGEST_CELL = 32_000  # Excel takes 32,767 characters
HEADER_WITHIN = 5  # rows; some programs put a line of their own first
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so would be computed
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Row:
    """A row of a file: its number as a spreadsheet shows it, and its cells by column; "" where there is nothing."""

    number: int
    cells: Cells

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def kind_of(path: Path) -> str:
    """ ".xlsx" or ".csv". Raises SynthError for anything else."""
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise SynthError(f"{path}: name a file that ends in .xlsx or .csv.")
    return path.suffix.lower()


# -- writing -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """How a workbook looks: `widths` of columns in characters, those that are `filled_in`, and what `choices` a column has."""

    widths: Mapping[str, int]
    filled_in: Sequence[str]
    choices: Mapping[str, Sequence[str]]
    help: Sequence[tuple[str, Sequence[Sequence[str]]]]  # further sheets: title and rows


def write(path: Path, columns: Sequence[str], rows: Iterable[Cells], look: Look) -> None:
    """A new file. Raises SynthError where there is one: somebody's decisions may stand in it."""
    kind = kind_of(path)
    if path.exists():
        raise FolderError(f"{path}: is there already, perhaps with decisions in it. Import it, or name another file.")
    table = [[legal(row.get(c, "")) for c in columns] for row in rows]
    write_if_changed(path, _workbook(columns, table, look) if kind == ".xlsx" else _csv(columns, table))


def legal(text: str) -> str:
    """Without control characters, which no spreadsheet takes, and no longer than a cell may be."""
    text = _NO_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + " …"


def _csv(columns: Sequence[str], table: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([[_guarded(cell) for cell in row] for row in table])
    return out.getvalue().encode("utf-8-sig")  # the mark by which Excel knows UTF-8


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def _workbook(columns: Sequence[str], table: Sequence[Sequence[str]], look: Look) -> bytes:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "Claims"
    _fill(sheet, [columns, *table], {columns.index(name) for name in look.filled_in})
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    for name, width in look.widths.items():
        sheet.column_dimensions[_letter(columns, name)].width = width
    for name, words in look.choices.items():
        choice = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False)
        sheet.add_data_validation(choice)
        choice.add(f"{_letter(columns, name)}2:{_letter(columns, name)}{max(2, len(table) + 1)}")
    for title, rows in look.help:
        page = book.create_sheet(title)
        _fill(page, rows, set())
        page.column_dimensions["A"].width, page.column_dimensions["B"].width = 18, 100
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _letter(columns: Sequence[str], name: str) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(columns.index(name) + 1)


def _fill(sheet: Worksheet, rows: Sequence[Sequence[str]], marked: set[int]) -> None:
    """Every cell as text; the first row bold, and the columns to fill in tinted."""
    from openpyxl.styles import Alignment, Font, PatternFill

    wrapped, tint, bold = Alignment(wrap_text=True, vertical="top"), PatternFill("solid", fgColor="FFF4D6"), Font(bold=True)  # fmt: skip
    for number, row in enumerate(rows, start=1):
        for at, text in enumerate(row):
            if not text and at not in marked:
                continue
            cell = sheet.cell(number, at + 1)
            cell.value = text or None
            if text:
                cell.data_type = "s"  # "=2+2" is what somebody wrote
            cell.number_format, cell.alignment = "@", wrapped
            cell.quotePrefix = text.startswith(FORMULA)
            if number == 1:
                cell.font = bold
            if at in marked:
                cell.fill = tint


# -- reading -------------------------------------------------------------------------------------------


def read(path: Path, header: Sequence[str]) -> list[Row]:
    """The rows under the line that names all of `header`, in whatever order it does. Raises UnreadableError."""
    kind = kind_of(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableError(f"{path}: is larger than {MOST_BYTES // 1_000_000} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}).") from None
    for table in _books(data, path) if kind == ".xlsx" else _tables(data, path):
        lines = list(table)
        for at, line in enumerate(lines[:HEADER_WITHIN]):
            names = [cell.strip().lower() for cell in line]
            if set(header) <= set(names):
                rows = [Row(n, dict(zip(names, x, strict=False))) for n, x in enumerate(lines[at + 1 :], start=at + 2)]
                return [row for row in rows if any(row.cells.values())]
    raise UnreadableError(f"{path}: has no table with the columns {', '.join(header)}. Import a file that was exported.")  # fmt: skip


def _books(data: bytes, path: Path) -> Iterator[Iterable[list[str]]]:
    """The sheets of a workbook. A formula is what it was computed to."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(f.file_size for f in packed.infolist()) > MOST_UNPACKED:
                raise UnreadableError(f"{path}: holds far more than a workbook of claims.")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            yield [[_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError):
        raise UnreadableError(f"{path}: is no workbook that can be read. Save it as .xlsx again.") from None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _tables(data: bytes, path: Path) -> Iterator[Iterable[list[str]]]:
    """The file as it reads with each delimiter that spreadsheets use."""
    text = _decoded(data, path)
    for delimiter in ",;\t":
        try:
            yield [
                [_unguarded(cell) for cell in row]
                for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            ]
        except csv.Error:
            continue


def _decoded(data: bytes, path: Path) -> str:
    marked = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for encoding in (marked, "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(f"{path}: is not text in UTF-8. Save it as “CSV UTF-8”.")
