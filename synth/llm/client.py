"""One call of a model: the schema bound, every limit kept, the raw reply written down before anything reads it.

Structured output is asked for by JSON schema; where a server does not know it, by a tool; else in words. Which way works is
found out once and remembered.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from corpus.errors import ServerError
from corpus.folder import write_if_changed
from corpus.model import Usage
from prompts import Prompt, schema
from synth.llm.faults import Fault, fault_of, without_password
from synth.llm.replies import Finish, Replies, Reply
from synth.llm.tokens import counter
from synth.settings import ModelSettings

MODES = ("schema", "tools", "plain")
FIRST_WAIT = 1.0  # seconds before the first retry where the server names none; doubled each time
_TOOL = "reply"


class Ask(Protocol):
    """Whatever answers prompts."""

    async def __call__(self, prompt: Prompt) -> Reply:
        """The reply to `prompt`. Raises ServerError where there is none to be had."""

    def forget(self, prompts: Sequence[Prompt]) -> None:
        """The replies to these were of no use: the next run asks anew."""

    async def close(self) -> None:
        """End the connections."""


class UnansweredError(ServerError):
    """One call got no answer within its limits; others may."""


def request_key(prompt: Prompt, settings: ModelSettings) -> str:
    """Hash of all that is asked, without the random code of the fence."""
    asked = [
        settings.name,
        settings.base_url,
        settings.temperature,
        settings.seed,
        schema(prompt.reply),
        prompt.content,
    ]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()


def prompt_tokens(prompt: Prompt, settings: ModelSettings) -> int:
    """Tokens of a prompt with its schema."""
    count, _ = counter(settings.name.partition(":")[2])
    return count(prompt.system) + count(prompt.user) + count(compact(schema(prompt.reply)))


def compact(data: Any) -> str:
    """JSON without white space."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@dataclass
