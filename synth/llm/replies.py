"""What a model answered, written down before anything looks at it: a finished call is paid for once.

The cache is derived data in .synth/replies.sqlite. A key is the hash of all that was asked, without the random code of the
fence, so that a run that was interrupted finds its replies again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

from corpus.errors import FolderError
from corpus.model import Frozen, Usage

# "stop": complete. "length": cut at the model's limit. "too_long": the prompt did not fit. "refused": by the model or by the
# provider's filter.
Finish = Literal["stop", "length", "too_long", "refused"]


class Reply(Frozen):
    """One answer of a model as it came, with what it cost."""

    text: str
    finish: Finish = "stop"
    usage: Usage = Usage()


class Replies:
    """The replies of one discussion by key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, key: str) -> Reply | None:
        """The reply to a request, or None."""
        if not self.path.exists():
            return None
        with closing(self._open()) as store:
            row = store.execute("select reply from replies where key = ?", (key,)).fetchone()
        return Reply.model_validate_json(row[0]) if row else None

    def keep(self, key: str, reply: Reply) -> None:
        """Write a reply down; it is on disk when this returns."""
        self.keep_all([(key, reply)])

    def keep_all(self, found: Iterable[tuple[str, Reply]]) -> None:
        """Write replies down, all or none."""
        with closing(self._open()) as store, store:
            store.executemany(
                "insert or replace into replies values (?, ?)", [(k, r.model_dump_json()) for k, r in found]
            )

    def forget(self, keys: Sequence[str]) -> None:
        """Replies that could not be used: the next run asks again."""
        with closing(self._open()) as store, store:
            store.executemany("delete from replies where key = ?", [(k,) for k in keys])

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            store = sqlite3.connect(self.path, timeout=30)
            store.execute("create table if not exists replies (key text primary key, reply text not null)")
        except (OSError, sqlite3.OperationalError) as error:
            raise FolderError(f"{self.path}: cannot be written ({error}).") from None
        except sqlite3.DatabaseError:
            self.path.unlink(missing_ok=True)  # derived: a damaged cache is begun anew
            return self._open()
        return store
