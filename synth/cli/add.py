"""synth add"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import click

from corpus.edits import remember
from corpus.errors import ServerError, UnreadableError
from corpus.folder import (
    add_texts,
    keep_source,
    known_sources,
    load_contributions,
    load_discussion,
    next_id,
    save_contribution,
)
from corpus.intake import Taken, learn_from, ranges_in, take_in
from corpus.model import Contribution, Discussion
from corpus.readers import SourceText, read
from corpus.words import words
from synth.cli.common import in_folder, json_option, note, notes, plural, print_json


@click.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would be taken in.")
@json_option
@in_folder
def command(folder: Path, files: Sequence[Path], dry_run: bool, as_json: bool) -> int:
    """Take in contributions from FILES: split them, say who wrote what and which questions they answer, replace contact details.

    \b
    Example:
      synth -C tunis add e-discussion.txt --dry-run
    """
    discussion = load_discussion(folder)
    if not dry_run:
        from vectorstore.lock import hold

        hold(folder, "add", say=note)
    present = load_contributions(folder, discussion)
    notes(present.problems)
    sources, problems = _read_all(files)
    discussion, added = _learn(folder, sources, discussion, dry_run)
    taken, skipped, empty = _take(folder, sources, discussion, present.contributions, dry_run)
    problems += empty
    notes(problems)
    if as_json:
        print_json([_row(t) for t in taken])
    else:
        if taken or skipped:
            _table(taken, len(sources))
            _closing(taken, added, skipped, discussion, dry_run)
    if problems and not taken:
        note(f"0 of {plural(len(files), 'file')} {'was' if len(files) == 1 else 'were'} taken in.")
    return 3 if problems or present.problems else 0


def _read_all(files: Sequence[Path]) -> tuple[list[SourceText], list[str]]:
    sources, problems = [], []
    for file in files:
        try:
            sources.append(read(file))
        except UnreadableError as error:
            problems.append(str(error))
    return sources, problems


def _learn(
    folder: Path, sources: Sequence[SourceText], discussion: Discussion, dry_run: bool
) -> tuple[Discussion, list[str]]:
    """The discussion with the other language's texts quoted in `sources`, written to discussion.toml unless `dry_run`."""
    from synth.settings import resolve
    from vectorstore.embedders import CachedEmbedder

    settings = resolve(discussion)
    embedder = CachedEmbedder(settings.embedder, folder / ".synth" / "vectors.sqlite", settings.embedder_base_url)
    learned = discussion
    for source in sources:
        try:
            learned = learn_from(source, learned, embedder.similar)
        except ServerError as error:
            note(f"{error} The texts of questions in the other language are told by their place alone.")
            learned = learn_from(source, learned)
    if dry_run:
        return learned, []
    return learned, add_texts(folder, learned)


def _take(
    folder: Path,
    sources: Sequence[SourceText],
    discussion: Discussion,
    present: Sequence[Contribution],
    dry_run: bool,
) -> tuple[list[Taken], int, list[str]]:
    """What is new in `sources`; how many were there already; a line for each file without any contribution."""
    taken: list[Taken] = []
    skipped, empty = 0, []
    first = int(next_id(folder)[1:])
    ids = (f"C{n:02d}" for n in count(first))
    said = {_words(c): c.id for c in present}
    for source in sources:
        found = ranges_in(source, discussion)
        if not found:
            empty.append(
                f"{source.file}: no contribution was found in it, only what was asked or nothing that reads like a message."
            )
            continue
        stored = source.file if dry_run else keep_source(folder, source.file, source.data)
        new: list[Taken] = []
        for item in take_in(source, discussion, stored, lambda: next(ids), known_sources(present)):
            if twin := said.get(_words(item.contribution)):
                note(f"{source.file}: a contribution says the same as {twin}; it was not taken in again.")
                continue
            kept = item.contribution.model_copy(update={"id": f"C{first + len(taken) + len(new):02d}"})
            said[_words(kept)] = kept.id
            new.append(replace(item, contribution=kept))
        taken += new
        skipped += len(found) - len(new)
    if not dry_run:
        for item in taken:
            save_contribution(folder, item.contribution)
            remember(folder, item.contribution)
    return taken, skipped, empty


def _words(contribution: Contribution) -> tuple[str, ...]:
    """A contribution's words, to know a second copy by, whatever its encoding or line breaks."""
    return tuple(words(contribution.body))


def _row(taken: Taken) -> dict[str, Any]:
    c = taken.contribution
    return {
        **c.model_dump(mode="json", exclude_none=True),
        "words": len(words(c.body)),
        "look_at": list(taken.look_at),
    }


def _table(taken: Sequence[Taken], files: int) -> None:
    click.echo(f"{plural(len(taken), 'contribution')} in {plural(files, 'file')}")
    if not taken:
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "author", "organisation", "lang", "words", "answers", "look at"):
        table.add_column(name, justify="right" if name == "words" else "left", overflow="fold")
    for item in taken:
        c = item.contribution
        labels = " ".join(sorted({a.question for a in c.answers}))
        table.add_row(
            c.id,
            c.author or "–",
            c.organisation or "",
            c.language,
            str(len(words(c.body))),
            labels,
            "; ".join(item.look_at),
        )
    width = None if sys.stdout.isatty() else 140
    Console(width=width, highlight=False, markup=False).print(table)


def _closing(taken: Sequence[Taken], added: Sequence[str], skipped: int, discussion: Discussion, dry_run: bool) -> None:
    if skipped:
        click.echo(f"{plural(skipped, 'contribution')} {'was' if skipped == 1 else 'were'} there already.")
    if added:
        click.echo(f"Texts in the other language were found and added to discussion.toml: {', '.join(added)}.")
    missing = [
        label
        for label in ("title", *discussion.labels())
        if len((discussion.title if label == "title" else discussion.text_of(label)).versions()) < 2
    ]
    if missing:
        click.echo(f"Still in one language only: {', '.join(missing)}. Add them to discussion.toml by hand.")
    hidden = sum(t.contribution.body.count(f"[{kind}]") for t in taken for kind in t.contribution.redacted)
    if hidden:
        click.echo(f"{plural(hidden, 'contact detail')} replaced (kept only in sources/).")
    if taken and not dry_run:
        click.echo("Correct anything in contributions/*.md. Next: synth run")
