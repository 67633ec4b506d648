"""Fixtures of the tests of models, a discussion not yet drafted and a server that writes; and of pages, a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.openai_server import Server
from tests.synth.models import let_go, set_up, undraft


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A model with a key is set up; its server is the test's to start."""
    set_up(monkeypatch)
    yield
    let_go()


@pytest.fixture
def server(model: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A model server, and the model set up to be asked there."""
    with Server() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


@pytest.fixture
def folder(copy: Path) -> Path:
    """A copy of the sample discussion, indexed and not drafted."""
    return undraft(copy)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is not installed (.ci/run installs it)")
    with sync_playwright() as p:
        running = p.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield running
        running.close()
