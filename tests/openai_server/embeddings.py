"""Vectors for texts: hashed n-grams of three characters, so that alike texts have alike vectors."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from typing import Any

from tests.openai_server.tokens import tokens

DIMENSIONS = 256


def embed(body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request for embeddings, as floats or base64 as asked."""
    given = body.get("input", [])
    texts = [given] if isinstance(given, str) or (given and isinstance(given[0], int)) else given
    texts = [t if isinstance(t, str) else " ".join(map(str, t)) for t in texts]
    data = []
    for i, text in enumerate(texts):
        values = vector(text, body.get("dimensions") or DIMENSIONS)
        shown: Any = values
        if body.get("encoding_format") == "base64":
            shown = base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
        data.append({"object": "embedding", "index": i, "embedding": shown})
    used = sum(map(tokens, texts))
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": data, "model": body.get("model", ""), "usage": usage}


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A vector of length one."""
    values = [0.0] * dimensions
    padded = f"  {text.lower()}  "
    for i in range(len(padded) - 2):
        digest = hashlib.blake2b(padded[i : i + 3].encode(), digest_size=8).digest()
        place, sign = int.from_bytes(digest[:7]) % dimensions, 1 if digest[7] & 1 else -1
        values[place] += sign
    length = math.sqrt(sum(v * v for v in values)) or 1.0
    return [v / length for v in values]
