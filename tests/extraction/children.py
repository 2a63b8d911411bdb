"""The program's own child processes and command line, and waiting for what they do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m sorter_core`` to its end; ``environment`` is added to this one's."""
    return subprocess.run(
        [sys.executable, "-m", "sorter_core", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def until(done: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 40
    while not done():
        assert time.monotonic() < give_up, "it never came"
        time.sleep(0.05)
