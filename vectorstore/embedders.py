"""Texts to vectors: the built-in embedder or any LangChain `Embeddings`, behind a cache that never embeds a text twice."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import FolderError, ServerError

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from vectorstore.builtin import BuiltIn

Vectors = NDArray[np.float32]

BUILT_IN = "builtin"
TIMEOUT_SECONDS = 60
_BATCH = 128


def load_embedder(name: str, base_url: str | None = None) -> Embeddings | BuiltIn:
    """The embedder called `name`: "builtin", "openai:MODEL", "sentence-transformers:PATH" or any "provider:model" of LangChain.

    `base_url` is that of a server that speaks the OpenAI protocol. Raises ServerError for what cannot be loaded.
    """
    provider, _, model = name.partition(":")
    if provider == BUILT_IN:
        from vectorstore.builtin import BuiltIn

        return BuiltIn()
    try:
        if provider == "openai":
            from langchain_openai import OpenAIEmbeddings

            # check_embedding_ctx_length=False: no tiktoken, which would fetch a table, and plain strings for any server.
            return OpenAIEmbeddings(
                model=model,
                openai_api_base=base_url,
                check_embedding_ctx_length=False,
                request_timeout=TIMEOUT_SECONDS,
                max_retries=2,
                chunk_size=_BATCH,
            )
        if provider == "sentence-transformers":
            from langchain_huggingface import HuggingFaceEmbeddings

            local: Embeddings = HuggingFaceEmbeddings(model_name=model)
            return local
        from langchain.embeddings import init_embeddings

        other: Embeddings = init_embeddings(name)
        return other
    except ImportError as error:
        raise ServerError(
            f"the embedder {name!r} needs a package that is not installed ({error}). `pip install 'synth[{provider}]'`, or use \"builtin\"."
        ) from None
    except Exception as error:
        raise ServerError(f"the embedder {name!r} cannot be loaded: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


@dataclass
class CachedEmbedder:
    """An embedder with its vectors kept by hash of text, so that a rebuilt index embeds nothing twice.

    `name` tells embedders apart in the cache. `embedded` counts the texts that were really embedded.
    """

    name: str
    path: Path
    base_url: str | None = None
    embedded: int = 0
    _loaded: Any = None

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, one row a text. Raises ServerError if the embedder fails."""
        keys = [self._key(text) for text in texts]
        with closing(_open(self.path)) as store:
            known = _lookup(store, set(keys))
            missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
            for start in range(0, len(missing), _BATCH):
                batch = missing[start : start + _BATCH]
                new = self._embed([text for _, text in batch])
                rows = {key: vector for (key, _), vector in zip(batch, new, strict=True)}
                _keep(store, rows)
                known.update(rows)
        if not keys:
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def similar(self, texts: Sequence[str], others: Sequence[str]) -> Vectors:
        """Cosine similarities, rows for `texts`."""
        result: Vectors = self.vectors(texts) @ self.vectors(others).T
        return result

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.name}\0{self.base_url or ''}\0{text}".encode()).digest()

    def _embed(self, texts: list[str]) -> Vectors:
        if self._loaded is None:
            self._loaded = load_embedder(self.name, self.base_url)
        try:
            raw = np.asarray(self._loaded.embed_documents(texts), dtype=np.float32)
        except Exception as error:
            raise ServerError(
                f"the embedder {self.name!r} failed: {type(error).__name__}: {_one_line(error)}. "
                "Check [embedder] in discussion.toml and OPENAI_BASE_URL; what was embedded is kept."
            ) from None
        if raw.ndim != 2 or len(raw) != len(texts) or not np.isfinite(raw).all():
            raise ServerError(f"the embedder {self.name!r} gave {raw.shape} numbers for {len(texts)} texts.")
        self.embedded += len(texts)
        norms = np.linalg.norm(raw, axis=1, keepdims=True)
        return (raw / np.where(norms == 0, 1, norms)).astype(np.float32)


ONE_WAY = 0.6  # length of the mean of unit vectors above which an embedder's vectors all point the same way


def comparable(embed: Callable[[Sequence[str]], Vectors], background: Vectors) -> Callable[[Sequence[str]], Vectors]:
    """`embed` so that its cosines mean the same whatever the embedder.

    Some embedders (the E5 family) give vectors that nearly all point one way: everything is 0.8 alike. From those the
    mean of the discussion, `background`, is taken away; the others are left as they are.
    """
    if float(np.linalg.norm(background)) <= ONE_WAY:
        return embed

    def centred(texts: Sequence[str]) -> Vectors:
        moved = embed(texts) - background
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        return (moved / np.where(norms == 0, 1, norms)).astype(np.float32)

    return centred


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        store = sqlite3.connect(path, timeout=30)
        store.execute("create table if not exists vectors (key blob primary key, vector blob not null)")
    except (OSError, sqlite3.OperationalError) as error:
        raise FolderError(f"{path}: cannot be written ({error}).") from None
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)  # derived: a damaged cache is made anew
        return _open(path)
    return store


def _lookup(store: sqlite3.Connection, keys: set[bytes]) -> dict[bytes, Vectors]:
    found: dict[bytes, Vectors] = {}
    ordered = list(keys)
    for start in range(0, len(ordered), 500):
        part = ordered[start : start + 500]
        marks = ",".join("?" * len(part))
        for key, vector in store.execute(f"select key, vector from vectors where key in ({marks})", part):
            found[key] = np.frombuffer(vector, dtype=np.float32)
    return found


def _keep(store: sqlite3.Connection, rows: dict[bytes, Vectors]) -> None:
    with store:
        store.executemany(
            "insert or ignore into vectors values (?, ?)",
            [(key, np.ascontiguousarray(vector, dtype=np.float32).tobytes()) for key, vector in rows.items()],
        )
