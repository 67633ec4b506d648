"""The prompts of the llm engine: one template a task, and the shape of the reply each must get.

A prompt has two parts. *system* is the same for every call of a task, so that a provider's prefix cache serves it; *user*
holds the question and the glossary, then the passages, always in the same order. What contributors wrote stands inside a
fence that is random per call. Values are never templates: nothing from a contribution is evaluated.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prompts import replies

TASKS: dict[str, type[replies.Reply]] = {
    "draft": replies.DraftReply,
    "merge": replies.MergeReply,
    "update": replies.UpdateReply,
    "repair": replies.RepairReply,
    "recommend": replies.RecommendReply,
    "judge": replies.JudgeReply,
    "translate": replies.TranslateReply,
    "probe": replies.ProbeReply,
}
READING = ("judge", "translate")  # tasks that write nothing into a draft
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Prompt:
    """What is sent for one task, and the type its reply must have. `fence` is the random code within `user`."""

    task: str
    system: str
    user: str
    fence: str

    @property
    def reply(self) -> type[replies.Reply]:
        """The shape of the reply."""
        return TASKS[self.task]

    @property
    def content(self) -> str:
        """The prompt without its randomness: two prompts with equal content ask the same."""
        return json.dumps([self.task, self.system, self.user.replace(self.fence, "FENCE")], ensure_ascii=False)


def render(task: str, **values: Any) -> Prompt:
    """The prompt of `task` with `values` put in. A value that a template needs and does not get is an error."""
    template = _templates().get_template(f"{task}.j2")
    fence = _fence(repr(values))
    context = template.new_context({**values, "fence": fence})
    system, user = ("".join(template.blocks[name](context)) for name in ("system", "user"))
    return Prompt(task, _tidy(system), _tidy(user), fence)


def again(prompt: Prompt, note: str) -> Prompt:
    """The same prompt with a last line about the reply before."""
    return Prompt(prompt.task, prompt.system, f"{prompt.user}\n\n{note}", prompt.fence)


def schema(reply: type[replies.Reply]) -> dict[str, Any]:
    """The JSON schema of a reply: every field required, nothing else allowed, a sentence at each field."""
    found = reply.model_json_schema(by_alias=True)
    for part in (found, *found.get("$defs", {}).values()):
        part.pop("title", None)
        part.pop("description", None)
        for field in part.get("properties", {}).values():
            field.pop("title", None)
            field.pop("default", None)
        if "properties" in part:
            part["required"] = list(part["properties"])
    return found


@cache
def prompts_hash() -> str:
    """SHA-256 over the templates and reply schemas that something is written with: goes into every draft."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.j2")):
        if path.stem not in READING:
            digest.update(f"{path.name}\0".encode() + path.read_bytes())
    writing = {task: schema(reply) for task, reply in TASKS.items() if task not in READING}
    digest.update(json.dumps(writing, sort_keys=True).encode())
    return digest.hexdigest()


@cache
def prompt_hash(task: str) -> str:
    """SHA-256 over the template of one task, what it shares with others, and the schema of its reply."""
    digest = hashlib.sha256()
    for name in (f"{task}.j2", "_shared.j2"):
        digest.update((_FOLDER / name).read_bytes())
    digest.update(json.dumps(schema(TASKS[task]), sort_keys=True).encode())
    return digest.hexdigest()


def _fence(texts: str) -> str:
    """A code that nobody can guess and that stands in none of `texts`."""
    while True:
        code = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(5))
        if code not in texts:
            return code


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip()


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=False,  # plain text for a model, not a page
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
