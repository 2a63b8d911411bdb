"""A cached ``POST /extract`` over HTTP: the time of one, and how many a second over 32 connections.

"At least 1,000 a second" is measured in both ways it can be read: as fast as 32 connections can
ask (closed loop: each asks again when it has its answer), and the time of an answer while exactly
1,000 a second come (open loop: each is timed from when it was due, so a late one counts in full).

The server is a process of its own, one uvicorn worker with every part that stands before the real
one (guard, limits, log), over a source that never leaves the machine; the client is this process.
The baseline in the same run is a FastAPI application of one route that answers the same bytes as a
constant. Run with ``python -m bench.extraction_service``.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench._rows import Row
from sorter_core import Settings

LINK = "https://www.tiktok.com/@cat.lover/video/7301234567890123456"
CONNECTIONS = 32
SINGLE, MANY = 400, 6000
STEADY, STEADY_SECONDS = 1000, 3
P50_MS, PER_SECOND = 5.0, 1000.0
_LIMIT = 10_000_000
"""Requests a minute: the window is counted as ever, and never full."""


def run() -> list[Row]:
    """Start both servers, measure them in turn, and give the table's lines."""
    with _server("service") as service, _server("constant") as constant:
        alone = {port: asyncio.run(_one_by_one(port)) for port in (service, constant)}
        together = {port: asyncio.run(_at_once(port)) for port in (service, constant)}
        steady = {port: asyncio.run(_steadily(port)) for port in (service, constant)}
    p50, rate = alone[service], together[service][0]
    bare = "constant answer"
    waited, waited_bare = together[service][1], together[constant][1]
    return [
        Row(
            "cached /extract, p50",
            p50,
            "ms",
            bare,
            alone[constant],
            f"<= {P50_MS:g} ms",
            p50 <= P50_MS,
        ),
        Row(
            f"cached /extract, {CONNECTIONS} connections",
            rate,
            "requests/s",
            bare,
            together[constant][0],
            f">= {PER_SECOND:g}/s",
            rate >= PER_SECOND,
        ),
        Row(
            f"the same, p50 with all {CONNECTIONS} busy",
            waited,
            "ms",
            bare,
            waited_bare,
            "",  # as many as it can: how long each waits says how many there are
            None,
        ),
        Row(
            f"the same, p50 at a steady {STEADY:,}/s",
            steady[service],
            "ms",
            bare,
            steady[constant],
            f"<= {P50_MS:g} ms",
            steady[service] <= P50_MS,
        ),
    ]


@contextmanager
def _server(which: str) -> Iterator[int]:
    """Run a server in a process of its own; gives its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.extraction_service", which],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def _request(port: int) -> bytes:
    body = json.dumps({"url": LINK, "cache_ttl": 3600}).encode()
    head = f"POST /extract HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class _Connection(asyncio.Protocol):
    """One keep-alive connection, which asks ``count`` times and writes down how long each took.

    Without ``every`` it asks as soon as it has an answer, else each so many seconds from ``first`` on.
    """

    def __init__(self, request: bytes, count: int, every: float = 0, first: float = 0) -> None:
        self._request, self._left, self._got = request, count, bytearray()
        self._loop = asyncio.get_running_loop()
        self._every, self._due = every, self._loop.time() + first
        self.seconds: list[float] = []
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(bytes(head + body).decode()))
            return
        self.seconds.append(self._loop.time() - self._due)
        self._got.clear()
        self._left -= 1
        self._due = self._due + self._every if self._every else self._loop.time()
        self._ask()

    def _ask(self) -> None:
        if self._left:
            if self._every:
                self._loop.call_at(self._due, self._transport.write, self._request)
            else:
                self._transport.write(self._request)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


async def _ask(port: int, connections: int, each: int, every: float = 0) -> list[float]:
    """Give the seconds of all answers; the connections take their turns within ``every``."""
    loop, request = asyncio.get_running_loop(), _request(port)

    async def connect(number: int) -> _Connection:
        first = every * number / connections
        make = partial(_Connection, request, each, every, first)
        return (await loop.create_connection(make, "127.0.0.1", port))[1]

    made = [await connect(number) for number in range(connections)]
    await asyncio.gather(*(one.done for one in made))
    return [seconds for one in made for seconds in one.seconds]


async def _one_by_one(port: int) -> float:
    await _ask(port, 1, 50)  # the first one extracts; the rest warm up
    return 1000 * statistics.median(await _ask(port, 1, SINGLE))


async def _at_once(port: int) -> tuple[float, float]:
    """Give answers a second, and the median in ms."""
    began = time.perf_counter()
    taken = await _ask(port, CONNECTIONS, MANY // CONNECTIONS)
    return len(taken) / (time.perf_counter() - began), 1000 * statistics.median(taken)


async def _steadily(port: int) -> float:
    """Give the median in ms."""
    each = STEADY * STEADY_SECONDS // CONNECTIONS
    return 1000 * statistics.median(await _ask(port, CONNECTIONS, each, CONNECTIONS / STEADY))


# In the server's process --------------------------------------------------------------------


def _settings(folder: str) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=Path(folder),
        state_dir=Path(folder),
        port=0,
        max_requests_per_minute=_LIMIT,
    )


def _application(which: str, chosen: Settings) -> Any:
    """Make the application to be served; the constant one holds what the real one answers."""
    from fastapi import FastAPI, Response

    from api import create_app
    from sorter_core import Sorter
    from sorter_core.extraction.service import Extractor

    real = create_app(Sorter(chosen), chosen)
    extractor = Extractor(chosen, _Source())
    real.state.extraction.extractor = extractor
    if which == "service":
        return real
    body = b'{"success":true,"data":%b}' % extractor.answer(extractor.order(LINK)).json()
    bare = FastAPI()

    @bare.post("/extract")
    async def extract() -> Response:
        return Response(body, media_type="application/json")

    return bare


class _Source:
    """A video like any other, without the network."""

    def video(self, url: str) -> Any:
        from sorter_core.extraction.info import VideoInfo

        text = "The cat that opens doors, and what it does behind them #cats #doors #fyp"
        return VideoInfo(
            url=url,
            video_id=url.rsplit("/", 1)[1],
            title=text[:40],
            description=text,
            duration=15.4,
            view_count=120_000,
            upload_date="2026-01-20",
            uploader="cat.lover",
            thumbnail_url="https://p16-sign.tiktokcdn.com/cover.jpeg",
            hashtags=("cats", "doors", "fyp"),
        )

    def transcript(self, url: str, language: str | None) -> Any:
        raise LookupError(url, language)

    def fetch_thumbnail(self, url: str) -> bytes:
        import io

        from PIL import Image

        del url
        out = io.BytesIO()
        Image.new("RGB", (540, 960), "orange").save(out, "JPEG")
        return out.getvalue()

    def close(self) -> None:
        """Nothing is open."""


def _serve(which: str) -> None:
    import uvicorn

    from api.server import listen

    with tempfile.TemporaryDirectory() as folder:
        chosen = _settings(folder)
        listener, app = listen(chosen), _application(which, chosen)
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, proxy_headers=False, server_header=False
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(sys.argv[1])
    else:
        print(*run(), sep="\n")
