"""Settings: option, then environment (SYNTH_*, OPENAI_BASE_URL), then discussion.toml, then default."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal

from corpus.errors import SynthError
from corpus.model import Discussion

EngineName = Literal["extractive", "llm"]


@dataclass(frozen=True)
class Settings:
    """What a run goes by.

    `length`: quotations of the extractive engine as a share of the contributions' characters.
    `embedder_base_url`: of a server that speaks the OpenAI protocol.
    """

    engine: EngineName = "extractive"
    model: str | None = None
    embedder: str = "builtin"
    embedder_base_url: str | None = None
    length: float = 0.15


def resolve(discussion: Discussion, engine: str | None = None, model: str | None = None) -> Settings:
    """The settings of `discussion` under these options. Raises SynthError for a value that cannot be."""
    toml = discussion.settings
    chosen_model = model or os.environ.get("SYNTH_MODEL") or _entry(toml, "model", "name")
    embedder = os.environ.get("SYNTH_EMBEDDER") or _entry(toml, "embedder", "name") or "builtin"
    base_url = os.environ.get("SYNTH_EMBEDDER_BASE_URL") or _entry(toml, "embedder", "base_url")
    if base_url is None and embedder.startswith("openai:"):
        base_url = os.environ.get("OPENAI_BASE_URL")
    return Settings(
        engine=_engine(engine or os.environ.get("SYNTH_ENGINE") or str(toml.get("engine", "auto")), chosen_model),
        model=chosen_model,
        embedder=embedder,
        embedder_base_url=base_url,
        length=_length(toml.get("length", 0.15)),
    )


def _entry(toml: dict[str, Any], section: str, key: str) -> str | None:
    """`[section] key` or, for a name, the short form `section = "name"`."""
    value = toml.get(section)
    if isinstance(value, str):
        return value if key == "name" else None
    entry = value.get(key) if isinstance(value, dict) else None
    return str(entry) if entry else None


def _engine(name: str, model: str | None) -> EngineName:
    if name not in ("auto", "extractive", "llm"):
        raise SynthError(f"there is no engine {name!r}; choose auto, extractive or llm.")
    if name == "llm":
        raise SynthError(
            f"the llm engine is not part of this version{f' (model {model})' if model else ''}; use --engine extractive."
        )
    return "extractive"


def _length(value: Any) -> float:
    if not isinstance(value, int | float) or not 0.01 <= value <= 1:
        raise SynthError(f"discussion.toml: length = {value!r} must be a share between 0.01 and 1, such as 0.15.")
    return float(value)
