"""python -m eval FILE … – what the checks find in labelled claims, and how often they cry wolf. Prints JSON, writes nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from corpus.errors import SynthError
from eval.claims import measure_file
from eval.labelled import OWN_CLAIMS


def main(arguments: list[str]) -> int:
    """Measure each file without an embedder, so without the score; the exit code."""
    try:
        for path in [Path(a) for a in arguments] or [OWN_CLAIMS]:
            parts = {part: m.model_dump() for part, m in measure_file(path).items()}
            print(json.dumps({str(path): parts}, ensure_ascii=False, indent=1))
    except SynthError as error:
        print(f"eval: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
