"""The whole app as a person starts it, in a process of its own, with nothing of this machine in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serve(home: Path, **settings: str) -> Iterator[str]:
    """``streamlit run streamlit_app.py`` with all its state below ``home``; gives its address."""
    port = free_port()
    places = {"HOME": "", "USERPROFILE": "", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config"}
    places |= {"STATE_DIR": "state", "CACHE_DIR": "cache"}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATA_DIR", "ARTIFACTS_DIR"}
    }
    environment |= {name: str(home / place) for name, place in places.items()} | settings
    home.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "streamlit_app.py",
        "--server.port",
        str(port),
    ]
    with (home / "app.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(f"http://127.0.0.1:{port}", process, home / "app.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"The app did not start:\n{log.read_text(errors='replace')}")
