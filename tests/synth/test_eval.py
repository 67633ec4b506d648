"""`synth eval`: the checks on labelled claims, whole reports against bounds and history, judgements of a sample."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from eval import history
from eval.labelled import OWN_CLAIMS, load_claims
from eval.scoring import auc, auc_interval, balanced_accuracy, wilson
from eval.spot import estimate, sample, size
from eval.thresholds import below
from synth import store
from tests.conftest import Loaded
from tests.synth.models import Synth


class TestLabelledClaims:
    def test_of_synth_are_at_least_three_hundred_balanced_and_crossed_between_the_languages(self) -> None:
        rows = load_claims(OWN_CLAIMS)
        assert len(rows) >= 300
        assert abs(sum(r.supported for r in rows) - len(rows) / 2) <= 0.02 * len(rows)
        pairs = [r.languages for r in rows]
        assert {p: pairs.count(p) >= 0.2 * len(rows) for p in set(pairs)} == dict.fromkeys(
            ("en<en", "en<fr", "fr<en", "fr<fr"), True
        )
        assert {r.kind for r in rows} == {
            "", "number", "name", "negation", "cause", "overgeneralisation", "modality", "attribution", "fabricated", "question text", "merged sources",
        }  # fmt: skip
        assert 0.25 <= sum(r.held for r in rows) / len(rows) <= 0.4

    def test_of_synth_are_measured_within_their_bounds(self, synth: Synth) -> None:
        done = synth("eval", "claims", "--json")
        found = json.loads(done.out)
        assert (done.code, found["problems"]) == (0, [])
        assert found["figures"]["question_text_found"] == 1.0
        for part in found["files"][OWN_CLAIMS.name].values():
            for ordering in part["orders"].values():
                assert ordering["low"] <= ordering["support"] <= ordering["high"]

    def test_of_somebody_else_are_measured_by_kind_and_pair_of_languages(self, synth: Synth, tmp_path: Path) -> None:
        rows = [
            {"id": f"r{i}", "claim": f"The fund has {5 if good else 8} members.", "evidence": ["The fund has 5 members.", "It is old."], "label": "supported" if good else "unsupported", "lang_claim": "en", "lang_evidence": "en", "kind": "" if good else "number"}
            for i, good in enumerate((True, False, True, False))
        ]  # fmt: skip
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows))
        done = synth("eval", "claims", path, "--json")
        measured = json.loads(done.out)["files"]["rows.jsonl"]["all"]
        assert (done.code, measured["rows"], measured["supported"]) == (0, 4, 2)
        assert measured["gates"]["numbers"]["number"] == {"rows": 2, "fail": 2, "warn": 0}
        assert measured["balanced_accuracy_fail"] == 1.0
        assert measured["orders"]["en<en"]["rows"] == 4

    @pytest.mark.parametrize("line", ["no JSON", "[]", '{"claim": "x"}', '{"id": "a", "claim": "x", "evidence": ["y"], "label": "maybe", "lang_claim": "en", "lang_evidence": "en", "kind": ""}'])  # fmt: skip
    def test_that_make_no_sense_are_named_with_their_line(self, synth: Synth, tmp_path: Path, line: str) -> None:
        path = tmp_path / "rows.jsonl"
        path.write_text(f"\n{line}\n")
        done = synth("eval", "claims", path)
        assert done.code == 3
        assert re.fullmatch(r"synth: \S+rows.jsonl: line 2 is no .*\n", done.err)


class TestWholeReports:
    def test_are_measured_against_gold_where_there_is_some(self, sample: Loaded, synth: Synth) -> None:
        done = synth("eval", "run", sample.folder, "--json")
        assert done.code == 0
        [found] = json.loads(done.out)["discussions"].values()
        assert found["citation_recall"] == found["citation_precision"] == 1.0
        assert found["supported_by"] == "gates"
        assert found["key_points"] >= 0.4
        assert 0.7 <= found["balance"] <= 1

    def test_of_the_real_discussion_are_within_bounds(self, seed: Loaded, synth: Synth) -> None:
        done = synth("eval", "run", seed.folder)
        assert (done.code, done.err) == (0, "")

    def test_without_a_draft_say_what_to_do(self, copy: Path, synth: Synth) -> None:
        for path in (copy / "drafts").glob("*.json"):
            path.unlink()
        done = synth("eval", "run", copy)
        assert (done.code, "nothing is drafted yet" in done.err) == (2, True)

    def test_that_got_worse_are_named_and_end_with_1(self, copy: Path, synth: Synth, tmp_path: Path) -> None:
        log, page = tmp_path / "log.jsonl", tmp_path / "page.html"
        arguments = ("eval", "run", copy, "--history", log, "--page", page)
        assert synth(*arguments).code == 0
        assert "<li>nothing</li>" in page.read_text()
        for label in ("1.1", "1.2", "1.3"):
            (copy / "drafts" / f"{label}.json").unlink()
        done = synth(*arguments)
        assert done.code == 1
        assert "worse than before: copy answers_covered: 1.000 →" in done.out
        assert "copy answers_covered: 1.000 →" in page.read_text()
        assert len(history.load(log)) == 2


class TestAHistory:
    def test_whose_last_line_was_cut_off_is_read_without_it(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        history.append(path, "2026-01-01", {"a": 1.0})
        with path.open("a") as file:
            file.write('{"when": "2026-01-0')
        assert history.load(path) == [("2026-01-01", {"a": 1.0})]

    def test_names_what_got_worse_whichever_way_is_worse(self) -> None:
        before, now = (
            {"a recall": 0.9, "a redundancy": 0.0, "b": 0.5},
            {"a recall": 0.8, "a redundancy": 0.1, "b": 0.49},
        )
        assert [line.split(":")[0] for line in history.regressions(before, now)] == ["a recall", "a redundancy"]

    def test_page_shows_names_as_text(self) -> None:
        page = history.page([("x", {"<b>": 0.5}), ("y", {"<b>": 0.1})])
        assert "<b>" not in page
        assert "&lt;b&gt;: 0.500 → 0.100" in page


def test_what_is_out_of_bounds_is_named_and_what_was_not_measured_is_not() -> None:
    assert below("run", {"coverage": 0.2, "redundancy": 0.5, "parity": None}) == [
        "coverage is 0.200, at least 0.9 is asked",
        "redundancy is 0.500, at most 0.05 is allowed",
    ]


class TestFigures:
    def test_area_under_the_curve(self) -> None:
        assert auc([True, True, False, False], [0.9, 0.8, 0.2, 0.1]) == 1.0
        assert auc([True, False], [0.5, 0.5]) == 0.5
        assert auc([True, False, True, False], [0.1, 0.9, 0.8, 0.2]) == 0.25
        low, high = auc_interval([True, False] * 50, [0.6, 0.4, 0.4, 0.6] * 25)
        assert low < 0.5 < high

    def test_balanced_accuracy(self) -> None:
        assert balanced_accuracy([True, True, True, False], [True, True, True, True]) == 0.5

    def test_interval_of_a_share(self) -> None:
        low, high = wilson(10, 10)
        assert (round(low, 3), high) == (0.722, 1.0)


class TestASpotCheck:
    def test_is_as_large_as_the_margin_asks_and_no_larger_than_the_report(self) -> None:
        assert size(10_000, 0.05) == 370
        assert size(100, 0.1) == 50
        assert size(5, 0.1) == 5
        assert size(0, 0.1) == 0

    def test_is_the_same_for_the_same_seed(self, sample: Loaded) -> None:
        claims = store.load_report(sample.folder).claims()  # type: ignore[union-attr]
        one, again, other = (sample_ids(claims, seed) for seed in (1, 1, 2))
        assert one == again != other

    def test_of_all_claims_leaves_no_doubt(self) -> None:
        judged = estimate([True] * 9 + [False], 10)
        assert (judged.share, judged.low, judged.high) == (0.9, 0.9, 0.9)
        judged = estimate([True] * 9 + [False], 1000)
        assert judged.low < 0.65 < 0.97 < judged.high

    def test_goes_out_as_a_sheet_and_comes_back_judged(self, sample: Loaded, synth: Synth, tmp_path: Path) -> None:
        done = synth("-C", sample.folder, "eval", "spot", "--margin", "0.2")
        rows = list(csv.DictReader(io.StringIO(done.out)))
        assert 10 <= len(rows) <= 20
        assert all(row["sources"] and row["supported"] == "" for row in rows)
        rows[0]["supported"] = "no"
        for row in rows[1:]:
            row["supported"] = "oui"
        path = tmp_path / "spot.csv"
        with path.open("w", newline="") as file:
            sheet = csv.DictWriter(file, rows[0])
            sheet.writeheader()
            sheet.writerows(rows)
        done = synth("-C", sample.folder, "eval", "spot", "--judged", path)
        assert done.out.startswith(f"{len(rows) - 1} of {len(rows)} judged are supported. Of all ")
        path.write_text(path.read_text().replace(",no", ",perhaps"))
        done = synth("-C", sample.folder, "eval", "spot", "--judged", path)
        assert (done.code, "neither yes nor no" in done.err) == (3, True)


def sample_ids(claims: list, seed: int) -> list[str]:  # type: ignore[type-arg]
    return [c.id for c in sample(claims, 0.2, seed)]
