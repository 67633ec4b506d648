"""What every reader returns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceText:
    """A file as received (`data`) and its decoded text, to which `Source.start` and `end` refer."""

    file: str
    sha256: str
    data: bytes
    text: str
