"""What the review server serves, to whom, and that a decision is on disk before anybody is told."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from synth.review import decisions
from synth.review.desk import Card, Desk
from synth.review.server import LONGEST, Door, Review, token_of
from tests.conftest import Loaded, Outcome
from tests.openai_server import Server
from tests.synth.models import closed_port
from tests.synth.review_server import Serving

TOKEN = "s3cret"
HERE = "http://127.0.0.1:8765"
ORIGIN = {"Origin": HERE}
ROUTES = ("/", "/claims/1.1-01", "/passages?q=pump", "/contributions/C01")
POSTS = ("/decisions", "/translations")


def client(folder: Path, has_link: bool = True) -> TestClient:
    """Asks the application as a browser on this machine would, once it has opened the link."""
    door = Door(frozenset({"127.0.0.1:8765"}), TOKEN)
    cookies = {door.cookie: TOKEN} if has_link else {}
    return TestClient(Review(folder, door).app(), base_url=HERE, follow_redirects=False, cookies=cookies)


def wish(card: Card, action: str = "accept", **more: object) -> dict[str, object]:
    return {"claim": card.id, "version": card.version, "by": "Ada", "action": action, **more}


@pytest.fixture(scope="module")
def reading(sample: Loaded) -> TestClient:
    """On the sample itself: for what changes nothing."""
    return client(sample.folder)


@pytest.fixture
def asking(copy: Path) -> TestClient:
    return client(copy)


# -- who is let in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ROUTES)
def test_a_page_that_calls_this_server_by_another_name_gets_nothing(reading: TestClient, path: str) -> None:
    assert reading.get(path).status_code == 200
    answer = reading.get(path, headers={"Host": "evil.example:8765"})
    assert (answer.status_code, "pump" in answer.text) == (403, False)


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "https://127.0.0.1:8765"}]
)
def test_a_decision_that_comes_from_another_page_is_refused(copy: Path, asking: TestClient, headers: dict[str, str]) -> None:  # fmt: skip
    card = Desk(copy).cards()[0]
    for path in POSTS:
        assert asking.post(path, json=wish(card), headers=headers).status_code == 403
    assert decisions.load(copy).made == []


def test_nothing_is_served_to_who_has_not_the_link(sample: Loaded) -> None:
    asked = client(sample.folder, has_link=False)
    name = Door(frozenset(), TOKEN).cookie
    for path in ROUTES:
        assert asked.get(path).status_code == 403
        assert asked.get(path, headers={"Cookie": f"{name}=guess"}).status_code == 403
    assert asked.get("/?token=guess").status_code == 403
    for path in POSTS:
        assert asked.post(path, json={}, headers=ORIGIN).status_code == 403


def test_the_link_lets_in_and_leaves_no_token_in_the_address(sample: Loaded) -> None:
    asked = client(sample.folder, has_link=False)
    answer = asked.get(f"/?token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (307, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert asked.get("/").status_code == 200
    assert asked.post("/decisions", json={}, headers=ORIGIN).status_code == 422


def test_the_link_stays_the_same_when_the_server_is_started_again_and_is_each_discussions_own(
    copy: Path, tmp_path: Path
) -> None:
    first = token_of(copy)
    assert token_of(copy) == first
    assert (copy / ".synth" / "review-token").stat().st_mode & 0o077 == 0
    assert token_of(tmp_path) != first
    assert Door(frozenset(), token_of(tmp_path)).cookie != Door(frozenset(), first).cookie
    (copy / ".synth" / "review-token").unlink()
    assert token_of(copy) != first


def test_the_page_may_run_its_own_script_alone_and_ask_this_server_alone(reading: TestClient) -> None:
    answer = reading.get("/")
    policy = answer.headers["content-security-policy"]
    [nonce] = set(re.findall(r"'nonce-([\w-]+)'", policy))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert re.findall(r"<(?:script|style)\b[^>]*>", answer.text) == re.findall(rf'<(?:script|style)\b[^>]* nonce="{nonce}">', answer.text)  # fmt: skip
    assert not re.search(r"<[^>]+\son\w+=|<[^>]+\sstyle=|(?:src|href)=\"(?:https?:)?//", answer.text)
    assert reading.get("/").headers["content-security-policy"] != policy
    assert reading.get("/claims/1.1-01").headers["content-security-policy"] == "default-src 'none'"


# -- what is asked -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'"x"', 422),
        (b'{"claim": 7}', 422),
        (b'{"claim": "1.1-01", "version": "0.0", "by": "", "action": "accept"}', 422),
        (b'{"claim": "1.1-01", "version": "0.0", "by": "Ada", "action": "destroy"}', 422),
        (b'{"claim": "1.1-01", "version": "0.0", "by": "Ada", "action": "accept", "more": 1}', 422),
        (b'{"claim": "../../x", "version": "0.0", "by": "Ada", "action": "accept"}', 409),
        (b'{"claim": "1.1-01", "version": "0.0", "by": "Ada", "action": "accept"}', 409),
        (b'{"claim": "\xff", "version": "0.0", "by": "Ada", "action": "accept"}', 400),
        (b'{"by": "' + b"x" * LONGEST + b'"}', 413),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(asking: TestClient, copy: Path, body: bytes, status: int) -> None:
    answer = asking.post("/decisions", content=body, headers=ORIGIN)
    assert answer.status_code == status
    assert answer.json()["why"]
    assert "\n" not in answer.json()["why"]
    assert not decisions.path_of(copy).exists()


@pytest.mark.parametrize("path", ["/claims/1.1-99", "/claims/..%2F..%2Fetc", "/contributions/C99", "/nothing", "/static/../../x"])  # fmt: skip
def test_what_is_not_there_is_not_found(reading: TestClient, path: str) -> None:
    assert reading.get(path).status_code == 404


def test_a_decision_is_on_disk_before_anybody_is_told(copy: Path, asking: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    card = Desk(copy).cards()[0]
    order: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        if "decisions.jsonl" in str(Path(f"/proc/self/fd/{handle}").resolve()):
            order.append(decisions.path_of(copy).read_text(encoding="utf-8"))

    monkeypatch.setattr(os, "fsync", fsync)
    answer = asking.post("/decisions", json=wish(card), headers=ORIGIN)
    assert answer.status_code == 200
    assert [card.id in text for text in order] == [True]
    assert answer.json()["progress"]["done"] == 1


def test_what_cannot_be_written_is_not_said_to_be_decided(copy: Path, asking: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    card = Desk(copy).cards()[0]

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = asking.post("/decisions", json=wish(card), headers=ORIGIN)
    assert answer.status_code == 503
    assert "No space left on device" in answer.json()["why"]


class TestAtOnce:
    @pytest.fixture
    def post(self, copy: Path) -> Iterator[Callable[[list[dict[str, object]]], list[httpx.Response]]]:
        with Serving(copy) as running, httpx.Client(base_url=running.url, headers={"Origin": running.url.rstrip("/")}, timeout=60) as http:  # fmt: skip
            http.get(running.link)

            def at_once(asked: list[dict[str, object]]) -> list[httpx.Response]:
                with ThreadPoolExecutor(len(asked)) as pool:
                    return list(pool.map(lambda one: http.post("/decisions", json=one), asked))

            yield at_once

    def test_ten_decisions_are_ten_lines_and_of_ten_on_one_claim_one_is_taken(self, copy: Path, post: Any) -> None:
        cards = Desk(copy).cards()
        answers = post([wish(card) for card in cards[:10]])
        assert [a.status_code for a in answers] == [200] * 10
        assert [d.n for d in decisions.load(copy).made] == list(range(1, 11))
        answers = post([wish(cards[10], by=f"Reviewer {n}") for n in range(10)])
        assert sorted(a.status_code for a in answers) == [200] + [409] * 9
        assert all(cards[10].id in a.json()["now"] for a in answers if a.status_code == 409)
        assert len(decisions.load(copy).made) == 11


def test_a_draft_that_cannot_be_read_is_named_and_the_others_are_served(copy: Path, asking: TestClient) -> None:
    (copy / "drafts" / "1.2.json").write_text("{ torn", encoding="utf-8")
    page = asking.get("/").text
    assert "drafts/1.2.json" in page
    assert 'data-claim="1.1-01"' in page
    assert 'data-claim="1.2-' not in page


# -- translation --------------------------------------------------------------------------------------


def test_a_passage_is_translated_when_that_is_asked_for(server: Server, copy: Path) -> None:
    french = next(p for p in Desk(copy).corpus.passages if p.language == "fr")
    asked = client(copy)
    assert "Translate this passage" in asked.get(f"/claims/{_quoting(copy, 'fr')}").text
    answer = asked.post("/translations", json={"passage": french.id}, headers=ORIGIN)
    assert answer.status_code == 200
    assert answer.json()["text"]
    [call] = server.calls
    assert french.text[:60] in call.user
    assert "Translate into English." in call.user


def _quoting(folder: Path, language: str) -> str:
    return next(c.id for c in Desk(folder).cards() if c.claim.citations[0].language == language)


def test_without_a_model_none_is_offered_and_without_its_server_that_is_said(
    reading: TestClient, sample: Loaded, copy: Path, monkeypatch: pytest.MonkeyPatch, model: None
) -> None:
    monkeypatch.delenv("SYNTH_MODEL")
    assert "Translate this passage" not in reading.get(f"/claims/{_quoting(sample.folder, 'fr')}").text
    asked = reading.post("/translations", json={"passage": "C02.p1"}, headers=ORIGIN)
    assert (asked.status_code, asked.json()["why"]) == (503, "there is nothing that could translate this passage.")
    monkeypatch.setenv("SYNTH_MODEL", "openai:test")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{closed_port()}/v1")
    asked = client(copy).post("/translations", json={"passage": "C02.p1"}, headers=ORIGIN)
    assert asked.status_code == 503
    assert "cannot be reached" in asked.json()["why"]


# -- the command ---------------------------------------------------------------------------------------


def test_the_command_prints_its_link_lets_in_who_has_it_and_ends_with_ctrl_c(sample: Loaded, copy: Path) -> None:
    with Serving(copy, ("--host", "127.0.0.1")) as running:
        assert httpx.get(running.url).status_code == 403
        with httpx.Client(follow_redirects=True) as http:
            assert http.get(running.link).status_code == 200
        assert running.interrupt() in (0, 130)


def test_a_port_that_is_taken_and_a_folder_without_drafts_are_told_in_one_line(
    copy: Path, synth: Callable[..., Outcome]
) -> None:
    with Serving(copy) as running:
        taken = synth("-C", copy, "review", "--no-open", "--port", str(running.port))
    assert (taken.code, len(taken.err.strip().splitlines())) == (2, 1)
    assert f"127.0.0.1:{running.port} cannot be served" in taken.err
    for path in (copy / "drafts").glob("*.json"):
        path.unlink()
    empty = synth("-C", copy, "review", "--no-open", "--port", "0")
    assert empty.code == 2
    assert "Draft first: synth run" in empty.err
