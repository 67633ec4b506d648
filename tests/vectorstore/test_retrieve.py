from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import ServerError
from synth import pipeline
from tests.conftest import Loaded
from vectorstore.langchain import BuiltInEmbeddings, as_retriever, open_retriever
from vectorstore.retrieve import Retriever


@pytest.fixture(scope="module")
def retriever(sample: Loaded) -> Retriever:
    corpus = pipeline.read_corpus(sample.folder)
    return pipeline.reader(corpus)


def test_an_english_query_finds_what_was_said_in_french(retriever: Retriever) -> None:
    hits = retriever.search("counterfeit seals sold on the markets", 3)
    assert "C06" in [h.passage.contribution for h in hits]


def test_a_rare_word_is_found_by_its_letters(retriever: Retriever) -> None:
    assert retriever.search("Zounkpodji", 1)[0].passage.contribution == "C12"


def test_both_languages_are_heard(retriever: Retriever) -> None:
    for query in ("Who should be responsible for repairs?", "Qui devrait payer les grosses réparations ?"):
        languages = [h.passage.language for h in retriever.search(query, 10)]
        assert min(languages.count("en"), languages.count("fr")) >= 3


def test_each_passage_is_given_once(retriever: Retriever) -> None:
    ids = [h.passage.id for h in retriever.search("water", 40)]
    assert len(ids) == len(set(ids))


def test_the_index_and_the_direct_comparison_find_the_same(copy: Path) -> None:
    corpus = pipeline.read_corpus(copy)
    indexed, _ = pipeline.sync_index(corpus)
    direct = pipeline.reader(corpus)
    for query in ("price of spare parts", "les jeunes techniciens"):
        assert [h.passage.id for h in indexed.search(query, 5)] == [h.passage.id for h in direct.search(query, 5)]


def test_the_index_is_a_langchain_retriever(retriever: Retriever, sample: Loaded) -> None:
    documents = as_retriever(retriever, k=4).invoke("who pays for the heavy repairs?")
    assert len(documents) == 4
    bodies = {c.id: c.body for c in sample.contributions}
    for d in documents:
        assert bodies[d.metadata["contribution"]][d.metadata["start"] : d.metadata["end"]] == d.page_content
    assert open_retriever(sample.folder, k=2).invoke("spare parts")


def test_the_built_in_embedder_is_a_langchain_embeddings() -> None:
    from langchain_core.embeddings import Embeddings

    embedder = BuiltInEmbeddings()
    assert isinstance(embedder, Embeddings)
    assert len(embedder.embed_query("water")) == 512


def test_an_embedder_whose_server_is_not_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vectorstore.embedders import CachedEmbedder

    monkeypatch.setenv("OPENAI_API_KEY", "none")
    embedder = CachedEmbedder("openai:any", tmp_path / "v.sqlite", "http://127.0.0.1:9/v1")
    with pytest.raises(ServerError, match=r"^the embedder 'openai:any' failed: [^\n]+$"):
        embedder.vectors(["text"])


def test_an_unknown_embedder_is_one_line(tmp_path: Path) -> None:
    from vectorstore.embedders import load_embedder

    with pytest.raises(ServerError, match=r"^the embedder 'nobody:knows' cannot be loaded: [^\n]+$"):
        load_embedder("nobody:knows")
