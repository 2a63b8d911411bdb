"""No request of the API carries more than a small JSON body, but for a picture to search with."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 1 << 20
LARGER = {"/api/search/picture": 20 << 20}
"""As much as the page takes: photographs of telephones have up to 15 MB."""


def _detail(most: int) -> str:
    return f"The request is larger than {most >> 20} MiB."


class BodyLimit:
    """ASGI middleware: 413 for a body over :data:`BODY_BYTES` (:data:`LARGER`), announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = LARGER.get(scope["path"], BODY_BYTES)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > most:
            answer = JSONResponse({"detail": _detail(most)}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            await answer(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, most), send)


def _counted(receive: Receive, most: int) -> Receive:
    """Raise FastAPI's own exception within the route that reads: it becomes the answer."""
    read = 0

    async def wrapped() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _detail(most))
        return message

    return wrapped
