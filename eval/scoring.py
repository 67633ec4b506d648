"""Figures over labels and scores: area under the curve, balanced accuracy, intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

DRAWS = 1000


def auc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Area under the ROC curve: how often a true row scores above a false one, ties counting half. NaN without both."""
    truth, values = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=float)
    true, false = values[truth], np.sort(values[~truth])
    if not len(true) or not len(false):
        return math.nan
    below = np.searchsorted(false, true, "left")
    upto = np.searchsorted(false, true, "right")
    return float((below + upto).sum() / (2 * len(true) * len(false)))


def auc_interval(labels: Sequence[bool], scores: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """95 % interval of the area by the bootstrap: rows drawn again with replacement (Efron 1979), a thousand times."""
    truth, values = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=float)
    chance = np.random.default_rng(seed)
    drawn = []
    for _ in range(DRAWS):
        rows = chance.integers(len(truth), size=len(truth))
        value = auc(truth[rows].tolist(), values[rows].tolist())
        if not math.isnan(value):
            drawn.append(value)
    if not drawn:
        return math.nan, math.nan
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def balanced_accuracy(labels: Sequence[bool], passed: Sequence[bool]) -> float:
    """Mean of the share of true rows that pass and the share of false rows that do not. NaN without both."""
    true = [p for label, p in zip(labels, passed, strict=True) if label]
    false = [not p for label, p in zip(labels, passed, strict=True) if not label]
    if not true or not false:
        return math.nan
    return (sum(true) / len(true) + sum(false) / len(false)) / 2


def wilson(found: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), which holds for small numbers and for none or all."""
    if not of:
        return 0.0, 1.0
    share = found / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)
