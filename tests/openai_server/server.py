"""The HTTP side: a threading server on this machine, kept connections, every request recorded.

Nothing sleeps but simulated latency and hangs, and these end at once when the server stops or the client goes away.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import selectors
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.openai_server import faults
from tests.openai_server.batches import Batches
from tests.openai_server.chat import Completion, complete, stream_events
from tests.openai_server.embeddings import embed
from tests.openai_server.records import Recorded
from tests.openai_server.tokens import PrefixCache
from tests.openai_server.writer import Writer

MODEL = "gpt-test"
_FOREVER = 10_000_000  # bytes that a dripping body promises


class Server:
    """A model server for tests; a context manager. `latency`: seconds until the first token, and for each token after it."""

    def __init__(self, writer: Writer | None = None, latency: tuple[float, float] = (0.0, 0.0), seed: int = 1) -> None:
        self.writer = writer if writer is not None else Writer(seed=seed)
        self.latency = latency
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)  # a request came or was answered
        self.batches = Batches(self)
        self.batch_polls = 1
        self.plan_batch = self.batches.plan
        self.reset()
        self._http = _Http(self)

    def __enter__(self) -> Server:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """What a client takes as base URL."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def stop(self) -> None:
        """End all connections, also hanging ones."""
        self._http.stop()

    def reset(self) -> None:
        """Forget what was asked and what was planned."""
        with self.lock:
            self.requests: list[Recorded] = []
            self.peak = self.in_flight = self.tokens_in = self.tokens_out = self.tokens_cached = 0
            self.plans: list[faults.Plan] = []
            self.prefixes = PrefixCache()
            self.writer.forget()
            self.batches.reset()

    @property
    def calls(self) -> list[Recorded]:
        """The requests for chat completions."""
        with self.lock:
            return [r for r in self.requests if r.is_chat]

    def note(self, recorded: Recorded, finished: bool = False) -> None:
        """A request came, or is done with."""
        with self._changed:
            if finished:
                recorded.finished = time.monotonic()
            else:
                self.requests.append(recorded)
            self._changed.notify_all()

    def wait_for(
        self, count: int, answered: bool = False, timeout: float = 60, asker: subprocess.Popen[bytes] | None = None
    ) -> bool:
        """Wait until so many chat completions were asked for (or answered); False if they were not within `timeout` seconds, or
        by the end of `asker`."""

        def there() -> bool:
            return sum(c.finished is not None or not answered for c in self.calls) >= count

        until = time.monotonic() + timeout
        with self._changed:
            while not self._changed.wait_for(there, 0.2):
                if time.monotonic() > until or (asker is not None and asker.poll() is not None):
                    return there()
        return True

    def plan(self, fault: str, times: int | None = 1, when: Callable[[Recorded], bool] | None = None) -> None:
        """Let the next `times` chat completions for which `when` holds have a fault (None: always; any)."""
        if fault not in faults.FAULTS:
            raise ValueError(f"there is no fault {fault!r}; there are {', '.join(faults.FAULTS)}")
        with self.lock:
            self.plans.append(faults.Plan(fault, times, when))

    def fault_for(self, recorded: Recorded) -> str:
        """The planned fault of a request, "" if it has none; it is used up."""
        with self.lock:
            recorded.fault = next((plan.fault for plan in self.plans if plan.takes(recorded)), "")
        return recorded.fault

    def complete(self, body: dict[str, Any], fault: str) -> Completion:
        """The completion of a request, counted."""
        completion = complete(body, fault, self.writer, self.prefixes, self.lock)
        with self.lock:
            self.tokens_in += completion.usage["prompt_tokens"]
            self.tokens_out += completion.usage["completion_tokens"]
            self.tokens_cached += completion.usage["prompt_tokens_details"]["cached_tokens"]
        return completion

    @contextlib.contextmanager
    def flying(self) -> Any:
        """Count a completion as in flight."""
        with self.lock:
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, owner: Server) -> None:
        self.owner = owner
        self.open: set[socket.socket] = set()
        self.bell, self._ringer = socket.socketpair()  # readable as soon as the server stops
        super().__init__(("127.0.0.1", 0), _Handler)

    def stop(self) -> None:
        self._ringer.close()
        self.shutdown()
        self.server_close()
        with self.owner.lock:
            connections = list(self.open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error worth a line."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def setup(self) -> None:
        super().setup()
        with self.server.owner.lock:
            self.server.open.add(self.connection)

    def finish(self) -> None:
        with self.server.owner.lock:
            self.server.open.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def do_DELETE(self) -> None:
        self._take()

    # -- one request --------------------------------------------------------------------------

    def _take(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        self.recorded = Recorded(
            self.command, self.path, body, {k.lower(): v for k, v in self.headers.items()}, time.monotonic()
        )
        self.server.owner.note(self.recorded)
        try:
            self._answer(raw, body)
        finally:
            self.server.owner.note(self.recorded, finished=True)

    def _answer(self, raw: bytes, body: Any) -> None:
        route = self.path.partition("?")[0].partition("/v1")[2] or self.path.partition("?")[0]
        if self.recorded.is_chat and isinstance(body, dict):
            with self.server.owner.flying():
                self._chat(body)
        elif self.command == "POST" and route.endswith("/embeddings") and body:
            self._json(200, embed(body))
        elif self.command == "GET" and route == "/models":
            model = {"id": MODEL, "object": "model", "created": 1_700_000_000, "owned_by": "tests"}
            self._json(200, {"object": "list", "data": [model]})
        elif (found := self.server.owner.batches.answer(self.command, route, raw, body, self.headers)) is not None:
            self._send(found.status, found.data, found.kind)
        else:
            self._json(404, faults.Refusal(404, f"Unknown request URL: {self.command} {self.path}.").body)

    # -- chat completions -----------------------------------------------------------------------

    def _chat(self, body: dict[str, Any]) -> None:
        owner = self.server.owner
        fault = owner.fault_for(self.recorded)
        if refusal := faults.REFUSALS.get(fault):
            self._pause(owner.latency[0])
            self._json(refusal.status, refusal.body, refusal.headers)
        elif fault == "html":
            self._send(200, faults.PORTAL.encode(), "text/html; charset=utf-8")
        elif fault in faults.CONNECTION:
            self._fail(fault, body)
        else:
            self._complete(owner.complete(body, fault), body)

    def _complete(self, completion: Completion, body: dict[str, Any]) -> None:
        first, each = self.server.owner.latency
        self.recorded.usage = completion.usage
        if not body.get("stream"):
            self._pause(first + each * completion.usage["completion_tokens"])
            self._json(200, completion.body)
            return
        self._pause(first)
        self._head(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        for event, size in stream_events(completion, body):
            if self._pause(each * size):
                self.close_connection = True
                return
            self._chunk(f"data: {event}\n\n".encode())
        self._chunk(b"")

    def _fail(self, fault: str, body: dict[str, Any]) -> None:
        self.close_connection = True
        if fault == "hang":
            self._pause(None)
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.wfile.close()
            self.connection.close()
        elif fault == "cut":
            data = self.server.owner.complete(body, "").data
            self._head(200, "application/json", {"Content-Length": str(len(data))})
            self._write(data[: len(data) // 2])
        elif fault == "drip":
            self._head(200, "application/json", {"Content-Length": str(_FOREVER)})
            while not self._pause(0.05) and self._write(b" "):
                pass

    # -- what goes out ------------------------------------------------------------------------

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False).encode(), "application/json", headers)

    def _send(self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self._head(status, kind, {"Content-Length": str(len(data)), **(headers or {})}, data)

    def _head(self, status: int, kind: str, headers: dict[str, str], data: bytes = b"") -> None:
        """Status, headers and data in one piece: no packet waits for another."""
        self.recorded.status = status
        with self.server.owner.lock:
            number = len(self.server.owner.requests)
        known = {"Content-Type": kind, "Date": self.date_time_string(), "x-request-id": f"req_{number}", **headers}
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}", *(f"{k}: {v}" for k, v in known.items())]
        self._write("\r\n".join([*lines, "", ""]).encode("latin-1") + data)

    def _chunk(self, data: bytes) -> None:
        self._write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _write(self, data: bytes) -> bool:
        """False if the client has gone."""
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True
            return False
        return True

    def _pause(self, seconds: float | None) -> bool:
        """Wait (None: for ever); True as soon as the server stops or the client goes away."""
        if seconds == 0:
            return False
        with contextlib.suppress(OSError, ValueError):
            with selectors.DefaultSelector() as waiting:  # not select(): it ends at the 1024th open file
                waiting.register(self.server.bell, selectors.EVENT_READ)
                waiting.register(self.connection, selectors.EVENT_READ)
                ready = {key.fileobj for key, _ in waiting.select(seconds)}
            if self.server.bell in ready:
                self.close_connection = True
                return True
            return bool(ready) and not self.connection.recv(1, socket.MSG_PEEK)
        return True
