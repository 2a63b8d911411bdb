"""A real Redis on a free port, which can be killed and started again there."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

BINARY = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(
    BINARY is None, reason="redis-server is not installed (Debian: apt-get install redis-server)"
)


class RedisServer:
    """Keeps nothing on disk, so that a restart begins empty."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        arguments = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = subprocess.Popen(
            [str(BINARY), *arguments], cwd=self._folder, stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError("redis-server does not answer")

    def kill(self) -> None:
        """End it at once, connections and all."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def freeze(self) -> socket.socket:
        """Put something in its place that takes connections and never answers."""
        self.kill()
        return socket.create_server(("127.0.0.1", self.port), backlog=64)
