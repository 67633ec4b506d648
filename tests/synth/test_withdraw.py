"""A contributor takes a contribution back: its words are in no file but sources/, and nothing else is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import synth.withdraw as synth_withdraw
from corpus.folder import load_contributions, load_discussion
from tests.conftest import Loaded
from tests.openai_server import Server
from tests.synth.models import Synth, claims_of, report_of

RUN = 6  # words of the contribution in a row that are looked for


def telling(folder: Path, gone: str) -> list[bytes]:
    """Every run of six words of a contribution's lines that nobody else says and no question asks."""
    discussion = load_discussion(folder)
    loaded = load_contributions(folder, discussion)
    others = " ".join(" ".join(c.body.split()) for c in loaded if c.id != gone)
    asked = (folder / "discussion.toml").read_text(encoding="utf-8")
    [mine] = [c for c in loaded if c.id == gone]
    found = []
    for line in mine.body.split("\n"):
        said = line.split()
        runs = (" ".join(said[i : i + RUN]) for i in range(len(said) - RUN + 1))
        found += [r.encode() for r in runs if r not in others and r not in asked and not set(r) & set("<>&\"'")]
    assert len(found) > 50
    return found


def files_with(folder: Path, runs: list[bytes]) -> set[str]:
    """The first part of the path of every file but sources/ whose bytes hold one of `runs`."""
    found = set()
    for path in folder.rglob("*"):
        where = path.relative_to(folder)
        if path.is_file() and where.parts[0] != "sources":
            content = path.read_bytes()
            if any(run in content for run in runs):
                found.add("/".join(where.parts[:2]) if where.parts[0] == ".synth" else where.parts[0])
    return found


def alone(folder: Path, *arguments: str) -> tuple[int, str]:
    """A command in a process of its own, as a user gives it: exit code and messages. This process has read the words, holds
    the lock, and writes an index with whatever its memory holds between the vectors."""
    command = [sys.executable, "-m", "synth", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, encoding="utf-8")
    return done.returncode, done.stderr


@pytest.mark.parametrize("gone", ["C01", "C05", "C08"])
def test_no_file_but_sources_holds_its_words(copy: Path, gone: str) -> None:
    runs = telling(copy, gone)
    assert {"contributions", "drafts", "report"} <= files_with(copy, runs)
    assert ".synth/seen" in files_with(copy, runs)
    assert alone(copy, "withdraw", gone, "--why", "asked by e-mail") == (0, "")
    assert files_with(copy, runs) == set()
    assert alone(copy, "run")[0] == 0
    assert files_with(copy, runs) == set()


def test_the_real_discussion_forgets_a_contribution_too(seed: Loaded, tmp_path: Path) -> None:
    folder = tmp_path / "seed"
    shutil.copytree(seed.folder, folder, ignore=shutil.ignore_patterns("lock*", "made"))
    runs = telling(folder, "C06")
    assert "report" in files_with(folder, runs)
    assert alone(folder, "withdraw", "C06", "--why", "asked")[0] == 0
    assert files_with(folder, runs) == set()
    assert alone(folder, "run")[0] == 0
    assert files_with(folder, runs) == set()


@pytest.mark.usefixtures("model")
def test_what_a_model_answered_goes_as_well(folder: Path, server: Server, synth: Synth) -> None:
    assert synth("-C", folder, "run").code == 0
    replies = folder / ".synth" / "replies.sqlite"
    assert b"C01" in replies.read_bytes()
    runs = telling(folder, "C01")
    before = {c["text"]["en"] for c in claims_of(report_of(folder)) if {x["contribution"] for x in c["citations"]} == {"C01"}}  # fmt: skip
    assert before
    assert synth("-C", folder, "withdraw", "C01", "--why", "asked").code == 0
    assert not replies.exists()
    claims = claims_of(report_of(folder))
    assert not {c["text"]["en"] for c in claims} & before
    assert all(x["contribution"] != "C01" for c in claims for x in c["citations"])
    assert files_with(folder, runs) == set()
    calls = len(server.calls)
    assert synth("-C", folder, "run").code == 0
    sent = "\n".join(call.system + call.user for call in server.calls[calls:]).encode()
    assert not any(run in sent for run in runs)


def test_what_rests_on_others_keeps_its_words_its_numbers_and_its_place(copy: Path, synth: Synth) -> None:
    def told(text: dict[str, Any]) -> str:
        return text["en"] or text["fr"]

    others = [
        (c["id"], told(c["text"]))
        for c in claims_of(report_of(copy))
        if "C01" not in {x["contribution"] for x in c["citations"]}
    ]
    assert synth("-C", copy, "withdraw", "C01", "--why", "asked").code == 0
    assert synth("-C", copy, "run").code == 0
    after = [(c["id"], told(c["text"])) for c in claims_of(report_of(copy))]
    assert [c for c in after if c in others] == others
    marks = [m for p in (copy / "drafts").glob("[0-9]*.json") for m in json.loads(p.read_bytes())["read"]]
    assert not any(m.startswith("C01.") for m in marks)


def test_the_report_says_who_withdrew_and_rests_on_the_others(copy: Path, synth: Synth) -> None:
    untouched = {p.name: p.read_bytes() for p in (copy / "drafts").glob("2.2.json")}
    said = synth("-C", copy, "withdraw", "C04", "--why", "asked").out
    assert "C04 is withdrawn" in said
    report = json.loads((copy / "report" / "report.json").read_text(encoding="utf-8"))
    assert {"id": "C04", "why": "withdrawn by the contributor"} in report["not_represented"]
    assert "C04" not in {c["id"] for c in report["contributors"]}
    assert {p.name: p.read_bytes() for p in (copy / "drafts").glob("2.2.json")} == untouched
    assert synth("-C", copy, "verify", copy / "report" / "report.json").code == 0


def test_the_file_it_came_in_does_not_bring_it_back(copy: Path, synth: Synth) -> None:
    assert synth("-C", copy, "withdraw", "C04", "--why", "asked").code == 0
    [digest] = (copy / "sources").glob("digest.txt")
    synth("-C", copy, "add", digest)
    header = (copy / "contributions" / "C04.md").read_text(encoding="utf-8")
    assert "why: asked" in header
    assert not (copy / "contributions" / "C13.md").exists()


def test_interrupted_it_is_finished_by_the_same_command(
    copy: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = telling(copy, "C05")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(synth_withdraw, "save_contribution", interrupted)
        assert synth("-C", copy, "withdraw", "C05", "--why", "asked").code == 130
    assert synth("-C", copy, "withdraw", "C05", "--why", "asked").code == 0
    assert files_with(copy, runs) == set()


def test_twice_changes_nothing_more(copy: Path, synth: Synth) -> None:
    assert synth("-C", copy, "withdraw", "C05", "--why", "asked on Monday").code == 0
    assert synth("-C", copy, "run").code == 0
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file() and ".synth" not in p.parts}
    assert synth("-C", copy, "withdraw", "C05", "--why", "again").code == 0
    assert synth("-C", copy, "run").code == 0
    assert {p: p.read_bytes() for p in copy.rglob("*") if p.is_file() and ".synth" not in p.parts} == before


def test_an_unknown_one_is_one_line_that_names_those_there_are(copy: Path, synth: Synth) -> None:
    done = synth("-C", copy, "withdraw", "C77", "--why", "asked")
    assert done.code == 2
    assert "there is no contribution 'C77'" in done.err
    assert "C01, C02" in done.err
    assert done.err.count("\n") == 1
