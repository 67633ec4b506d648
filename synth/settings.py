"""Settings: option, then environment (SYNTH_*, OPENAI_BASE_URL), then discussion.toml, then default.

Keys are read from the environment alone (OPENAI_API_KEY and what other providers call theirs), never from a file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator

from corpus.errors import SynthError, first_of
from corpus.model import Discussion, Frozen
from prompts.shown import Attribution

EngineName = Literal["extractive", "llm"]

# Where a provider's key is read from, by LangChain's name of the provider; None: it needs no key.
KEYS = {
    "openai": "OPENAI_API_KEY",
    "azure_openai": "AZURE_OPENAI_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "ollama": None,
    "nli": None,  # a judge on this machine
}


class Prices(Frozen):
    """What a million tokens cost."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    currency: str = "USD"


class ModelSettings(Frozen):
    """[model] of discussion.toml. Times are seconds.

    `timeout`: for a call with all its retries; one attempt gets at most half of it.
    `context`: tokens a call may take, prompt and reply together; what is longer is read in parts.
    `budget`: tokens of contributions that are read at most, in all; without it everything is read.
    """

    name: str
    base_url: str | None = None
    temperature: float | None = Field(default=0, ge=0, le=2)
    seed: int | None = 1
    timeout: float = Field(default=300, gt=0)
    retries: int = Field(default=4, ge=0, le=20)
    concurrency: int = Field(default=8, ge=1, le=100)
    requests_per_minute: float | None = Field(default=None, gt=0)
    tokens_per_minute: float | None = Field(default=None, gt=0)
    context: int = Field(default=16_000, ge=1_000)
    budget: int | None = Field(default=None, ge=100)
    prices: Prices | None = None

    @field_validator("name")
    @classmethod
    def _has_provider(cls, name: str) -> str:
        if not all(name.partition(":")):
            raise ValueError(f"{name!r} names no provider; write it as PROVIDER:NAME, such as openai:gpt-4.1")
        return name

    @property
    def provider(self) -> str:
        """LangChain's name of the provider: "openai"."""
        return self.name.partition(":")[0]

    @property
    def key_variable(self) -> str | None:
        """The environment variable that holds the key; None where no key is needed."""
        return KEYS.get(self.provider, f"{self.provider.upper()}_API_KEY")

    @property
    def reachable(self) -> bool:
        """Whether there is a key, or a server of one's own that may need none."""
        return self.key_variable is None or bool(os.environ.get(self.key_variable)) or self.base_url is not None


@dataclass(frozen=True)
class Settings:
    """What a run goes by.

    `chosen`: the engine was asked for by name, not found by `auto`.
    `judge`: the model that is asked whether quotes bear claims; None: gates decide alone.
    `length`: quotations of the extractive engine as a share of the contributions' characters.
    `embedder_base_url`: of a server that speaks the OpenAI protocol.
    `attribution`: how the report, and what is sent to a model, may name contributors.
    """

    engine: EngineName = "extractive"
    chosen: bool = False
    model: ModelSettings | None = None
    judge: ModelSettings | None = None
    embedder: str = "builtin"
    embedder_base_url: str | None = None
    length: float = 0.15
    attribution: Attribution = "names"


def resolve(
    discussion: Discussion,
    engine: str | None = None,
    model: str | None = None,
    budget: int | None = None,
    judge: str | None = None,
) -> Settings:
    """The settings of `discussion` under these options. Raises SynthError for a value that cannot be."""
    toml = discussion.settings
    embedder = os.environ.get("SYNTH_EMBEDDER") or _entry(toml, "embedder", "name") or "builtin"
    base_url = os.environ.get("SYNTH_EMBEDDER_BASE_URL") or _entry(toml, "embedder", "base_url")
    if base_url is None and embedder.startswith("openai:"):
        base_url = os.environ.get("OPENAI_BASE_URL")
    wanted = engine or os.environ.get("SYNTH_ENGINE") or str(toml.get("engine", "auto"))
    configured = None if wanted == "extractive" else _model(toml, "model", model, budget)
    return Settings(
        engine=_engine(wanted, configured),
        chosen=wanted != "auto",
        model=configured,
        judge=_judge(toml, judge),
        embedder=embedder,
        embedder_base_url=base_url,
        length=_length(toml.get("length", 0.15)),
        attribution=_attribution(os.environ.get("SYNTH_ATTRIBUTION") or toml.get("attribution", "names")),
    )


def _entry(toml: dict[str, Any], section: str, key: str) -> str | None:
    """`[section] key` or, for a name, the short form `section = "name"`."""
    value = toml.get(section)
    if isinstance(value, str):
        return value if key == "name" else None
    entry = value.get(key) if isinstance(value, dict) else None
    return str(entry) if entry else None


def _judge(toml: dict[str, Any], name: str | None) -> ModelSettings | None:
    """The judge's settings, None if none is named. Raises SynthError for one without a key that was asked for just now."""
    judge = _model(toml, "judge", name, None)
    if judge is not None and name is not None and not judge.reachable:
        raise SynthError(f"the judge {judge.name} needs a key: set {judge.key_variable} (or OPENAI_BASE_URL for a server of your own).")  # fmt: skip
    return judge


def _model(toml: dict[str, Any], role: str, name: str | None, budget: int | None) -> ModelSettings | None:
    """The settings of the model that writes ("model") or judges ("judge"), None if it is named nowhere."""
    section = toml.get(role)
    given: dict[str, Any] = (
        {"name": section} if isinstance(section, str) else dict(section) if isinstance(section, dict) else {}
    )
    for key in ModelSettings.model_fields:
        if value := os.environ.get(f"SYNTH_{role.upper()}_{key.upper()}"):
            given[key] = value
    given["name"] = name or os.environ.get(f"SYNTH_{role.upper()}") or given.get("name")
    if given["name"] is None:
        return None
    if budget is not None:
        given["budget"] = budget
    if str(given["name"]).startswith("openai:"):
        given["base_url"] = os.environ.get("OPENAI_BASE_URL") or given.get("base_url")
    try:
        return ModelSettings.model_validate(given)
    except ValidationError as error:
        raise SynthError(f"[{role}] (discussion.toml or SYNTH_{role.upper()}…) {first_of(error)}.") from None


def _engine(name: str, model: ModelSettings | None) -> EngineName:
    if name not in ("auto", "extractive", "llm"):
        raise SynthError(f"there is no engine {name!r}; choose auto, extractive or llm.")
    if name == "llm" and model is None:
        raise SynthError(
            'the llm engine needs a model: --model PROVIDER:NAME, SYNTH_MODEL, or in discussion.toml: model = "openai:gpt-4.1". '
            "docs/models.md says how."
        )
    if name == "llm" and model is not None and not model.reachable:
        raise SynthError(
            f"the model {model.name} needs a key: set {model.key_variable} (or OPENAI_BASE_URL for a server of your own)."
        )
    return "llm" if name != "extractive" and model is not None and model.reachable else "extractive"


def _length(value: Any) -> float:
    if not isinstance(value, int | float) or not 0.01 <= value <= 1:
        raise SynthError(f"discussion.toml: length = {value!r} must be a share between 0.01 and 1, such as 0.15.")
    return float(value)


def _attribution(value: Any) -> Attribution:
    for known in get_args(Attribution):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise SynthError(f"discussion.toml: attribution = {value!r} must be one of {', '.join(get_args(Attribution))}.")
