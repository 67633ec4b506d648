"""What the tests of models share: a discussion not yet drafted, what the user sees, what a report must always hold."""

from __future__ import annotations

import functools
import gc
import itertools
import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromadb.api.shared_system_client import SharedSystemClient

import vectorstore.builtin
from corpus.folder import load_contributions, load_discussion
from synth.llm import client
from tests.conftest import Outcome
from tests.openai_server import Recorded

Synth = Callable[..., Outcome]
KEY = "sk-secret-0123456789abcdef"
MODEL = "openai:gpt-test"
_TESTS = itertools.count(1)


class _Kept(vectorstore.builtin.BuiltIn):
    """The built-in embedder, loaded once for all commands of a test process, no text embedded twice."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Any] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, super().embed_documents(new), strict=True))
        return [self.known[text] for text in texts]


@functools.cache
def _kept() -> _Kept:
    return _Kept()


def set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model with a key, and no waiting between attempts."""
    monkeypatch.setattr(client, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(vectorstore.builtin, "BuiltIn", _kept)
    monkeypatch.setenv("SYNTH_MODEL", MODEL)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def let_go(often: int = 10) -> None:
    """After every so many tests: close the indexes that were opened. A command ends with its process, a test does not."""
    if next(_TESTS) % often == 0:
        SharedSystemClient.clear_system_cache()
        gc.collect()


def undraft(folder: Path) -> Path:
    """`folder` as it was before anything was drafted; its index and vectors stay."""
    for path in [*(folder / "drafts").glob("*"), *(folder / "report").glob("*"), folder / ".synth" / "done"]:
        path.unlink(missing_ok=True)
    return folder


def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


# -- what the user sees --------------------------------------------------------------------------


def lines(text: str) -> list[str]:
    return text.strip().split("\n") if text.strip() else []


def one_line(outcome: Outcome) -> str:
    """The one line on stderr. Fails if there is none, or more, or a traceback, or the key."""
    no_secret(outcome)
    found = lines(outcome.err)
    assert len(found) == 1, outcome.err
    assert found[0].startswith("synth: ")
    assert "inside synth" not in found[0]
    return found[0]


def no_secret(outcome: Outcome) -> None:
    assert KEY not in outcome.out + outcome.err
    assert "Traceback" not in outcome.err


def files_with_the_key(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and KEY.encode() in p.read_bytes()]


# -- what lies on disk ---------------------------------------------------------------------------


def drafts(folder: Path) -> dict[str, bytes]:
    """The drafts of questions by label."""
    return {p.stem: p.read_bytes() for p in (folder / "drafts").glob("*.json") if p.stem != "recommendations"}


def drafted_claims(folder: Path, label: str) -> list[dict[str, Any]]:
    draft = json.loads(drafts(folder)[label])
    return [claim for theme in draft["themes"] for claim in theme["claims"]]


def report_of(folder: Path) -> dict[str, Any]:
    """report.json; every citation in it equals body[start:end] of a contribution, and no claim is without one."""
    report: dict[str, Any] = json.loads((folder / "report" / "report.json").read_bytes())
    bodies = {c.id: c.body for c in load_contributions(folder, load_discussion(folder))}
    items = [*claims_of(report), *report["recommendations"]]
    assert all(item["citations"] for item in items)
    for item in items:
        for x in item["citations"]:
            assert bodies[x["contribution"]][x["start"] : x["end"]] == x["quote"]
        assert not [c for c in item.get("checks", ()) if c["verdict"] == "fail"]
    return report


def claims_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [claim for q in report["questions"] for theme in q["themes"] for claim in theme["claims"]]


def verdict_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report" / "verdict.json").read_bytes())
    return found


def strings(data: Any) -> Iterator[str]:
    """All strings within JSON, in any depth."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value)


# -- what was sent -------------------------------------------------------------------------------


def task(name: str) -> Callable[[Recorded], bool]:
    """Whether a request is of a task, by the first words of its prompt."""
    said = {"draft": "You draft", "repair": "You correct", "merge": "You edit", "recommend": "You write the recomm"}
    return lambda recorded: recorded.system.startswith(said[name])


def holds(contribution: str) -> Callable[[Recorded], bool]:
    """Whether a prompt holds passages of a contribution."""
    mark = re.compile(rf"^\[\w+ {contribution}\.p\d+\w*\]$", re.MULTILINE)
    return lambda recorded: bool(mark.search(recorded.user))


def fence_of(recorded: Recorded) -> str:
    """The code of a prompt's fence."""
    match = re.search(r"^Code of this call: (\w+)$", recorded.user, re.MULTILINE)
    assert match is not None
    return match[1]


def asked(recorded: Recorded) -> str:
    """What a request asks, without the random code of its fence."""
    return f"{recorded.system}\0{recorded.user.replace(fence_of(recorded), 'FENCE')}"


def plain(prompt: str) -> str:
    """A prompt without the code of its call, which is another one each time."""
    code = re.search(r"^Code of this call: (\w+)$", prompt, re.MULTILINE)
    return prompt.replace(code[1], "CODE") if code else prompt
