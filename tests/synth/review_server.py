"""`synth review` as a process of its own, which tests ask, and kill."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

LIMIT = 60.0  # seconds within which it serves, or ends


@dataclass
class Serving:
    """A server on `folder`; once it is started its `link`, and the `url` without the token. As a context it is killed at the
    end."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = 0
    link: str = ""
    url: str = ""
    process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Serving:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Until it says where it serves; on the same port as before."""
        arguments = ["review", "--no-open", "--port", str(self.port), *self.options]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "synth", "-C", str(self.folder), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        watchdog = threading.Timer(LIMIT, self.process.kill)
        watchdog.start()
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        watchdog.cancel()
        found = re.search(r"(http://\S+:(\d+)/)\?token=\S+", said)
        assert found, f"synth review said {said!r}"
        self.link, self.url, self.port = found[0], found[1], int(found[2])

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        self.process.kill()
        self.process.wait(LIMIT)

    def interrupt(self) -> int:
        """Ctrl+C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LIMIT)
