"""For people who build chains of their own: the index as a LangChain retriever, the built-in embedder as `Embeddings`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever

from vectorstore.builtin import BuiltIn
from vectorstore.retrieve import Hit, Retriever


class BuiltInEmbeddings(BuiltIn, Embeddings):
    """The built-in embedder, wherever LangChain wants an `Embeddings`."""


class SynthRetriever(BaseRetriever):
    """Passages for a query, both languages heard: page_content is the passage, metadata says where it stands."""

    search: Any
    k: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit) for hit in self.search(query, self.k)]


def as_retriever(retriever: Retriever, k: int = 10) -> SynthRetriever:
    """`retriever` as a LangChain retriever that gives `k` passages."""
    return SynthRetriever(search=retriever.search, k=k)


def open_retriever(folder: Path, k: int = 10) -> SynthRetriever:
    """The LangChain retriever of the discussion in `folder` as it stands, with the built-in embedder.

    Raises FolderError where there is no discussion. The lock of the folder is not needed: vectors are compared directly.
    """
    from corpus.folder import load_contributions, load_discussion
    from corpus.passages import passages, windows
    from vectorstore.embedders import CachedEmbedder

    discussion = load_discussion(folder)
    found = [p for c in load_contributions(folder, discussion).read() for p in passages(c, discussion)]
    embedder = CachedEmbedder("builtin", folder / ".synth" / "vectors.sqlite")
    return as_retriever(Retriever(found, [w for p in found for w in windows(p)], embedder), k)


def _document(hit: Hit) -> Document:
    passage = hit.passage
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "contribution": passage.contribution,
            "passage": passage.id,
            "questions": list(passage.questions),
            "language": passage.language,
            "start": passage.start,
            "end": passage.end,
            "best_window": hit.window.text,
            "score": hit.score,
        },
    )
