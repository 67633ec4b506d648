"""What commands share: the folder, lines on stderr, progress, JSON on stdout."""

from __future__ import annotations

import contextlib
import functools
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from corpus.model import Verdict

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def in_folder(function: F) -> F:
    """Give a command `folder`: its own -C, else that of `synth -C`."""

    @click.option(
        "-C",
        "own_folder",
        type=click.Path(path_type=Path),
        default=None,
        help="The discussion folder (default: here).",
    )
    @click.pass_context  # type: ignore[arg-type]
    @functools.wraps(function)
    def wrapped(ctx: click.Context, own_folder: Path | None, **arguments: Any) -> Any:
        folder = own_folder or (ctx.obj or {}).get("folder") or Path()
        return ctx.invoke(function, folder=folder, **arguments)

    return wrapped  # type: ignore[return-value]


def note(line: str) -> None:
    """One line for the user, on stderr."""
    click.echo(f"synth: {line}", err=True)


def notes(lines: Sequence[str]) -> None:
    """Each line for the user, on stderr."""
    for line in lines:
        note(line)


def print_json(data: Any) -> None:
    """`data` as JSON on stdout."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=1))


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Says on stderr what is going on, where stderr is a terminal; the function it gives changes the words."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console

    with Console(stderr=True).status(what) as status:
        yield lambda words: status.update(words)


def row(label: str, text: str) -> None:
    """One row of a command's summary."""
    click.echo(f"{label:<8} {text}")


def plural(number: int, one: str, many: str | None = None) -> str:
    """ "1 passage", "2 passages"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def by_whom(verdict: Verdict) -> str:
    """Who says that claims are supported."""
    if verdict.supported_by == "gates":
        return "by gates; meaning was not checked"
    return f"by gates and {verdict.supported_by}"
