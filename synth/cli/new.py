"""synth new"""

from __future__ import annotations

from pathlib import Path

import click

from corpus.announcement import both_languages, read_announcement
from corpus.errors import FolderError, SynthError
from corpus.folder import SUBFOLDERS, discussion_toml, write_if_changed
from corpus.model import Discussion, Question, Text, Topic
from corpus.readers import read
from synth.cli.common import plural


@click.command("new")
@click.argument("target", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "announcements",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The announcement as it was sent out (.txt, .md); give it once for each language.",
)
@click.option("--title", help="The title, if the announcement does not say it.")
def command(target: Path, announcements: tuple[Path, ...], title: str | None) -> None:
    """Make a discussion folder. With --from, title, period, topics and questions are read from the announcement.

    \b
    Example:
      synth new tunis --from announcement.txt
      synth new tunis --from announcement.txt --from annonce.txt
    """
    if (target / "discussion.toml").exists():
        raise FolderError(
            f"{target}: is a discussion already. Edit {target / 'discussion.toml'}, or choose another folder."
        )
    if not announcements and title is None:
        raise SynthError("name the announcement with --from FILE, or give a --title to write the questions by hand.")
    discussion = _read(announcements, title)
    try:
        for name in SUBFOLDERS:
            (target / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(f"{target}: cannot be made ({error.strerror}).") from None
    write_if_changed(target / "discussion.toml", discussion_toml(discussion))
    questions = list(discussion.questions())
    languages = {language for q in questions for language, _ in q.text.versions()}
    spoken = (
        "English (French still to come)"
        if languages == {"en"}
        else "French (English still to come)"
        if languages == {"fr"}
        else "English and French"
    )
    click.echo(
        f"{discussion.title.best('en')[0]} · {plural(len(discussion.topics), 'topic')}, {plural(len(questions), 'question')} · {spoken}"
    )
    click.echo(f"Wrote {target / 'discussion.toml'}. Next: synth -C {target} add FILES")


def _read(announcements: tuple[Path, ...], title: str | None) -> Discussion:
    if not announcements:
        placeholder = Question(
            id="1.1", text=Text(en="Write the first question here?", fr="Écrivez ici la première question ?")
        )
        topic = Topic(id="1", text=Text(en="Write the topic here", fr="Écrivez ici le sujet"), questions=(placeholder,))
        return Discussion(title=Text(en=title), topics=(topic,))
    discussion, *others = [read_announcement(read(path).text, str(path)) for path in announcements]
    for other in others:
        discussion = both_languages(discussion, other)
    return discussion.model_copy(update={"title": Text(en=title)}) if title else discussion
