"""The OpenAI Batch API: calls that may take a day and cost half.

Prompts go out as a batch; what comes back goes into the reply cache, and drafting goes on from there as if the replies had
been given at once. So any number of collections in any order leads to the same drafts, and what expired or failed is simply
asked again. The list of batches is in .synth/batches.json; each is written there before it is submitted, with a mark that the
server keeps too, so that a crash in between loses none.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from corpus.errors import ServerError, SynthError
from corpus.folder import write_if_changed
from corpus.model import Frozen
from prompts import Prompt
from synth.llm.client import Client, compact, reply_of_completion, request_options, system_text
from synth.llm.faults import fault_of
from synth.llm.replies import Reply

TIMEOUT = 120  # seconds a request for files or batches may take
TRIES = 3  # times that an item which failed goes out, until it is given up
_OVER = ("completed", "expired", "cancelled", "failed")
_MARK = "synth"


class Submitted(Frozen):
    """A batch that went out. `id` is None between the decision and the server's answer."""

    mark: str
    id: str | None = None
    keys: tuple[str, ...]


class State(Frozen):
    """.synth/batches.json. `tries`: how often each request went out."""

    batches: tuple[Submitted, ...] = ()
    tries: dict[str, int] = Field(default_factory=dict)


class Batches:
    """The batches of one discussion."""

    def __init__(self, path: Path, client: Client) -> None:
        self.path, self.client = path, client
        if client.settings.provider != "openai":
            raise SynthError(
                f"--batch needs a model of OpenAI's or of a server that has its Batch API, not {client.settings.name}."
            )
        try:
            self.state = State.model_validate_json(path.read_text())
        except (OSError, ValueError):
            self.state = State()

    def waiting(self) -> set[str]:
        """Keys of the requests that are out."""
        return {key for batch in self.state.batches for key in batch.keys}

    def submit(self, wanted: Mapping[str, Prompt]) -> int:
        """Send what is not out yet; how many requests that were. Raises ServerError."""
        new = {key: prompt for key, prompt in wanted.items() if key not in self.waiting()}
        if not new:
            return 0
        if worn := [key for key in new if self.state.tries.get(key, 0) >= TRIES]:
            raise ServerError(f"{len(worn)} requests failed in {TRIES} batches. Draft without --batch: synth draft")
        mark = secrets.token_hex(8)
        tries = {**self.state.tries, **{key: self.state.tries.get(key, 0) + 1 for key in new}}
        self._save(State(batches=(*self.state.batches, Submitted(mark=mark, keys=tuple(new))), tries=tries))
        lines = "".join(compact(self._request(key, prompt)) + "\n" for key, prompt in new.items())
        try:
            server = self._server()
            file = server.files.create(file=(f"{mark}.jsonl", io.BytesIO(lines.encode())), purpose="batch")
            made = server.batches.create(
                input_file_id=file.id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={_MARK: mark},
            )
        except Exception as error:
            raise self._failed(error) from None
        self._replace(mark, Submitted(mark=mark, id=made.id, keys=tuple(new)))
        return len(new)

    def collect(self) -> int:
        """Take in what is ready; how many replies that were. Raises ServerError."""
        taken = 0
        try:
            server = self._server()
            for batch in self.state.batches:
                found = server.batches.retrieve(batch.id) if batch.id else self._look_for(server, batch)
                if found is None:
                    self._replace(batch.mark, None)  # it never reached the server
                elif found.status in _OVER:
                    taken += self._take(server, found)
                    self._replace(batch.mark, None)
                else:
                    self._replace(batch.mark, batch.model_copy(update={"id": found.id}))
        except (ServerError, SynthError):
            raise
        except Exception as error:
            raise self._failed(error) from None
        return taken

    # -- within ------------------------------------------------------------------------------------

    def _take(self, server: Any, batch: Any) -> int:
        """The replies in a batch's files into the cache; items that failed for good too, the rest is asked again."""
        replies: list[tuple[str, Reply]] = []
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id:
                for line in server.files.content(file_id).text.split("\n"):
                    if line.strip() and (reply := self._reply(json.loads(line))):
                        replies.append(reply)
        self.client.replies.keep_all(replies)
        self.client.spent = sum((kept.usage for _, kept in replies), self.client.spent)
        for file_id in (batch.input_file_id, batch.output_file_id, batch.error_file_id):
            if file_id:
                with contextlib.suppress(Exception):  # tidying up; what was paid for is on disk
                    server.files.delete(file_id)
        return len(replies)

    def _reply(self, item: dict[str, Any]) -> tuple[str, Reply] | None:
        from openai.types.chat import ChatCompletion

        response = item.get("response") or {}
        body = response.get("body") or {}
        if response.get("status_code") == 200 and body.get("choices"):
            return item["custom_id"], reply_of_completion(ChatCompletion.model_validate(body))
        code = str((body.get("error") or item.get("error") or {}).get("code") or "")
        if code == "context_length_exceeded":
            return item["custom_id"], Reply(text="", finish="too_long")
        if code == "content_filter":
            return item["custom_id"], Reply(text="", finish="refused")
        return None

    def _look_for(self, server: Any, batch: Submitted) -> Any:
        """A batch whose submission was interrupted, if the server knows it."""
        return next((b for b in server.batches.list(limit=100) if (b.metadata or {}).get(_MARK) == batch.mark), None)

    def _request(self, key: str, prompt: Prompt) -> dict[str, Any]:
        settings, mode = self.client.settings, self.client.mode
        mode = "plain" if mode == "tools" else mode
        return {
            "custom_id": key,
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {
                "model": settings.name.partition(":")[2],
                "messages": [
                    {"role": "system", "content": system_text(prompt, mode)},
                    {"role": "user", "content": prompt.user},
                ],
                **request_options(prompt, settings, mode, self.client.left_out),
            },
        }

    def _server(self) -> Any:
        import openai

        return openai.OpenAI(
            api_key=os.environ.get("OPENAI_API_KEY") or "none",
            base_url=self.client.settings.base_url,
            timeout=TIMEOUT,
            max_retries=2,
        )

    def _failed(self, error: Exception) -> ServerError:
        return ServerError(f"the batch: {fault_of(error, self.client.settings, 'plain', True).message.rstrip('.')}.")

    def _replace(self, mark: str, batch: Submitted | None) -> None:
        batches = [batch if b.mark == mark else b for b in self.state.batches]
        self._save(self.state.model_copy(update={"batches": tuple(b for b in batches if b is not None)}))

    def _save(self, state: State) -> None:
        write_if_changed(self.path, state.model_dump_json(indent=1) + "\n")
        self.state = state
