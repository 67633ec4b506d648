"""The real or the sample discussion made larger, for figures: every contribution again, with other words in between.

A copy must not repeat its original, or it would count as quoting it. Every longer word gives way to another one of the same
length that its language has in the discussion; so all lengths, offsets and answers stay.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

from corpus.folder import load_contributions, load_discussion, save_contribution
from corpus.model import Contribution


def enlarged(folder: Path, target: Path, times: int) -> Path:
    """A copy of the discussion in `folder` with `times` as many contributions (16 at most) and no drafts."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("drafts", "report", ".synth", "made"))
    originals = load_contributions(target, load_discussion(target)).contributions
    vocabulary: dict[tuple[str, int], list[str]] = {}
    for original in originals:
        for word in sorted(set(_WORD.findall(original.body))):
            vocabulary.setdefault((original.language, len(word)), []).append(word)
    number = len(originals)
    for _ in range(1, times):
        for original in originals:
            number += 1
            save_contribution(target, _varied(original, f"C{number:02d}", random.Random(number), vocabulary))
    return target


_WORD = re.compile(r"\b[a-zà-ÿ]{4,}\b")


def _varied(
    original: Contribution, new_id: str, chance: random.Random, vocabulary: dict[tuple[str, int], list[str]]
) -> Contribution:
    """The contribution under another id, nobody's name on it, with other words."""

    def other(match: re.Match[str]) -> str:
        return chance.choice(vocabulary[original.language, len(match.group())])

    body = _WORD.sub(other, original.body)
    return original.model_copy(
        update={"id": new_id, "author": None, "organisation": None, "source": None, "body": body}
    )
