"""Servers that fail: what the user sees, what is kept, that the same command goes on without paying twice."""

from __future__ import annotations

import json
import re
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import ServerError
from synth.cli import _run
from synth.llm import client
from tests.openai_server import Recorded, Server, faults
from tests.synth.models import (
    KEY,
    Synth,
    asked,
    claims_of,
    closed_port,
    drafted_claims,
    drafts,
    files_with_the_key,
    holds,
    no_secret,
    one_line,
    report_of,
    task,
    verdict_of,
)

pytestmark = pytest.mark.usefixtures("model")


def paid(server: Server) -> list[str]:
    """What was asked in calls that got a good reply."""
    return [asked(c) for c in server.calls if not c.fault and c.status == 200]


def under(label: str) -> Callable[[Recorded], bool]:
    """Whether a request is to draft a question."""
    return lambda recorded: task("draft")(recorded) and f'\nUnder "{label}" write' in recorded.user


class TestAFaultThatPasses:
    """The user sees nothing of it but the draft."""

    @pytest.mark.parametrize("fault", ["429", "429-retry-after", "500", "503", "reset", "cut", "html", "truncated", "other-schema", "prose", "prose-around", "empty"])  # fmt: skip
    def test_is_tried_again_until_it_has_passed(self, folder: Path, server: Server, synth: Synth, fault: str) -> None:
        server.plan(fault, times=2)
        done = synth("-C", folder, "draft", "-q", "1.1")
        assert done.code == 0
        assert done.err == ""
        assert len(drafted_claims(folder, "1.1")) >= 3
        drafting = [c for c in server.calls if task("draft")(c)]
        assert len(drafting) == (1 if fault == "prose-around" else 3)
        before, calls = drafts(folder), len(server.calls)
        assert synth("-C", folder, "draft", "-q", "1.1").code == 0
        assert (drafts(folder), len(server.calls)) == (before, calls)

    @pytest.mark.parametrize("fault", ["hang", "drip"])
    def test_also_where_the_server_never_ends_its_answer(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch, fault: str
    ) -> None:
        """One attempt gets half of the time, so there is time for another."""
        assert synth("-C", folder, "draft", "-q", "1.2").code == 0  # everything is loaded
        monkeypatch.setenv("SYNTH_MODEL_TIMEOUT", "2")
        server.plan(fault, times=1)
        done = synth("-C", folder, "draft", "-q", "1.1")
        assert (done.code, done.err) == (0, "")
        assert len(drafted_claims(folder, "1.1")) >= 3

    def test_a_wait_that_the_server_asks_for_is_kept(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(client, "FIRST_WAIT", 1000.0)  # only the server's own 0.01 s can be waited for
        server.plan("429-retry-after", times=3)
        assert synth("-C", folder, "draft", "-q", "1.1").code == 0
        assert len([c for c in server.calls if c.status == 429]) == 3

    def test_a_wait_longer_than_the_call_may_take_is_not_begun(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        long = faults.Refusal(429, "Rate limit reached.", "requests", "rate_limit_exceeded", headers={"Retry-After": "3600"})  # fmt: skip
        monkeypatch.setitem(faults.REFUSALS, "429", long)
        server.plan("429", times=None)
        done = synth("-C", folder, "draft", "-q", "1.1")
        assert done.code == 4
        assert "takes no more requests now (429)" in one_line(done)
        assert len(server.calls) == 1


STAYS = {
    "401": ("refused the key (401). Set OPENAI_API_KEY", 1),
    "403": ("does not let this key use openai:gpt-test (403). Check OPENAI_API_KEY", 1),
    "404-model": ("there is no model openai:gpt-test at http://127.0.0.1", 1),
    "quota": ("has no quota left (429 insufficient_quota). Add credit", 1),
    "429": ("takes no more requests now (429). Lower [model] concurrency", 5),
    "429-retry-after": ("takes no more requests now (429). Lower [model] concurrency", 5),
    "500": ("failed (500: The server had an error", 5),
    "503": ("failed (503: The engine is currently overloaded", 5),
    "reset": ("cannot be reached", 5),
    "cut": ("broke off in the middle of its answer; tried 5 times", 5),
    "html": ("is no reply of a model server", 5),
    "truncated": ("question 1.1 was not drafted: the model's replies could not be used (its JSON is broken", 3),
    "other-schema": ("the model's replies could not be used (themes: Field required", 3),
    "prose": ("the model's replies could not be used (it holds no JSON object", 3),
    "empty": ("the model's replies could not be used (it is empty", 3),
}


def _not_drafted(line: str) -> list[str]:
    """The questions that a line says were not drafted."""
    match = re.search(r"questions? ([\w., ]+?) (?:was|were) not drafted: ", line)
    assert match
    return match[1].split(", ")


class TestAFaultThatStays:
    @pytest.mark.parametrize("fault", STAYS)
    def test_ends_with_one_line_and_exit_code_4_and_the_same_command_goes_on(
        self, folder: Path, server: Server, synth: Synth, fault: str
    ) -> None:
        said, calls = STAYS[fault]
        assert synth("-C", folder, "draft", "-q", "1.2").code == 0
        finished, before = drafts(folder), paid(server)
        server.plan(fault, times=None)
        failing = len(server.calls)
        done = synth("-C", folder, "draft", "-q", "1.1")
        assert done.code == 4
        assert said in one_line(done)
        assert "the same command goes on from there" in done.err
        assert len(server.calls) - failing == calls
        assert drafts(folder) == finished
        server.plans.clear()
        again = synth("-C", folder, "draft", "-q", "1.1")
        assert (again.code, again.err) == (0, "")
        assert len(drafted_claims(folder, "1.1")) >= 3
        assert drafts(folder)["1.2"] == finished["1.2"]
        assert not set(paid(server)[len(before) :]) & set(before)

    @pytest.mark.parametrize("fault", ["hang", "drip"])
    def test_a_server_that_never_ends_its_answer_is_left_when_the_time_is_over(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch, fault: str
    ) -> None:
        assert synth("-C", folder, "draft", "-q", "1.2").code == 0  # everything is loaded
        monkeypatch.setenv("SYNTH_MODEL_TIMEOUT", "0.6")
        server.plan(fault, times=None)
        done = synth("-C", folder, "draft", "-q", "1.1")
        ended = time.monotonic()
        assert done.code == 4
        assert "did not answer in time" in one_line(done)
        assert ended - next(c.started for c in server.calls if c.fault) < 2
        assert list(drafts(folder)) == ["1.2"]

    def test_a_server_that_is_down_is_named_with_its_address(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert synth("-C", folder, "draft", "-q", "1.2").code == 0
        finished = drafts(folder)
        where = f"http://127.0.0.1:{closed_port()}/v1"
        monkeypatch.setenv("OPENAI_BASE_URL", where)
        done = synth("-C", folder, "run")
        assert done.code == 4
        line = one_line(done)
        assert f"({where}) cannot be reached" in line
        assert "Check the network and OPENAI_BASE_URL" in line
        assert "0 of 7 questions are done; the same command goes on from there." in line
        assert {**drafts(folder), **finished} == drafts(folder)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        calls = len(server.calls)
        assert synth("-C", folder, "run").code == 0
        assert not [c for c in server.calls[calls:] if under("1.2")(c)]
        assert len(claims_of(report_of(folder))) >= 20

    @pytest.mark.parametrize("fault", ["reset", "prose"])
    def test_at_one_call_leaves_the_questions_of_the_others_finished(
        self, folder: Path, server: Server, synth: Synth, fault: str
    ) -> None:
        """The others answer slowly: that nothing has come back yet says nothing of them."""
        server.latency = (0.5, 0.0)
        server.plan(fault, times=None, when=under("2.3"))
        done = synth("-C", folder, "run")
        no_secret(done)
        assert done.code == 4
        unfinished = _not_drafted(one_line(done))
        assert "2.3" in unfinished
        assert len(unfinished) <= 2  # short questions share a call
        assert set(drafts(folder)) == {"1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "2.3", "other"} - set(unfinished)
        unwritten = [q["id"] for q in report_of(folder)["questions"] if not q["themes"]]
        assert set(unfinished) <= set(unwritten)
        before = paid(server)
        server.plans.clear()
        assert synth("-C", folder, "run").code == 0
        now = paid(server)[len(before) :]
        assert not set(now) & set(before)
        assert len([a for a in now if a.startswith("You draft")]) == 1
        assert [q for q in report_of(folder)["questions"] if q["id"] == "2.3" and q["themes"]]

    def test_calls_that_are_being_answered_when_it_comes_are_kept(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        """The account runs dry in the middle: what is on its way is paid for."""
        server.latency = (0.5, 0.0)
        server.plan("reset", times=1, when=under("2.3"))  # so that this call comes again while the others are answered
        server.plan("quota", times=None, when=under("2.3"))
        done = synth("-C", folder, "draft")
        assert done.code == 4
        assert "no quota left" in one_line(done)
        before = paid(server)
        assert len(before) >= 2
        server.plans.clear()
        assert synth("-C", folder, "draft").code == 0
        assert not set(paid(server)[len(before) :]) & set(before)

    def test_when_only_recommendations_are_left_is_one_line_too(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        server.plan("quota", times=None, when=task("recommend"))
        done = synth("-C", folder, "run")
        assert done.code == 4
        assert "the recommendations were not drafted" in one_line(done)
        assert "no quota left" in one_line(done)
        assert len(claims_of(report_of(folder))) >= 20  # every question is drafted: the report is there
        before = paid(server)
        server.plans.clear()
        assert synth("-C", folder, "run").code == 0
        assert [a.startswith("You write the recommendations") for a in paid(server)[len(before) :]] == [True]

    def test_that_no_call_will_survive_sends_no_further_call(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SYNTH_MODEL_CONCURRENCY", "1")
        server.plan("401", times=None)
        assert synth("-C", folder, "draft").code == 4
        assert len(server.calls) == 1


class TestTheKey:
    def test_is_in_no_output_and_no_file_even_if_the_server_says_it_back(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        echo = f"Incorrect API key provided: {KEY}. Header was 'Authorization: Bearer {KEY}'"
        statuses = {"401": 401, "403": 403, "404-model": 404, "500": 500, "503": 418}
        for fault, status in statuses.items():
            monkeypatch.setitem(faults.REFUSALS, fault, faults.Refusal(status, echo))
        for fault in statuses:
            server.plan(fault, times=None)
            for command in (["draft", "-q", "1.1"], ["doctor"]):
                done = synth("-C", folder, *command)
                assert done.code == 4
                no_secret(done)
                assert "sk-secret" not in done.out + done.err
            server.plans.clear()
        assert server.calls[0].headers["authorization"] == f"Bearer {KEY}"
        assert synth("-C", folder, "draft", "-q", "1.1").code == 0
        assert files_with_the_key(folder) == []

    def test_nor_is_a_password_within_the_address(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url.replace("//", f"//somebody:{KEY}@"))
        assert synth("-C", folder, "draft", "-q", "1.1").code == 0
        server.plan("500", times=None)
        done = synth("-C", folder, "draft", "-q", "1.2")
        assert done.code == 4
        assert f"({server.url})" in one_line(done)
        assert files_with_the_key(folder) == []

    def test_is_in_no_traceback(
        self, folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        echo = f"Incorrect API key provided: {KEY}."
        monkeypatch.setitem(faults.REFUSALS, "401", faults.Refusal(401, echo))
        server.plan("401", times=None)
        with pytest.raises(ServerError) as raised:
            _run(["--debug", "-C", str(folder), "draft", "-q", "1.1"], debug=True)
        assert KEY not in "".join(traceback.format_exception(raised.value))


class TestWhatIsTooLong:
    @pytest.mark.parametrize("fault", ["context-length", "length"])
    def test_is_read_in_halves_and_joined(self, folder: Path, server: Server, synth: Synth, fault: str) -> None:
        server.plan(fault, times=1)
        done = synth("-C", folder, "draft", "-q", "1.2")
        assert (done.code, done.err) == (0, "")
        whole, *halves = [c for c in server.calls if task("draft")(c)]
        ids = [re.findall(r"^\[\w+ (C\d+\.p\d+)\]$", c.user, re.MULTILINE) for c in (whole, *halves)]
        assert len(halves) == 2
        assert sorted(ids[1] + ids[2]) == sorted(ids[0])
        assert len([c for c in server.calls if task("merge")(c)]) == 1
        assert len(drafted_claims(folder, "1.2")) >= 3
        calls = len(server.calls)
        assert synth("-C", folder, "draft", "-q", "1.2").code == 0
        assert len(server.calls) == calls

    def test_without_end_is_given_up_at_one_passage_and_the_setting_named(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        server.plan("context-length", times=None)
        done = synth("-C", folder, "draft", "-q", "1.1")
        assert done.code == 4
        assert re.search(r"passage C\d+\.p\d+ alone is too long for the model; set \[model\] context", one_line(done))
        assert len(server.calls) < 40

    def test_a_model_that_always_stops_halfway_gives_what_is_complete_and_nothing_else(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        server.plan("length", times=None)
        done = synth("-C", folder, "draft", "-q", "1.1")
        no_secret(done)
        assert done.code in (0, 4)
        assert len(server.calls) < 60
        assert synth("-C", folder, "report").code == 0
        report_of(folder)


class TestARefusal:
    @pytest.mark.parametrize("fault", ["content-filter", "content-filter-400", "refusal"])
    def test_of_one_contribution_is_recorded_and_everybody_else_is_heard(
        self, folder: Path, server: Server, synth: Synth, fault: str
    ) -> None:
        server.plan(fault, times=None, when=holds("C05"))
        done = synth("-C", folder, "run")
        assert (done.code, done.err) == (0, "")
        assert "C05 is not in the report" in done.out
        report = report_of(folder)
        cited = {x["contribution"] for c in claims_of(report) for x in c["citations"]}
        assert {f"C{n:02d}" for n in range(1, 13)} - cited == {"C05", "C09"}
        [why] = [n["why"] for n in report["not_represented"] if n["id"] == "C05"]
        assert "would not read" in why
        for language, words in (("en", "would not read"), ("fr", "a refusé de lire")):
            assert words in (folder / "report" / f"report.{language}.md").read_text()
        before, calls = drafts(folder), len(server.calls)
        assert synth("-C", folder, "run").code == 0
        assert (drafts(folder), len(server.calls)) == (before, calls)

    @pytest.mark.parametrize("fault", ["content-filter", "refusal"])
    def test_of_everything_is_no_success(self, folder: Path, server: Server, synth: Synth, fault: str) -> None:
        """The report says that nobody is in it; so does the exit code, each time."""
        server.plan(fault, times=None)
        for _ in range(2):
            done = synth("-C", folder, "run")
            assert done.code == 4
            assert "refused to read every contribution" in one_line(done)
            assert claims_of(report_of(folder)) == []
        calls = len(server.calls)
        assert synth("-C", folder, "draft").code == 4
        assert len(server.calls) == calls


class TestAServerThatLacksSomething:
    @pytest.mark.parametrize(
        ("lacks", "mode", "left_out", "refused"),
        [
            (("no-schema-400",), "tools", [], 1),
            (("no-schema-500",), "tools", [], 1),
            (("no-schema-400", "no-tools"), "plain", [], 2),
            (("no-schema-500", "no-tools"), "plain", [], 2),
            (("no-temperature",), "schema", ["temperature"], 1),
            (("no-seed",), "schema", ["seed"], 1),
            (("no-temperature", "no-seed", "no-schema-400", "no-tools"), "plain", ["seed", "temperature"], 4),
        ],
    )
    def test_is_asked_in_a_way_it_knows_which_the_next_run_remembers(
        self,
        folder: Path,
        server: Server,
        synth: Synth,
        lacks: tuple[str, ...],
        mode: str,
        left_out: list[str],
        refused: int,
    ) -> None:
        for fault in lacks:
            server.plan(fault, times=None)
        done = synth("-C", folder, "draft", "-q", "1.1")
        assert (done.code, done.err) == (0, "")
        assert len(drafted_claims(folder, "1.1")) >= 3
        assert len([c for c in server.calls if c.status != 200]) == refused
        assert list(json.loads((folder / ".synth" / "models.json").read_text()).values()) == [
            {"mode": mode, "left_out": left_out}
        ]
        if mode == "plain":
            assert '"properties"' in server.calls[-1].system
        assert synth("-C", folder, "draft", "-q", "1.2").code == 0
        assert len([c for c in server.calls if c.status != 200]) == refused

    def test_several_calls_at_once_find_the_way_together(self, folder: Path, server: Server, synth: Synth) -> None:
        for fault in ("no-schema-400", "no-tools", "no-temperature"):
            server.plan(fault, times=None)
        server.latency = (0.05, 0.0)
        done = synth("-C", folder, "run")
        assert (done.code, done.err) == (0, "")
        assert len(claims_of(report_of(folder))) >= 20
        assert verdict_of(folder)["failed"] == 0


def test_doctor_makes_one_tiny_call_and_says_what_works(folder: Path, server: Server, synth: Synth) -> None:
    server.plan("no-schema-400", times=None)
    said = synth("-C", folder, "doctor")
    assert said.code == 0
    assert re.search(r"ok +Model +openai:gpt-test at http://127.0.0.1:\d+/v1 answers in [\d.]+ s, by a tool", said.out)
    assert [c.status for c in server.calls] == [400, 200]
    server.plan("401", times=None)
    said = synth("-C", folder, "doctor")
    assert said.code == 4
    assert "refused the key (401)" in said.out


def test_a_model_that_answers_only_prose_gives_a_report_that_says_so_and_a_good_one_later_drafts_it_all(
    folder: Path, server: Server, synth: Synth
) -> None:
    server.plan("prose", times=None)
    done = synth("-C", folder, "run")
    no_secret(done)
    assert done.code == 4
    unfinished = _not_drafted(one_line(done))
    assert len(unfinished) >= 6
    report = report_of(folder)
    assert claims_of(report) == []
    assert report["recommendations"] == []
    for language, words in (("en", "could not be drafted"), ("fr", "n’a pas pu être rédigée")):
        page = (folder / "report" / f"report.{language}.html").read_text()
        assert page.count(words) >= len(unfinished)
        assert (folder / "report" / f"report.{language}.md").read_text().count(words) >= len(unfinished)
    assert verdict_of(folder)["claims"] == 0
    server.plans.clear()
    again = synth("-C", folder, "run")
    assert (again.code, again.err) == (0, "")
    report = report_of(folder)
    assert {q["id"] for q in report["questions"] if q["themes"]} >= {"1.1", "1.2", "1.3", "2.1", "2.2", "2.3"}
    assert report["recommendations"]
