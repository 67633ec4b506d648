"""A report that was sent out is proven again; whatever somebody did to it is found and named."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from eval.harness import check_drafts
from synth import pipeline
from synth.report.proof import Deviation, deviations
from synth.report.write import rendered
from tests.openai_server import Server
from tests.synth.models import Synth, claims_of, report_of

pytestmark = pytest.mark.usefixtures("model")

Json = dict[str, Any]
Prove = Callable[[Path], list[Deviation]]
FILES = ("report.en.html", "report.fr.html", "report.en.md", "report.fr.md", "report.json")


@pytest.fixture
def reported(folder: Path, server: Server, synth: Synth) -> Path:
    """A discussion with a report in both languages, written by the test server."""
    assert synth("-C", folder, "run").code == 0
    assert len(claims_of(report_of(folder))) >= 20
    return folder


def prover(folder: Path) -> Prove:
    """What `synth verify` does, read once for many files."""
    corpus = pipeline.read_corpus(folder)
    drafts, recommendations = pipeline.load_drafts(corpus)
    report = pipeline.report_of(corpus, check_drafts(drafts, corpus.grounds)[0], recommendations)
    expected = rendered(report, corpus.contributions, corpus.discussion)
    return lambda path: deviations(path, expected, corpus.contributions, corpus.grounds)


# -- what somebody, or something, may do to report.json -------------------------------------------------------


def shift(claim: Json, others: list[Json], chance: random.Random) -> str:
    citation = chance.choice(claim["citations"])
    by = chance.choice((-7, -1, 1, 5))
    citation["start"] += by
    citation["end"] += by
    return "span"


def swap_source(claim: Json, others: list[Json], chance: random.Random) -> str:
    mine = claim["citations"][0]
    other = next(c for o in others for c in o["citations"] if c["contribution"] != mine["contribution"])
    mine["contribution"] = other["contribution"]
    return "span"


def change_digit(claim: Json, others: list[Json], chance: random.Random) -> str:
    for language in ("en", "fr"):
        text = claim["text"][language]
        if match := re.search(r"\d", text):
            digit = str((int(match.group()) + chance.randint(1, 8)) % 10)
            claim["text"][language] = text[: match.start()] + digit + text[match.end() :]
            return "changed"
    claim["text"]["en"] += " (in 1987)"
    return "changed"


def drop_not(claim: Json, others: list[Json], chance: random.Random) -> str:
    text = claim["text"]["en"]
    without = re.sub(r" (?:does |has |should |is )?not\b", "", text, count=1)
    claim["text"]["en"] = without if without != text else text.replace(" ", " not ", 1)
    return "changed"


def swap_french(claim: Json, others: list[Json], chance: random.Random) -> str:
    other = next(o for o in others if o["text"]["fr"] != claim["text"]["fr"])
    claim["text"]["fr"], other["text"]["fr"] = other["text"]["fr"], claim["text"]["fr"]
    return "changed"


def delete_citation(claim: Json, others: list[Json], chance: random.Random) -> str:
    claim["citations"].pop(chance.randrange(len(claim["citations"])))
    return "sources" if claim["citations"] else "broken"


def quote_another(claim: Json, others: list[Json], chance: random.Random) -> str:
    other = next(c for o in others for c in o["citations"] if c["quote"] != claim["citations"][0]["quote"])
    claim["citations"][0]["quote"] = other["quote"]
    return "span"


def invent_id(claim: Json, others: list[Json], chance: random.Random) -> str:
    claim["citations"][0]["contribution"] = f"C{chance.randint(50, 99)}"
    return "source"


CORRUPTIONS = (shift, swap_source, change_digit, drop_not, swap_french, delete_citation, quote_another, invent_id)


def test_each_of_two_hundred_corruptions_is_found_and_named_and_the_report_itself_is_not(
    reported: Path, tmp_path: Path
) -> None:
    prove, chance = prover(reported), random.Random(11)
    whole = json.loads((reported / "report" / "report.json").read_text())
    assert prove(reported / "report" / "report.json") == []
    path = tmp_path / "sent.json"
    unseen = []
    for i in range(200):
        corrupt, data = CORRUPTIONS[i % len(CORRUPTIONS)], deepcopy(whole)
        claims = claims_of(data)
        claim = claims[chance.randrange(len(claims))]
        others = [c for c in claims if c["id"] != claim["id"]]
        chance.shuffle(others)
        kind = corrupt(claim, others, chance)
        path.write_text(json.dumps(data, ensure_ascii=False))
        found = prove(path)
        if not [d for d in found if d.kind == kind and (kind == "broken" or d.where.startswith(claim["id"]))]:
            unseen.append((corrupt.__name__, claim["id"], [d.kind for d in found]))
    assert unseen == []


def test_what_is_done_to_a_draft_fails_the_check_where_a_gate_can_see_it(reported: Path, synth: Synth) -> None:
    """A draft is what was checked; so it is checked again each time."""
    for corrupt in (shift, swap_source, quote_another, invent_id):
        path = reported / "drafts" / "1.2.json"
        before = path.read_text()
        draft = json.loads(before)
        claims = [c for theme in draft["themes"] for c in theme["claims"]]
        corrupt(claims[0], claims[1:], random.Random(3))
        path.write_text(json.dumps(draft, ensure_ascii=False))
        done = synth("-C", reported, "check")
        assert done.code == 1, corrupt.__name__
        assert claims[0]["id"] in done.out
        path.write_text(before)
    assert synth("-C", reported, "check").code == 0


@pytest.mark.parametrize("name", FILES)
def test_a_report_as_it_was_written_deviates_in_nothing(reported: Path, synth: Synth, name: str) -> None:
    done = synth("-C", reported, "verify", reported / "report" / name)
    assert (done.code, done.err) == (0, "")
    assert "each as it was checked" in done.out


@pytest.mark.parametrize("name", [f for f in FILES if not f.endswith("json")])
class TestAPageThatWasChanged:
    def change(self, folder: Path, name: str, of: Callable[[str], str]) -> Path:
        text = (folder / "report" / name).read_text()
        changed = of(text)
        assert changed != text
        path = folder / f"sent{Path(name).suffix}"
        path.write_text(changed)
        return path

    def found(self, folder: Path, synth: Synth, path: Path) -> list[Json]:
        done = synth("-C", folder, "verify", path, "--json")
        assert done.code == 1
        rows: list[Json] = json.loads(done.out)
        return rows

    def test_in_a_sentence_is_named_with_the_claim(self, reported: Path, synth: Synth, name: str) -> None:
        claim = claims_of(report_of(reported))[3]
        language = name.split(".")[1]
        words = claim["text"][language].split(" ")[3]
        mark = f'id="{language}-{claim["id"]}"' if name.endswith("html") else f'<a id="{claim["id"]}">'

        def put_in(text: str) -> str:
            at = text.index(words, text.index(mark) + len(mark))
            return text[:at] + "certainly " + text[at:]

        rows = self.found(reported, synth, self.change(reported, name, put_in))
        assert [(r["kind"], r["where"]) for r in rows] == [("changed", f"{claim['id']} ({language})")]
        assert "certainly" in rows[0]["detail"]

    def test_by_a_sentence_more_or_less_is_named(self, reported: Path, synth: Synth, name: str) -> None:
        claim, language = claims_of(report_of(reported))[2]["id"], name.split(".")[1]
        mark = f'id="{language}-{claim}"' if name.endswith("html") else f'<a id="{claim}">'
        rows = self.found(
            reported, synth, self.change(reported, name, lambda t: t.replace(mark, mark.replace(claim, "1.1-77")))
        )
        kinds = {(r["kind"], r["where"]) for r in rows}
        assert {("added", f"1.1-77 ({language})"), ("missing", f"{claim} ({language})")} <= kinds

    def test_in_a_contribution_or_in_who_answered_is_named(self, reported: Path, synth: Synth, name: str) -> None:
        rows = self.found(reported, synth, self.change(reported, name, lambda t: t.replace("Mwanjati", "Elsewhere")))
        assert {r["kind"] for r in rows} & {"contribution", "elsewhere", "quote"}


def test_a_quotation_whose_contribution_was_corrected_since_is_named(
    reported: Path, synth: Synth, tmp_path: Path
) -> None:
    sent = tmp_path / "report.en.html"
    sent.write_bytes((reported / "report" / "report.en.html").read_bytes())
    claim = claims_of(report_of(reported))[0]
    cited = claim["citations"][0]["contribution"]
    path = reported / "contributions" / f"{cited}.md"
    quote = claim["citations"][0]["quote"]
    path.write_text(path.read_text().replace(quote, quote.replace(" ", "  ", 1)))
    done = synth("-C", reported, "verify", sent)
    assert done.code == 1
    assert re.search(rf"^{cited}-\d+-\d+: quote: {cited} does not say", done.out, re.M)


def test_a_file_that_is_no_report_is_said_to_be_none(reported: Path, synth: Synth, tmp_path: Path) -> None:
    for name, content in (("report.odt", "x"), ("report.json", "[]"), ("absent.html", None)):
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        done = synth("-C", reported, "verify", path)
        assert done.code in (1, 3)
        assert len((done.out + done.err).strip().split("\n")) <= 2
