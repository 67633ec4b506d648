"""What people write by hand in contributions/*.md is taken, named when wrong, never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.edits import follow_edits, remember
from corpus.errors import UnreadableError
from corpus.folder import (
    contribution_markdown,
    load_contributions,
    parse_contribution,
    save_contribution,
    write_if_changed,
)
from corpus.model import Answer, Contribution, Source
from corpus.readers import read
from tests.conftest import Loaded
from tests.corpus.test_taking_in import ASKED

BODY = "First we say this. Then we say that. At last we propose something."


def parse(header: str, body: str = BODY) -> tuple[Contribution, list[str]]:
    return parse_contribution(f"---\n{header}\n---\n{body}\n", "C01.md", ASKED)


def test_a_header_written_by_hand_is_taken_as_written() -> None:
    c, problems = parse("id: C01\nauthor: No\norganisation: 'Yes: Ltd'\nlanguage: en")
    assert (c.author, c.organisation, problems) == ("No", "Yes: Ltd", [])


def test_an_answer_may_be_given_by_its_first_and_last_words() -> None:
    c, _ = parse("id: C01\nlanguage: en\nanswers:\n- question: '1.2'\n  start: Then we\n  end: that.")
    assert [BODY[a.start : a.end] for a in c.answers] == ["Then we say that."]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("question: '1.1'\n  start: 0\n  end: 999", "ends at 999, but the text has 66 characters"),
        ("question: '9.9'\n  start: 0\n  end: 5", "there is no question 9.9"),
        ("question: '1.1'\n  start: 20\n  end: 5", "before or where it starts"),
        ("question: '1.1'\n  start: nowhere\n  end: 5", "are not in the text"),
        ("question: '1.1'\n  end: 5", "'start' is missing"),
    ],
)
def test_a_wrong_label_is_named_and_the_rest_is_kept(answer: str, message: str) -> None:
    c, problems = parse(f"id: C01\nlanguage: en\nanswers:\n- {answer}\n- question: '1.3'\n  start: 0\n  end: 5")
    assert [a.question for a in c.answers] == ["1.3"]
    assert len(problems) == 1
    assert message in problems[0]


@pytest.mark.parametrize("text", ["no header", "---\nid: [C01\n---\nx", "---\nid: C01\n---\n", "---\nlanguage: en\n---\nx", "---\nid: C01\nlanguage: en\ncolour: red\n---\nx"])  # fmt: skip
def test_a_broken_header_is_one_line_that_names_the_file(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"^contributions/C07\.md: [^\n]+$"):
        parse_contribution(text, "C07.md", ASKED)


def test_a_second_file_with_the_same_id_is_named_and_left_out(copy: Path, sample: Loaded) -> None:
    (copy / "contributions" / "C99.md").write_text((copy / "contributions" / "C03.md").read_text())
    found = load_contributions(copy, sample.discussion)
    assert [c.id for c in found].count("C03") == 1
    assert any("C99.md: has the id C03 of C03.md" in p for p in found.problems)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80)
    .map(str.strip)
    .filter(bool),
    st.text(max_size=30),
)
@settings(max_examples=100, deadline=None)
def test_a_contribution_reads_back_as_it_was_written(body: str, author: str) -> None:
    import unicodedata

    body = unicodedata.normalize("NFC", body).strip()
    name = "".join(ch for ch in author if ch.isprintable()).strip() or None
    if not body or body.startswith("---"):
        return
    c = Contribution(
        id="C01",
        author=name,
        language="fr",
        body=body,
        source=Source(file="a.txt", sha256="0" * 64, start=0, end=len(body)),
        answers=(Answer(question="1.1", start=0, end=len(body)),),
    )
    assert parse_contribution(contribution_markdown(c), "C01.md", ASKED) == (c, [])


@pytest.mark.parametrize("instead", ["First of all, we say this and more.", ""])
def test_labels_follow_a_text_that_was_edited_longer_or_shorter(tmp_path: Path, instead: str) -> None:
    c = Contribution(
        id="C01",
        language="en",
        body=BODY,
        answers=(Answer(question="1.1", start=19, end=36), Answer(question="1.2", start=37, end=66)),
    )
    save_contribution(tmp_path, c)
    remember(tmp_path, c)
    path = tmp_path / "contributions" / "C01.md"
    path.write_text(path.read_text().replace("First we say this.", instead))
    assert follow_edits(tmp_path, ASKED)
    after = load_contributions(tmp_path, ASKED).get("C01")
    assert after is not None
    assert [after.body[a.start : a.end] for a in after.answers] == [
        "Then we say that.",
        "At last we propose something.",
    ]


def test_what_was_seen_of_a_deleted_contribution_is_forgotten(tmp_path: Path) -> None:
    c = Contribution(id="C01", language="en", body=BODY)
    save_contribution(tmp_path, c)
    follow_edits(tmp_path, ASKED)
    (tmp_path / "contributions" / "C01.md").unlink()
    follow_edits(tmp_path, ASKED)
    assert list((tmp_path / ".synth" / "seen").iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all_and_left_alone_when_it_would_not_change(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    assert write_if_changed(path, "one")
    before = path.stat().st_mtime_ns
    assert not write_if_changed(path, "one")
    assert path.stat().st_mtime_ns == before
    assert [p.name for p in path.parent.iterdir()] == ["b.txt"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n ", "the file is empty"),
        (b"PK\x03\x04\x00\x00", "binary data"),
        (b"abc\x81\x8d\xff\xfe", "cannot be decoded"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match=message):
        read(path)


def test_a_folder_or_device_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/zero")):
        with pytest.raises(UnreadableError, match="is no file"):
            read(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_in_common_encodings_read_alike(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Été – « déjà »\r\nfin".encode(encoding))
    assert read(path).text == "Été – « déjà »\nfin"
