"""A discussion on disk. See the contract of its files in docs/folder.md.

Whatever a person may have written is written by temporary file, fsync and rename; a file whose content would not change
is not touched. What cannot be read is named in one line and left as it is.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from corpus.errors import FolderError, UnreadableError, first_of
from corpus.model import Answer, Contribution, Discussion, Question, Text, Topic
from corpus.people import country_code

SUBFOLDERS = ("sources", "contributions", "drafts", "reviews", "report")


def write_if_changed(path: Path, content: str | bytes) -> bool:
    """Write `path` whole or not at all; True if it was written, False if it already held `content`.

    Raises FolderError where the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FolderError(
            f"{path}: cannot be written ({error.strerror}). Check the folder's permissions and free space."
        ) from None
    return True


def load_discussion(folder: Path) -> Discussion:
    """discussion.toml of `folder`. Raises FolderError where there is none or it is broken."""
    path = folder / "discussion.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FolderError(
            f"{folder}: is no discussion (there is no discussion.toml). Make one with: synth new FOLDER --from ANNOUNCEMENT"
        ) from None
    except OSError as error:
        raise FolderError(f"{path}: cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FolderError(f"{path}: is not valid TOML ({error}).") from None
    return _discussion(data, path).model_copy(update={"glossary": load_glossary(folder)})


def load_glossary(folder: Path) -> tuple[Text, ...]:
    """glossary.csv (columns en,fr), if there is one. Raises FolderError if it lacks the columns."""
    path = folder / "glossary.csv"
    if not path.is_file():
        return ()
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FolderError(f"{path}: cannot be read ({error}).") from None
    if rows and not {"en", "fr"} <= set(rows[0]):
        raise FolderError(f"{path}: its first line must be 'en,fr'.")
    return tuple(Text(en=(row["en"] or "").strip() or None, fr=(row["fr"] or "").strip() or None) for row in rows)


def _discussion(data: dict[str, Any], path: Path) -> Discussion:
    try:
        topics = tuple(_topic(t) for t in data.get("topics", []))
        settings = {k: v for k, v in data.items() if k not in ("title", "period", "languages", "topics")}
        discussion = Discussion(
            title=_text(data.get("title", {})), period=data.get("period"), topics=topics, settings=settings
        )
    except (ValidationError, TypeError, AttributeError, KeyError) as error:
        raise FolderError(f"{path}: {_first_line(error)}") from None
    if not any(topic.questions for topic in topics):
        raise FolderError(
            f"{path}: has no question. Add [[topics]] with [[topics.questions]] (id, en, fr); `synth new --help` shows how."
        )
    if not discussion.title.versions():
        raise FolderError(f'{path}: has no title. Add a line such as: title = {{en = "…", fr = "…"}}')
    labels = discussion.labels()
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise FolderError(f"{path}: the id {twice} occurs twice among topics and questions.")
    return discussion


def _text(data: Any) -> Text:
    return (
        Text(en=data)
        if isinstance(data, str)
        else Text(**{k: (v or None) for k, v in data.items() if k in ("en", "fr")})
    )


def _topic(data: dict[str, Any]) -> Topic:
    questions = tuple(Question(id=str(q["id"]), text=_text(q)) for q in data.get("questions", []))
    return Topic(id=str(data["id"]), text=_text(data), questions=questions)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return first_of(error)
    if isinstance(error, KeyError):
        return f"{error} is missing."
    return str(error).split("\n")[0]


def discussion_toml(discussion: Discussion) -> str:
    """A fresh discussion.toml, with a comment where a person is expected to add something."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("What was asked. Correct anything here by hand; the next `synth run` takes it."))
    document["title"] = _inline(discussion.title)
    if discussion.period:
        document["period"] = discussion.period
    document["languages"] = ["en", "fr"]
    topics = tomlkit.aot()
    for topic in discussion.topics:
        table = tomlkit.table()
        table["id"] = topic.id
        for language, text in topic.text.versions():
            table[language] = text
        questions = tomlkit.aot()
        for question in topic.questions:
            row = tomlkit.table()
            row["id"] = question.id
            for language, text in question.text.versions():
                row[language] = text
            questions.append(row)
        table["questions"] = questions
        topics.append(table)
    document["topics"] = topics
    return tomlkit.dumps(document)


def _inline(text: Text) -> Any:
    import tomlkit

    table = tomlkit.inline_table()
    table.update(dict(text.versions()))
    return table


def add_texts(folder: Path, discussion: Discussion) -> list[str]:
    """Write the texts that `discussion` has and discussion.toml lacks into it, leaving all else as it is.

    Returns what was added: "title", "1", "1.1" …
    """
    import tomlkit

    path = folder / "discussion.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    added: list[str] = []

    def fill(table: Any, text: Text, label: str) -> None:
        for language, words_ in text.versions():
            if not table.get(language):
                table[language] = words_
                added.append(label)

    if not isinstance(document.get("title"), str):
        fill(document["title"], discussion.title, "title")
    for topic in document["topics"]:
        fill(topic, discussion.text_of(str(topic["id"])), str(topic["id"]))
        for question in topic.get("questions", []):
            fill(question, discussion.text_of(str(question["id"])), str(question["id"]))
    if added:
        write_if_changed(path, tomlkit.dumps(document))
    return added


# -- contributions ---------------------------------------------------------------------------------


@dataclass
class Contributions:
    """What was read from contributions/, in the order of ids, and one line for each file that could not be taken as it is."""

    contributions: list[Contribution] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # ids, by the names of their files, of what could not be read

    def __iter__(self) -> Iterator[Contribution]:
        return iter(self.contributions)

    def get(self, contribution_id: str) -> Contribution | None:
        """The contribution of that id, or None."""
        return next((c for c in self.contributions if c.id == contribution_id), None)

    def read(self) -> list[Contribution]:
        """Those that are not withdrawn."""
        return [c for c in self.contributions if c.withdrawn is None]


def load_contributions(folder: Path, discussion: Discussion, keep_all: bool = False) -> Contributions:
    """All contributions of `folder`. Broken files are named in `problems` and left out; wrong labels are named and dropped.

    `keep_all` keeps labels that run over the end of the text: somebody may just have made it shorter.
    """
    result = Contributions()
    seen: dict[str, str] = {}
    for path in sorted((folder / "contributions").glob("*.md"), key=_natural):
        try:
            contribution, problems = parse_contribution(
                path.read_bytes().decode("utf-8-sig"), path.name, discussion, keep_all
            )
        except UnreadableError as error:
            result.problems.append(str(error))
            result.unread.append(path.stem)
            continue
        except (OSError, UnicodeDecodeError) as error:
            result.problems.append(f"contributions/{path.name}: cannot be read ({error}).")
            result.unread.append(path.stem)
            continue
        if contribution.id in seen:
            result.problems.append(
                f"contributions/{path.name}: has the id {contribution.id} of {seen[contribution.id]}; left out. Give it an id of its own."
            )
            continue
        seen[contribution.id] = path.name
        result.contributions.append(contribution)
        result.problems += problems
    result.contributions.sort(key=lambda c: _id_key(c.id))
    return result


def _natural(path: Path) -> tuple[int, str]:
    digits = re.search(r"\d+", path.name)
    return (int(digits.group()) if digits else 0, path.name)


def _id_key(contribution_id: str) -> int:
    return int(contribution_id[1:])


def parse_contribution(
    text: str, name: str, discussion: Discussion, keep_all: bool = False
) -> tuple[Contribution, list[str]]:
    """A contributions/*.md file, and what in its labels had to be left out. Raises UnreadableError for a broken header."""
    import unicodedata

    import yaml

    where = f"contributions/{name}"
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match:
        raise UnreadableError(
            f"{where}: has no header. It begins with a line '---', 'id: C01' …, and a second line '---'."
        )
    body = unicodedata.normalize("NFC", text[match.end() :]).strip()
    try:
        # The base loader leaves every value a string: an author called "No" is not False.
        header = yaml.load(match[1], Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
        raise UnreadableError(
            f"{where}: the header cannot be read, line {line} ({getattr(error, 'problem', error)})."
        ) from None
    if not isinstance(header, dict):
        raise UnreadableError(f"{where}: the header is no list of 'name: value' lines.")
    if not body and "withdrawn" not in header:
        raise UnreadableError(f"{where}: has no text below its header.")
    answers, problems = _answers(header.pop("answers", None) or [], body, where, discussion, keep_all)
    try:
        return Contribution(**{k: v for k, v in header.items() if v != ""}, answers=answers, body=body), problems
    except (ValidationError, TypeError) as error:
        raise UnreadableError(f"{where}: the header is wrong: {_first_line(error)}.") from None


def _answers(
    rows: Any, body: str, where: str, discussion: Discussion, keep_all: bool
) -> tuple[tuple[Answer, ...], list[str]]:
    """The answers that fit the body. `start` and `end` may be given as words of the text instead of numbers."""
    answers: list[Answer] = []
    problems: list[str] = []
    labels = set(discussion.labels())
    for row in rows if isinstance(rows, list) else []:
        try:
            answer = Answer(
                **{**row, "start": _offset(row["start"], body, False), "end": _offset(row["end"], body, True)}
            )
        except (ValidationError, TypeError, KeyError, ValueError, AttributeError) as error:
            problems.append(f"{where}: an answer was left out: {_first_line(error)}.")
            continue
        if answer.question not in labels:
            known = ", ".join(discussion.labels())
            problems.append(
                f"{where}: there is no question {answer.question} (there are {known}); this answer was left out."
            )
        elif answer.end > len(body) and not keep_all:
            problems.append(
                f"{where}: the answer to {answer.question} ends at {answer.end}, but the text has {len(body)} characters; left out. "
                "Correct start and end, or give the first and last words instead of numbers."
            )
        else:
            answers.append(answer)
    return tuple(answers), problems


def _offset(value: str, body: str, at_end: bool) -> int:
    if re.fullmatch(r"\d+", value.strip()):
        return int(value)
    at = body.find(value.strip())
    if at < 0:
        raise ValueError(f"the words “{value.strip()[:40]}” are not in the text")
    return at + len(value.strip()) if at_end else at


def contribution_markdown(contribution: Contribution) -> str:
    """The file of a contribution: YAML front matter and body."""
    import yaml

    header = contribution.model_dump(mode="json", exclude_none=True)
    if contribution.country and (code := country_code(contribution.country)):
        header["country"] = code
    for name in ("answers", "redacted"):
        if not header.get(name):
            header.pop(name, None)
    text = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---\n{contribution.body}\n"


def save_contribution(folder: Path, contribution: Contribution) -> bool:
    """Write contributions/ID.md; True if that changed it."""
    return write_if_changed(folder / "contributions" / f"{contribution.id}.md", contribution_markdown(contribution))


def next_id(folder: Path) -> str:
    """The id after the highest that any file in contributions/ has or is named by: "C01" in an empty folder."""
    numbers = [0]
    for path in (folder / "contributions").glob("*.md"):
        numbers += [int(n) for n in re.findall(r"^C(\d+)", path.stem)]
        head = path.read_text(encoding="utf-8", errors="replace")[:400]
        numbers += [int(n) for n in re.findall(r"^id:\s*['\"]?C(\d+)", head, re.MULTILINE)]
    return f"C{max(numbers) + 1:02d}"


def known_sources(contributions: Sequence[Contribution]) -> set[tuple[str, int, int]]:
    """(sha256, start, end) of what was taken in already."""
    return {(c.source.sha256, c.source.start, c.source.end) for c in contributions if c.source}


def keep_source(folder: Path, file: str, data: bytes) -> str:
    """Store a file as received in sources/; returns the name it has there (a second file of that name gets another one)."""
    digest = hashlib.sha256(data).digest()
    path = folder / "sources" / file
    count = 1
    while path.exists() and hashlib.sha256(path.read_bytes()).digest() != digest:
        count += 1
        path = folder / "sources" / f"{Path(file).stem}-{count}{Path(file).suffix}"
    write_if_changed(path, data)
    return path.name
