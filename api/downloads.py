"""Links become videos in the library: a background job, seen by every face."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.dependencies import Core
from api.errors import explain
from api.models.base import Body, example
from sorter_core.extraction.downloads import MAX_LINKS, Downloads, DownloadStatus
from sorter_core.extraction.errors import InvalidUrl

router = APIRouter(prefix="/api/import/links", tags=["import"])

_LINK = "https://www.tiktok.com/@cat.lover/video/7301234567890123456"
_DOWNLOAD: dict[str, Any] = {
    "url": _LINK,
    "state": "running",
    "filename": None,
    "received": 812000,
    "size": 2400000,
    "code": None,
    "error": None,
}
_STATUS: dict[str, Any] = {
    "running": True,
    "cancelling": False,
    "done": 0,
    "total": 1,
    "failed": 0,
    "downloads": [_DOWNLOAD],
}


class LinksRequest(Body):
    """Links to TikTok videos, in any form."""

    model_config = example(urls=[_LINK])
    urls: list[str] = Field(min_length=1, max_length=MAX_LINKS)


class DownloadOut(BaseModel):
    """One link; sizes in bytes, `size` 0 while it is not known."""

    model_config = example(**_DOWNLOAD)
    url: str
    state: str = Field(
        description="`waiting`, `running`, `done`, `known` (it was in the library), `failed` or `cancelled`"
    )
    filename: str | None
    received: int
    size: int
    code: str | None
    error: str | None


class DownloadsOut(BaseModel):
    """The newest batch of links."""

    model_config = example(**_STATUS)
    running: bool
    cancelling: bool
    done: int
    total: int
    failed: int
    downloads: list[DownloadOut]

    @classmethod
    def of(cls, status: DownloadStatus) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(status)


class CancelDownloadsAnswer(BaseModel):
    """Whether there was anything to cancel."""

    model_config = example(status="cancelling")
    status: Literal["cancelling", "not_running"]


def _queue(sorter: Core) -> Downloads:
    return sorter.downloads()


Queue = Annotated[Downloads, Depends(_queue)]


@router.post("", responses=explain(InvalidUrl))
def add_links(body: LinksRequest, queue: Queue) -> DownloadsOut:
    """Have the videos behind links put into the library; this answers at once."""
    return DownloadsOut.of(queue.start(body.urls))


@router.get("/status", responses=explain())
def links_status(queue: Queue) -> DownloadsOut:
    """Say how far the newest links have come."""
    return DownloadsOut.of(queue.status())


@router.post("/cancel", responses=explain())
def cancel_links(queue: Queue) -> CancelDownloadsAnswer:
    """Drop what waits, and stop what runs."""
    return CancelDownloadsAnswer(status="cancelling" if queue.cancel() else "not_running")
