"""Around the extraction calls: the request's id, its line in the log, an envelope for every refusal."""

import json
import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import envelopes
from sorter_core.extraction import logs
from sorter_core.extraction.limits import Allowance
from sorter_core.extraction.stats import Stats

log = logging.getLogger(f"{logs.ROOT}.http")
_FIRST_ERROR = 400
_REPLACED = frozenset({b"content-length", b"content-type", b"content-security-policy"})
"""Headers that belong to the body; those of the Guard, CORS and the router stay true without it."""


class Framing:
    """ASGI middleware for the requests that are the extraction calls'; all others pass untouched.

    It stands in front of everything, so that what the Guard, the router or the body's limit refuse
    is answered in the envelope too. Within another one (Streamlit has a Guard of its own in front)
    it does nothing.
    """

    def __init__(self, app: ASGIApp, *, serves: Callable[[Scope], bool], stats: Stats) -> None:
        self._app, self._serves, self._stats = app, serves, stats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and write down that it was."""
        if scope["type"] != "http" or not self._serves(scope):
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        if "request_id" in state:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id")
        state["request_id"] = number = envelopes.request_id(given)
        token = logs.request_id.set(number)
        sender = _Sender(scope, send, self._stats)
        try:
            await self._app(scope, receive, sender)
        finally:
            if scope["method"] == "POST":
                self._stats.answered()
            taken = round(1000 * (time.perf_counter() - began), 2)
            told = {"method": scope["method"], "path": scope["path"], "status": sender.status}
            level = logging.INFO if scope["method"] == "POST" else logging.DEBUG  # monitors poll
            log.log(level, "answered", extra={**told, "ms": taken})
            logs.request_id.reset(token)


class _Sender:
    """Sends with the id, and puts refusals that are in no envelope into one."""

    def __init__(self, scope: Scope, send: Send, stats: Stats) -> None:
        self._scope, self._send, self._stats = scope, send, stats
        self._refusal: Message | None = None
        self._body = bytearray()
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._refusal is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._frame(self._refusal)
        else:
            await self._send(message)

    async def _start(self, message: Message) -> None:
        self.status = message["status"]
        message["headers"] = [*message.get("headers", ()), *_headers(self._scope["state"])]
        if self.status >= _FIRST_ERROR and not envelopes.is_framed(self._scope):
            self._refusal = message
        else:
            await self._send(message)

    async def _frame(self, refusal: Message) -> None:
        code = envelopes.code_of(self.status)
        self._stats.refused(code)
        answer = envelopes.failure(self._scope, self.status, code, _detail(self._body), {})
        headers = [header for header in refusal["headers"] if header[0] not in _REPLACED]
        headers += answer.raw_headers
        await self._send({**refusal, "headers": headers})
        await self._send({"type": "http.response.body", "body": answer.body})


def _headers(state: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """The request's id, and what is left to the caller where that is counted."""
    yield b"x-request-id", state["request_id"].encode()
    allowance: Allowance | None = state.get("allowance")
    if allowance is not None:
        yield b"x-ratelimit-limit", b"%d" % allowance.limit
        yield b"x-ratelimit-remaining", b"%d" % allowance.remaining
        yield b"x-ratelimit-reset", b"%d" % math.ceil(allowance.reset_at)


def _detail(body: bytes | bytearray) -> str:
    """What FastAPI's ``{"detail": str}`` says."""
    try:
        said = json.loads(body)["detail"]
    except (ValueError, KeyError, TypeError):
        return "The request was refused."
    return said if isinstance(said, str) else "The request was refused."
