"""From a model's text to the reply it was asked for: what is well formed is taken, what is not is left out and counted."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from prompts.replies import Reply

R = TypeVar("R", bound=Reply)

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)


class UnusableError(ValueError):
    """The text holds no reply of the shape asked for; `str()` says why, in words a model understands too."""


def read_reply(text: str, kind: type[R], cut: bool = False) -> tuple[R, int]:
    """The reply within `text`, and how many items of its lists were malformed and left out.

    Prose or a code fence around the JSON is ignored. `cut`: the text ends in the middle; what is complete is taken.
    Raises UnusableError.
    """
    data = _json(text, cut)
    if not isinstance(data, dict):
        raise UnusableError("it is no JSON object")
    left_out = 0
    while True:
        try:
            return kind.model_validate(data), left_out
        except ValidationError as error:
            first = error.errors()[0]
            if first["type"] == "extra_forbidden":
                _holder(data, first["loc"]).pop(first["loc"][-1])
                continue
            if not _without(data, first["loc"]):
                where = ".".join(str(part) for part in first["loc"])
                raise UnusableError(f"{where or 'it'}: {first['msg']}") from None
            left_out += 1


def _json(text: str, cut: bool) -> Any:
    if not text.strip():
        raise UnusableError("it is empty")
    fenced = _FENCED.search(text)
    found = fenced[1] if fenced else text
    start = found.find("{")
    if start < 0:
        raise UnusableError("it holds no JSON object")
    try:
        return json.JSONDecoder(strict=False).raw_decode(found, start)[0]
    except ValueError:
        pass
    if not cut:
        raise UnusableError("its JSON is broken or not complete")
    try:
        return from_json(found[start:], allow_partial=True)
    except ValueError:
        raise UnusableError("its JSON is broken") from None


def _without(data: Any, where: tuple[int | str, ...]) -> bool:
    """Take the innermost list item that holds the place `where` out of `data`; False if the place is in no list."""
    at = next((i for i in range(len(where) - 1, -1, -1) if isinstance(where[i], int)), None)
    if at is None:
        return False
    del _holder(data, where[: at + 1])[where[at]]
    return True


def _holder(data: Any, where: tuple[int | str, ...]) -> Any:
    """What holds the last part of the place `where`."""
    for part in where[:-1]:
        data = data[part]
    return data
