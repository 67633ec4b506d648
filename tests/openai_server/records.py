"""What the server remembers of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.openai_server.tokens import text_of


@dataclass
class Recorded:
    """One request. Names of headers are in lower case. Times are of time.monotonic(); `status` is None while it is open and where it got no answer.

    `fault`: how it was answered wrongly, "" if it was not. `usage`: as in the reply, {} without one.
    """

    method: str
    path: str
    body: Any
    headers: dict[str, str]
    started: float
    finished: float | None = None
    status: int | None = None
    fault: str = ""
    usage: dict[str, Any] = field(default_factory=dict)

    @property
    def is_chat(self) -> bool:
        """Whether it asks for a chat completion."""
        return self.method == "POST" and self.path.partition("?")[0].endswith("/chat/completions")

    @property
    def system(self) -> str:
        """The text of the system message."""
        return self._text("system", "developer")

    @property
    def user(self) -> str:
        """The text of the user's messages."""
        return self._text("user")

    def _text(self, *roles: str) -> str:
        messages = self.body.get("messages", []) if isinstance(self.body, dict) else []
        return "\n".join(text_of(m) for m in messages if m.get("role") in roles)
