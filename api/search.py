"""Finding videos by words and by likeness, and learning the newest labels at once."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from api.dependencies import Core
from api.errors import explain
from api.library import COUNT
from api.models.base import Detail
from api.models.search import HitsOut, RefitAnswer
from sorter_core.errors import (
    Conflict,
    InvalidInput,
    InvalidName,
    ModelMissing,
    NotEnoughLabels,
    VideoNotFound,
)

router = APIRouter(prefix="/api", tags=["search"])

_MOST = 500

Words = Annotated[str, Query(max_length=1000, description="any text; all its words must be there")]
Limit = Annotated[int, Query(ge=0, le=_MOST)]


@router.get("/search", responses=explain())
def search(
    sorter: Core, q: Words, limit: Limit = 50, offset: Annotated[int, Query(ge=0, le=COUNT)] = 0
) -> HitsOut:
    """Find videos by captions, authors, hashtags, speech, text on screen, and names, in any language."""
    return HitsOut.model_validate(sorter.search(q, limit=limit, offset=offset))


@router.get("/search/alike", responses=explain(InvalidName, VideoNotFound, Conflict))
def alike(
    sorter: Core,
    filename: Annotated[str, Query(examples=["7301234567890123456.mp4"])],
    folder: Annotated[
        str | None, Query(description="look only there; empty: the unsorted pile")
    ] = None,
    limit: Limit = 50,
) -> HitsOut:
    """Find the videos that look and sound most like this one."""
    return HitsOut.model_validate(sorter.search_alike(filename, folder, limit=limit))


@router.get("/search/described", responses=explain(Conflict))
def described(sorter: Core, q: Words, limit: Limit = 50) -> HitsOut:
    """Find the videos whose pictures the words describe; the encoder `clip` must be in use."""
    return HitsOut.model_validate(sorter.search_described(q, limit=limit))


_PICTURES = ("image/jpeg", "image/png", "image/webp")


async def _picture(request: Request) -> bytes:
    """Read the body, whose type has to be that of a picture; its size is capped in front of all."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _PICTURES:
        text = f"Send the picture itself as the body, as {', '.join(_PICTURES)}."
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text)
    return await request.body()


@router.post(
    "/search/picture",
    responses={
        **explain(InvalidInput, Conflict),
        413: {"model": Detail, "description": "The picture is larger than 20 MiB"},
        415: {"model": Detail, "description": "The body is no JPEG, PNG or WebP"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES
            },
        }
    },
)
def pictured(
    sorter: Core, picture: Annotated[bytes, Depends(_picture)], limit: Limit = 50
) -> HitsOut:
    """Find the videos that look most like a picture: the bytes of a JPEG, PNG or WebP are the body.

    With the encoder `clip` by what it shows; without it by its colours and shapes.
    """
    return HitsOut.model_validate(sorter.search_pictured(picture, limit=limit))


@router.post("/refit", responses=explain(ModelMissing, NotEnoughLabels))
def refit(sorter: Core) -> RefitAnswer:
    """Learn the newest labels at once, without a job, and guess the rest anew."""
    return RefitAnswer.model_validate(sorter.refit())
