"""Chat completions: from a request's body to the body of the answer."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.openai_server import faults
from tests.openai_server.prompt import Prompt
from tests.openai_server.tokens import PrefixCache, compact, prompt_text, text_of, tokens
from tests.openai_server.writer import Writer

CREATED = 1_700_000_000


@dataclass(frozen=True)
class Completion:
    """The answer to a request for a chat completion."""

    body: dict[str, Any]

    @property
    def usage(self) -> dict[str, Any]:
        """Tokens by the estimate."""
        usage: dict[str, Any] = self.body["usage"]
        return usage

    @property
    def data(self) -> bytes:
        """As it is sent."""
        return json.dumps(self.body, ensure_ascii=False).encode()


def complete(
    body: dict[str, Any], fault: str, writer: Writer, prefixes: PrefixCache, lock: threading.RLock
) -> Completion:
    """The completion: what the writer says, with the fault if there is one."""
    prompt = prompt_of(body)
    text = writer.reply(prompt, fault if fault in faults.CONTENT else "")
    answer = faults.misshapen(fault, text)
    message, finish = _message(answer, _tool(body))
    whole = prompt_text(body)
    with lock:
        cached = prefixes.cached(whole.replace(prompt.fence, "FENCE") if prompt.fence else whole)
    asked, said = tokens(whole), tokens(answer.content or answer.refusal or "")
    usage = {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {"cached_tokens": min(cached, asked), "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
    return Completion(
        {
            "id": "chatcmpl-" + hashlib.sha256(f"{prompt.digest}{text}".encode()).hexdigest()[:24],
            "object": "chat.completion",
            "created": CREATED,
            "model": body.get("model", "gpt-test"),
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": usage,
            "system_fingerprint": "fp_tests",
        }
    )


def prompt_of(body: dict[str, Any]) -> Prompt:
    """What is asked: the messages, and the schema wherever it stands (response_format, tool, or in words)."""
    messages = body.get("messages", [])
    system = "\n".join(text_of(m) for m in messages if m.get("role") in ("system", "developer"))
    user = "\n".join(text_of(m) for m in messages if m.get("role") not in ("system", "developer"))
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    if schema is None and (tool := _tool(body)):
        schema = tool["function"].get("parameters")
    return Prompt(system, user, schema or _schema_in_words(system))


def _schema_in_words(text: str) -> dict[str, Any] | None:
    for match in re.finditer(r"\{\"", text):
        try:
            found = json.JSONDecoder().raw_decode(text, match.start())[0]
        except ValueError:
            continue
        if isinstance(found, dict) and "properties" in found:
            return found
    return None


def _tool(body: dict[str, Any]) -> dict[str, Any] | None:
    """The tool to call: the one that is named, else the first; None if tools are not to be used."""
    tools = [t for t in body.get("tools") or [] if t.get("type") == "function"]
    choice = body.get("tool_choice")
    if not tools or choice == "none":
        return None
    named = choice.get("function", {}).get("name") if isinstance(choice, dict) else None
    found: dict[str, Any] = next((t for t in tools if t["function"]["name"] == named), tools[0])
    return found


def _message(answer: faults.Answer, tool: dict[str, Any] | None) -> tuple[dict[str, Any], str]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.content, "refusal": answer.refusal}
    if tool is None or not answer.content or not answer.content.lstrip().startswith("{"):
        return message, answer.finish
    name = tool["function"]["name"]
    number = hashlib.sha256(answer.content.encode()).hexdigest()[:16]
    call = {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": answer.content}}
    finish = "tool_calls" if answer.finish == "stop" else answer.finish
    return {**message, "content": None, "tool_calls": [call]}, finish


def stream_events(completion: Completion, body: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """The events of a stream, each with the tokens it brings."""
    head = {**completion.body, "object": "chat.completion.chunk"}
    choice = head.pop("choices")[0]
    usage = head.pop("usage")
    asked = bool((body.get("stream_options") or {}).get("include_usage"))
    null = {"usage": None} if asked else {}

    def event(delta: dict[str, Any], finish: str | None = None) -> str:
        part = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return compact({**head, "choices": [part], **null})

    yield event({"role": "assistant", "content": "", "refusal": choice["message"]["refusal"]}), 0
    for call in choice["message"].get("tool_calls", []):
        function = {"name": call["function"]["name"], "arguments": ""}
        yield event({"tool_calls": [{"index": 0, "id": call["id"], "type": "function", "function": function}]}), 0
        for piece in _pieces(call["function"]["arguments"]):
            yield event({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}), tokens(piece)
    for piece in _pieces(choice["message"]["content"] or ""):
        yield event({"content": piece}), tokens(piece)
    yield event({}, choice["finish_reason"]), 0
    if asked:
        yield compact({**head, "choices": [], "usage": usage}), 0
    yield "[DONE]", 0


def _pieces(text: str) -> list[str]:
    return [text[i : i + 48] for i in range(0, len(text), 48)]
