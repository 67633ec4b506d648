"""Two writers on one folder: one waits or says who holds it, and the index is whole afterwards."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from synth import pipeline
from vectorstore.index import Index, window_id

ROUNDS = 20


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "synth", "-C", str(folder), "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_runs_at_once_twenty_times_leave_an_index_that_answers_like_a_fresh_one(copy: Path) -> None:
    for path in (copy / "contributions").glob("*.md"):
        if path.stem not in ("C01", "C02", "C03"):
            path.unlink()  # few, so that twenty rounds are quick
    waited = 0
    for i in range(ROUNDS):
        for path in [*(copy / "drafts").glob("*.json"), copy / ".synth" / "done"]:
            path.unlink(missing_ok=True)
        if i % 2:
            for index in (copy / ".synth").glob("index-*"):
                shutil.rmtree(index)
            (copy / ".synth" / "index.json").unlink(missing_ok=True)
        body = copy / "contributions" / "C03.md"
        body.write_text(re.sub(r"GHS \d+", f"GHS {60 + i}", body.read_text()))
        both = [start(copy), start(copy)]
        for process in both:
            _, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            waited += "is writing here; waiting for it" in err
    assert waited >= ROUNDS // 2  # they really met
    corpus = pipeline.read_corpus(copy)
    index = Index(copy, corpus.embedder)
    assert index.is_current(corpus.windows)
    assert sorted(index.ids()) == sorted(window_id(w) for w in corpus.windows)
    vectors = corpus.embedder.vectors([w.text for w in corpus.windows])
    for w, vector in zip(corpus.windows, vectors, strict=True):
        found = index.query(np.asarray(vector), {"language": w.language}, 3)
        assert found[0][1] > 0.999
        assert window_id(w) in [i for i, score in found if score > 0.999]


def test_who_cannot_wait_longer_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys; from pathlib import Path; from vectorstore.lock import hold; hold(Path(sys.argv[1]), 'run'); print('held', flush=True); sys.stdin.read()", str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "held"
    try:
        code = "import sys; from pathlib import Path; from vectorstore.lock import hold; hold(Path(sys.argv[1]), 'run', wait=0.2)"
        other = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=Path(__file__).parents[2],
        )
        assert f"synth run (process {holder.pid}" in other.stderr
    finally:
        holder.communicate("", timeout=10)
