"""A judge is asked whether quotes bear claims: what is sent, what follows from what it says, what it costs, how it fails."""

from __future__ import annotations

import json
import math
import random
import re
from pathlib import Path

import pytest

from eval.judge import Judgement
from tests.openai_server import Server
from tests.synth.models import Synth, claims_of, no_secret, one_line, report_of, verdict_of

pytestmark = pytest.mark.usefixtures("model")

JUDGE = "openai:gpt-judge"


@pytest.fixture
def reported(folder: Path, server: Server, synth: Synth) -> Path:
    """A report by a model that invents causes and drops negations in one claim of four: no gate sees that."""
    server.writer.bad = {"invented-cause": 0.15, "dropped-not": 0.1}
    assert synth("-C", folder, "run").code == 0
    server.writer.bad = {}
    return folder


def bad_claims(folder: Path, server: Server) -> set[str]:
    """The English of the claims in the report that were spoilt on purpose."""
    spoilt = {claim["en"] for kind, claim, _ in server.writer.written if kind != "good"}
    there = {c["text"]["en"] for c in claims_of(report_of(folder))} & spoilt
    assert len(there) >= 2
    return there


def judged(server: Server) -> int:
    return len([c for c in server.calls if task_of_judge(c.system)])


def task_of_judge(system: str) -> bool:
    return system.startswith("You check the claims")


class TestWhatFollows:
    def test_from_a_perfect_judge_is_that_each_bad_claim_is_named_and_no_other(
        self, reported: Path, server: Server, synth: Synth
    ) -> None:
        bad = bad_claims(reported, server)
        server.writer.judge = lambda claim, chance: "unsupported" if claim in bad else "supported"
        done = synth("-C", reported, "check", "--judge", JUDGE)
        assert done.code == 1
        verdict = verdict_of(reported)
        by_id = {c["id"]: c["text"]["en"] for c in claims_of(report_of(reported))}
        assert {by_id[u["claim"]] for u in verdict["unsupported"]} == bad
        assert {u["check"] for u in verdict["unsupported"]} == {"judge"}
        assert verdict["supported_by"] == f"judge:{JUDGE}"
        assert verdict["supported"] == verdict["claims"] - len(bad)
        assert verdict["failed"] == 0
        assert verdict["citation_recall"] == pytest.approx(verdict["supported"] / verdict["claims"], abs=1e-3)
        assert verdict["by_check"]["judge"]["warn"] == len(bad)
        assert f"by gates and judge:{JUDGE}" in done.out

    def test_from_one_that_always_says_yes_is_a_verdict_that_names_it(
        self, reported: Path, server: Server, synth: Synth
    ) -> None:
        assert synth("-C", reported, "check", "--judge", JUDGE).code == 0
        verdict = verdict_of(reported)
        assert (verdict["citation_recall"], verdict["supported_by"]) == (1.0, f"judge:{JUDGE}")
        assert all(counts["not_checked"] == 0 for counts in verdict["by_check"].values())

    @pytest.mark.parametrize("noise", [0.2, 0.5])
    def test_from_one_that_errs_is_as_many_doubts_as_it_had(
        self, reported: Path, server: Server, synth: Synth, noise: float
    ) -> None:
        said: dict[str, str] = {}

        def err(claim: str, chance: random.Random) -> str:
            said[claim] = chance.choice(("partial", "unsupported")) if chance.random() < noise else "supported"
            return said[claim]

        server.writer.judge = err
        synth("-C", reported, "check", "--judge", JUDGE)
        verdict = verdict_of(reported)
        assert verdict["supported"] == sum(s == "supported" for s in said.values()) < verdict["claims"]
        assert len(verdict["unsupported"]) == verdict["claims"] - verdict["supported"]

    def test_from_one_at_random_is_that_exactly_the_claims_it_drew_are_doubted(
        self, reported: Path, server: Server, synth: Synth
    ) -> None:
        drawn: dict[str, str] = {}

        def draw(claim: str, chance: random.Random) -> str:
            return drawn.setdefault(claim, chance.choice(("supported", "partial", "unsupported")))

        server.writer.judge = draw
        assert synth("-C", reported, "check", "--judge", JUDGE).code == 1
        verdict = verdict_of(reported)
        by_id = {c["id"]: c["text"]["en"] for c in claims_of(report_of(reported))}
        doubted = {by_id[u["claim"]]: u["detail"] for u in verdict["unsupported"]}
        assert set(drawn.values()) == {"supported", "partial", "unsupported"}
        assert set(doubted) == {claim for claim, said in drawn.items() if said != "supported"}
        assert all(("in part" in why) == (drawn[claim] == "partial") for claim, why in doubted.items())
        assert verdict["failed"] == 0

    def test_is_that_nothing_leaves_the_report_and_everything_is_shown(
        self, reported: Path, server: Server, synth: Synth
    ) -> None:
        before = len(claims_of(report_of(reported)))
        server.writer.judge = lambda claim, chance: "unsupported"
        (reported / "discussion.toml").write_text(f'judge = "{JUDGE}"\n' + (reported / "discussion.toml").read_text())
        done = synth("-C", reported, "run")
        assert f"the judge doubts {before} claims (synth check)" in done.out
        claims = claims_of(report_of(reported))
        assert len(claims) == before
        assert all(c["checks"][-1]["name"] == "judge" and c["checks"][-1]["detail"] for c in claims)


