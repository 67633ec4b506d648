"""synth doctor"""

from __future__ import annotations

import os
import platform
from pathlib import Path

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, json_option, print_json


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
        _model(),
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
    return 0 if all(works for what, works, _ in found if what in ("Embedder", "Index")) else 4


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


def _embedder(folder: Path) -> tuple[str, bool, str]:
    from corpus.folder import load_discussion
    from corpus.model import Discussion, Text
    from synth.settings import resolve
    from vectorstore.embedders import load_embedder

    try:
        discussion = load_discussion(folder)
    except SynthError:
        discussion = Discussion(title=Text(), topics=())
    try:
        settings = resolve(discussion)
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


def _model() -> tuple[str, bool, str]:
    configured = os.environ.get("SYNTH_MODEL")
    if configured:
        return (
            "Model",
            False,
            f"{configured} is configured, but the llm engine is not part of this version; the extractive engine writes",
        )
    return "Model", True, "none; the extractive engine writes, from the contributors' own sentences"
