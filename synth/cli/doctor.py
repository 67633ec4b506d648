"""synth doctor"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, json_option, print_json

if TYPE_CHECKING:
    from corpus.model import Discussion
    from synth.settings import ModelSettings


@click.command("doctor")
@json_option
@in_folder
def command(folder: Path, as_json: bool) -> int:
    """Try what synth needs on this machine and say what works, and how to set another embedder.

    \b
    Example:
      synth doctor
    """
    found = [
        ("Python", True, platform.python_version()),
        _discussion(folder),
        _embedder(folder),
        _index(),
        _model(folder),
    ]
    if as_json:
        print_json([{"what": what, "works": works, "detail": detail} for what, works, detail in found])
    else:
        for what, works, detail in found:
            click.echo(f"{'ok ' if works else '-- '} {what:<11} {detail}")
        click.echo()
        click.echo(
            'Another embedder, in discussion.toml:   embedder = "openai:text-embedding-3-small"   (with OPENAI_API_KEY,'
        )
        click.echo("and OPENAI_BASE_URL for another server that speaks the OpenAI protocol).")
        click.echo(
            'A model that writes:                     model = "openai:gpt-4.1"   (docs/models.md says how, step by step).'
        )
    return 0 if all(works for what, works, _ in found if what in ("Embedder", "Index", "Model")) else 4


def _discussion(folder: Path) -> tuple[str, bool, str]:
    from corpus.folder import load_contributions, load_discussion

    try:
        discussion = load_discussion(folder)
    except SynthError as error:
        return "Discussion", False, str(error)
    loaded = load_contributions(folder, discussion)
    return (
        "Discussion",
        not loaded.problems,
        f"{len(loaded.contributions)} contributions in {folder}"
        + (f"; {loaded.problems[0]}" if loaded.problems else ""),
    )


def _or_empty(folder: Path) -> Discussion:
    """The discussion or, where there is none, one without settings."""
    from corpus.folder import load_discussion
    from corpus.model import Discussion, Text

    try:
        return load_discussion(folder)
    except SynthError:
        return Discussion(title=Text(), topics=())


def _embedder(folder: Path) -> tuple[str, bool, str]:
    from synth.settings import resolve
    from vectorstore.embedders import load_embedder

    try:
        settings = resolve(_or_empty(folder))
        vector = load_embedder(settings.embedder, settings.embedder_base_url).embed_query("ready")
    except Exception as error:  # whatever a server or a package makes of it is what the user wants to know
        return "Embedder", False, " ".join(str(error).split())[:160]
    return "Embedder", True, f"{settings.embedder}, {len(vector)} dimensions"


def _index() -> tuple[str, bool, str]:
    import tempfile

    import numpy as np

    from corpus.model import Window
    from vectorstore.embedders import CachedEmbedder
    from vectorstore.index import Index

    window = Window(passage="C01.p1", contribution="C01", questions=(), start=0, end=4, language="en", text="word")

    class _Two(CachedEmbedder):
        def vectors(self, texts: object) -> np.ndarray:
            return np.eye(2, dtype=np.float32)[:1]

    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            index = Index(Path(folder), _Two("test", Path(folder) / "v.sqlite"))
            index.sync([window])
            works = index.ids() == ["C01:0-4"]
    except Exception as error:  # as above
        return "Index", False, " ".join(str(error).split())[:160]
    import chromadb

    return "Index", works, f"Chroma {chromadb.__version__}"


def _model(folder: Path) -> tuple[str, bool, str]:
    """One tiny call of the model that is set up."""
    from synth.settings import resolve

    try:
        settings = resolve(_or_empty(folder))
    except SynthError as error:
        return "Model", False, str(error)
    model = settings.model
    if model is None:
        return "Model", True, "none; the extractive engine writes, from the contributors' own sentences"
    if not model.reachable:
        return "Model", False, f"{model.name} needs a key: set {model.key_variable} (or OPENAI_BASE_URL). Until then the extractive engine writes"  # fmt: skip
    return _try_model(model)


def _try_model(model: ModelSettings) -> tuple[str, bool, str]:
    import asyncio
    import tempfile
    import time

    from prompts import render
    from prompts.replies import ProbeReply
    from synth.llm.client import Client
    from synth.llm.reading import UnusableError, read_reply
    from synth.llm.replies import Replies
    from synth.llm.tokens import counter

    async def call(client: Client) -> str:
        try:
            return (await client(render("probe"))).text
        finally:
            await client.close()

    with tempfile.TemporaryDirectory() as scratch:
        client = Client(model, Replies(Path(scratch) / "replies.sqlite"), Path(scratch) / "models.json")
        began = time.monotonic()
        try:
            text = asyncio.run(call(client))
            read_reply(text, ProbeReply)
        except SynthError as error:
            return "Model", False, str(error)
        except UnusableError as error:
            return "Model", False, f"{model.name} answers, but not with the JSON asked for ({error}): a very weak model"
        ways = {"schema": "JSON schema", "tools": "a tool", "plain": "JSON in words"}
        exact = "counted by tiktoken" if counter(model.name.partition(":")[2])[1] else "estimated"
        omitted = f"; takes no {', '.join(sorted(client.left_out))}" if client.left_out else ""
        where = f" at {model.base_url}" if model.base_url else ""
        return "Model", True, f"{model.name}{where} answers in {time.monotonic() - began:.1f} s, by {ways[client.mode]}{omitted}; tokens are {exact}"  # fmt: skip