class TestWhatItCosts:
    def test_is_one_call_for_twenty_claims_and_none_for_what_was_judged(
        self, reported: Path, server: Server, synth: Synth
    ) -> None:
        claims = len(claims_of(report_of(reported)))
        assert synth("-C", reported, "check", "--judge", JUDGE).code == 0
        assert judged(server) == math.ceil(claims / 20)
        (reported / ".synth" / "replies.sqlite").unlink()  # what was judged is known without the replies
        assert synth("-C", reported, "check", "--judge", JUDGE).code == 0
        assert judged(server) == math.ceil(claims / 20)
        path = reported / "drafts" / "1.2.json"
        first = json.loads(path.read_text())["themes"][0]["claims"][0]["text"]["en"]
        path.write_text(path.read_text().replace(first, first.replace(".", " again.")))
        assert synth("-C", reported, "check", "--judge", JUDGE).code == 0
        calls = [c for c in server.calls if task_of_judge(c.system)]
        last = calls[-1]
        assert judged(server) == math.ceil(claims / 20) + 1
        assert len(re.findall(r"^\[\w+ claim \d+\]$", last.user, re.M)) == 1


class TestWhatIsSent:
    def test_is_each_claim_with_its_quotes_marked_in_their_surroundings_within_a_fence(
        self, reported: Path, server: Server, synth: Synth
    ) -> None:
        synth("-C", reported, "check", "--judge", JUDGE)
        calls = [c for c in server.calls if task_of_judge(c.system)]
        sent = "\n".join(c.user for c in calls)
        for claim in claims_of(report_of(reported)):
            assert f"en: {claim['text']['en']}\nfr: {claim['text']['fr']}\n" in sent
            for citation in claim["citations"]:
                assert f"»{' '.join(citation['quote'].split())}«" in " ".join(sent.split())
        assert {c.body["model"] for c in calls} == {"gpt-judge"}
        assert len({c.system for c in calls}) == 1

    def test_names_nobody_where_ids_are_asked_for(
        self, reported: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = [c["author"] or c["organisation"] for c in report_of(reported)["contributors"]]
        monkeypatch.setenv("SYNTH_ATTRIBUTION", "ids")
        synth("-C", reported, "check", "--judge", JUDGE)
        sent = " ".join(c.user for c in server.calls if task_of_judge(c.system))
        assert not [name for name in filter(None, names) if name in sent]


class TestAJudgeThatFails:
    def test_is_named_and_the_gates_verdict_stands(self, reported: Path, server: Server, synth: Synth) -> None:
        server.plan("401", times=None)
        done = synth("-C", reported, "check", "--judge", JUDGE)
        assert done.code == 4
        assert "not every claim was judged: " in one_line(done)
        no_secret(done)
        verdict = verdict_of(reported)
        assert (verdict["supported_by"], verdict["citation_recall"]) == ("gates", 1.0)
        server.plans.clear()
        assert synth("-C", reported, "check", "--judge", JUDGE).code == 0

    def test_at_some_claims_has_not_supported_them_and_is_asked_again(
        self, reported: Path, server: Server, synth: Synth
    ) -> None:
        claims = [c["text"]["en"] for c in claims_of(report_of(reported))]
        left_out = set(claims[::7])
        server.writer.judge = lambda claim, chance: "" if claim in left_out else "supported"
        done = synth("-C", reported, "check", "--judge", JUDGE)
        assert (done.code, "left claims of a call out" in done.err) == (4, True)
        assert verdict_of(reported)["supported"] == len(claims) - len(left_out)
        assert verdict_of(reported)["by_check"]["judge"]["pass"] == len(claims) - len(left_out)
        server.writer.judge = lambda claim, chance: "supported"
        assert synth("-C", reported, "check", "--judge", JUDGE).code == 0
        assert verdict_of(reported)["supported"] == len(claims)

    def test_without_a_key_is_said_before_anything_is_asked(
        self, reported: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = synth("-C", reported, "check", "--judge", "mistralai:large")
        assert (done.code, "set MISTRAL_API_KEY" in one_line(done)) == (2, True)

    def test_for_want_of_a_colleagues_key_stops_nobody_from_reading_and_the_gates_decide(
        self, reported: Path, synth: Synth
    ) -> None:
        toml = reported / "discussion.toml"
        toml.write_text('judge = "mistralai:large"\n' + toml.read_text())
        assert synth("-C", reported, "search", "pumps").code == 0
        assert synth("-C", reported, "status").code == 0
        done = synth("-C", reported, "check")
        assert (done.code, "mistralai:large needs a key: set MISTRAL_API_KEY" in one_line(done)) == (4, True)
        assert verdict_of(reported)["supported_by"] == "gates"


def test_a_judgement_says_in_words_what_is_wrong() -> None:
    assert Judgement(bears="supported").check().verdict == "pass"
    assert Judgement(bears="partial", missing="in\nall districts").check().detail == "borne in part: in all districts"
    assert "do not say the same" in Judgement(bears="supported", same=False).check().detail
    assert Judgement(bears="unsupported").check().verdict == "warn"
