"""The index of windows: Chroma, embedded, under .synth/. Derived: it can be deleted at any time and is rebuilt.

What is known to go wrong, and what is done about it:
two writers damage it (the lock of `vectorstore.lock` must be held); killed in mid-write it may never open again (a *clean
mark* is taken away before writing and put back after; without it the index is not opened but rebuilt); deleted text stays
in its files (no text is stored, and a rebuild goes into a fresh folder); `add` ignores known ids and `upsert` merges
metadata (changed windows are deleted, then added); it would fetch an English model by itself (vectors are always given);
below 1,000 rows its HNSW files are memory never filled, with whatever the process had there (they are blanked).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus.folder import write_if_changed
from corpus.model import Window
from vectorstore.embedders import CachedEmbedder, Vectors

_BATCH = 5000  # Chroma takes at most 5,461 rows a call
_PAGE = 30_000  # and gives at most 32,766


def window_id(window: Window) -> str:
    """Unique over the discussion: contribution and range."""
    return f"{window.contribution}:{window.start}-{window.end}"


@dataclass(frozen=True)
class Synced:
    """What bringing the index up to date took."""

    windows: int
    new: int
    removed: int
    rebuilt: bool


class Index:
    """The index of one discussion. Hold the lock before `sync` or `query`."""

    def __init__(self, folder: Path, embedder: CachedEmbedder) -> None:
        self.root = folder / ".synth"
        self.embedder = embedder
        self._collection: Any = None

    @property
    def _mark(self) -> Path:
        return self.root / "index.json"

    def _state(self) -> dict[str, Any] | None:
        """The clean mark: which folder, which embedder, which windows. None if the index is not to be trusted."""
        try:
            state: dict[str, Any] = json.loads(self._mark.read_text())
        except (OSError, ValueError):
            return None
        return state if (self.root / str(state.get("folder", ""))).is_dir() and state.get("folder") else None

    def is_current(self, windows: Sequence[Window]) -> bool:
        """Whether the index holds exactly `windows` by this embedder. Does not open it."""
        state = self._state()
        return bool(state and state["embedder"] == self._embedder_key() and state["windows"] == _hashes(windows))

    def sync(self, windows: Sequence[Window]) -> Synced:
        """Bring the index up to date with `windows`: only what changed, or from the ground where it cannot be trusted."""
        wanted = _hashes(windows)
        state = self._state()
        if state is None or state["embedder"] != self._embedder_key():
            return self._rebuild(windows, wanted)
        have: dict[str, str] = state["windows"]
        stale = [i for i in have if wanted.get(i) != have[i]]
        fresh = [w for w in windows if have.get(window_id(w)) != wanted[window_id(w)]]
        if not stale and not fresh:
            return Synced(len(windows), 0, 0, rebuilt=False)
        if len(stale) > len(have) // 2:
            return self._rebuild(windows, wanted)
        vectors = self.embedder.vectors([w.text for w in fresh])
        self._mark.unlink()
        try:
            collection = self._open(str(state["folder"]))
            for start in range(0, len(stale), _BATCH):
                collection.delete(ids=stale[start : start + _BATCH])
            _add(collection, fresh, vectors)
            _blank_unfilled(self.root)
        except Exception:  # whatever Chroma makes of a damaged store: it is derived, so it is built anew
            return self._rebuild(windows, wanted)
        self._set_mark(str(state["folder"]), wanted)
        return Synced(len(windows), len(fresh), len(stale), rebuilt=False)

    def _rebuild(self, windows: Sequence[Window], wanted: dict[str, str]) -> Synced:
        vectors = self.embedder.vectors([w.text for w in windows])
        self._mark.unlink(missing_ok=True)
        old = [p for p in self.root.glob("index-*") if p.is_dir()]
        name = f"index-{secrets.token_hex(4)}"  # never one that this process had open: Chroma would go on with the deleted files
        collection = self._open(name)
        _add(collection, windows, vectors)
        _blank_unfilled(self.root)
        self._set_mark(name, wanted)
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return Synced(len(windows), len(windows), 0, rebuilt=True)

    def _set_mark(self, name: str, wanted: dict[str, str]) -> None:
        write_if_changed(self._mark, json.dumps({"folder": name, "embedder": self._embedder_key(), "windows": wanted}))

    def _embedder_key(self) -> str:
        return f"{self.embedder.name} {self.embedder.base_url or ''}".strip()

    def _open(self, name: str) -> Any:
        import chromadb
        from chromadb.config import Settings

        client = chromadb.PersistentClient(path=str(self.root / name), settings=Settings(anonymized_telemetry=False))
        self._collection = client.get_or_create_collection(
            "windows", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        return self._collection

    def collection(self) -> Any:
        """The open Chroma collection. Call `sync` first."""
        if self._collection is None:
            state = self._state()
            if state is None:
                raise RuntimeError("the index is not in a clean state; sync it first")
            self._open(str(state["folder"]))
        return self._collection

    def query(self, vector: Vectors, where: dict[str, str], count: int) -> list[tuple[str, float]]:
        """(window id, cosine similarity) of the windows with metadata `where` nearest to `vector`, best first."""
        result = self.collection().query(
            query_embeddings=[vector.tolist()], n_results=count, where=where, include=["distances"]
        )
        _blank_unfilled(self.root)
        return [(i, 1.0 - float(d)) for i, d in zip(result["ids"][0], result["distances"][0], strict=True)]

    def ids(self) -> list[str]:
        """Ids of all windows in the index, page by page."""
        found: list[str] = []
        while page := self.collection().get(limit=_PAGE, offset=len(found), include=[])["ids"]:
            found.extend(page)
        return found


def _hashes(windows: Sequence[Window]) -> dict[str, str]:
    return {
        window_id(w): hashlib.sha256("\0".join((w.text, w.passage, w.language, *w.questions)).encode()).hexdigest()[:24]
        for w in windows
    }


def _blank_unfilled(root: Path) -> None:
    """Blank the files that Chroma made of memory it had not filled: the API key and withdrawn words may have been there.

    A process that first writes to or reads from an HNSW index lays it out in full, and rows are written into it from the
    thousandth on. Until then they are in Chroma's database alone, and of these two files nothing is read but their sizes.
    """
    for laid_out in root.glob("index-*/*/length.bin"):
        if not (laid_out.parent / "index_metadata.pickle").exists():
            for file in (laid_out, laid_out.parent / "data_level0.bin"):
                blank = bytes(file.stat().st_size)
                if file.read_bytes() != blank:
                    file.write_bytes(blank)


def _add(collection: Any, windows: Sequence[Window], vectors: Vectors) -> None:
    for start in range(0, len(windows), _BATCH):
        part = windows[start : start + _BATCH]
        collection.add(
            ids=[window_id(w) for w in part],
            embeddings=np.ascontiguousarray(vectors[start : start + _BATCH]),
            metadatas=[
                {
                    "contribution": w.contribution,
                    "passage": w.passage,
                    "language": w.language,
                    "questions": ",".join(w.questions),
                }
                for w in part
            ],
        )
