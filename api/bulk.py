"""Many videos at once: what a threshold takes, their pictures, and one call that moves them."""

from typing import Annotated, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from api.dependencies import Core
from api.errors import explain
from api.files import FileName
from api.library import COUNT
from api.models.bulk import (
    BulkAnswer,
    BulkRequest,
    Item,
    LookOut,
    LookRequest,
    OutlookOut,
    Stayed,
    ThumbPageOut,
    TileOut,
)
from api.models.library import FolderCount
from api.streaming import known
from sorter_core import Sorter
from sorter_core.app import BatchResult
from sorter_core.errors import Busy, InvalidName, NotFound, StorageError, TargetExists
from sorter_core.second_guesses import step

router = APIRouter(prefix="/api", tags=["bulk"])

_PAGE = 500
_DEFAULT = 0.9
"""The threshold where none pays."""
_DRAWERS = CapacityLimiter(4)
"""A screen full of pictures leaves the threads of the other calls alone."""
_RESPONSES = {
    **explain(InvalidName, NotFound),
    200: {"content": {"image/webp": {}}, "description": "The picture"},
    304: {"description": "`If-None-Match` names the picture as it is"},
}

Threshold = Annotated[float, Query(ge=0, le=1, description="the least confidence")]
Predicted = Annotated[
    str | None, Query(description="only what is predicted there; empty: what has no guess")
]


@router.get("/bulk", responses=explain())
def outlook(sorter: Core, threshold: Threshold = 0.0, folder: Predicted = None) -> OutlookOut:
    """Tell how many videos a threshold takes, and how many of these are expected to be wrong."""
    return OutlookOut.model_validate(sorter.bulk().outlook(threshold, folder))


@router.get("/bulk/videos", responses=explain())
def thumbs(
    sorter: Core,
    *,
    threshold: Threshold = 0.0,
    folder: Predicted = None,
    limit: Annotated[int, Query(ge=0, le=_PAGE)] = 100,
    offset: Annotated[int, Query(ge=0, le=COUNT)] = 0,
    order: Annotated[Literal["confident", "uncertain"], Query()] = "confident",
) -> ThumbPageOut:
    """List a part of what a threshold takes, the surest or the least sure first."""
    page = sorter.bulk().page(folder, threshold, limit, offset, order)
    return ThumbPageOut.model_validate(page)


@router.post("/bulk/look", responses=explain())
def look(body: LookRequest, sorter: Core) -> LookOut:
    """Show a folder's grid as the person left it: what was taken out counts for its next guess."""
    grid = sorter.second_guesses(body.out)
    everything = grid.outlook()
    threshold = body.threshold
    if threshold is None:
        threshold = step(everything) or _DEFAULT
    part = grid.grid(body.folder, threshold, body.limit, body.offset, body.order)
    return LookOut(
        outlook=OutlookOut.model_validate(grid.outlook(threshold, body.folder)),
        videos=[TileOut.model_validate(tile) for tile in part.videos],
        total=part.total,
        taken=part.taken,
        next=step(everything, threshold),
    )


@router.post("/sort/bulk", responses=explain(InvalidName, TargetExists, Busy, StorageError))
def sort_bulk(body: BulkRequest, sorter: Core) -> BulkAnswer:
    """Move many videos as one batch, which one undo takes back; `dry_run` moves nothing."""
    done = _carry_out(body, sorter)
    return BulkAnswer(
        dry_run=body.dry_run,
        batch=done.batch,
        moved=[Item.model_construct(filename=name, folder=folder) for name, folder in done.moved],
        failed=[Stayed(filename=name, reason=reason) for name, reason in done.failed],
        folders=FolderCount.of(sorter.folders()),
    )


def _carry_out(body: BulkRequest, sorter: Sorter) -> BatchResult:
    if body.items is not None:
        items = [(item.filename, item.folder) for item in body.items]
        return sorter.sort_many(items, dry_run=body.dry_run, new_folder=body.new_folder)
    return sorter.sort_predicted(
        body.threshold or 0.0,
        body.folder,
        target=body.target,
        without=body.without,
        out=body.out,
        version=body.version,
        new_folder=body.new_folder,
        dry_run=body.dry_run,
    )


@router.get(
    "/posters/{filename:name}", status_code=200, response_class=FileResponse, responses=_RESPONSES
)
async def poster(
    request: Request,
    sorter: Core,
    filename: FileName,
    folder: Annotated[str | None, Query(description="look there first")] = None,
) -> Response:
    """Send a small picture of a video; the first time, it is made now."""
    picture = await to_thread.run_sync(sorter.poster, filename, folder, limiter=_DRAWERS)
    # Another video may get this name: the browser asks again, and mostly hears 304.
    headers = {"ETag": f'"{picture.stem}"', "Cache-Control": "private, no-cache"}
    if known(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return FileResponse(picture, media_type="image/webp", headers=headers)