class Client:
    """Asks the model of `settings`; replies come from the cache where they were given before.

    `spent`: what was really asked in this run, `saved`: what replies of earlier runs spared. Use within one event loop, and close it.
    """

    settings: ModelSettings
    replies: Replies
    memory: Path  # where the way that works is remembered
    spent: Usage = field(default_factory=Usage)
    saved: Usage = field(default_factory=Usage)
    _chat: Any = None
    _http: Any = None
    _mode: str = ""
    _proven: bool = False
    _left_out: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _hopeful: int = 0  # calls in flight of which no attempt has failed
    _stopped: str = ""  # why no call will work any more

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.settings.concurrency)
        self._limits = _limiters(self.settings)
        self._recall()

    async def __call__(self, prompt: Prompt) -> Reply:
        """The reply to `prompt`, from the cache or from the model."""
        key = request_key(prompt, self.settings)
        if known := self.replies.get(key):
            if key not in self._asked:
                self.saved += known.usage
            return known
        async with self._slots:
            await self._wait_for_room(prompt)
            reply = await self._ask(prompt)
        self.replies.keep(key, reply)
        self._asked.add(key)
        self.spent += reply.usage
        return reply

    def forget(self, prompts: Sequence[Prompt]) -> None:
        """The replies to these were of no use: the next run asks anew."""
        self.replies.forget([request_key(p, self.settings) for p in prompts])

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    # -- one call -------------------------------------------------------------------------------

    async def _ask(self, prompt: Prompt) -> Reply:
        """Attempts within the time limit of the call: the way of asking changed, a parameter left out, or again later."""
        self._model()  # what cannot be loaded is not tried again
        clock = asyncio.get_running_loop().time
        ends = clock() + self.settings.timeout
        failures = 0
        self._hopeful += 1
        try:
            while True:
                if self._stopped:
                    raise ServerError(self._stopped)
                mode, left_out = self._mode, frozenset(self._left_out)
                try:
                    async with asyncio.timeout(min(self.settings.timeout / 2, ends - clock())):
                        reply = await self._attempt(prompt, mode, left_out)
                except Exception as error:  # any library may raise anything; what it means is decided in one place
                    fault = fault_of(error, self.settings, mode, self._proven)
                else:
                    self._remember(mode)
                    return reply
                # Out of the handler: the library's error, which may hold the key, is in no traceback.
                if fault.remedy in ("smaller", "refused"):
                    return Reply(
                        text="", finish="too_long" if fault.remedy == "smaller" else "refused", usage=Usage(calls=1)
                    )
                if fault.remedy == "again":
                    self._hopeful -= failures == 0
                    failures += 1
                    await self._pause(fault, failures, ends - clock())
                else:
                    self._adapt(fault, mode, left_out)
        finally:
            self._hopeful -= failures == 0

    async def _attempt(self, prompt: Prompt, mode: str, left_out: frozenset[str]) -> Reply:
        """One request. Raises whatever the libraries raise."""
        options = request_options(prompt, self.settings, mode, left_out)
        if mode == "tools":  # each provider has its own way of naming a tool
            options |= self._model().bind_tools([_tool(prompt)], tool_choice=_TOOL).kwargs
        model = self._model().bind(**options)
        try:
            return _reply_of(await model.ainvoke(_messages(prompt, mode)))
        except Exception as error:
            if (completion := getattr(error, "completion", None)) is None:
                raise
            return reply_of_completion(completion)  # openai raises over a reply that was cut or filtered; it is kept

    def _model(self) -> Any:
        if self._chat is None:
            self._chat, self._http = load_model(self.settings)
        return self._chat

    async def _pause(self, fault: Fault, failures: int, left: float) -> None:
        """Wait before the next attempt, or give the call up."""
        wait = fault.wait if fault.wait is not None else FIRST_WAIT * 2.0 ** (failures - 1)
        if failures > self.settings.retries or wait >= left:
            tried = f"{failures} times" if failures > 1 else "once"
            message = f"{fault.message}; tried {tried}."
            if self.spent.calls or self._hopeful:
                raise UnansweredError(message)
            # Nothing at all came back in this run: the server is down, and waiting for the other calls would not help.
            self._stopped = message
            raise ServerError(message)
        await asyncio.sleep(wait)

    def _adapt(self, fault: Fault, mode: str, left_out: frozenset[str]) -> None:
        """Change the way of asking, for this call and all after it. Raises ServerError where nothing can be changed."""
        if fault.remedy == "mode":
            if self._mode == mode:  # else another call has found that out already
                self._mode = MODES[MODES.index(mode) + 1]
        elif fault.remedy == "parameter" and fault.parameter not in left_out:
            self._left_out.add(fault.parameter)
            self._proven = False
        else:
            self._stopped = f"{fault.message}.".replace("..", ".")
            raise ServerError(self._stopped)

    async def _wait_for_room(self, prompt: Prompt) -> None:
        for limiter, amount in self._limits:
            await limiter.acquire(min(amount(prompt), limiter.max_rate))

    # -- what was found out about the server ------------------------------------------------------

    def _recall(self) -> None:
        self._mode = "schema" if self.settings.provider in _BY_SCHEMA else "tools"
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):  # another server, or a damaged file
            found = json.loads(self.memory.read_text())[self._server()]
            if found["mode"] in MODES:
                self._mode, self._proven = found["mode"], True
                self._left_out = set(found["left_out"])

    def _remember(self, mode: str) -> None:
        """This way works: for the next run too."""
        if self._proven:
            return
        self._mode, self._proven = mode, True
        known: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError, TypeError):
            known = dict(json.loads(self.memory.read_text()))
        known[self._server()] = {"mode": mode, "left_out": sorted(self._left_out)}
        write_if_changed(self.memory, json.dumps(known, indent=1) + "\n")

    def _server(self) -> str:
        return f"{self.settings.name} {without_password(self.settings.base_url or '')}".strip()

    @property
    def mode(self) -> str:
        """How structured output is asked for: "schema", "tools" or "plain"."""
        return self._mode

    @property
    def left_out(self) -> frozenset[str]:
        """Parameters that this model does not take."""
        return frozenset(self._left_out)


_BY_SCHEMA = ("openai", "azure_openai", "ollama")
_SEEDED = _BY_SCHEMA


def request_options(
    prompt: Prompt, settings: ModelSettings, mode: str, left_out: Collection[str] = ()
) -> dict[str, Any]:
    """What goes beside the messages, but for tools. Ollama has names of its own, and cuts what is over its `num_ctx`."""
    given: dict[str, Any] = {}
    if settings.temperature is not None and "temperature" not in left_out:
        given["temperature"] = settings.temperature
    if settings.seed is not None and "seed" not in left_out and settings.provider in _SEEDED:
        given["seed"] = settings.seed
    shape = schema(prompt.reply) if mode == "schema" else None
    if settings.provider == "ollama":
        given = {"options": {"num_ctx": settings.context, **given}}
        return given | {"format": shape} if shape else given
    if shape:
        strict = {"name": _TOOL, "strict": True, "schema": shape}
        given["response_format"] = {"type": "json_schema", "json_schema": strict}
    return given


