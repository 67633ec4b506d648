"""Fixtures of the tests of models: a discussion not yet drafted, and a server that writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
