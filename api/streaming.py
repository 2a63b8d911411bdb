"""A video file as an answer: whole, one range or several, never opened twice.

Starlette's ``FileResponse`` opens a path again when it sends, so that what was judged and what is
sent may be two files; and it takes a malformed ``Range`` for a fault of the request. This one
sends the open file.
"""

import os
import secrets
import stat
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.ranges import Span, parse
from sorter_core.errors import VideoNotFound

MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
}
_BLOCK = 256 * 1024


def open_video(path: Path) -> BinaryIO:
    """Open a regular file for reading: no symbolic link, and no pipe that would never answer.

    Raises :class:`VideoNotFound` for everything else.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):  # not every system has all
        flags |= getattr(os, name, 0)
    try:
        file = os.fdopen(os.open(path, flags), "rb", buffering=0)
    except OSError as error:
        raise VideoNotFound(f"The video {path.name!r} is not there.") from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise VideoNotFound(f"{path.name!r} is no video.")
    return file


class VideoFile(Response):
    """The open ``file``, which is closed after it was sent.

    Answers HEAD, ``If-None-Match`` (304), ``Range`` (206, or 416) and ``If-Range``. The entity tag
    is made of size and time of change, so a move from folder to folder keeps it.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        info = os.fstat(file.fileno())
        self._size = info.st_size
        self.status_code = HTTPStatus.OK
        self.background = None
        self.media_type = MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
        self.init_headers(
            {
                "Accept-Ranges": "bytes",
                "Cache-Control": "private, no-cache",  # another library may hold another file of this name
                "Content-Disposition": f"inline; filename*=utf-8''{quote(name, safe='')}",
                "ETag": f'"{info.st_mtime_ns:x}-{info.st_size:x}"',
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what was asked for, until it is sent or the client is gone."""
        with self._file:
            parts = self._plan(Headers(scope=scope), whole=scope["method"] == "HEAD")
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            if scope["method"] == "HEAD":
                parts = []
            async with anyio.create_task_group() as group:
                group.start_soon(_watch, receive, group.cancel_scope)
                if await self._send(parts, send):
                    await send({"type": "http.response.body", "body": b""})
                group.cancel_scope.cancel()

    def _plan(self, asked: Headers, *, whole: bool) -> list[Span | bytes]:
        """Settle status and headers; give the pieces of the body: spans of the file, or text between.

        With ``whole`` no range is looked at: only GET has any (RFC 9110, 14.2).
        """
        tag = self.headers["etag"]
        if known(asked.get("if-none-match", ""), tag):
            self.status_code = HTTPStatus.NOT_MODIFIED
            del self.headers["content-type"]
            return []
        spans = parse(asked["range"], self._size) if "range" in asked else None
        if whole or asked.get("if-range", tag) != tag:
            spans = None
        if spans is None:
            return self._announce([(0, self._size)])
        if not spans:
            self.status_code = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            self.headers["content-range"] = f"bytes */{self._size}"
            return self._announce([])
        self.status_code = HTTPStatus.PARTIAL_CONTENT
        if len(spans) == 1:
            self.headers["content-range"] = self._range(spans[0])
            return self._announce([spans[0]])
        return self._announce(self._multipart(spans))

    def _announce(self, parts: list[Span | bytes]) -> list[Span | bytes]:
        length = sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in parts)
        self.headers["content-length"] = str(length)
        return parts

    def _range(self, span: Span) -> str:
        return f"bytes {span[0]}-{span[1] - 1}/{self._size}"

    def _multipart(self, spans: list[Span]) -> list[Span | bytes]:
        """``multipart/byteranges`` (RFC 9110, 14.6)."""
        boundary = secrets.token_hex(16)
        inner = self.headers["content-type"]
        self.headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
        parts: list[Span | bytes] = []
        for span in spans:
            head = f"\r\n--{boundary}\r\nContent-Type: {inner}\r\nContent-Range: {self._range(span)}\r\n\r\n"
            parts += [head.encode("latin-1"), span]
        return [*parts, f"\r\n--{boundary}--\r\n".encode("latin-1")]

    async def _send(self, parts: list[Span | bytes], send: Send) -> bool:
        """Send all; False when the file ended before its announced size (it is being rewritten)."""
        for part in parts:
            if isinstance(part, bytes):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            elif not await self._send_span(part, send):
                return False
        return True

    async def _send_span(self, span: Span, send: Send) -> bool:
        at, end = span
        self._file.seek(at)
        while at < end:
            block = await to_thread.run_sync(self._file.read, min(_BLOCK, end - at))
            if not block:
                return False
            at += len(block)
            await send({"type": "http.response.body", "body": block, "more_body": True})
        return True


def known(header: str, tag: str) -> bool:
    """Whether ``If-None-Match`` names ``tag``, compared weakly (RFC 9110, 8.8.3.2).

    >>> known('"a", W/"b"', '"b"'), known("*", '"b"'), known("", '"b"')
    (True, True, False)
    """
    return header.strip() == "*" or tag in {
        part.strip().removeprefix("W/") for part in header.split(",")
    }


async def _watch(receive: Receive, running: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    running.cancel()
