"""python -m corpus FILE [ANNOUNCEMENT] – what is read in a file: contributions, answers, passages. Writes nothing."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from corpus.announcement import read_announcement
from corpus.errors import SynthError
from corpus.intake import learn_from, take_in
from corpus.passages import passages
from corpus.readers import read


def main(arguments: list[str]) -> int:
    """Print every passage with its labels; the exit code."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        source = read(Path(arguments[0]))
        announced = read(Path(arguments[-1]))
        discussion = learn_from(source, read_announcement(announced.text, announced.file))
    except SynthError as error:
        print(f"corpus: {error}", file=sys.stderr)
        return error.exit_code
    ids = (f"C{n:02d}" for n in count(1))
    for taken in take_in(source, discussion, source.file, lambda: next(ids), set()):
        c = taken.contribution
        print(
            f"\n{c.id} {c.author or '–'} ({c.organisation or '–'}), {c.language}: {'; '.join(taken.look_at) or 'nothing to look at'}"
        )
        for p in passages(c, discussion):
            print(f"  {p.id:<8} {p.language} {' '.join(p.questions) or '–':<8} {' '.join(p.text.split())[:100]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
