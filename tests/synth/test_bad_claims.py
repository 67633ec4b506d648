"""Well-formed replies with bad claims: none of them is in the report, each is listed with what was wrong, good ones stay."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Loaded
from tests.openai_server import Server, Writer
from tests.scale import enlarged
from tests.synth.models import (
    Synth,
    claims_of,
    drafted_claims,
    drafts,
    report_of,
    strings,
    task,
    verdict_of,
)

LABEL = "2.3"
BY_CHECK = {
    "invented-id": {"source"},
    "absent-quote": {"source"},
    "foreign-quote": {"source"},
    "wrong-number": {"numbers"},
    "wrong-name": {"names"},
    "stranger": {"names"},
    "french-in-english": {"language"},
    "parity-number": {"numbers", "parity"},
    "parity-negation": {"parity"},
    "counts": {"counts"},
}
FOR_A_JUDGE = ("dropped-not", "invented-cause")  # what no gate can see

pytestmark = pytest.mark.usefixtures("model")


def planted(server: Server, *kinds: str) -> list[dict[str, str]]:
    """The bad claims of these kinds that were written (any kind if none is named); not those that a good claim equals."""
    good = {claim["en"] for kind, claim, _ in server.writer.written if kind == "good"}
    return [
        claim
        for kind, claim, _ in server.writer.written
        if kind != "good" and (not kinds or kind in kinds) and claim["en"] not in good
    ]


class TestABadClaimOfAModelThatDoesNoBetter:
    @pytest.mark.parametrize("fault", BY_CHECK)
    def test_is_in_no_report_and_listed_with_check_and_reason(
        self, folder: Path, server: Server, synth: Synth, fault: str
    ) -> None:
        server.writer.stubborn = True
        server.plan(fault, times=None)
        done = synth("-C", folder, "draft", "-q", LABEL)
        assert (done.code, done.err) == (0, "")
        bad = planted(server, fault)
        assert len(bad) >= 2
        assert fault == "invented-id" or [c for c in server.calls if task("repair")(c)]
        assert synth("-C", folder, "report").code == 0
        said = set(strings(report_of(folder)))
        verdict = verdict_of(folder)
        dropped = {d["text"]["en"]: d for d in verdict["dropped"]}
        for claim in bad:
            assert claim["en"] not in said
            assert claim["fr"] not in said
            listed = dropped[claim["en"]]
            assert listed["question"] == LABEL
            assert listed["check"] in BY_CHECK[fault]
            assert len(listed["detail"]) > 15
        assert verdict["failed"] == 0
        assert f"{len(verdict['dropped'])} dropped" in done.out
        for name in ("report.en.html", "report.fr.html", "report.en.md", "report.fr.md"):
            page = (folder / "report" / name).read_text()
            assert not [c for c in bad if c["en"] in page or c["fr"] in page]

    def test_said_twenty_times_is_one_claim(self, folder: Path, server: Server, synth: Synth) -> None:
        server.plan("repeat", times=None)
        assert synth("-C", folder, "draft", "-q", LABEL).code == 0
        written = [claim["en"] for _, claim, _ in server.writer.written]
        assert len(written) >= 40
        claims = drafted_claims(folder, LABEL)
        assert sorted(c["text"]["en"] for c in claims) == sorted(set(written))
        for claim in claims:
            places = [(x["contribution"], x["start"], x["end"]) for x in claim["citations"]]
            assert len(places) == len(set(places))


class TestABadClaimOfAModelThatDoesBetter:
    @pytest.mark.parametrize("fault", BY_CHECK)
    def test_is_put_right_by_one_repair_that_says_what_was_wrong(
        self, folder: Path, server: Server, synth: Synth, fault: str
    ) -> None:
        server.plan(fault, times=1)
        done = synth("-C", folder, "draft", "-q", LABEL)
        assert (done.code, done.err) == (0, "")
        bad = planted(server, fault)
        repairs = [c for c in server.calls if task("repair")(c)]
        assert bad
        assert repairs
        for claim in bad:
            assert any(f"en: {claim['en']}" in c.user for c in repairs)
        assert all("\nrefused: " in c.user for c in repairs)
        claims = drafted_claims(folder, LABEL)
        assert len(claims) >= 4
        assert not {c["text"]["en"] for c in claims} & {c["en"] for c in bad}
        assert json.loads(drafts(folder)[LABEL])["dropped"] == []

    def test_is_given_up_if_it_comes_back_the_same(self, folder: Path, server: Server, synth: Synth) -> None:
        server.writer.stubborn = True
        server.plan("wrong-number", times=None)
        assert synth("-C", folder, "draft", "-q", LABEL).code == 0
        assert len([c for c in server.calls if task("repair")(c)]) == 1  # the same question again would get the same
        calls = len(server.calls)
        assert synth("-C", folder, "draft", "-q", LABEL).code == 0
        assert len(server.calls) == calls


class TestWhatOnlyAJudgeCanSee:
    @pytest.mark.parametrize("fault", FOR_A_JUDGE)
    def test_is_counted_as_supported_by_gates_with_meaning_unchecked(
        self, folder: Path, server: Server, synth: Synth, fault: str
    ) -> None:
        server.writer.stubborn = True
        server.plan(fault, times=None)
        assert synth("-C", folder, "draft").code == 0
        assert synth("-C", folder, "report").code == 0
        bad = planted(server, fault)
        through = {c["text"]["en"] for c in claims_of(report_of(folder))} & {c["en"] for c in bad}
        verdict = verdict_of(folder)
        dropped = {d["text"]["en"] for d in verdict["dropped"]} & {c["en"] for c in bad}
        print(f"{fault}: {len(bad)} written, {len(through)} in the report for a judge to see, {len(dropped)} dropped")
        assert len(bad) >= 1
        assert through | dropped == {c["en"] for c in bad}
        assert verdict["supported_by"] == "gates"
        assert verdict["supported"] == verdict["claims"] - verdict["failed"]
        [judged] = [counts for name, counts in verdict["by_check"].items() if name.startswith("meaning")]
        assert judged == {"pass": 0, "fail": 0, "warn": 0, "not_checked": verdict["claims"]}
        assert "meaning was not checked" in synth("-C", folder, "check").out


def test_of_thirty_in_a_hundred_bad_claims_about_the_real_discussion_none_is_in_and_the_good_ones_are(
    seed: Loaded, tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = [*BY_CHECK, *FOR_A_JUDGE]
    folder = enlarged(seed.folder, tmp_path / "seed", 1)
    (folder / ".synth").mkdir()
    (folder / ".synth" / "vectors.sqlite").write_bytes((seed.folder / ".synth" / "vectors.sqlite").read_bytes())
    with Server(Writer(bad=dict.fromkeys(kinds, 0.3 / len(kinds)), stubborn=True)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        done = synth("-C", folder, "run")
        written = list(server.writer.written)
        bad = planted(server)
    assert (done.code, done.err) == (0, "")
    said = {c["text"]["en"] for c in claims_of(report_of(folder))}
    everything = set(strings(report_of(folder)))
    counts = Counter(kind for kind, _, _ in written)
    through = Counter(kind for kind, claim, _ in written if claim in bad and {claim["en"], claim["fr"]} & everything)
    good = [claim["en"] for kind, claim, _ in written if kind == "good"]
    kept = sum(en in said for en in good)
    print(f"written: {dict(counts)}; good and in the report: {kept} of {len(good)}")
    print(f"bad and in the report, for a judge to see: {dict(through)}")
    assert len(bad) >= 0.2 * len(written)
    assert set(counts) >= {"invented-id", "absent-quote", "wrong-number", "wrong-name"}
    assert set(through) <= set(FOR_A_JUDGE)
    assert kept >= 0.97 * len(good)
    dropped = {d["text"]["en"] for d in verdict_of(folder)["dropped"]}
    assert {claim["en"] for claim in bad} - said <= dropped
