"""The service itself: its page, its status, its login."""

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from api.dependencies import Configuration, Core
from api.keys import COOKIE, COOKIE_SECONDS, required_key, same_key, token
from api.models.base import Detail, Success, written
from api.models.service import LoginRequest, ServiceStatus
from sorter_core import __version__, player

router = APIRouter(tags=["service"])

PAGE_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
_WRONG_KEY_SECONDS = 0.5
"""What a wrong key costs: enough to make guessing pointless, little enough for a slip."""


@router.get("/", response_model=ServiceStatus, responses={200: {"content": {"text/html": {}}}})
def root(request: Request, sorter: Core) -> Response:
    """Give a browser the sorting page, a program the status."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(
            player.page(), headers={"Content-Security-Policy": PAGE_POLICY, "Vary": "Accept"}
        )
    where = sorter.data_dir
    status = ServiceStatus(
        service="tiktok-sorter",
        version=__version__,
        configured=where is not None,
        data_dir=written(where) if where else None,
        docs="/docs",
    )
    return JSONResponse(status.model_dump(), headers={"Vary": "Accept"})


@router.get("/player/{name}", include_in_schema=False)
def player_file(name: str) -> Response:
    """Send one of the files that the sorting page is made of."""
    if name not in player.FILES:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file.")
    return Response(
        player.text(name), media_type=player.FILES[name], headers={"Cache-Control": "no-cache"}
    )


@router.post("/api/login", responses={401: {"model": Detail, "description": "The key is wrong"}})
async def login(
    body: LoginRequest, request: Request, response: Response, settings: Configuration
) -> Success:
    """Take the key of a server that other machines can reach, and remember it in a cookie."""
    key = required_key(settings)
    if key is None:
        return Success()
    if not same_key(body.key.strip(), key):
        await asyncio.sleep(_WRONG_KEY_SECONDS)
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "The key is wrong.")
    response.set_cookie(
        COOKIE,
        token(key),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return Success()
