"""What can be wrong with the input, as one clear line each. No traceback reaches a user for these."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


def first_of(error: ValidationError) -> str:
    """What is wrong first in a value, and where: "answers.0.start: Input should be a valid integer"."""
    first = error.errors()[0]
    said = first["msg"].removeprefix("Value error, ")
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {said}" if where else said


class SynthError(Exception):
    """Base of all errors a user can act on. `str()` is one line: what, where, what to do."""

    exit_code = 2


class UnreadableError(SynthError):
    """Some input could not be read; the rest is processed (exit code 3)."""

    exit_code = 3


class FolderError(SynthError):
    """The folder is no discussion, or cannot be written (exit code 2)."""


class LockedError(SynthError):
    """Another synth is writing to the folder (exit code 4)."""

    exit_code = 4


class ServerError(SynthError):
    """A model or index server is unreachable or refuses (exit code 4)."""

    exit_code = 4
