"""synth demo"""

from __future__ import annotations

import shutil
from pathlib import Path

import click

import corpus as corpus_package
from corpus.errors import FolderError
from corpus.folder import SUBFOLDERS, discussion_toml, write_if_changed

SAMPLE = Path(corpus_package.__file__).parent / "sample"


@click.command("demo")
@click.argument("target", metavar="[FOLDER]", type=click.Path(path_type=Path), default=Path("synth-demo"))
@click.pass_context
def command(ctx: click.Context, target: Path) -> int:
    """The bundled sample discussion through everything: no key and no network needed.

    The people, organisations and figures in it are invented.

    \b
    Example:
      synth demo
    """
    from synth.cli.add import command as add
    from synth.cli.run import run

    if not (target / "discussion.toml").exists():
        make(target)
    elif not (target / ".synth" / "demo").exists():
        raise FolderError(
            f"{target}: holds a discussion of its own. The demo wants a folder for itself: synth demo FOLDER"
        )
    ctx.invoke(
        add,
        own_folder=target,
        files=[SAMPLE / "digest.txt", SAMPLE / "forum-post.md"],
        dry_run=False,
        as_json=False,
    )
    click.echo()
    code = run(target)
    click.echo()
    click.echo("Open the report (people, organisations and figures in it are invented):")
    for path in sorted((target / "report").glob("report.*.html")):
        click.echo(f"  {path.resolve()}")
    click.echo(f"Decide on it claim by claim: synth -C {target} review")
    return code


def make(target: Path) -> None:
    """An empty folder of the sample discussion."""
    from corpus.announcement import read_announcement
    from corpus.readers import read

    for name in SUBFOLDERS:
        (target / name).mkdir(parents=True, exist_ok=True)
    announcement = SAMPLE / "announcement.txt"
    write_if_changed(
        target / "discussion.toml",
        discussion_toml(read_announcement(read(announcement).text, str(announcement))),
    )
    shutil.copyfile(SAMPLE / "glossary.csv", target / "glossary.csv")
    write_if_changed(target / ".synth" / "demo", "the sample discussion lives here\n")
