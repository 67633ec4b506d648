"""Files and batches: as slow and as partial as the real ones, by plan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING, Any

from tests.openai_server import faults
from tests.openai_server.records import Recorded

if TYPE_CHECKING:
    from tests.openai_server.server import Server

CREATED = 1_700_000_000
Some = float | Collection[str]  # a share of the items, or their custom_ids
EXPIRED = {
    "code": "batch_expired",
    "message": "This request could not be executed before the completion window expired.",
}


@dataclass(frozen=True)
class Sent:
    """An answer: status, body and media type."""

    status: int
    data: bytes
    kind: str = "application/json"


@dataclass
class BatchPlan:
    """What goes wrong with the next batch: items that expire, fail (500 in the error file), or are in neither file (`partial`)."""

    expire: Some = ()
    fail: Some = ()
    partial: Some = ()
    status: str = ""


@dataclass
class Batch:
    """A batch with how often it was looked at."""

    record: dict[str, Any]
    plan: BatchPlan
    polls: int = 0


@dataclass
class Batches:
    """The files and batches of a server."""

    owner: Server
    files: dict[str, tuple[dict[str, Any], bytes]] = field(default_factory=dict)
    known: dict[str, Batch] = field(default_factory=dict)
    plans: list[BatchPlan] = field(default_factory=list)
    count: int = 0

    def reset(self) -> None:
        """Forget everything."""
        self.files, self.known, self.plans, self.count = {}, {}, [], 0

    def plan(self, expire: Some = (), fail: Some = (), partial: Some = (), status: str = "") -> None:
        """What is to happen to the next batch. `status` "failed": its file is not accepted."""
        self.plans.append(BatchPlan(expire, fail, partial, status))

    def answer(self, method: str, route: str, raw: bytes, body: Any, headers: Message) -> Sent | None:
        """The answer to a request for files or batches; None if it is none."""
        routes: list[tuple[str, str, Callable[..., Sent]]] = [
            ("POST", r"/files", lambda: self._upload(raw, headers.get("Content-Type", ""))),
            ("GET", r"/files", lambda: _list([record for record, _ in self.files.values()])),
            ("GET", r"/files/([^/]+)", self._file),
            ("GET", r"/files/([^/]+)/content", self._content),
            ("DELETE", r"/files/([^/]+)", self._delete),
            ("POST", r"/batches", lambda: self._create(body or {})),
            ("GET", r"/batches", lambda: _list([b.record for b in reversed(self.known.values())])),
            ("GET", r"/batches/([^/]+)", self._poll),
            ("POST", r"/batches/([^/]+)/cancel", self._cancel),
        ]
        for verb, pattern, act in routes:
            if verb == method and (match := re.fullmatch(pattern, route)):
                with self.owner.lock:
                    return act(*match.groups())
        return None

    # -- files ----------------------------------------------------------------------------------

    def _upload(self, raw: bytes, kind: str) -> Sent:
        parts = _form(raw, kind)
        if "file" not in parts:
            return _error(400, "'file' is a required property")
        name, data = parts["file"]
        return _json(self._kept(data, name or "upload", parts.get("purpose", ("", b"batch"))[1].decode()))

    def _kept(self, data: bytes, name: str, purpose: str) -> dict[str, Any]:
        self.count += 1
        record = {
            "id": f"file-{self.count:04}", "object": "file", "bytes": len(data), "created_at": CREATED,
            "filename": name, "purpose": purpose, "status": "processed",
        }  # fmt: skip
        self.files[str(record["id"])] = (record, data)
        return record

    def _file(self, name: str) -> Sent:
        return _json(self.files[name][0]) if name in self.files else _missing("File", name)

    def _content(self, name: str) -> Sent:
        return (
            Sent(200, self.files[name][1], "application/octet-stream") if name in self.files else _missing("File", name)
        )

    def _delete(self, name: str) -> Sent:
        if self.files.pop(name, None) is None:
            return _missing("File", name)
        return _json({"id": name, "object": "file", "deleted": True})

    # -- batches ----------------------------------------------------------------------------------

    def _create(self, body: dict[str, Any]) -> Sent:
        if body.get("input_file_id") not in self.files:
            return _missing("File", str(body.get("input_file_id")))
        self.count += 1
        record = {
            "id": f"batch_{self.count:04}", "object": "batch", "endpoint": body.get("endpoint"), "errors": None,
            "input_file_id": body["input_file_id"], "completion_window": body.get("completion_window", "24h"),
            "status": "validating", "output_file_id": None, "error_file_id": None, "created_at": CREATED,
            "expires_at": CREATED + 86_400, "metadata": body.get("metadata"),
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }  # fmt: skip
        self.known[str(record["id"])] = Batch(record, self.plans.pop(0) if self.plans else BatchPlan())
        return _json(record)

    def _poll(self, name: str) -> Sent:
        if name not in self.known:
            return _missing("Batch", name)
        batch = self.known[name]
        record = batch.record
        if record["status"] == "cancelling":
            record.update(status="cancelled", cancelled_at=CREATED + 60)
        elif record["status"] in ("validating", "in_progress", "finalizing"):
            batch.polls += 1
            if batch.plan.status == "failed":
                _fail(record)
            elif batch.polls > self.owner.batch_polls:
                self._run(batch)
            else:
                record.update(status="in_progress", in_progress_at=CREATED + 1)
                record["request_counts"]["total"] = len(self._items(record))
        return _json(record)

    def _cancel(self, name: str) -> Sent:
        if name not in self.known:
            return _missing("Batch", name)
        record = self.known[name].record
        if record["status"] not in ("validating", "in_progress"):
            return _error(400, f"Cannot cancel a batch with status '{record['status']}'.")
        record.update(status="cancelling", cancelling_at=CREATED + 30)
        return _json(record)

    def _items(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        data = self.files[record["input_file_id"]][1].decode()
        return [json.loads(line) for line in data.split("\n") if line.strip()]

    def _run(self, batch: Batch) -> None:
        """Answer the items. The output has another order than the input, as it may have."""
        items = self._items(batch.record)
        ids = [item["custom_id"] for item in items]
        expired, failed, lost = (
            _picked(some, ids) for some in (batch.plan.expire, batch.plan.fail, batch.plan.partial)
        )
        done: list[dict[str, Any]] = []
        wrong: list[dict[str, Any]] = []
        for item in reversed(items):
            name = item["custom_id"]
            if name in lost:
                continue
            if name in expired:
                wrong.append(_line(name, None, EXPIRED))
            else:
                status, answer = self._item(item, name in failed)
                response = {"status_code": status, "request_id": f"req_{name}", "body": answer}
                (done if status == 200 else wrong).append(_line(name, response, None))
        record = batch.record
        for field_name, lines in (("output_file_id", done), ("error_file_id", wrong)):
            if lines:
                data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
                record[field_name] = self._kept(data, f"{record['id']}_{field_name}.jsonl", "batch_output")["id"]
        record["request_counts"] = {"total": len(items), "completed": len(done), "failed": len(items) - len(done)}
        end = "expired" if expired else "completed"
        record.update({"status": end, f"{end}_at": CREATED + 120})

    def _item(self, item: dict[str, Any], failed: bool) -> tuple[int, dict[str, Any]]:
        recorded = Recorded("POST", item.get("url", ""), item["body"], {}, 0.0)
        fault = "500" if failed else self.owner.fault_for(recorded)
        if fault in faults.CONNECTION or fault == "html":
            fault = "500"  # within a batch a connection is the provider's own
        if refusal := faults.REFUSALS.get(fault):
            return refusal.status, refusal.body
        return 200, self.owner.complete(item["body"], fault).body


def _picked(some: Some, ids: list[str]) -> set[str]:
    """The items meant: those named, or the last of them up to a share."""
    if isinstance(some, (int, float)):
        return set(ids[len(ids) - round(len(ids) * some) :])
    return set(some)


def _line(name: str, response: dict[str, Any] | None, error: dict[str, Any] | None) -> dict[str, Any]:
    return {"id": f"batch_req_{name}", "custom_id": name, "response": response, "error": error}


def _fail(record: dict[str, Any]) -> None:
    error = {
        "code": "invalid_json_line",
        "message": "This line is not parseable as valid JSON.",
        "param": None,
        "line": 1,
    }
    record.update(status="failed", failed_at=CREATED + 5, errors={"object": "list", "data": [error]})


def _form(raw: bytes, kind: str) -> dict[str, tuple[str, bytes]]:
    """The parts of multipart/form-data: name → (file name, data)."""
    boundary = re.search(r'boundary="?([^";]+)', kind)
    found: dict[str, tuple[str, bytes]] = {}
    for part in raw.split(b"--" + boundary[1].encode()) if boundary else ():
        head, gap, data = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if gap and name:
            file = re.search(rb'filename="([^"]*)"', head)
            found[name[1].decode()] = (file[1].decode() if file else "", data.removesuffix(b"\r\n"))
    return found


def _list(records: list[dict[str, Any]]) -> Sent:
    ends = {"first_id": records[0]["id"], "last_id": records[-1]["id"]} if records else {}
    return _json({"object": "list", "data": records, "has_more": False, **ends})


def _json(body: Any, status: int = 200) -> Sent:
    return Sent(status, json.dumps(body, ensure_ascii=False).encode())


def _error(status: int, message: str) -> Sent:
    return _json(faults.Refusal(status, message).body, status)


def _missing(what: str, name: str) -> Sent:
    return _error(404, f"No such {what} object: {name}")
