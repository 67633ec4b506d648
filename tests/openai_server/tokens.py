"""Tokens by an estimate, so that a test can say what is expected."""

from __future__ import annotations

import json
import re
from typing import Any

_PIECE = re.compile(r"\w+|[^\w\s]+")
BLOCK, LEAST = 128, 1024  # tokens: a provider's cache works in whole blocks, from so many on


def tokens(text: str) -> int:
    """int(1.17 * pieces)."""
    return int(1.17 * len(_PIECE.findall(text)))


def compact(data: Any) -> str:
    """JSON without white space."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def prompt_text(body: dict[str, Any]) -> str:
    """All that counts as prompt: the schema of the reply first, as a provider puts it, then the messages."""
    parts: list[str] = []
    if schema := (body.get("response_format") or {}).get("json_schema", {}).get("schema"):
        parts.append(compact(schema))
    if tools := body.get("tools"):
        parts.append(compact(tools))
    parts += [text_of(message) for message in body.get("messages", [])]
    return "\n".join(parts)


def text_of(message: dict[str, Any]) -> str:
    """The text of a message, also where it comes in parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if isinstance(part, dict))


class PrefixCache:
    """What a provider has read before, by blocks of its beginning."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def cached(self, text: str) -> int:
        """Tokens of the longest beginning that an earlier text had too; `text` is remembered."""
        pieces = _PIECE.findall(text)
        size = BLOCK / 1.17
        known, hit, chain = 0, True, 0
        for i in range(int(len(pieces) / size)):
            chain = hash((chain, tuple(pieces[int(i * size) : int((i + 1) * size)])))
            hit = hit and chain in self._seen
            known += BLOCK if hit else 0
            self._seen.add(chain)
        return known if known >= LEAST else 0
