"""Fits the weights of eval/support.py and prints them: python -m tests.fit_support

On two thirds of our own labelled claims but the hard ones, three times as heavy, and on half of the rows of two sets of
others (../shared/claims). The rest is for measuring (`synth eval claims`).
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np

from eval.gates import check_claims
from eval.labelled import OWN_CLAIMS, Labelled, load_claims
from eval.support import Features, features
from tests.conftest import SHARED
from vectorstore.embedders import CachedEmbedder

OTHERS = ("pud", "wice", "rte3")
RIDGE = 1.0


def training_rows(embedder: CachedEmbedder) -> list[tuple[Labelled, float]]:
    """Rows and how much each counts."""
    own = [(row, 3.0) for row in load_claims(OWN_CLAIMS, embedder.vectors) if not row.held and row.style != "hard"]
    others = [row for name in OTHERS for row in load_claims(SHARED / "claims" / f"dev_{name}.jsonl", embedder.vectors)]
    return own + [(row, 1.0) for row in others if hashlib.sha256(row.id.encode()).digest()[1] % 2]


def main() -> None:
    """Logistic regression by Newton's method, with a ridge on standardised features."""
    with tempfile.TemporaryDirectory() as folder:
        rows = training_rows(CachedEmbedder("builtin", Path(folder) / "vectors.sqlite"))
        found = []
        for row, _ in rows:
            checked = replace(row, claim=check_claims([row.claim], row.grounds)[0])
            one = features(checked.claim, "en" if checked.text[1] == "en" else "fr", row.grounds)
            assert one is not None
            found.append(astuple(one))
    x, y = np.array(found), np.array([row.supported for row, _ in rows], dtype=float)
    weight = np.array([w for _, w in rows])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.c_[(x - mean) / spread, np.ones(len(x))]
    ridge = np.diag([RIDGE] * x.shape[1] + [0.0])
    b = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ b))
        gradient = z.T @ (weight * (p - y)) + ridge @ b
        b -= np.linalg.solve(z.T @ (z * (weight * p * (1 - p))[:, None]) + ridge, gradient)
    raw = b[:-1] / spread
    for field, value in zip(fields(Features), raw, strict=True):
        print(f"{field.name:14} {value:6.2f}")
    print(f"{'bias':14} {b[-1] - float(raw @ mean):6.2f}   ({len(rows)} rows)")


if __name__ == "__main__":
    main()
