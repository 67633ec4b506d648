"""What the repository promises of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]]
)
def test_the_code_is_clean_typed_and_its_arrows_run_one_way(command: list[str]) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_pinned_versions_have_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    pins = re.findall(r"^[a-z0-9._\[\]-]+==\S+.*$", text, re.MULTILINE | re.IGNORECASE)
    assert len(pins) > 50
    assert all(line.endswith("\\") for line in pins)


def test_no_text_of_the_real_discussion_is_in_the_repository() -> None:
    """No run of twelve words of it, in any tracked file."""
    from eval.gold import seed_file

    path = seed_file()
    if path is None:
        pytest.skip("the real e-discussion (../shared/seed) is not beside the checkout")
    words = re.findall(r"\w+", path.read_text(encoding="utf-8").lower())
    runs = {tuple(words[i : i + 12]) for i in range(len(words) - 11)}
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.split("\0")
    for name in filter(None, tracked):
        found = re.findall(r"\w+", (ROOT / name).read_text(encoding="utf-8", errors="ignore").lower())
        shared = [found[i : i + 12] for i in range(len(found) - 11) if tuple(found[i : i + 12]) in runs]
        assert shared == [], name


def test_the_wheel_holds_the_sample_the_templates_and_the_catalogue(tmp_path: Path) -> None:
    import zipfile

    subprocess.run(
        [str(BIN / "uv"), "build", "--wheel", "--no-build-isolation", "--out-dir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    wheel = next(tmp_path.glob("*.whl"))
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "corpus/sample/digest.txt",
        "corpus/sample/glossary.csv",
        "synth/report/templates/report.html.j2",
        "synth/report/locale/fr.po",
        "synth/review/templates/review.html.j2",
        "synth/review/templates/review.js",
        "prompts/translate.j2",
        "synth/engines/headings.csv",
        "eval/data/sample/gold.json",
    } <= names
