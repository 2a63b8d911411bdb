"""A stand-in for the hub and for a file server: what their clients ask, answered from a folder."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves ``root/<owner>/<repository>/<file>`` as the hub does, ``root/<file>`` plainly.

    ``lies`` are files of which another digest is stated; ``cut`` answers break off in the middle;
    ``pause`` holds back the second half of each file until it is set.
    """

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.root = root
        self.lies: set[str] = set()
        self.cut = 0
        self.ranges: list[str] = []
        self.pause = threading.Event()
        self.pause.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(root: Path) -> Iterator[Hub]:
    hub = Hub(root)
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.pause.set()
        hub.shutdown()
        hub.server_close()
        thread.join()


class _Answers(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        asked = self.rfile.read(length).decode()
        repository = (
            urlsplit(self.path).path.removeprefix("/api/models/").partition("/paths-info/")[0]
        )
        names = [entry for entry in self._files(repository) if entry["path"] in unquote(asked)]
        self._json(names)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/api/models/"):
            self._about(path.removeprefix("/api/models/"))
            return
        repository, _, rest = path.strip("/").partition("/resolve/")
        file = self.server.root / repository / rest.partition("/")[2] if rest else None
        self._file(file or self.server.root / path.strip("/"), body=body)

    def _about(self, path: str) -> None:
        repository = "/".join(path.split("/")[:2])
        if not (self.server.root / repository).is_dir():
            self._json({"error": "Repository not found"}, 404)
        elif "/tree/" in path:
            self._json(self._files(repository))
        else:
            names = [{"rfilename": entry["path"]} for entry in self._files(repository)]
            self._json({"id": repository, "sha": COMMIT, "siblings": names})

    def _files(self, repository: str) -> list[dict[str, Any]]:
        folder = self.server.root / repository
        return [self._entry(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()]

    def _entry(self, path: Path, folder: Path) -> dict[str, Any]:
        data, name = path.read_bytes(), path.relative_to(folder).as_posix()
        digest = "0" * 64 if name in self.server.lies else hashlib.sha256(data).hexdigest()
        large = {"oid": digest, "size": len(data), "pointerSize": 130}
        return {"type": "file", "path": name, "size": len(data), "oid": "1" * 40, "lfs": large}

    def _json(self, value: Any, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _file(self, path: Path, *, body: bool) -> None:
        if not path.is_file():
            self._json({"error": "Entry not found"}, 404)
            return
        data = path.read_bytes()
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        if begin:
            self.server.ranges.append(self.headers["Range"])
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - begin))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self._send(data[begin:])

    def _send(self, data: bytes) -> None:
        half = len(data) // 2
        self.wfile.write(data[:half])
        if self.server.cut:
            self.server.cut -= 1
            self.close_connection = True
            self.connection.close()
            return
        self.server.pause.wait(20)
        self.wfile.write(data[half:])

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""
