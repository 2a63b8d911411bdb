"""A small real HTTP server that answers the contract over a library in memory, and can be made to fail."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sorter_core import player

JSON = dict[str, Any]
IDLE = {"running": False, "last_result": None, "stage": None, "done": 0, "total": 0, "eta_seconds": None,
        "started_at": None, "finished_at": None, "failures": 0, "cancelling": False, "guessed_by": None}  # fmt: skip


class Problem(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class FakeApi:
    """The library, the faults to come, and the server; every public attribute may be set by a test.

    ``unsorted`` and the values of ``folders`` map file names to contents; ``guesses`` maps a file
    name to ``(folder, confidence)`` pairs, best first; ``far`` are like no folder; ``texts`` maps a
    file name to what is known of it in words.
    """

    def __init__(self, unsorted: Mapping[str, bytes], folders: Iterable[str] = ()) -> None:
        self.unsorted = dict(unsorted)
        self.folders: dict[str, dict[str, bytes]] = {name: {} for name in folders}
        self.guesses: dict[str, list[tuple[str, float]]] = {}
        self.far: set[str] = set()
        self.texts: dict[str, JSON] = {}
        self.job: JSON = dict(IDLE)
        self.configured = True
        self.directory = "/home/me/videos"
        self.moves: list[tuple[int, str, str | None, str | None]] = []
        self.calls: list[tuple[str, str, JSON]] = []
        self._faults: defaultdict[str, deque[tuple[int, str]]] = defaultdict(deque)
        self._lost: set[str] = set()
        self._gate = threading.Event()
        self._gate.set()
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self.port = 0

    # ---- what a test can ask for ----

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> FakeApi:
        """Listen, at the same port as before when there was one."""
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Be gone, with every open connection."""
        self._gate.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.cut()
        self._server = None

    def fail_next(self, path: str, status: int, detail: str) -> None:
        """Refuse the next POST to ``path``."""
        self._faults[path].append((status, detail))

    def lose_next_answer(self, path: str) -> None:
        """Do what the next POST to ``path`` asks, then cut the connection."""
        self._lost.add(path)

    def hold(self) -> None:
        """Let every POST wait until :meth:`release`."""
        self._gate.clear()

    def release(self) -> None:
        self._gate.set()

    def finish_job(self, result: str, guesses: Mapping[str, list[tuple[str, float]]] = {}) -> None:
        """End the running job; ``guesses`` are its predictions."""
        self.guesses.update(guesses)
        self.job = {**IDLE, "last_result": result, "finished_at": f"run {len(self.calls)}"}

    def posted(self, path: str) -> list[JSON]:
        """The bodies of all POST calls to ``path``, oldest first."""
        return [body for method, called, body in self.calls if (method, called) == ("POST", path)]

    def where(self, filename: str) -> str | None:
        """The folder a video lies in; None: unsorted."""
        return next((name for name, files in self.folders.items() if filename in files), None)

    # ---- the routes ----

    def get(self, path: str, query: Mapping[str, str]) -> JSON:
        if path == "/api/config/status":
            return {
                "configured": self.configured,
                "data_dir": self.directory if self.configured else None,
            }
        if path == "/api/retrain/status":
            return self.job
        if not self.configured:
            raise Problem(503, "No library is set.")
        if path == "/api/folders":
            return {"folders": self._folders()}
        if path == "/api/videos":
            return self._videos(query)
        if path.startswith("/api/videos/") and path.endswith("/texts"):
            return self._texts(path.removeprefix("/api/videos/").removesuffix("/texts"))
        raise Problem(404, "Not Found")

    def post(self, path: str, body: JSON) -> JSON:
        self._gate.wait(20)
        if self._faults[path]:
            raise Problem(*self._faults[path].popleft())
        routes = {"/api/sort": self._sort, "/api/undo": self._undo, "/api/folders": self._create, "/api/setup": self._setup,
                  "/api/folders/rename": self._rename, "/api/retrain": self._retrain, "/api/demo": self._setup}  # fmt: skip
        if path not in routes:
            raise Problem(404, "Not Found")
        with self._lock:
            return routes[path](body)

    def loses(self, path: str) -> bool:
        lost = path in self._lost
        self._lost.discard(path)
        return lost

    def content(self, filename: str) -> bytes:
        for files in (self.unsorted, *self.folders.values()):
            if filename in files:
                return files[filename]
        raise Problem(404, f"There is no video {filename}.")

    def _folders(self) -> list[JSON]:
        return [{"name": name, "count": len(files)} for name, files in sorted(self.folders.items())]

    def _videos(self, query: Mapping[str, str]) -> JSON:
        best = {
            name: self.guesses[name][0] if self.guesses.get(name) else (None, 0.0)
            for name in self.unsorted
        }
        names = [name for name in self.unsorted if query.get("folder") in (None, best[name][0])]
        if query.get("order") == "newest":
            names.reverse()
        else:
            sign = {"uncertain": 1, "confident": -1}.get(query.get("order", "name"), 0)
            names.sort(key=lambda name: (sign * best[name][1], name))
        offset = int(query.get("offset", 0))
        page = names[offset : offset + int(query.get("limit", len(names)))]
        return {
            "videos": [self._video(name, best[name]) for name in page],
            "total": len(self.unsorted),
        }

    def _texts(self, name: str) -> JSON:
        self.content(name)
        nothing = {"caption": None, "author": None, "hashtags": [], "transcript": [], "screen": []}
        return {"filename": name, "folder": self.where(name), **nothing, **self.texts.get(name, {})}

    def _video(self, name: str, best: tuple[str | None, float]) -> JSON:
        top = [
            {"folder": folder, "confidence": share} for folder, share in self.guesses.get(name, [])
        ]
        return {
            "filename": name,
            "predicted_folder": best[0],
            "confidence": best[1],
            "top_predictions": top,
            "far": name in self.far,
        }

    def _sort(self, body: JSON) -> JSON:
        filename, folder = body["filename"], body["folder"]
        if folder not in self.folders:
            raise Problem(400, f"There is no folder {folder}.")
        if filename not in self.unsorted:
            raise Problem(404, f"{filename} is not there, or was sorted already.")
        if filename in self.folders[folder]:
            raise Problem(409, f"{filename} is in {folder} already.")
        self.folders[folder][filename] = self.unsorted.pop(filename)
        self.moves.append((len(self.calls), filename, None, folder))
        return {
            "success": True,
            "filename": filename,
            "folder": folder,
            "batch": len(self.calls),
            "folders": self._folders(),
        }

    def _undo(self, body: JSON) -> JSON:
        moves = [move for move in self.moves if body.get("batch") in (None, move[0])]
        if not moves:
            raise Problem(404, "There is nothing to undo.")
        batch, filename, _, folder = moves[-1]
        self.moves.remove(moves[-1])
        self.unsorted[filename] = self.folders[folder or ""].pop(filename)
        undone = [{"filename": filename, "from": folder, "to": None}]
        return {"success": True, "batch": batch, "undone": undone, "folders": self._folders()}

    def _create(self, body: JSON) -> JSON:
        name = self._judged(body["name"])
        self.folders[name] = {}
        return {"success": True, "name": name, "folders": self._folders()}

    def _rename(self, body: JSON) -> JSON:
        name = self._judged(body["new_name"])
        self.folders[name] = self.folders.pop(body["name"])
        return {"success": True, "name": name, "folders": self._folders()}

    def _judged(self, name: str) -> str:
        if not name.strip() or re.search(r"^\.|[/\\]", name):
            raise Problem(
                400, "A folder's name is one word or more, without / and without a leading dot."
            )
        if name in self.folders:
            raise Problem(409, f"There is a folder {name} already.")
        return name

    def _setup(self, body: JSON) -> JSON:
        if body.get("data_dir") == "/nowhere":
            raise Problem(400, "There is no directory /nowhere.")
        self.configured = True
        return {
            "success": True,
            "data_dir": "/home/me/videos",
            "unsorted_videos": len(self.unsorted),
            "folders": {},
        }

    def _retrain(self, body: JSON) -> JSON:
        self.job = {
            **IDLE,
            "running": True,
            "stage": "extract_features",
            "done": 12,
            "total": 48,
            "eta_seconds": 95,
        }
        return {"status": "started"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], api: FakeApi) -> None:
        self.api = api
        self.open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def cut(self) -> None:
        """A browser keeps its connections open; a server that is gone has none."""
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by the other side meanwhile

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up in the middle of a video is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep the test's output quiet."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        path = unquote(address.path)
        query = dict(parse_qsl(address.query))
        self.server.api.calls.append(("GET", path, query))
        try:
            self._get(path, query)
        except Problem as problem:
            self._json(problem.status, {"detail": str(problem)})

    def _get(self, path: str, query: Mapping[str, str]) -> None:
        asset = path.removeprefix("/player/")
        if path == "/":
            self._send(200, "text/html; charset=utf-8", player.page().encode())
        elif path.startswith("/player/") and asset in player.FILES:
            self._send(200, player.FILES[asset], player.text(asset).encode())
        elif path.startswith("/videos/"):
            self._video(self.server.api.content(path.removeprefix("/videos/")))
        else:
            self._json(200, self.server.api.get(path, query))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        self.server.api.calls.append(("POST", self.path, body))
        try:
            answer = self.server.api.post(self.path, body)
        except Problem as problem:
            self._json(problem.status, {"detail": str(problem)})
            return
        if self.server.api.loses(self.path):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self._json(200, answer)

    def _video(self, content: bytes) -> None:
        asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            self._send(200, "video/mp4", content)
            return
        first, last = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
        spread = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
        self._send(206, "video/mp4", content[first : last + 1], spread)

    def _json(self, status: int, answer: JSON) -> None:
        self._send(status, "application/json", json.dumps(answer).encode())

    def _send(self, status: int, kind: str, content: bytes, more: Mapping[str, str] = {}) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Accept-Ranges": "bytes",
            **more,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
