"""A stand-in for TikTok: what yt-dlp's extractor reads, served over TLS, and faults on demand.

It is an HTTP proxy: yt-dlp is told to use it (``PROXY_URL``), asks it to CONNECT to TikTok's hosts,
and finds them all in here, behind a certificate of the test's own authority. So the real yt-dlp
runs end to end. ``python -m tests.extraction.standin FOLDER`` runs it as a process of its own.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme

PAGES = {"www.tiktok.com", "tiktok.com", "m.tiktok.com", "vm.tiktok.com", "vt.tiktok.com"}
MEDIA = {"v16-webapp.tiktokcdn.com", "p16-sign.tiktokcdn.com", "v16-webapp.tiktok.com"}
DETAILS: dict[str, dict[str, Any]] = {
    "private": {"statusCode": 10222},
    "private post": {"statusCode": 10216},
    "deleted": {"statusCode": 10204},
    "region": {"statusCode": 10231},
    "age": {"itemInfo": {"itemStruct": {"isContentClassified": True}}},
    "strange": {"itemInfo": {"itemStruct": {"video": {}, "author": 5, "desc": []}}},
}
"""What TikTok's page says in ``webapp.video-detail`` of videos that it does not show."""
LOGIN = "to https://www.tiktok.com/login?redirect_url=x"
PADDING = 200_000
"""Bytes: a real page is this heavy."""
WEBVTT = """WEBVTT

00:00.000 --> 00:01.500
I have

00:00:01.500 --> 00:00:02.500
10 cats &amp; 3 dogs
"""


@dataclass
class Post:
    """What the page of a video tells."""

    id: str
    text: str = "So good #Cats #кот &more"
    user: str = "cat.lover"
    seconds: int = 12
    at: int = 1_700_000_000
    photo: bool = False
    media: str | None = None
    """Where the video lies, if elsewhere."""
    captions: list[dict[str, Any]] = field(default_factory=list)
    """As in ``video.subtitleInfos``."""

    def item(self) -> dict[str, Any]:
        """TikTok's ``itemStruct``."""
        media = self.media or f"https://v16-webapp.tiktokcdn.com/{self.id}.mp4"
        picture = "https://p16-sign.tiktokcdn.com"
        video = {
            "id": self.id,
            "height": 96,
            "width": 64,
            "duration": 0 if self.photo else self.seconds,
            "cover": f"{picture}/cover/{self.id}.jpeg",
            "originCover": f"{picture}/origin/{self.id}.jpeg",
            "dynamicCover": f"{picture}/dynamic/{self.id}.webp",
            "subtitleInfos": self.captions,
        }
        if not self.photo:
            address = {"UrlKey": "v09044_h264_540p_1000000", "UrlList": [media], "DataSize": "1"}
            video |= {"playAddr": media, "bitrateInfo": [{"PlayAddr": address}]}
        return {
            "id": self.id,
            "desc": self.text,
            "createTime": str(self.at),
            "video": video,
            "author": {"id": "99", "uniqueId": self.user, "nickname": "Cat", "secUid": "MS4w"},
            "music": {
                "title": "original sound",
                "authorName": "A & B",
                "duration": self.seconds,
                "playUrl": "https://v16-webapp.tiktokcdn.com/sound.mp3",
            },
            "stats": {
                "playCount": 1000,
                "diggCount": 100,
                "commentCount": 10,
                "shareCount": 1,
                "collectCount": 5,
            },
        }


