"""A local server that speaks as OpenAI's does, and answers well, badly, late, or never."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD: dict[str, Any] = {
    "visual_style": "cinematic",
    "setting": "kitchen",
    "people_count": 2,
    "camera_angle": "close-up",
    "text_overlay_style": "bold title",
    "color_scheme": "warm",
    "hook_elements": ["food", "question"],
    "confidence_score": 0.8,
}
GOOD_ID: dict[str, Any] = {
    **GOOD,
    "visual_style": "sinematik",
    "setting": "dapur",
    "camera_angle": "jarak dekat",
    "text_overlay_style": "judul tebal",
    "color_scheme": "hangat",
    "hook_elements": ["makanan"],
}


class VisionServer:
    """``replies`` are given in turn, the last one for ever.

    A dict or str is what the model says, an int an HTTP error, bytes the whole body; ``late`` seconds go
    by before, and ``dribble`` lets the answer come a byte each 50 ms, ``flood`` lets it never end.
    ``schemas`` False refuses JSON schemas; ``models`` is the body of their list.
    """

    def __init__(self) -> None:
        self.replies: list[Any] = [GOOD]
        self.late = 0.0
        self.dribble = self.flood = False
        self.models = b'{"object": "list", "data": [{"id": "m", "object": "model"}]}'
        self.flooded = 0
        """Bytes."""
        self.schemas = True
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.stopped = threading.Event()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def reply(self) -> Any:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: VisionServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.owner.keys.append(self.headers["Authorization"])
        self._send(200, self.server.owner.models)

    def do_POST(self) -> None:
        owner = self.server.owner
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        owner.asked.append(asked)
        owner.keys.append(self.headers["Authorization"])
        owner.stopped.wait(owner.late)
        if "response_format" in asked and not owner.schemas:
            self._send(400, {"error": {"message": "response_format is not supported"}})
            return
        reply = owner.reply()
        if owner.flood:
            self._flood()
        elif isinstance(reply, int):
            self._send(reply, {"error": {"message": "no"}})
        elif isinstance(reply, bytes):
            self._send(200, reply)
        else:
            self._send(200, _completion(reply, asked["model"]))

    def _flood(self) -> None:
        owner = self.server.owner
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):  # whoever asked has had enough
            while not owner.stopped.is_set():
                owner.flooded += self.wfile.write(b" " * (1 << 16))

    def _send(self, status: int, answer: dict[str, Any] | bytes) -> None:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever asked has gone
            if self.server.owner.dribble:
                self._dribble(body)
            else:
                self.wfile.write(body)

    def _dribble(self, body: bytes) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.server.owner.stopped.wait(0.05):
                return


def _completion(reply: Any, model: str) -> dict[str, Any]:
    text = json.dumps(reply) if isinstance(reply, dict) else reply
    message = {"role": "assistant", "content": text}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }
