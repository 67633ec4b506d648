"""A real Chroma on disk: what it holds, what survives, what it must not keep."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from corpus.model import Window
from synth import pipeline
from tests.conftest import Loaded
from vectorstore.embedders import BUILT_IN, CachedEmbedder
from vectorstore.index import Index, window_id

TEXTS = [
    "The users pay ten francs for a bucket of water at the pump.",
    "Les usagers paient dix francs le seau d’eau à la pompe.",
    "Young people leave the village for the mines in the south.",
    "The council publishes every breakdown on the wall of the office.",
]


def window(i: int, text: str, questions: tuple[str, ...] = ("1.1",)) -> Window:
    return Window(
        passage=f"C01.p{i + 1}",
        contribution="C01",
        questions=questions,
        start=i * 100,
        end=i * 100 + len(text),
        language="fr" if "’" in text else "en",
        text=text,
    )


WINDOWS = [window(i, t) for i, t in enumerate(TEXTS)]


@pytest.fixture
def embedder(tmp_path: Path) -> CachedEmbedder:
    return CachedEmbedder(BUILT_IN, tmp_path / ".synth" / "vectors.sqlite")


@pytest.fixture
def index(tmp_path: Path, embedder: CachedEmbedder) -> Index:
    return Index(tmp_path, embedder)


def test_every_window_is_found_by_its_own_vector(index: Index) -> None:
    index.sync(WINDOWS)
    for w in WINDOWS:
        best, score = index.query(index.embedder.vectors([w.text])[0], {"language": w.language}, 1)[0]
        assert best == window_id(w)
        assert score == pytest.approx(1, abs=1e-3)


def test_an_index_that_is_up_to_date_is_left_alone(index: Index) -> None:
    index.sync(WINDOWS)
    again = index.sync(WINDOWS)
    assert (again.new, again.removed, again.rebuilt) == (0, 0, False)
    assert index.is_current(WINDOWS)


def test_only_what_changed_is_replaced_and_old_metadata_goes(index: Index) -> None:
    index.sync(WINDOWS)
    changed = [WINDOWS[0].model_copy(update={"questions": ()}), *WINDOWS[1:3]]
    synced = index.sync(changed)
    assert (synced.new, synced.removed, synced.rebuilt) == (1, 2, False)
    assert sorted(index.ids()) == sorted(window_id(w) for w in changed)
    assert index.query(index.embedder.vectors([TEXTS[0]])[0], {"questions": ""}, 1)[0][0] == window_id(WINDOWS[0])


def test_a_write_that_was_cut_off_is_seen_and_the_index_rebuilt_without_embedding_again(
    tmp_path: Path, index: Index
) -> None:
    index.sync(WINDOWS)
    (tmp_path / ".synth" / "index.json").unlink()  # what a killed writer leaves behind
    fresh = Index(tmp_path, CachedEmbedder(BUILT_IN, tmp_path / ".synth" / "vectors.sqlite"))
    assert not fresh.is_current(WINDOWS)
    assert fresh.sync(WINDOWS).rebuilt
    assert fresh.embedder.embedded == 0
    assert len(fresh.ids()) == len(WINDOWS)


def test_a_store_damaged_on_disk_is_rebuilt_by_itself(tmp_path: Path, index: Index) -> None:
    index.sync(WINDOWS)
    # Another process damages the files, as a crash would; this one opens them for the first time afterwards.
    for file in (tmp_path / ".synth").glob("index-*/*.sqlite3"):
        file.write_bytes(b"not a database")
    code = (
        "import sys; from pathlib import Path; from tests.vectorstore.test_index import WINDOWS, BUILT_IN, CachedEmbedder, Index, window;"
        "f = Path(sys.argv[1]); i = Index(f, CachedEmbedder(BUILT_IN, f / '.synth' / 'vectors.sqlite'));"
        "s = i.sync([*WINDOWS, window(9, 'One more sentence about the price of seals.')]); print(s.rebuilt, len(i.ids()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == ["True", "5"], done.stderr[-500:]


def test_a_change_of_embedder_rebuilds(tmp_path: Path, index: Index) -> None:
    index.sync(WINDOWS)
    state = json.loads((tmp_path / ".synth" / "index.json").read_text())
    state["embedder"] = "openai:something"
    (tmp_path / ".synth" / "index.json").write_text(json.dumps(state))
    assert index.sync(WINDOWS).rebuilt


def test_no_text_is_kept_in_the_index(tmp_path: Path, index: Index) -> None:
    index.sync(WINDOWS)
    held = b"".join(p.read_bytes() for p in (tmp_path / ".synth").rglob("*") if p.is_file())
    assert b"bucket" not in held
    assert b"mines" not in held


REMEMBERS = """
import sys
from pathlib import Path
from tests.vectorstore.test_index import BUILT_IN, WINDOWS, CachedEmbedder, Index
folder, windows = Path(sys.argv[1]), int(sys.argv[2])
index = Index(folder, CachedEmbedder(BUILT_IN, folder / ".synth" / "vectors.sqlite"))
many = [WINDOWS[0].model_copy(update={"start": n, "end": n + 9, "text": f"window {n}"}) for n in range(windows)]
index.sync(many)
best = [index.query(index.embedder.vectors([w.text])[0], {"language": "en"}, 1)[0][1] for w in many[:: windows // 20]]
print(min(best))
"""


def test_nothing_else_that_a_process_remembers_is_in_the_index(tmp_path: Path) -> None:
    """Chroma writes memory that it never filled; keys and withdrawn words may have been there."""
    # The C library fills memory with this byte's complement when it is taken, and with the byte when it is given back.
    env = {**os.environ, "MALLOC_PERTURB_": "165"}
    for windows in (20, 30, 30, 1010, 1010, 1020):  # written, added to, only read; then, too, where Chroma writes rows
        told = subprocess.run(
            [sys.executable, "-c", REMEMBERS, tmp_path, str(windows)],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=Path(__file__).parents[2],
        )
        assert told.returncode == 0, told.stderr
        assert float(told.stdout) > 0.999, windows
        files = [p for p in (tmp_path / ".synth").glob("index-*/*/*") if p.is_file()]
        assert {"data_level0.bin", "length.bin"} <= {p.name for p in files}
        remembered = [p.name for p in files if b"\x5a" * 8 in p.read_bytes() or b"\xa5" * 8 in p.read_bytes()]
        assert remembered == [], windows


def test_more_rows_than_chroma_takes_or_gives_at_once(tmp_path: Path) -> None:
    class Axis(CachedEmbedder):
        def vectors(self, texts: object) -> np.ndarray:
            return np.random.default_rng(0).normal(size=(len(texts), 4)).astype(np.float32)  # type: ignore[arg-type]

    many = [window(i, f"sentence {i}") for i in range(33_500)]
    index = Index(tmp_path, Axis("axis", tmp_path / "v.sqlite"))
    index.sync(many)
    assert len(set(index.ids())) == len(many)


def test_texts_are_embedded_once_whatever_is_deleted_but_the_vectors(copy: Path) -> None:
    corpus = pipeline.read_corpus(copy)
    shutil.rmtree(next((copy / ".synth").glob("index-*")))
    _, synced = pipeline.sync_index(corpus)
    assert synced.rebuilt
    assert corpus.embedder.embedded == 0


def test_a_damaged_vector_cache_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"garbage that is no database at all, long enough to be looked at" * 20)
    embedder = CachedEmbedder(BUILT_IN, path)
    assert embedder.vectors(["one", "two", "one"]).shape == (3, 512)
    assert embedder.embedded == 2


def test_the_built_in_embedder_keeps_to_one_core_so_that_two_at_once_do_not_wait_for_each_other() -> None:
    from vectorstore.builtin import BuiltIn

    assert BuiltIn()._model.threads == 1


def test_everything_in_synth_is_derived(copy: Path, sample: Loaded) -> None:
    shutil.rmtree(copy / ".synth")
    retriever, synced = pipeline.sync_index(pipeline.read_corpus(copy))
    assert synced.rebuilt
    assert retriever.search("who pays for repairs", 3)
