"""The coverage matrix as an SVG picture that says what it shows; the same numbers stand beside it as a table."""

from __future__ import annotations

from markupsafe import Markup, escape

from synth.report.view import View

_CELL, _LEFT, _TOP = 34, 190, 30


def matrix_svg(view: View, prefix: str) -> Markup:
    """Contributions down, questions across; the darker a square the more claims cite the contribution there."""
    f = view.frame
    columns = view.columns()
    rows = view.contributions
    most = max([view.cell(c, label).claims for c in rows for label in columns] or [0]) or 1
    width, height = _LEFT + _CELL * len(columns) + 4, _TOP + _CELL * len(rows) + 4
    title = f.text("Which contribution is cited under which question")
    parts = [
        f'<svg class="matrix" role="img" aria-labelledby="{prefix}-mt {prefix}-md" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<title id="{prefix}-mt">{escape(title)}</title>',
        f'<desc id="{prefix}-md">{escape(f.text("The same numbers stand in the table below."))}</desc>',
    ]
    parts += [
        f'<text class="head" x="{_LEFT + i * _CELL + _CELL // 2}" y="{_TOP - 10}" text-anchor="middle">{escape(view.column(label))}</text>'
        for i, label in enumerate(columns)
    ]
    for r, contribution in enumerate(rows):
        y = _TOP + r * _CELL
        name = f"{int(contribution.id[1:])}. {f.name(contribution)}"
        parts.append(f'<text class="row" x="0" y="{y + _CELL // 2 + 4}">{escape(_shorten(name, 27))}</text>')
        parts += [_square(view, contribution, label, _LEFT + i * _CELL, y, most) for i, label in enumerate(columns)]
    return Markup("".join(str(p) for p in [*parts, "</svg>"]))


def _square(view: View, contribution: object, label: str, x: int, y: int, most: int) -> str:
    cell = view.cell(contribution, label)  # type: ignore[arg-type]
    size = _CELL - 4
    if not cell.claims:
        return f'<rect class="{"asked" if cell.answered else "none"}" x="{x + 2}" y="{y + 2}" width="{size}" height="{size}" rx="3"/>'
    depth = 0.25 + 0.75 * cell.claims / most
    number = f'<text class="{"light" if depth > 0.6 else "dark"}" x="{x + _CELL // 2}" y="{y + _CELL // 2 + 4}" text-anchor="middle">{cell.claims}</text>'
    return f'<rect class="cited" fill-opacity="{depth:.2f}" x="{x + 2}" y="{y + 2}" width="{size}" height="{size}" rx="3"/>{number}'


def _shorten(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
