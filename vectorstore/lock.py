"""One writer a folder. The lock is held from before the index opens until the process ends.

Two writers at once damage an embedded index without an error, so nobody opens it without this lock.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import FolderError, LockedError

WAIT_SECONDS = 60.0
_held: dict[Path, FileLock] = {}


def hold(folder: Path, doing: str, wait: float = WAIT_SECONDS, say: Callable[[str], None] | None = None) -> None:
    """Hold the writer's lock of `folder` until this process ends.

    `doing` tells others what is going on. While another process holds it, `say` gets one line and this waits up to
    `wait` seconds, then raises LockedError.
    """
    path = (folder / ".synth" / "lock").resolve()
    if path in _held:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if say and wait > 0:
                say(f"{_holder(path)} is writing here; waiting for it, up to {wait:.0f} seconds.")
            lock.acquire(timeout=wait)
    except Timeout:
        raise LockedError(
            f"{folder}: {_holder(path)} is writing here. Wait for it to end, then run the same command again."
        ) from None
    except OSError as error:
        raise FolderError(f"{folder}: cannot be written ({error.strerror}).") from None
    _held[path] = lock
    _note(path).write_text(json.dumps({"pid": os.getpid(), "doing": doing, "since": time.strftime("%H:%M")}))


def try_hold(folder: Path, doing: str) -> bool:
    """Hold the lock if nobody else does; False otherwise. For readers, who never wait."""
    try:
        hold(folder, doing, wait=0)
    except (LockedError, FolderError):
        return False
    return True


def _note(path: Path) -> Path:
    return path.with_name("lock.json")


def _holder(path: Path) -> str:
    try:
        note = json.loads(_note(path).read_text())
        return f"synth {note['doing']} (process {note['pid']}, since {note['since']})"
    except (OSError, ValueError, KeyError):
        return "another synth"
