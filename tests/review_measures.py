"""How quick the review page is with two thousand claims, beside the sample's few: python -m tests.review_measures

The claims are sentences of the sample's contributions, over and over, checked and reported as a run does it. Times are taken in
a real browser on this machine: from the request to the first paint and until the first claim is there with its sources; from
a key to the frame that shows the next claim; from "a" to the frame that shows the claim accepted, with the decision on disk.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from corpus.model import Citation, Claim, Passage, Text
from corpus.sentences import sentences
from eval.gates import check_claim
from eval.harness import failed
from synth import pipeline, store
from synth.numbering import claim_id
from tests.conftest import _do
from tests.synth.review_server import Serving

CLAIMS, KEYS, ACCEPTED = 2_000, 50, 20
WATCH = """() => {
  window.times = { j: [], a: [] };
  const painted = (list, start) => requestAnimationFrame(() => setTimeout(() => list.push(performance.now() - start)));
  let accepting = 0;
  addEventListener("keydown", (event) => {
    if (event.key === "j") { painted(times.j, event.timeStamp); }
    if (event.key === "a") { accepting = event.timeStamp; }
  }, true);
  new MutationObserver((changes) => {
    const done = changes.some((c) => Array.from(c.addedNodes).some((n) => n.classList && n.classList.contains("accepted")));
    if (accepting && done) { painted(times.a, accepting); accepting = 0; }
  }).observe(document.querySelector("main"), { childList: true, subtree: true });
}"""


def enlarged(sample: Path, folder: Path, claims: int) -> Path:
    """A copy of `sample` with so many claims, checked and reported."""
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("lock*", "report"))
    corpus = pipeline.read_corpus(folder)
    drafts = {label: d for label in corpus.labels() if (d := store.load_draft(folder, label)) is not None and d.themes}
    for label, draft in drafts.items():
        quotes = [c for p in corpus.passages if label in p.questions for c in _citations(p)]
        stand = [c for c in quotes if not failed(check_claim(_claim(claim_id(label, 1), c), corpus.grounds))]
        wanted = islice(cycle(stand), claims // len(drafts) + 1)
        made = tuple(_claim(claim_id(label, n), c) for n, c in enumerate(wanted, start=1))
        theme = draft.themes[0].model_copy(update={"claims": made})
        store.save(store.draft_path(folder, label), draft.model_copy(update={"themes": (theme,)}))
    with contextlib.redirect_stdout(io.StringIO()):
        _do("-C", folder, "run")
    return folder


def _citations(passage: Passage) -> list[Citation]:
    spans = [(passage.start + s, passage.start + e, passage.text[s:e]) for s, e in sentences(passage.text)]
    return [Citation(contribution=passage.contribution, passage=passage.id, quote=q.strip(), start=e - len(q.lstrip()), end=e, language=passage.language) for s, e, q in spans]  # fmt: skip


def _claim(id_: str, cited: Citation) -> Claim:
    text = Text(**{cited.language: cited.quote}) if cited.language in ("en", "fr") else Text()
    return Claim(id=id_, kind="finding", text=text, citations=(cited,), status="draft")


def measured(browser: Any, folder: Path) -> Mapping[str, Sequence[float]]:
    """Milliseconds by what was done."""
    with Serving(folder) as serving:
        tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        tab.add_init_script("localStorage.setItem('synth by', 'Ada')")
        tab.goto(serving.link)
        paints, usable = [], []
        for _ in range(4):  # the first time the server reads the drafts
            tab.goto(serving.url)
            tab.wait_for_selector("[data-panel]")
            usable.append(tab.evaluate("performance.now()"))
            paints.append(tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        claims = tab.locator("main article").count()
        tab.evaluate(WATCH)
        for n in range(1, KEYS + 1):
            tab.keyboard.press("j")
            _until(tab, "j", n)
        for n in range(1, ACCEPTED + 1):
            tab.wait_for_selector("[data-panel]")
            tab.keyboard.press("a")
            _until(tab, "a", n)
        times = tab.evaluate("times")
    return {
        "claims": [claims],
        "first paint, first time": paints[:1],
        "first paint": paints[1:],
        "usable": usable[1:],
        "key to paint": times["j"],
        "accept to saved": times["a"],
    }


def _until(tab: Any, key: str, count: int) -> None:
    """Until so many times were taken; the page's policy lets no script wait for it."""
    limit = time.monotonic() + 30
    while tab.evaluate(f"times.{key}.length") < count:
        assert time.monotonic() < limit, f"nothing came of key {key}"


def main() -> None:
    """Print the figures of both discussions."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as p:
        root = Path(name)
        with contextlib.redirect_stdout(io.StringIO()):
            _do("demo", root / "sample")
        many = enlarged(root / "sample", root / "many", CLAIMS)
        browser = p.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        found = [measured(browser, folder) for folder in (root / "sample", many)]
        browser.close()
    print(f"{'milliseconds: median (worst)':28}" + "".join(f"{f['claims'][0]:>12,} claims" for f in found))
    for what in list(found[0])[1:]:
        print(f"{what:28}" + "".join(f"{median(f[what]):>11.0f} ({max(f[what]):.0f})".rjust(19) for f in found))


if __name__ == "__main__":
    main()
