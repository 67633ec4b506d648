"""What was measured before: a file that is only appended to, what got worse since, and a page that shows it over time."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.errors import FolderError, UnreadableError

WORSE = 0.02  # a figure that is worse by more than this than it last was has got worse
LOWER_IS_BETTER = ("redundancy", "false_alarms")
_WIDTH, _HEIGHT = 240, 48

Figures = Mapping[str, float]


def append(path: Path, when: str, figures: Figures) -> None:
    """One more line, on disk before this returns. Raises FolderError."""
    line = json.dumps({"when": when, "figures": dict(sorted(figures.items()))}, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise FolderError(f"{path}: cannot be written ({error.strerror}).") from None


def load(path: Path) -> list[tuple[str, dict[str, float]]]:
    """All lines, the oldest first; none if there is no file. A last line that was cut off is left out. Raises UnreadableError."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    found: list[tuple[str, dict[str, float]]] = []
    for number, line in enumerate(lines, start=1):
        try:
            row: Any = json.loads(line) if line.strip() else None
            if row is not None:
                found.append((str(row["when"]), {k: float(v) for k, v in row["figures"].items()}))
        except (ValueError, KeyError, TypeError, AttributeError):
            if number == len(lines):
                break
            raise UnreadableError(
                f"{path}: line {number} is no line of a history. Mend it, or begin another file."
            ) from None
    return found


def regressions(before: Figures, now: Figures) -> list[str]:
    """The figures that have got worse, each with both values."""
    found = []
    for name in sorted(before.keys() & now.keys()):
        change = now[name] - before[name]
        if (change > WORSE) if name.endswith(LOWER_IS_BETTER) else (change < -WORSE):
            found.append(f"{name}: {before[name]:.3f} → {now[name]:.3f}")
    return found


def page(entries: Sequence[tuple[str, Figures]]) -> str:
    """An HTML page without script: one line chart a figure, what got worse last on top."""
    names = sorted({name for _, figures in entries for name in figures})
    worse = regressions(entries[-2][1], entries[-1][1]) if len(entries) > 1 else []
    rows = "".join(_row(name, [figures.get(name) for _, figures in entries]) for name in names)
    said = "".join(f"<li>{html.escape(w)}</li>" for w in worse) or "<li>nothing</li>"
    span = f"{entries[0][0]} – {entries[-1][0]}, {len(entries)} runs" if entries else "no runs yet"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Measured over time</title>'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
        "table{border-collapse:collapse}td,th{padding:.3rem .8rem;text-align:left;border-bottom:1px solid #ddd}"
        "td.figure{text-align:right;font-variant-numeric:tabular-nums}polyline{fill:none;stroke:#1f5a96;stroke-width:2}"
        "circle{fill:#1f5a96}</style></head><body>"
        f"<h1>Measured over time</h1><p>{html.escape(span)}</p><h2>Worse than the run before</h2><ul>{said}</ul>"
        f"<h2>All figures</h2><table><tr><th>figure</th><th>last</th><th>best</th><th>over time</th></tr>{rows}</table></body></html>\n"
    )


def _row(name: str, values: Sequence[float | None]) -> str:
    there = [v for v in values if v is not None]
    best = min(there) if name.endswith(LOWER_IS_BETTER) else max(there)
    last = values[-1]
    shown = "–" if last is None else f"{last:.3f}"
    return (
        f'<tr><td>{html.escape(name)}</td><td class="figure">{shown}</td><td class="figure">{best:.3f}</td>'
        f"<td>{_chart(values)}</td></tr>"
    )


def _chart(values: Sequence[float | None]) -> str:
    """The values as a line from left to right, the least at the bottom; runs without the figure are gaps."""
    there = [(i, v) for i, v in enumerate(values) if v is not None]
    low, high = min(v for _, v in there), max(v for _, v in there)
    spread = (high - low) or 1.0
    points = [
        (6 + (_WIDTH - 12) * i / max(1, len(values) - 1), _HEIGHT - 6 - (_HEIGHT - 12) * (v - low) / spread)
        for i, v in there
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    label = f"{low:.3f} to {high:.3f}"
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{label}"><title>{label}</title>'
        f'<polyline points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="3"/></svg>'
    )
