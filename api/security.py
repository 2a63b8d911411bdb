"""What stands in front of everything, for the bare server and for Streamlit alike."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.keys import ask_for_key, opens, required_key
from api.origins import (
    Refusal,
    allowed_origins,
    is_elsewhere,
    judge_host,
    judge_page,
    own_names,
)
from sorter_core.settings import Settings

OPEN_PATHS = frozenset(
    {"/api/login", "/_stcore/health", "/health", "/supported-platforms", "/stats", "/metrics"}
)
"""What needs no key: the login itself, Streamlit's sign of life, and what the contract leaves open:
the extraction service's health and counts, which tell nothing of the library."""
ASKING_PATHS = frozenset(
    {"/extract", "/extract/batch", "/extract-transcript", "/extract-thumbnail"}
)
"""What asks for the key itself, when POSTed to, once it has counted who asks: see ``admission``."""

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
)
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class Guard:
    """ASGI middleware for http and websocket: right machine, right host, right page, right key.

    A server on loopback answers its own machine alone, whatever started it (``uvicorn --host``
    and ``streamlit --server.address`` know nothing of HOST): other clients are refused. Beyond
    loopback everything needs API_KEY. Raises :class:`InvalidInput` where the settings are unsafe.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._key = required_key(settings)
        self._exposed = not settings.loopback
        self._allowed = allowed_origins(settings)
        self._names = own_names(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with the reason why not."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._judge(scope, headers)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
        elif not self._admitted(scope, headers):
            await _ask(headers, scope, receive, send)
        else:
            await self._app(scope, receive, _hardened(send) if scope["type"] == "http" else send)

    def _judge(self, scope: Scope, headers: Headers) -> Refusal | None:
        return (
            self._judge_client(scope)
            or judge_host(headers, self._names, exposed=self._exposed)
            or judge_page(scope.get("method"), headers, self._allowed)
        )

    def _judge_client(self, scope: Scope) -> Refusal | None:
        if self._exposed or not scope.get("client") or not is_elsewhere(scope["client"][0]):
            return None
        return Refusal(403, "This server answers its own machine only; see HOST and API_KEY.")

    def _admitted(self, scope: Scope, headers: Headers) -> bool:
        if self._key is None or scope["path"] in OPEN_PATHS:
            return True
        if scope.get("method") == "OPTIONS" and "access-control-request-method" in headers:
            return True  # a preflight can't carry a key (Fetch, 4.8), and reads nothing
        if scope.get("method") == "POST" and scope["path"] in ASKING_PATHS:
            return True
        return opens(headers, self._key)


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await _close(send, refusal.detail)
    else:
        await JSONResponse({"detail": refusal.detail}, refusal.status)(
            scope, receive, _hardened(send)
        )


async def _ask(headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await _close(send, "The key is missing.")
    else:
        await ask_for_key(headers)(scope, receive, _hardened(send))


async def _close(send: Send, reason: str) -> None:
    await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})


def _hardened(send: Send) -> Send:
    """Add the headers that make a browser careful, where the answer has no others."""

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            there = {name.lower() for name, _ in headers}
            headers += [header for header in _HEADERS if header[0] not in there]
            message["headers"] = headers
        await send(message)

    return wrapped
