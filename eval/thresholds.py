"""The least that is accepted, from thresholds.toml: below it, a run of the harness fails."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files


def below(part: str, figures: Mapping[str, float | None]) -> list[str]:
    """The figures of `part` ("run", "claims") that are out of bounds, each with its bound. What was not measured is not held."""
    bounds = tomllib.loads(files("eval").joinpath("thresholds.toml").read_text("utf-8"))[part]
    found = []
    for name, bound in bounds.items():
        value = figures.get(name)
        if value is None:
            continue
        if "least" in bound and value < bound["least"]:
            found.append(f"{name} is {value:.3f}, at least {bound['least']} is asked")
        if "most" in bound and value > bound["most"]:
            found.append(f"{name} is {value:.3f}, at most {bound['most']} is allowed")
    return found
