"""A model writes: what it costs, that nothing is lost when it is interrupted, batches, what is shown beforehand."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from prompts import TASKS, Prompt
from synth import store
from synth.llm.client import request_key
from synth.settings import ModelSettings
from tests.conftest import Loaded
from tests.model_measures import full_draft
from tests.openai_server import Recorded, Server, Writer
from tests.scale import enlarged
from tests.synth.models import Synth, plain


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for name in ("drafts", "report") for p in sorted((folder / name).glob("*"))}


class TestAFullDraft:
    def test_of_the_real_discussion_keeps_to_its_yardsticks(self, seed: Loaded, tmp_path: Path) -> None:
        figures = full_draft(enlarged(seed.folder, tmp_path / "seed", 1))
        assert figures.sent == Counter(figures.evidence)  # every passage of evidence, once
        assert figures.calls <= figures.questions + 1
        assert figures.ratio <= 1.4
        assert figures.tokens_out / figures.claims <= 130
        assert figures.kept == figures.claims >= 60

    def test_of_four_times_as_much_costs_four_times_as_much(self, sample: Loaded, tmp_path: Path) -> None:
        one = full_draft(enlarged(sample.folder, tmp_path / "x1", 1))
        eight = full_draft(enlarged(sample.folder, tmp_path / "x8", 8))
        assert eight.sent == Counter(eight.evidence)
        assert eight.tokens_in <= 8.5 * one.tokens_in
        assert eight.tokens_out <= 10 * one.tokens_out
        assert 1 < eight.peak <= 8

    def test_keeps_to_the_concurrency_that_is_set(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SYNTH_MODEL_CONCURRENCY", "2")
        monkeypatch.setenv("SYNTH_MODEL_CONTEXT", "3000")
        server.latency = (0.02, 0.0)
        assert synth("-C", folder, "draft").code == 0
        assert len(server.calls) > 8
        assert server.peak == 2

    def test_says_both_languages_of_every_claim_with_verbatim_sources(
        self, folder: Path, server: Server, synth: Synth, sample: Loaded
    ) -> None:
        assert synth("-C", folder, "run").code == 0
        report = store.load_report(folder)
        assert report is not None
        bodies = {c.id: c.body for c in sample.contributions}
        claims = report.claims()
        assert len(claims) >= 20
        assert all(c.text.en and c.text.fr for c in claims)
        assert all(bodies[x.contribution][x.start : x.end] == x.quote for c in claims for x in c.citations)
        assert report.generated.engine == "llm"
        assert report.generated.model == "openai:gpt-test"
        assert re.fullmatch(r"[0-9a-f]{64}", report.generated.prompts or "")
        assert len({x.contribution for c in claims for x in c.citations}) == 11

    def test_costs_nothing_the_second_time(self, folder: Path, server: Server, synth: Synth) -> None:
        first = synth("-C", folder, "run")
        assert re.search(r"Model +openai:gpt-test · \d calls, [\d,]+ tokens in .*[\d,]+ out", first.out)
        calls, before = len(server.calls), files(folder)
        assert synth("-C", folder, "run").code == 0
        assert synth("-C", folder, "draft").code == 0
        assert len(server.calls) == calls
        assert files(folder) == before

    def test_usage_in_the_drafts_adds_up_to_what_the_server_counted(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        synth("-C", folder, "draft")
        used = [json.loads(p.read_bytes())["usage"] for p in (folder / "drafts").glob("*.json")]
        total = Counter()
        for usage in used:
            total.update(usage or {})
        assert total["calls"] == len(server.calls)
        assert total["prompt"] == server.tokens_in
        assert total["completion"] == server.tokens_out

    def test_leaves_the_drafts_alone_when_the_key_is_missing_next_time(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        synth("-C", folder, "run")
        before = files(folder)
        monkeypatch.delenv("OPENAI_BASE_URL")
        monkeypatch.delenv("OPENAI_API_KEY")
        refused = synth("-C", folder, "run")
        assert refused.code == 2
        assert "openai:gpt-test" in refused.err
        assert "--engine extractive" in refused.err
        assert files(folder) == before


class TestBudget:
    def test_what_is_left_out_is_named_and_everybody_is_read_first(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        assert synth("-C", folder, "run", "--budget", "4500").code == 0
        verdict, report = store.load_verdict(folder), store.load_report(folder)
        assert verdict is not None
        assert report is not None
        assert len(verdict.not_read) > 5
        sent = {p for c in server.calls for p in re.findall(r"^\[\w+ (C\d+\.p\d+)\]$", c.user, re.MULTILINE)}
        assert not sent & set(verdict.not_read)
        for question in report.questions:
            answered = {p.split(".")[0] for p in sent}
            assert {x.contribution for c in question.claims() for x in c.citations} <= answered
        assert len({p.split(".")[0] for p in sent}) >= 10


class TestBeforehand:
    def test_a_dry_run_says_calls_tokens_and_money_and_asks_nothing(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        toml = folder / "discussion.toml"
        toml.write_text(toml.read_text() + "\n[model]\nprices = {input = 2.0, output = 8.0}\n")
        said = synth("-C", folder, "run", "--dry-run")
        assert said.code == 0
        assert server.calls == []
        calls, tokens_in, tokens_out = (
            int(n.replace(",", "")) for n in re.findall(r"([\d,]+) (?:calls|tokens in|out)", said.out)[:3]
        )
        assert " USD" in said.out
        synth("-C", folder, "run")
        assert calls == len(server.calls)
        assert 0.8 < tokens_in / server.tokens_in < 1.3
        assert 0.6 < tokens_out / server.tokens_out < 1.6
        assert synth("-C", folder, "run", "--dry-run").out == "Nothing is stale.\n"

    def test_the_prompt_shown_is_what_is_sent(self, folder: Path, server: Server, synth: Synth) -> None:
        shown = synth("-C", folder, "draft", "--show-prompt", "-q", "1.1", "--json").json
        assert server.calls == []
        synth("-C", folder, "draft", "-q", "1.1")
        [sent] = [c for c in server.calls if c.system.startswith("You draft")]
        assert shown[0]["system"] == sent.system
        assert plain(shown[0]["user"]) == plain(sent.user)
        assert shown[0]["schema"] == sent.body["response_format"]["json_schema"]["schema"]

    def test_the_question_and_the_glossary_come_before_the_passages(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        text = synth("-C", folder, "draft", "--show-prompt", "-q", "1.1", "--json").json[0]["user"]
        asked, glossary = text.index("Question 1.1"), text.index("Glossary: ")
        assert max(asked, glossary) < text.index("Code of this call") < text.index(".p")

    def test_no_contact_detail_and_no_telemetry_leaves(
        self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_API_KEY", "a-key")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
        run = subprocess.run(
            [sys.executable, "-m", "synth", "-C", folder, "draft"], env=os.environ.copy(), timeout=60, check=False
        )
        assert run.returncode == 0
        assert {r.path for r in server.requests} == {"/v1/chat/completions"}
        sent = " ".join(json.dumps(c.body) for c in server.calls)
        assert "@" not in sent


class TestInterrupted:
    def test_killed_at_ten_random_moments_no_finished_call_is_repeated_and_the_result_is_the_same(
        self, folder: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chance = random.Random(9)
        monkeypatch.setenv("SYNTH_MODEL_CONTEXT", "3000")  # more calls to be killed in
        whole = tmp_path / "whole"
        shutil.copytree(folder, whole)
        command = [sys.executable, "-m", "synth", "run", "-C"]
        assert subprocess.run([*command, whole], capture_output=True, timeout=120, check=False).returncode == 0
        server.reset()
        server.latency = (0.05, 0.0003)
        kills: list[tuple[float, set[str]]] = []  # when, and the replies that were kept by then
        for _ in range(10):
            run = subprocess.Popen([*command, folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # At a random call from now on, as it arrives or as its answer goes out; there may be fewer calls left.
            server.wait_for(len(server.calls) + chance.randint(1, 5), answered=chance.random() < 0.5, asker=run)
            run.send_signal(signal.SIGKILL)
            run.wait()
            kills.append((time.monotonic(), kept(folder)))
        assert subprocess.run([*command, folder], capture_output=True, timeout=120, check=False).returncode == 0
        assert any(keys for _, keys in kills)
        assert repeated(server.calls, kills, server.url) == []
        assert _without_cached(files(folder)) == _without_cached(files(whole))

    def test_ctrl_c_says_so_and_ends_with_130(self, folder: Path, server: Server) -> None:
        server.plan("hang", times=None)
        run = subprocess.Popen([sys.executable, "-m", "synth", "-C", folder, "run"], stderr=subprocess.PIPE, text=True)
        assert server.wait_for(1)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
        assert run.returncode == 130
        assert "interrupted" in said
        assert "Traceback" not in said


def kept(folder: Path) -> set[str]:
    """Keys of the replies that are on disk."""
    path = folder / ".synth" / "replies.sqlite"
    if not path.exists():
        return set()
    with closing(sqlite3.connect(path)) as replies:
        if not replies.execute("select 1 from sqlite_master where name = 'replies'").fetchone():
            return set()  # killed after the file was made and before the table was
        return {key for (key,) in replies.execute("select key from replies")}


def repeated(calls: list[Recorded], kills: list[tuple[float, set[str]]], url: str) -> list[str]:
    """Calls asked again although their reply had been kept."""
    settings = ModelSettings(name="openai:gpt-test", base_url=url, context=3000)
    found = []
    for call in calls:
        code = re.search(r"^Code of this call: (\w+)$", call.user, re.MULTILINE)
        before = [keys for when, keys in kills if when < call.started]
        for task in TASKS:
            key = request_key(Prompt(task, call.system, call.user, code[1] if code else "-----"), settings)
            if before and key in before[-1]:
                found.append(key)
    return found


class TestBatches:
    def test_submitted_killed_and_collected_twice_gives_the_same_drafts(
        self, folder: Path, tmp_path: Path, server: Server, synth: Synth
    ) -> None:
        direct = tmp_path / "direct"
        shutil.copytree(folder, direct)
        assert synth("-C", direct, "draft").code == 0
        server.reset()
        said = synth("-C", folder, "draft", "--batch")
        assert said.code == 0
        assert "wait for their batch" in said.out
        assert server.calls == []
        assert not list((folder / "drafts").glob("*.json")) or all(
            not json.loads(p.read_bytes())["themes"] for p in (folder / "drafts").glob("*.json")
        )
        self._collect(folder, synth)
        assert _without_cached(files(folder)) == _without_cached(files(direct))
        assert server.calls == []  # half the price: nothing went out the dear way

    def test_what_expired_or_failed_goes_again(self, folder: Path, server: Server, synth: Synth) -> None:
        server.plan_batch(expire=0.5)
        synth("-C", folder, "draft", "--batch")
        synth("-C", folder, "draft", "--collect")
        server.plan_batch(fail=0.5)
        rounds = self._collect(folder, synth)
        assert rounds >= 2
        state = json.loads((folder / ".synth" / "batches.json").read_text())
        assert state["batches"] == []
        assert max(state["tries"].values()) > 1

    def test_a_batch_whose_answer_was_lost_in_a_crash_is_found_again(
        self, folder: Path, server: Server, synth: Synth
    ) -> None:
        synth("-C", folder, "draft", "--batch")
        path = folder / ".synth" / "batches.json"
        state = json.loads(path.read_text())
        state["batches"][0]["id"] = None
        path.write_text(json.dumps(state))
        self._collect(folder, synth)
        made = [r for r in server.requests if r.method == "POST" and r.path == "/v1/batches"]
        first = json.loads(path.read_text())["tries"]
        assert len(made) <= 3  # drafts, recommendations; not the drafts twice
        assert set(first.values()) == {1}

    def test_run_takes_a_batch_in_instead_of_paying_twice(self, folder: Path, server: Server, synth: Synth) -> None:
        synth("-C", folder, "draft", "--batch")
        for _ in range(6):
            done = synth("-C", folder, "run")
            if "wait for their batch" not in done.out:
                break
        assert done.code == 0
        assert server.calls == []
        report = store.load_report(folder)
        assert report is not None
        assert report.recommendations

    def test_another_provider_has_none(self, folder: Path, server: Server, synth: Synth, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")
        refused = synth("-C", folder, "draft", "--batch", "--model", "anthropic:claude")
        assert refused.code == 2
        assert "--batch needs a model of OpenAI's" in refused.err

    def _collect(self, folder: Path, synth: Synth) -> int:
        for round_ in range(1, 12):
            said = synth("-C", folder, "draft", "--collect")
            assert said.code == 0, said.err
            if "wait for their batch" not in said.out:
                return round_
        raise AssertionError("the batches never ended")


def _without_cached(found: dict[str, bytes]) -> dict[str, bytes]:
    """Drafts without what the provider's cache spared, which depends on the order of calls."""
    return {name: re.sub(rb'"cached": \d+', b'"cached": 0', content) for name, content in found.items()}


@pytest.mark.parametrize("fault", ["drops", "twice", "invents"])
def test_a_merge_that_forgets_repeats_or_invents_numbers_loses_no_claim(
    folder: Path, model: None, synth: Synth, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    with Server(Writer(merge_fault=fault)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("SYNTH_MODEL_CONTEXT", "2600")
        assert synth("-C", folder, "draft", "-q", "2.3").code == 0
        assert any(c.system.startswith("You edit") for c in server.calls)
        written = [claim for kind, claim, _ in server.writer.written if kind == "good"]
        draft = store.load_draft(folder, "2.3")
        assert draft is not None
        words = {s["words"] for claim in written for s in claim["sources"]}
        quotes = " ".join(" ".join(x.quote.split()) for c in draft.claims() for x in c.citations)
        assert all(" ".join(w.split()) in quotes for w in words)
        assert len({c.id for c in draft.claims()}) == len(draft.claims())