def load_model(settings: ModelSettings) -> tuple[Any, Any]:
    """The LangChain chat model, and the HTTP client to close (None where the provider keeps its own).

    Its own retries are off and its time limit is a second line: the client keeps both.
    """
    from langchain.chat_models import init_chat_model

    # Its advice on a server without JSON schemas is for programmers; another way of asking is tried by itself.
    warnings.filterwarnings("ignore", category=UserWarning, module="langchain_openai")
    options: dict[str, Any] = {"timeout": settings.timeout, "max_retries": 0}
    http = None
    if settings.provider in ("openai", "azure_openai"):
        import openai

        http = openai.DefaultAsyncHttpxClient(timeout=settings.timeout)
        options["http_async_client"] = http
    if settings.base_url:
        options["azure_endpoint" if settings.provider == "azure_openai" else "base_url"] = settings.base_url
        if settings.provider == "openai":
            options["api_key"] = os.environ.get("OPENAI_API_KEY") or "none"  # a server of one's own needs none
    try:
        return init_chat_model(settings.name, **options), http
    except Exception as error:  # a package, a key or an address is missing; the libraries say which
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        said = " ".join(said.removeprefix("Value error, ").split())
        raise ServerError(f"the model {settings.name} cannot be loaded: {said[:240]}") from None


def _tool(prompt: Prompt) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": _TOOL, "description": "Give your reply.", "parameters": schema(prompt.reply)},
    }


def system_text(prompt: Prompt, mode: str) -> str:
    """The system message; where a server knows no structured output, the schema is in it."""
    if mode != "plain":
        return prompt.system
    return f"{prompt.system}\n\nAnswer with one JSON object and nothing else, of this schema:\n{compact(schema(prompt.reply))}"


def _messages(prompt: Prompt, mode: str) -> list[Any]:
    """System and user message. They are values, so braces in them mean nothing."""
    from langchain_core.messages import HumanMessage, SystemMessage

    return [SystemMessage(system_text(prompt, mode)), HumanMessage(prompt.user)]


def _reply_of(message: Any) -> Reply:
    """The reply within LangChain's message, whatever way it came."""
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    text = message.text
    if calls:
        arguments = calls[0]["args"]
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    said = message.response_metadata
    reason = str(said.get("finish_reason") or said.get("stop_reason") or said.get("done_reason") or "stop")
    used = message.usage_metadata or {}
    return Reply(
        text=str(text or ""),
        finish="refused" if message.additional_kwargs.get("refusal") else _finish(reason),
        usage=Usage(
            calls=1,
            prompt=used.get("input_tokens", 0),
            cached=(used.get("input_token_details") or {}).get("cache_read") or 0,
            completion=used.get("output_tokens", 0),
        ),
    )


def reply_of_completion(completion: Any) -> Reply:
    """The same from the protocol's own object."""
    choice, used = completion.choices[0], completion.usage
    details = getattr(used, "prompt_tokens_details", None)
    return Reply(
        text=choice.message.content or "",
        finish="refused" if getattr(choice.message, "refusal", None) else _finish(choice.finish_reason),
        usage=Usage(
            calls=1,
            prompt=used.prompt_tokens if used else 0,
            cached=getattr(details, "cached_tokens", None) or 0,
            completion=used.completion_tokens if used else 0,
        ),
    )


_CUT = ("length", "max_tokens", "model_length", "model_context_window_exceeded")


def _finish(reason: str) -> Finish:
    """The reason for which a model stopped, by whatever name a provider gives it."""
    if reason in ("content_filter", "refusal"):
        return "refused"
    return "length" if reason in _CUT else "stop"


def _limiters(settings: ModelSettings) -> list[tuple[Any, Callable[[Prompt], float]]]:
    """Limiters with how much of each a prompt takes."""
    from aiolimiter import AsyncLimiter

    found: list[tuple[Any, Callable[[Prompt], float]]] = []
    if settings.requests_per_minute:
        found.append((AsyncLimiter(settings.requests_per_minute, 60), lambda prompt: 1.0))
    if settings.tokens_per_minute:
        found.append((AsyncLimiter(settings.tokens_per_minute, 60), lambda prompt: prompt_tokens(prompt, settings)))
    return found
