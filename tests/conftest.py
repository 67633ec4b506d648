"""Fixtures: the bundled sample discussion, and the real one where it stands beside the checkout."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpus.folder import load_contributions, load_discussion
from corpus.model import Contribution, Discussion
from corpus.readers import read
from eval.gold import SAMPLE, seed_file
from synth.cli import _run

SHARED = Path(os.environ.get("SYNTH_SHARED", Path(__file__).parents[2] / "shared"))


# A shell lets what it starts in the background ignore Ctrl+C, and so would every process that is started here.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SYNTH_", "OPENAI_")) and name not in ("SYNTH_SEED", "SYNTH_SHARED"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects to anything but this machine fails the test."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"a connection to {address} was tried")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def synth(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run a command line as a user would; its exit code and what it printed."""

    def run(*arguments: str | Path) -> Outcome:
        capfd.readouterr()
        code = _run([str(a) for a in arguments], debug=False)
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return run


@dataclass(frozen=True)
class Loaded:
    """A discussion that was taken in and run: its folder, and the decoded source texts by file name."""

    folder: Path
    files: dict[str, str]

    @property
    def discussion(self) -> Discussion:
        return load_discussion(self.folder)

    @property
    def contributions(self) -> list[Contribution]:
        return load_contributions(self.folder, self.discussion).contributions


def _once(root: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Make a folder once for all test processes; the others wait for it (the lock has a limit)."""
    from filelock import FileLock

    shared = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root
    target = shared / name
    with FileLock(shared / f"{name}.lock", timeout=300):
        if not (target / "made").exists():
            shutil.rmtree(target, ignore_errors=True)
            make(target)
            (target / "made").touch()
    return target


def _do(*arguments: str | Path) -> None:
    code = _run([str(a) for a in arguments], debug=True)
    assert code == 0, f"synth {arguments} ended with {code}"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The sample discussion after `synth demo`. Not to be changed: copy it first."""
    folder = _once(tmp_path_factory.getbasetemp(), "sample", lambda target: _do("demo", target))
    return Loaded(folder, {name: read(SAMPLE / name).text for name in ("digest.txt", "forum-post.md")})


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The real e-discussion after new, add and run. Skips where it is absent."""
    path = seed_file()
    if path is None:
        pytest.skip("the real e-discussion (../shared/seed) is not beside the checkout")

    def make(target: Path) -> None:
        _do("new", target, "--from", path)
        _do("-C", target, "add", path)
        _do("-C", target, "run")

    return Loaded(_once(tmp_path_factory.getbasetemp(), "seed", make), {path.name: read(path).text})


@pytest.fixture
def copy(sample: Loaded, tmp_path: Path) -> Path:
    """A copy of the sample discussion to do with as a test likes."""
    target = tmp_path / "copy"
    shutil.copytree(sample.folder, target, ignore=shutil.ignore_patterns("lock*", "made"))
    return target


@pytest.fixture(scope="session")
def claims_folder() -> Path:
    """Labelled claims that no one here wrote. Skips where they are absent."""
    path = SHARED / "claims"
    if not path.is_dir():
        pytest.skip("the labelled claims (../shared/claims) are not beside the checkout")
    return path


@pytest.fixture(scope="session")
def attacks() -> list[str]:
    """Instructions that attackers hide in documents, by no one here. Skips where they are absent."""
    path = SHARED / "attacks" / "bipia_text_attacks.json"
    if not path.is_file():
        pytest.skip("the attack texts (../shared/attacks) are not beside the checkout")
    return [text for texts in json.loads(path.read_text(encoding="utf-8")).values() for text in texts]
