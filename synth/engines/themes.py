"""Claims into themes: by meaning, over both languages, each with a heading in English and in French.

Headings come from the discussion's glossary and from a list of matters that consultations turn about (headings.csv), where one
is near in meaning; what none of them fits stands under "Further points". So both languages' headings say the same, and no
heading is a torn piece of somebody's sentence. A glossary of the discussion's own terms makes them better.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from corpus.model import Claim, Text, Theme
from synth.evidence import Evidence
from vectorstore.embedders import Vectors

CLAIMS_A_THEME = 4
MOST_THEMES = 6
NEAR_ENOUGH = 0.25  # cosine of a heading to its theme; below it no heading of the list says what the theme is about
ALL_OF_IT = Text(en="What contributors say", fr="Ce que disent les participants")
UNNAMED = Text(en="Further points", fr="Autres points")
ABOUT = 0.5  # how much what a theme is about counts beside what sets it apart from the rest of the answers


def group(claims: Sequence[tuple[Claim, Vectors]], evidence: Evidence) -> tuple[Theme, ...]:
    """Themes in the order of their size, claims within them in the order given."""
    if not claims:
        return ()
    vectors = np.stack([vector for _, vector in claims])
    clusters = _clusters(vectors)
    titles = _titles([vectors[members].mean(axis=0) for members in clusters], evidence.background, evidence)
    merged: dict[str, tuple[Text, list[int]]] = {}
    for members, near in zip(clusters, titles, strict=True):
        title = near or (UNNAMED if any(titles) else ALL_OF_IT)
        merged.setdefault(title.best("en")[0], (title, []))[1].extend(members)
    return tuple(
        Theme(title=title, claims=tuple(claims[i][0] for i in sorted(members)))
        for title, members in sorted(merged.values(), key=lambda theme: theme[0] == UNNAMED)
    )


def under_one_heading(themes: Sequence[Theme]) -> tuple[Theme, ...]:
    """`themes` with all claims that have no heading of their own under one, last."""
    nameless = [claim for theme in themes if theme.title == UNNAMED for claim in theme.claims]
    named = [theme for theme in themes if theme.title != UNNAMED]
    return (*named, Theme(title=UNNAMED, claims=tuple(nameless))) if nameless else tuple(named)


def _clusters(vectors: Vectors) -> list[list[int]]:
    """Indices by cluster, about one for every four claims, the largest first.

    Agglomerative, by Ward's criterion: the two clusters are merged whose union loses least (Ward 1963). Written out
    here because importing a library for it takes longer than a whole question does.
    """
    members = [[i] for i in range(len(vectors))]
    centres = [v.astype(np.float64) for v in vectors]
    wanted = min(MOST_THEMES, max(1, round(len(vectors) / CLAIMS_A_THEME)))
    while len(members) > wanted:
        matrix, sizes = np.stack(centres), np.array([len(m) for m in members], dtype=np.float64)
        squared = ((matrix[:, None, :] - matrix[None, :, :]) ** 2).sum(axis=2)
        loss = squared * (sizes[:, None] * sizes[None, :]) / (sizes[:, None] + sizes[None, :])
        np.fill_diagonal(loss, np.inf)
        a, b = sorted(int(i) for i in np.unravel_index(int(np.argmin(loss)), loss.shape))
        centres[a] = (centres[a] * sizes[a] + centres[b] * sizes[b]) / (sizes[a] + sizes[b])
        members[a] += members.pop(b)
        centres.pop(b)
    return sorted(([*sorted(m)] for m in members), key=lambda m: (-len(m), m[0]))


def _titles(centres: Sequence[Vectors], overall: Vectors, evidence: Evidence) -> list[Text | None]:
    """The heading of the list for each centre, the larger cluster first to choose, none twice; None where none is near."""
    known = [*glossary_terms(evidence), *headings()]
    # Both languages' names meet in the middle, so that neither language's claims are favoured.
    vectors = evidence.vectors([t.en or "" for t in known]) + evidence.vectors([t.fr or "" for t in known])
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    titles: list[Text | None] = []
    taken: set[int] = set()
    for centre in centres:
        scores = ABOUT * (vectors @ centre) + vectors @ (centre - overall)
        best = next(int(j) for j in np.argsort(-scores) if int(j) not in taken)
        if float(vectors[best] @ centre) / float(np.linalg.norm(centre)) >= NEAR_ENOUGH:
            taken.add(best)
            titles.append(known[best])
        else:
            titles.append(None)
    return titles


@lru_cache(maxsize=1)
def headings() -> tuple[Text, ...]:
    """The bundled list of headings."""
    with (Path(__file__).parent / "headings.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Text(en=row["en"], fr=row["fr"]) for row in csv.DictReader(file))


def glossary_terms(evidence: Evidence) -> tuple[Text, ...]:
    """The discussion's own terms, which make headings too when both languages are given."""
    return tuple(t for t in evidence.discussion.glossary if t.en and t.fr)
