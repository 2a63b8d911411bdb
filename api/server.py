"""Starting the bare server, and saying plainly why where it can't."""

import errno
import logging
import math
import os
import socket
import sys
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

import uvicorn

from api.app import create_app
from sorter_core import Settings, SorterError
from sorter_core.settings import settings

FAILED, USAGE = 1, 2
_BACKLOG = 256
_HIGHEST = 65535
_QUESTIONS = 6
"""Of an extraction, one after another, each with the limit of its own: a short link, the page, the
thumbnail, what it shows (asked twice where the answer makes no sense), the captions."""
_PATIENCE = 5
"""Seconds for whatever holds the port to say what it is; a busy computer takes more than one."""


def serve() -> int:
    """Run until stopped; returns the exit code: 0, 1 (no address to listen on), 2 (unsafe or wrong settings)."""
    try:
        chosen = settings()
        app = create_app()
    except SorterError as error:
        return _fail(f"The server does not start: {error}", USAGE)
    try:
        listener = listen(chosen)
    except OSError as error:
        return _fail(_why(error, chosen), FAILED)
    level = logging.getLevelNamesMapping()[chosen.log_level]
    logging.basicConfig(level=level)
    config = uvicorn.Config(
        app,
        log_level=level,
        access_log=chosen.debug_mode,
        proxy_headers=False,  # who the client is, is what the connection says
        server_header=False,
        # a running extraction is answered first; a paused video would hold the stop for ever
        timeout_graceful_shutdown=math.ceil(_QUESTIONS * chosen.extraction_timeout) + 1,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after it has shut down
        _tell(f"TikTok Sorter listens on {address(listener)} (the calls: /docs). Ctrl-C stops it.")
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def listen(chosen: Settings) -> socket.socket:
    """Take the address before anything is started. Raises ``OSError`` when it can't be had.

    The protocol is named because asyncio sends small answers without delay (TCP_NODELAY) only where
    it is: else each would wait some 40 ms for the client's acknowledgement of its header.
    """
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":  # there it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((chosen.host, chosen.port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def address(listener: socket.socket) -> str:
    """Give the address that a person can open."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - all addresses at once are none to open
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _why(error: OSError, chosen: Settings) -> str:
    if error.errno == errno.EADDRINUSE:
        other = chosen.port + (1 if chosen.port < _HIGHEST else -1)
        return (
            f"Port {chosen.port} on {chosen.host} is taken{_by_whom(chosen)}. "
            f"Stop what uses it, or choose another: PORT={other}"
        )
    return f"The server can't listen on {chosen.host}:{chosen.port}: {error.strerror or error}"


def _by_whom(chosen: Settings) -> str:
    """Whether it is this very program that runs there already."""
    try:
        connection = HTTPConnection(chosen.host, chosen.port, timeout=_PATIENCE)
        connection.request("GET", "/", headers={"Accept": "application/json"})
        ours = b'"tiktok-sorter"' in connection.getresponse().read(4096)
    except (OSError, HTTPException):
        return ""
    return ", by a TikTok Sorter that runs already" if ours else ""


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)  # noqa: T201 - for the person at the terminal
    return code


def _tell(message: str) -> None:
    print(message, flush=True)  # noqa: T201 - for the person at the terminal
