"""How real services misbehave: by status and body, by connection, by what stands in the reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.openai_server.records import Recorded
from tests.openai_server.spoil import SPOILERS

CONTENT = tuple(SPOILERS)  # a well-formed reply whose claims are bad
CONNECTION = ("reset", "hang", "drip", "cut")  # no whole answer comes
REPLIES = ("truncated", "other-schema", "prose", "prose-around", "empty", "length", "content-filter", "refusal")

PORTAL = (
    "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Sign in to the guest network</h1></body></html>"
)
_PROSE = (
    "Thank you for sharing these contributions! They are rich and varied. I would be glad to help you to draft a reply; "
    "shall I begin with the first question, or would you rather see an outline?"
)


@dataclass(frozen=True)
class Refusal:
    """An answer with an error status."""

    status: int
    message: str
    kind: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """As OpenAI's API writes errors."""
        known = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": {**known, **self.more}}


_LIMIT = (
    "Rate limit reached for gpt-test in organization org-test on requests per min (RPM): Limit 3, Used 3, Requested 1."
)
_AZURE = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
    "Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation."
)
_INNER = {
    "code": "ResponsibleAIPolicyViolation",
    "content_filter_result": {"violence": {"filtered": True, "severity": "medium"}},
}
_VALIDATION = (
    "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), "
    "'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}]"
)
REFUSALS: dict[str, Refusal] = {
    "429": Refusal(429, _LIMIT, "requests", "rate_limit_exceeded"),
    "429-retry-after": Refusal(429, _LIMIT, "requests", "rate_limit_exceeded", headers={"Retry-After": "0.01"}),
    "quota": Refusal(429, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota"),
    "500": Refusal(500, "The server had an error while processing your request. Sorry about that!", "server_error"),
    "503": Refusal(503, "The engine is currently overloaded, please try again later.", "server_error"),
    "content-filter-400": Refusal(400, _AZURE, "", "content_filter", "prompt", more={"status": 400, "innererror": _INNER}),
    "context-length": Refusal(400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9113 tokens. Please reduce the length of the messages.", code="context_length_exceeded", param="messages"),
    "401": Refusal(401, "Incorrect API key provided. You can find your API key in your account's settings.", code="invalid_api_key"),
    "403": Refusal(403, "Project does not have access to this model.", code="model_not_found"),
    "404-model": Refusal(404, "The model `gpt-test` does not exist or you do not have access to it.", code="model_not_found"),
    "no-schema-400": Refusal(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", param="response_format"),
    "no-schema-500": Refusal(500, _VALIDATION, "internal_server_error"),
    "no-tools": Refusal(400, "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set: tools are not supported.", "BadRequestError"),
    "no-temperature": Refusal(400, "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.", code="unsupported_value", param="temperature"),
    "no-seed": Refusal(400, "Unrecognized request argument supplied: seed"),
}  # fmt: skip
FAULTS = (*REFUSALS, *CONNECTION, "html", *REPLIES, *CONTENT)


def applies(fault: str, body: dict[str, Any]) -> bool:
    """Whether a request gives occasion to the fault: a server that knows no schemas fails only where one is sent."""
    if fault.startswith("no-schema"):
        return (body.get("response_format") or {}).get("type") == "json_schema"
    if fault == "no-tools":
        return bool(body.get("tools"))
    if fault in ("no-temperature", "no-seed"):
        return fault.removeprefix("no-") in body
    return True


@dataclass
class Plan:
    """A fault for the next `left` requests (None: all) for which `when` holds."""

    fault: str
    left: int | None
    when: Callable[[Recorded], bool] | None

    def takes(self, recorded: Recorded) -> bool:
        """Whether the request is to have the fault; counts it."""
        if self.left == 0 or not applies(self.fault, recorded.body) or (self.when and not self.when(recorded)):
            return False
        if self.left is not None:
            self.left -= 1
        return True


@dataclass(frozen=True)
class Answer:
    """The message of a completion."""

    content: str | None
    finish: str = "stop"
    refusal: str | None = None


def misshapen(fault: str, text: str) -> Answer:
    """A good reply's text as it comes with a fault of REPLIES; as it is with any other."""
    half = text[: max(1, len(text) * 3 // 5)]
    shaped = {
        "truncated": Answer(half),
        "length": Answer(half, "length"),
        "other-schema": Answer(json.dumps({"summary": "The contributors agree on much.", "points": [{"text": "Pumps", "score": 0.8}]})),
        "prose": Answer(_PROSE),
        "prose-around": Answer(f"Here is the reply you asked for:\n\n```json\n{text}\n```\n\nLet me know if it should be shorter!"),
        "empty": Answer(""),
        "content-filter": Answer("", "content_filter"),
        "refusal": Answer(None, refusal="I'm sorry, but I can't assist with that request."),
    }  # fmt: skip
    return shaped.get(fault, Answer(text))