class StandIn(ThreadingHTTPServer):
    """The stand-in, running in threads of this process until :meth:`close`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, folder: Path, *, latency: float = 0.0, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Door)
        self.latency = latency
        self.posts: dict[str, Post] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        """From ``host/path`` to a type and the bytes."""
        self.shorts: dict[str, str] = {}
        """From ``host/path`` of a short link to where it leads."""
        self.acts: dict[str, list[str]] = {}
        self.connects: list[str] = []
        """Each target that was asked for."""
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        """Each request: method, URL, headers."""
        self.now = self.peak = 0
        self.lock = threading.Lock()
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.set_alpn_protocols(["http/1.1"])
        authority.issue_cert(*PAGES, *MEDIA, "www.tiktokv.com").configure_cert(self.tls)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def proxy(self) -> str:
        """For ``PROXY_URL``."""
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, number: str, *acts: str, **fields: Any) -> str:
        """Make a video and return its link; ``acts`` are the faults of the coming requests.

        The last one stays, so ``"429"`` is for ever, and ``"429", "well"`` gets well again.
        """
        post = self.posts[number] = Post(number, **fields)
        self.acts[number] = list(acts)
        return f"https://www.tiktok.com/@{post.user}/video/{number}"

    def put(self, url: str, kind: str, data: bytes) -> str:
        """Serve ``data`` at ``url``."""
        parts = urlsplit(url)
        self.files[f"{parts.hostname}{parts.path}"] = kind, data
        return url

    def add_captions(
        self, number: str, language: str, data: bytes, *, kind: str = "webvtt", source: str = "ASR"
    ) -> None:
        """Give a video a caption track."""
        url = f"https://v16-webapp.tiktok.com/captions/{number}/{language}.{kind}.{source}"
        self.put(url, "text/plain", data)
        track = {"LanguageCodeName": language, "Url": url, "Format": kind, "Source": source}
        self.posts[number].captions.append(track)

    def shorten(self, short: str, target: str) -> str:
        """Let a short link lead to ``target``."""
        parts = urlsplit(short)
        self.shorts[f"{parts.hostname}{parts.path.rstrip('/')}"] = target
        return short

    def asked(self, part: str) -> int:
        """How many requests had ``part`` in their URL."""
        return sum(part in url for _, url, _ in self.seen)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Door(BaseHTTPRequestHandler):
    """The proxy's side of a connection, and after CONNECT the far host's."""

    server: StandIn
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    host = ""

    def do_CONNECT(self) -> None:
        self.server.connects.append(self.path)
        self.host = self.path.rpartition(":")[0]
        if self.host not in PAGES | MEDIA | {"www.tiktokv.com"}:
            self.send_error(502)
            return
        self.send_response_only(200)
        self.end_headers()
        self.wfile.flush()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", -1)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.seen.append((self.command, f"{self.host}{self.path}", dict(self.headers)))
        if (target := self.server.shorts.get(f"{self.host}{path.rstrip('/')}")) is not None:
            self._redirect(target)
        elif (found := self.server.files.get(f"{self.host}{path}")) is not None:
            self._file(*found)
        elif path == "/login":
            self._answer(b"<html>Log in</html>")
        elif (number := path.rpartition("/")[2]) in self.server.posts:
            self._counted(number)
        else:
            self._answer(b"<html>Not here</html>", 404)

    do_HEAD = do_GET  # noqa: N815 - the base class's spelling

    def _counted(self, number: str) -> None:
        server = self.server
        with server.lock:
            server.now += 1
            server.peak = max(server.peak, server.now)
        try:
            time.sleep(server.latency)
        finally:
            with server.lock:  # before the answer: whoever has it may ask again at once
                server.now -= 1
        acts = server.acts[number]
        self._page(number, acts.pop(0) if len(acts) > 1 else (acts or ["well"])[0])

    def _page(self, number: str, act: str) -> None:
        item = self.server.posts[number].item()
        if act.isdigit():
            self._answer(b"<html>No</html>", int(act))
        elif act.startswith("to "):
            self._redirect(act.removeprefix("to "))
        elif act == "slow":
            time.sleep(60)
        elif act == "challenge" and "_wafchallengeid" not in self.headers.get("Cookie", ""):
            self._answer(challenge())
        elif act == "captcha":
            self._answer(b"<html><title>Security Check</title>Drag the slider</html>")
        elif act in DETAILS:
            self._answer(page(DETAILS[act]))
        else:
            detail = {"itemInfo": {"itemStruct": item}, "statusCode": 0}
            self._answer(page(detail), cut=act == "cut", cookies=True)

    def _redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, kind: str, data: bytes) -> None:
        if kind == "slow":
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.05)
        elif kind.isdigit():
            self._answer(data, int(kind))
        else:
            self._answer(data, kind=kind.removesuffix(" cut"), cut=kind.endswith(" cut"))

    def _answer(
        self,
        data: bytes,
        status: int = 200,
        *,
        kind: str = "text/html",
        cut: bool = False,
        cookies: bool = False,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if cookies:
            self.send_header("Set-Cookie", "tt_chain_token=abc; Domain=.tiktok.com; Path=/; Secure")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.wfile.flush()
            self.close_connection = True

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


def page(detail: dict[str, Any]) -> bytes:
    """TikTok's page as far as yt-dlp reads it."""
    scope = {"webapp.app-context": {"padding": "x" * PADDING}, "webapp.video-detail": detail}
    data = json.dumps({"__DEFAULT_SCOPE__": scope})
    script = (
        f'<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{data}</script>'
    )
    return f"<!DOCTYPE html><html><head><title>TikTok</title>{script}</head></html>".encode()


def challenge() -> bytes:
    """The sum that TikTok lets a browser do before it answers."""
    salt = b"salt"
    answer = base64.b64encode(hashlib.sha256(salt + b"123").digest()).decode()
    sum_ = {"v": {"a": base64.b64encode(salt).decode(), "c": answer}}
    code = base64.b64encode(json.dumps(sum_).encode()).decode().rstrip("=")
    return f'<p id="cs" class="{code}"></p><p id="wci" class="_wafchallengeid"></p>Please wait...'.encode()


def main() -> None:
    """Serve a thousand videos until standard input ends; prints where."""
    standin = StandIn(Path(sys.argv[1]), latency=float(sys.argv[2]))
    for number in range(1000):
        standin.add(str(7_000_000_000_000_000_000 + number))
    print(json.dumps({"proxy": standin.proxy, "ca_file": str(standin.ca_file)}), flush=True)
    for line in sys.stdin:
        if line.strip() == "peak":
            print(json.dumps(standin.peak), flush=True)


if __name__ == "__main__":
    main()
