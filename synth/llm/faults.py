"""What can go wrong with a call, and what to do about it. Server and library errors come in many shapes; here they become one of six."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from typing import Any, Literal

from synth.settings import ModelSettings

# "again": may work later. "smaller": the prompt is too long. "refused": a filter would not read it. "mode": the server does
# not know this way of structured output. "parameter": it does not take temperature or seed. "stop": no call will work.
Remedy = Literal["again", "smaller", "refused", "mode", "parameter", "stop"]

_TOO_LONG = re.compile(
    r"context.{0,12}(?:length|window|size)|maximum context|too (?:long|many tokens)|exceeds? the (?:limit|maximum)",
    re.IGNORECASE,
)
_FILTER = re.compile(r"content.?(?:filter|policy)|content management policy|responsible.?ai", re.IGNORECASE)
_MODE = re.compile(
    r"response_format|invalid format|json_schema|json schema|structured output|tool_choice|\btools?\b|function",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Fault:
    """`message`: what happened, for the user; never the key. `wait`: seconds the server asked for. `parameter`: its name."""

    remedy: Remedy
    message: str
    wait: float | None = None
    parameter: str = ""


def fault_of(error: BaseException, settings: ModelSettings, mode: str, proven: bool) -> Fault:
    """What `error` means. `mode`: how structured output was asked for; `proven`: whether that way has worked before."""
    status, code, parameter, said = _details(error)
    if secret := os.environ.get(settings.key_variable or ""):
        said = said.replace(secret, "…")
    where = without_password(settings.base_url or settings.provider)
    if isinstance(error, TimeoutError) or _is(error, "APITimeoutError", "ModelTimeoutError", "TimeoutException"):
        return Fault("again", f"the model server ({where}) did not answer in time")
    if _is(error, "ContextOverflowError") or code == "context_length_exceeded" or status == 413:
        return Fault("smaller", "the prompt is too long for the model")
    if status is None:
        return _without_status(error, settings, where)
    if status in (400, 500) and _TOO_LONG.search(said):
        return Fault("smaller", "the prompt is too long for the model")
    if status in (400, 403) and (code == "content_filter" or _FILTER.search(f"{code} {said}")):
        return Fault("refused", "the provider's content filter refused the text")
    if status in (400, 422) and (name := _refused_parameter(parameter, said)):
        return Fault("parameter", f"the model takes no {name}", parameter=name)
    if mode != "plain" and not proven and status in (400, 404, 415, 422, 500, 501) and _about_mode(status, said):
        return Fault("mode", f"the server knows no structured output by {mode} ({status})")
    return _by_status(status, code, said, settings, where, _retry_after(error))


def without_password(url: str) -> str:
    """`url` without the user and password that may stand before its host."""
    return re.sub(r"//[^/@\s]*@", "//", url)


def _address(settings: ModelSettings) -> str:
    """Where the user says at which address the server is."""
    return {"openai": "OPENAI_BASE_URL", "azure_openai": "AZURE_OPENAI_ENDPOINT"}.get(
        settings.provider, "[model] base_url"
    )


def _by_status(status: int, code: str, said: str, settings: ModelSettings, where: str, wait: float | None) -> Fault:
    key = settings.key_variable or "the key"
    if status == 401:
        return Fault("stop", f"the model server refused the key (401). Set {key}, or choose another model in discussion.toml [model].")  # fmt: skip
    if status == 403:
        return Fault("stop", f"the model server does not let this key use {settings.name} (403). Check {key} and [model] name in discussion.toml.")  # fmt: skip
    if status == 404:
        return Fault("stop", f"there is no model {settings.name} at {where} (404). Correct [model] name in discussion.toml (or --model, SYNTH_MODEL, {_address(settings)}).")  # fmt: skip
    if status == 429 and code == "insufficient_quota":
        return Fault("stop", f"the account of {key} has no quota left (429 insufficient_quota). Add credit, or choose another model in discussion.toml [model].")  # fmt: skip
    if status == 429:
        return Fault("again", f"the model server ({where}) takes no more requests now (429). Lower [model] concurrency or set requests_per_minute", wait)  # fmt: skip
    said = said[:200]
    if status in (408, 409) or status >= 500:
        return Fault("again", f"the model server ({where}) failed ({status}{f': {said}' if said else ''})", wait)
    return Fault("stop", f"the model server ({where}) refuses the request ({status}: {said}). Check [model] in discussion.toml.")  # fmt: skip


def _without_status(error: BaseException, settings: ModelSettings, where: str) -> Fault:
    """No answer at all, or one that is none of the protocol's (a captive portal's page, a body cut off)."""
    if _is(error, "APIConnectionError", "ModelConnectionError", "TransportError", "OSError"):
        cause = _bottom(error)
        if type(cause).__name__ in ("RemoteProtocolError", "IncompleteRead"):
            return Fault("again", f"the model server ({where}) broke off in the middle of its answer")
        said = getattr(cause, "strerror", None) or type(cause).__name__
        return Fault("again", f"the model server ({where}) cannot be reached ({said}). Check the network and {_address(settings)}")  # fmt: skip
    return Fault("again", f"what {where} answers is no reply of a model server ({type(error).__name__}). Check {_address(settings)} and the network")  # fmt: skip


def _details(error: BaseException) -> tuple[int | None, str, str, str]:
    """Status, error code, parameter and one line of the server's message, as far as the error has them."""
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or (
        getattr(response, "status_code", None) if _is_http(error) else None
    )
    body: Any = getattr(error, "body", None)
    if body is None and _is(error, "HTTPStatusError"):
        with contextlib.suppress(Exception):  # httpx has no one error for what cannot be read
            body = error.response.json()  # type: ignore[attr-defined]
    body = body if isinstance(body, dict) else {}
    body = body.get("error") if isinstance(body.get("error"), dict) else body
    said = " ".join(str(body.get("message") or body.get("detail") or getattr(error, "message", "") or error).split())
    code = str(body.get("code") or getattr(error, "code", "") or body.get("type") or "")
    return status, code, str(body.get("param") or ""), re.sub(r"sk-\S+", "sk-…", said)


def _is_http(error: BaseException) -> bool:
    """An answer with an error status; the response of one that could not be parsed says nothing."""
    return _is(error, "APIStatusError", "HTTPStatusError", "HTTPError")


def _is(error: BaseException, *names: str) -> bool:
    """Whether the error, or a class it comes from, has one of these names: providers' packages are not imported for it."""
    return any(cls.__name__ in names for cls in type(error).__mro__)


def _bottom(error: BaseException) -> BaseException:
    """The error that the others come from: "Connection refused"."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return error


def _refused_parameter(parameter: str, said: str) -> str:
    for name in ("temperature", "seed"):
        if parameter == name or re.search(
            rf"\b{name}\b.{{0,60}}(?:unsupported|not supported|unrecognized|not permitted|deprecated)|"
            rf"(?:unsupported|unrecognized|unknown|not permitted|does not support).{{0,60}}\b{name}\b",
            said,
            re.IGNORECASE,
        ):
            return name
    return ""


def _about_mode(status: int, said: str) -> bool:
    """A refusal of the way of asking. A 500 may be one too: some servers fail at validating what they do not know."""
    return status in (415, 422, 501) or bool(_MODE.search(said))


def _retry_after(error: BaseException) -> float | None:
    """Seconds of the Retry-After header."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return None
