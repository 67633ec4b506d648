"""How long the commands take, as whole processes: python -m eval.bench [--rounds N]

Each figure stands beside one taken in the same run (starting Python and importing Chroma), since machines are noisy.
Cold: nothing derived is there yet. The engine must not be imported from here, so the commands are run as users run them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from eval.gold import SAMPLE, seed_file


def timed(command: list[str], rounds: int, before: Callable[[], None] = lambda: None) -> list[float]:
    """Wall seconds of each round."""
    seconds = []
    for _ in range(rounds):
        before()
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        seconds.append(time.perf_counter() - start)
    return seconds


def timed_pair(folders: list[Path], rounds: int) -> list[float]:
    """Wall seconds until cold runs of different discussions, begun at once, have all ended: none may wait for another."""
    seconds = []
    for _ in range(rounds):
        for folder in folders:
            _forget(folder)
        start = time.perf_counter()
        runs = [subprocess.Popen(synth("-C", folder, "run"), stdout=subprocess.DEVNULL) for folder in folders]
        if any(run.wait(timeout=600) for run in runs):
            raise subprocess.SubprocessError("a run that was begun beside another failed")
        seconds.append(time.perf_counter() - start)
    return seconds


def synth(*arguments: str | Path) -> list[str]:
    """The command line of synth in this environment."""
    return [sys.executable, "-m", "synth", *map(str, arguments)]


def _forget(folder: Path) -> None:
    shutil.rmtree(folder / ".synth", ignore_errors=True)
    for path in [*(folder / "drafts").glob("*"), *(folder / "report").glob("*")]:
        path.unlink()


def bench(name: str, announcement: Path, digests: list[Path], rounds: int) -> dict[str, list[float]]:
    """Seconds of every command on one discussion, made in a folder of its own."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "d"
        figures: dict[str, list[float]] = {}
        figures["new"] = timed(synth("new", folder, "--from", announcement), 1)
        figures["add"] = timed(synth("-C", folder, "add", *digests), 1)
        figures["run, cold"] = timed(synth("-C", folder, "run"), rounds, lambda: _forget(folder))
        figures["run, nothing changed"] = timed(synth("-C", folder, "run"), rounds)
        figures["search"] = timed(synth("-C", folder, "search", "who should pay"), rounds)
        figures["check"] = timed(synth("-C", folder, "check"), rounds)
        other = shutil.copytree(folder, Path(root) / "other")
        figures["run, cold, two at once"] = timed_pair([folder, other], rounds)
    return {f"{name}: {what}": seconds for what, seconds in figures.items()}


def main() -> None:
    """Print a table: median, least and most seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    figures = {
        "python starts": timed([sys.executable, "-c", "pass"], rounds),
        "import chromadb": timed([sys.executable, "-c", "import chromadb"], rounds),
        "synth --help": timed(synth("--help"), rounds),
    }
    figures |= bench("sample", SAMPLE / "announcement.txt", [SAMPLE / "digest.txt", SAMPLE / "forum-post.md"], rounds)
    if (seed := seed_file()) is not None:
        figures |= bench("seed", seed, [seed], rounds)
    for what, seconds in figures.items():
        print(
            f"{what:<32} {median(seconds):6.2f} s   ({min(seconds):.2f} to {max(seconds):.2f}, {len(seconds)} rounds)"
        )


if __name__ == "__main__":
    main()
