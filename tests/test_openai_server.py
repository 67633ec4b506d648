"""The tests' own model server speaks the protocol, and misbehaves as its plans say."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest

import prompts
from tests.conftest import Loaded
from tests.openai_server import Recorded, Server
from tests.openai_server.asking import (
    ask,
    body,
    claims_of,
    client,
    drafting,
)

_REFUSED = {
    "429": (openai.RateLimitError, "rate_limit_exceeded"), "429-retry-after": (openai.RateLimitError, "rate_limit_exceeded"),
    "quota": (openai.RateLimitError, "insufficient_quota"), "500": (openai.InternalServerError, None),
    "503": (openai.InternalServerError, None), "401": (openai.AuthenticationError, "invalid_api_key"),
    "403": (openai.PermissionDeniedError, "model_not_found"), "404-model": (openai.NotFoundError, "model_not_found"),
    "context-length": (openai.BadRequestError, "context_length_exceeded"),
    "content-filter-400": (openai.BadRequestError, "content_filter"), "no-schema-400": (openai.BadRequestError, None),
    "no-schema-500": (openai.InternalServerError, None), "no-temperature": (openai.BadRequestError, "unsupported_value"),
    "no-seed": (openai.BadRequestError, None), "reset": (openai.APIConnectionError, None),
    "cut": (openai.APIConnectionError, None), "hang": (openai.APITimeoutError, None),
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.mark.parametrize("fault", _REFUSED)
def test_a_refusal_reaches_the_client_as_the_real_one_does(server: Server, fault: str) -> None:
    kind, code = _REFUSED[fault]
    server.plan(fault)
    with pytest.raises(kind) as caught:
        client(server, timeout=0.3).chat.completions.create(**body(prompts.render("probe")))
    assert getattr(caught.value, "code", None) == code
    assert [call.fault for call in server.calls] == [fault]
    assert ask(server, prompts.render("probe")).choices[0].message.content == '{"ready":true}'


def test_a_retry_after_is_sent_only_where_planned(server: Server) -> None:
    server.plan("429")
    server.plan("429-retry-after")
    waits = []
    for _ in range(2):
        with pytest.raises(openai.RateLimitError) as caught:
            ask(server, prompts.render("probe"))
        waits.append(caught.value.response.headers.get("retry-after"))
    assert waits == [None, "0.01"]


def test_a_dripping_body_never_ends(server: Server) -> None:
    server.plan("drip")

    async def wait() -> None:
        async with openai.AsyncOpenAI(base_url=server.url, api_key="none", max_retries=0, timeout=0.3) as dripped:
            async with asyncio.timeout(0.7):
                await dripped.chat.completions.create(**body(prompts.render("probe")))

    with pytest.raises(TimeoutError):
        asyncio.run(wait())


def test_a_captive_portal_answers_200_with_a_page(server: Server) -> None:
    server.plan("html")
    assert "<html>" in str(ask(server, prompts.render("probe")))


@pytest.mark.parametrize(
    "fault", ["truncated", "other-schema", "prose", "prose-around", "empty", "length", "content-filter", "refusal"]
)
def test_a_reply_is_misshapen_as_planned(sample: Loaded, server: Server, fault: str) -> None:
    prompt = drafting(sample)
    whole = ask(server, prompt).choices[0].message.content
    server.plan(fault)
    choice = ask(server, prompt).choices[0]
    text = choice.message.content or ""
    shaped = {
        "truncated": whole.startswith(text) and len(text) < len(whole),
        "other-schema": "themes" not in json.loads(text) if fault == "other-schema" else True,
        "prose": "{" not in text,
        "prose-around": f"```json\n{whole}\n```" in text,
        "empty": text == "",
        "length": whole.startswith(text) and len(text) < len(whole),
        "content-filter": text == "",
        "refusal": bool(choice.message.refusal) and choice.message.content is None,
    }
    assert shaped[fault]
    assert choice.finish_reason == {"length": "length", "content-filter": "content_filter"}.get(fault, "stop")


def test_a_fault_comes_as_often_as_planned_and_where_it_was_meant(server: Server) -> None:
    server.plan("500", times=2, when=lambda recorded: "other" in recorded.user)
    server.plan("no-tools", times=None)
    for _ in range(2):
        ask(server, prompts.render("probe"))
    other = prompts.again(prompts.render("probe"), "An other word.")
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            ask(server, other)
    ask(server, other)
    assert [call.status for call in server.calls] == [200, 200, 500, 500, 200]
    with pytest.raises(ValueError, match="no fault"):
        server.plan("nonsense")


# -- the protocol -------------------------------------------------------------------------------------


def test_tools_are_called_and_a_schema_in_words_is_understood(sample: Loaded, server: Server) -> None:
    prompt = drafting(sample)
    tool = {"type": "function", "function": {"name": "reply", "parameters": prompts.schema(prompt.reply)}}
    choice = {"type": "function", "function": {"name": "reply"}}
    called = ask(server, prompt, tools=[tool], tool_choice=choice, response_format=openai.omit).choices[0]
    assert called.message.content is None
    drafted = prompt.reply.model_validate_json(called.message.tool_calls[0].function.arguments)
    schema = json.dumps(prompts.schema(prompt.reply))
    plain = [
        {"role": "system", "content": f"{prompt.system}\n\nOf this schema:\n{schema}"},
        {"role": "user", "content": prompt.user},
    ]
    said = ask(server, prompt, messages=plain, response_format={"type": "json_object"}).choices[0].message.content
    assert len(claims_of(prompt.reply.model_validate_json(said))) == len(claims_of(drafted))


def test_a_stream_brings_the_same_text_and_the_usage_when_asked(sample: Loaded, server: Server) -> None:
    prompt = drafting(sample)
    whole = ask(server, prompt)
    chunks = list(ask(server, prompt, stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == whole.choices[0].message.content
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert chunks[-2].choices[0].finish_reason == "stop"


def test_tokens_are_counted_and_a_common_beginning_is_cached_in_blocks(sample: Loaded, server: Server) -> None:
    first, second = ask(server, drafting(sample, "1.1")).usage, ask(server, drafting(sample, "1.2")).usage
    assert first.prompt_tokens_details.cached_tokens == 0
    assert second.prompt_tokens_details.cached_tokens >= 1024
    assert second.prompt_tokens_details.cached_tokens % 128 == 0
    assert server.tokens_in == first.prompt_tokens + second.prompt_tokens
    assert server.tokens_out == first.completion_tokens + second.completion_tokens


def test_thirty_two_requests_run_at_once_and_latency_is_simulated(server: Server) -> None:
    server.latency = (0.3, 0.01)

    async def run() -> None:
        async with openai.AsyncOpenAI(base_url=server.url, api_key="none", max_retries=0) as many:
            await asyncio.gather(*(many.chat.completions.create(**body(prompts.render("probe"))) for _ in range(32)))

    asyncio.run(run())
    assert server.peak == 32
    assert len(server.calls) == 32
    assert all(call.finished and call.finished - call.started >= 0.3 for call in server.calls)
    server.reset()
    assert server.requests == []
    assert server.peak == 0


def test_stopping_ends_what_hangs_at_once() -> None:
    with Server() as server:
        server.plan("hang")
        running = asyncio.new_event_loop()
        asked = openai.AsyncOpenAI(base_url=server.url, api_key="none", max_retries=0)
        task = running.create_task(asked.chat.completions.create(**body(prompts.render("probe"))))
        while not server.calls:
            running.run_until_complete(asyncio.sleep(0.01))
        started = time.monotonic()
    with pytest.raises(openai.APIConnectionError):
        running.run_until_complete(task)
    running.run_until_complete(asked.close())
    running.close()
    assert time.monotonic() - started < 1


def test_requests_are_recorded_in_order_with_what_was_sent(server: Server) -> None:
    client(server).models.list()
    ask(server, prompts.render("probe"))
    assert [r.path for r in server.requests] == ["/v1/models", "/v1/chat/completions"]
    call: Recorded = server.calls[0]
    assert call.body["temperature"] == 0
    assert call.status == 200
    assert call.headers["authorization"] == "Bearer none"
    assert 'Set "ready" to true' in call.user


def test_langchain_reads_the_replies_as_well(sample: Loaded, server: Server) -> None:
    from langchain_openai import ChatOpenAI

    prompt = drafting(sample)
    model = ChatOpenAI(model="gpt-test", base_url=server.url, api_key="none", max_retries=0)
    message = model.bind(response_format=body(prompt)["response_format"]).invoke(
        [("system", prompt.system), ("user", prompt.user)]
    )
    assert claims_of(prompt.reply.model_validate_json(message.text))
    assert message.usage_metadata["output_tokens"] == server.tokens_out


def test_embeddings_are_the_same_as_floats_and_in_base64_and_near_for_like_texts(server: Server) -> None:
    texts = ["spare parts for hand pumps", "spare parts for a hand pump", "diaspora investment"]
    data = client(server).embeddings.create(model="e", input=texts, encoding_format="float").data
    raw = client(server).embeddings.with_raw_response.create(model="e", input=texts, encoding_format="base64")
    packed = base64.b64decode(json.loads(raw.text)["data"][0]["embedding"])
    assert struct.unpack(f"<{len(packed) // 4}f", packed) == pytest.approx(data[0].embedding, abs=1e-6)
    near, far = (sum(a * b for a, b in zip(data[0].embedding, data[i].embedding, strict=True)) for i in (1, 2))
    assert near > 0.6 > far


# -- batches ------------------------------------------------------------------------------------------


def batch(server: Server, count: int = 4) -> tuple[openai.OpenAI, str]:
    lines = [
        {
            "custom_id": f"item-{i}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": body(prompts.render("probe")),
        }
        for i in range(count)
    ]
    asking = client(server)
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    file = asking.files.create(file=("batch.jsonl", data), purpose="batch")
    made = asking.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert made.status == "validating"
    return asking, made.id


def lines_of(asking: openai.OpenAI, file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    found = [json.loads(line) for line in asking.files.content(file).text.split("\n") if line]
    return {line["custom_id"]: line for line in found}


def test_a_batch_is_ready_after_as_many_polls_as_set_and_answered_by_the_same_writer(server: Server) -> None:
    asking, name = batch(server)
    assert [asking.batches.retrieve(name).status for _ in range(3)] == ["in_progress", "completed", "completed"]
    done = asking.batches.retrieve(name)
    answers = lines_of(asking, done.output_file_id)
    assert len(answers) == 4
    assert answers["item-2"]["response"]["body"]["choices"][0]["message"]["content"] == '{"ready":true}'
    assert done.error_file_id is None
    assert [b.id for b in asking.batches.list()] == [name]
    assert asking.files.delete(str(done.output_file_id)).deleted
    with pytest.raises(openai.NotFoundError):
        asking.files.retrieve(str(done.output_file_id))


def test_a_batch_expires_in_part_and_items_fail_as_planned(server: Server) -> None:
    server.plan_batch(expire={"item-2", "item-3"}, fail={"item-0"}, partial={"item-4"})
    asking, name = batch(server, 6)
    asking.batches.retrieve(name)
    done = asking.batches.retrieve(name)
    assert done.status == "expired"
    assert done.request_counts
    assert (done.request_counts.total, done.request_counts.completed) == (6, 2)
    assert set(lines_of(asking, done.output_file_id)) == {"item-1", "item-5"}
    wrong = lines_of(asking, done.error_file_id)
    assert {k: (v["error"] or {}).get("code") for k, v in wrong.items()} == {
        "item-0": None, "item-2": "batch_expired", "item-3": "batch_expired",
    }  # fmt: skip
    assert wrong["item-0"]["response"]["status_code"] == 500


def test_a_batch_can_be_cancelled_or_refused(server: Server) -> None:
    asking, name = batch(server)
    assert asking.batches.cancel(name).status == "cancelling"
    assert asking.batches.retrieve(name).status == "cancelled"
    server.plan_batch(status="failed")
    asking, name = batch(server)
    refused_batch = asking.batches.retrieve(name)
    assert refused_batch.status == "failed"
    assert refused_batch.errors
