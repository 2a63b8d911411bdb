"""No request of the API carries more than a small JSON body."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 1 << 20
_DETAIL = "The request is larger than 1 MiB."


class BodyLimit:
    """ASGI middleware: 413 for a body over :data:`BODY_BYTES`, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > BODY_BYTES:
            answer = JSONResponse({"detail": _DETAIL}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            await answer(scope, receive, send)
        else:
            await self._app(scope, _counted(receive), send)


def _counted(receive: Receive) -> Receive:
    """Raise FastAPI's own exception within the route that reads: it becomes the answer."""
    read = 0

    async def wrapped() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > BODY_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _DETAIL)
        return message

    return wrapped
