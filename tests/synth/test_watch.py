"""`synth run --watch`: files dropped into inbox/ come into the report, beside a review that goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchfiles import watch as changes

from corpus.model import Report
from synth.cli import watch
from synth.review.desk import Asked, Desk, Taken
from tests.conftest import Outcome

LIMIT = 90.0
LATE = """\
From: Odile Carrasco
Question 1.1

A pump in our three villages was repaired eleven times in one year, and the mechanic asked 14,000 shillings each time.
Villages should keep a box of spare parts, because the shop in town is closed for half of the rainy season.
"""


def wait_for(folder: Path, found: Callable[[], Any], process: subprocess.Popen[str]) -> Any:
    """What `found` gives once it gives something; looks whenever a file changes."""
    until = time.monotonic() + LIMIT
    for _ in changes(folder, rust_timeout=200, yield_on_timeout=True):
        if (value := found()) or process.poll() is not None or time.monotonic() > until:
            return value
    return None


@pytest.fixture
def watching(copy: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-m", "synth", "-C", str(copy), "run", "--watch"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def reported(folder: Path, contributor: str) -> bool:
    path = folder / "report" / "report.json"
    return path.exists() and contributor in Report.model_validate_json(path.read_bytes()).coverage


def test_a_dropped_file_comes_into_the_report_while_a_reviewer_decides_and_a_bad_one_is_put_aside(
    copy: Path, watching: subprocess.Popen[str]
) -> None:
    assert wait_for(copy, (copy / "inbox").is_dir, watching)
    (copy / "inbox" / "late.txt").write_text(LATE, encoding="utf-8")
    (copy / "inbox" / "scan.pdf").write_bytes(b"%PDF-1.7 \x00\x01")
    desk = Desk(copy)
    card = desk.cards()[0]

    done = desk.decide(Asked(claim=card.id, version=card.version, by="Ada", action="accept"))

    assert isinstance(done, Taken)
    assert wait_for(copy, lambda: reported(copy, "C13") and (copy / "inbox" / "refused" / "scan.pdf").exists(), watching)  # fmt: skip
    assert [p.name for p in (copy / "inbox").iterdir()] == ["refused"]
    assert (copy / "sources" / "late.txt").read_text(encoding="utf-8") == LATE
    assert desk.card(card.id).claim.status == "accepted"  # type: ignore[union-attr]
    watching.send_signal(signal.SIGINT)
    assert watching.wait(LIMIT) == 130


def test_a_file_is_taken_once_it_stands_still_and_what_a_browser_is_still_loading_is_not(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(watch.time, "monotonic", lambda: now)
    inbox = watch.Inbox(copy)
    file, loading = inbox.path / "late.txt", inbox.path / "more.txt.part"
    file.write_text("half a ")
    loading.write_text("half a ")
    seen = [inbox.waiting()]
    now += watch.QUIET_SECONDS
    file.write_text("half a message, and the other half")
    seen.append(inbox.waiting())
    now += watch.QUIET_SECONDS
    seen.append(inbox.waiting())
    assert seen == [[], [], [file]]


def test_a_file_that_is_known_is_deleted_and_one_refused_twice_keeps_both_copies(copy: Path) -> None:
    inbox = watch.Inbox(copy)
    known = next(p for p in sorted((copy / "sources").iterdir()) if p.suffix == ".txt")
    (inbox.path / "again.txt").write_bytes(known.read_bytes())
    assert inbox.take(inbox.path / "again.txt")
    for content in (b"\x00one", b"\x00two"):
        (inbox.path / "scan.txt").write_bytes(content)
        assert not inbox.take(inbox.path / "scan.txt")
    refused = inbox.path / "refused"
    assert {p.name: p.read_bytes() for p in refused.iterdir()} == {"scan.txt": b"\x00one", "scan-2.txt": b"\x00two"}
    assert [p.name for p in inbox.path.iterdir()] == ["refused"]


def test_watching_goes_on_from_run_to_run_so_it_takes_no_option_that_is_for_one(
    copy: Path, synth: Callable[..., Outcome]
) -> None:
    said = synth("-C", copy, "run", "--watch", "--fresh")
    assert said.code == 2
    assert "--watch does not go with --fresh" in said.err
