"""One file a format; each returns the same `SourceText`. A new format is a new file here and a line in `READERS`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from corpus.errors import UnreadableError
from corpus.readers.plain import decode
from corpus.readers.source import SourceText

__all__ = ["READERS", "SourceText", "read"]

MOST_BYTES = 20_000_000
READERS: dict[str, Callable[[bytes, str], str]] = {
    ".txt": decode,
    ".md": decode,
    ".markdown": decode,
    ".text": decode,
}


def read(path: Path) -> SourceText:
    """The text of `path`. Raises UnreadableError with one line: what is wrong with which file, and what to do."""
    try:
        if path.exists() and not path.is_file():
            raise UnreadableError(f"{path}: is no file. Name the files themselves.")
        if path.exists() and path.stat().st_size > MOST_BYTES:
            raise UnreadableError(f"{path}: is larger than {MOST_BYTES // 1_000_000} MB. Split it into smaller files.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}).") from None
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise UnreadableError(f"{path}: files of this kind are not read yet ({known} are). Save it as plain text.")
    if not data.strip():
        raise UnreadableError(f"{path}: the file is empty.")
    return SourceText(file=path.name, sha256=hashlib.sha256(data).hexdigest(), data=data, text=reader(data, str(path)))
