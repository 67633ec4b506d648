"""Plain text and Markdown: UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252."""

from __future__ import annotations

import codecs

from corpus.errors import UnreadableError

_BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]


def decode(data: bytes, path: str) -> str:
    """The text in `data`; line ends as "\\n". Raises UnreadableError for what is no text."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    if encoding is None and b"\0" in data:
        raise UnreadableError(f"{path}: this is no text file (it holds binary data). Save it as plain text.")
    for name in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _readable(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnreadableError(
        f"{path}: its characters cannot be decoded (neither UTF-8 nor Windows-1252). Save it as UTF-8."
    )


def _readable(text: str) -> bool:
    """Text holds next to no control characters."""
    controls = sum((c < " " and c not in "\t\n\r\f") or c == "\x7f" for c in text)
    return controls <= len(text) // 1000
