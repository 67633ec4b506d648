"""synth run --watch: what is dropped into inbox/ is taken in and brought into the report."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import FolderError
from synth.cli.common import note

INBOX, REFUSED = "inbox", "refused"
QUIET_SECONDS = 1.0  # a file that did not change for so long is there whole
LOOK_SECONDS = 1.0  # folders on a network tell nothing of new files, so it is looked for them too
AGAIN_SECONDS = 60.0  # after a run that a server stopped
UNFINISHED = (".part", ".crdownload", ".tmp", ".download")

State = tuple[int, int]


def watch(folder: Path, options: Sequence[str]) -> None:
    """Run, and again with `options` whenever files were dropped, until it is interrupted.

    Every command is a process of its own: the writer's lock is free in between, and a review goes on all the while.
    """
    from watchfiles import watch as changes

    inbox = Inbox(folder)
    note(f"drop files into {inbox.path}. Stop with Ctrl+C.")
    due = _run(folder, options)
    for _ in changes(inbox.path, rust_timeout=int(LOOK_SECONDS * 1000), yield_on_timeout=True, recursive=False):
        added = [inbox.take(path) for path in inbox.waiting()]
        if any(added) or time.monotonic() >= due:
            due = _run(folder, options)


def _run(folder: Path, options: Sequence[str]) -> float:
    """`synth run`; when it is due again if nothing new comes."""
    return time.monotonic() + AGAIN_SECONDS if _synth(folder, "run", *options) == 4 else float("inf")


def _synth(folder: Path, *arguments: str) -> int:
    """A command of synth; what it prints goes where ours does. Its own waits are bounded, so this ends."""
    return subprocess.run([sys.executable, "-m", "synth", "-C", str(folder), *arguments], check=False).returncode


@dataclass
class Inbox:
    """inbox/ of a discussion, made if it is not there. What was taken in is deleted from it, being in sources/ byte for byte;
    what could not be read goes to inbox/refused/, so that it is tried once."""

    folder: Path
    _seen: dict[Path, tuple[State, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._make()

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderError(f"{self.path}: cannot be made ({error.strerror}).") from None

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.folder / INBOX

    def waiting(self) -> list[Path]:
        """Files that are there whole: those that stayed as they are for a moment."""
        self._make()
        now, states = time.monotonic(), {p: s for p in sorted(self.path.iterdir()) if (s := _state(p))}
        self._seen = {
            p: (s, self._seen[p][1] if self._seen.get(p, (None,))[0] == s else now) for p, s in states.items()
        }
        return [p for p, (_, since) in self._seen.items() if now - since >= QUIET_SECONDS]

    def take(self, path: Path) -> bool:
        """Take a file in; False where it was not, and stays or goes to refused/."""
        code = _synth(self.folder, "add", str(path))
        if not path.is_file():
            return code == 0
        if self._in_sources(path):
            path.unlink()
            return True
        if code in (2, 3):
            self._refuse(path)
        return False  # else a lock or a server was in the way: it is tried again

    def _in_sources(self, path: Path) -> bool:
        wanted = _hash(path)
        return any(_hash(p) == wanted for p in (self.folder / "sources").glob("*") if p.is_file())

    def _refuse(self, path: Path) -> None:
        aside = self.path / REFUSED
        aside.mkdir(exist_ok=True)
        target = next(t for n in range(1, 1_000_000) if not (t := aside / _numbered(path.name, n)).exists())
        path.replace(target)
        note(f"{path.name} was put aside in {aside}; drop it again when it is mended.")


def _state(path: Path) -> State | None:
    """What changes when a file does; None for what is no file to take in."""
    if path.name.startswith(".") or path.name.endswith("~") or path.suffix.lower() in UNFINISHED:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if path.is_file() and not path.is_symlink() else None


def _numbered(name: str, n: int) -> str:
    path = Path(name)
    return name if n == 1 else f"{path.stem}-{n}{path.suffix}"


def _hash(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
