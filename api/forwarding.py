"""The same API inside of Streamlit's application."""

import asyncio
import socket
from typing import Any

from starlette.datastructures import URLPath
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from api import extraction
from api.app import create_app
from api.security import Guard
from sorter_core import Settings, Sorter

PATHS = ("/api/", "/videos/", "/player/", "/docs", "/openapi.json")
"""What Streamlit hands on; all else is Streamlit's own."""


class Forward(BaseRoute):
    """A route to an application that sees the whole path (``Mount`` would cut its prefix off)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take http requests for :data:`PATHS`, and for the extraction calls."""
        ours = scope["type"] == "http" and (
            scope["path"].startswith(PATHS) or extraction.serves(scope)
        )
        return (Match.FULL if ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Name no paths."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, without delay."""
        _hurry(receive)
        await self._app(scope, receive, send)


def _hurry(receive: Receive) -> None:
    """Switch Nagle's algorithm off (RFC 9293, 3.7.4), where the server shows its connection.

    asyncio does so only for sockets whose protocol is named; the listening socket that
    ``streamlit run`` makes names none. Without this each small answer takes 48 ms instead of 2.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if isinstance(transport, asyncio.Transport):
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in {socket.AF_INET, socket.AF_INET6}:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def routes_for_streamlit(
    sorter: Sorter | None = None, settings: Settings | None = None
) -> list[BaseRoute]:
    """Give the routes for ``st.App(__file__, routes=...)``; arguments as :func:`create_app`."""
    return [Forward(create_app(sorter, settings))]


def front_for_streamlit(settings: Settings) -> list[Middleware]:
    """What stands in front of these routes and of Streamlit's own: ``st.App(…, middleware=…)``.

    Raises :class:`InvalidInput` where the settings are malformed.
    """
    return [extraction.outer_framing(settings), Middleware(Guard, settings=settings)]
