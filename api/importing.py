"""Bringing videos in, taking all that is known out, and watching for new files."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from api.dependencies import Core
from api.errors import explain
from api.models.importing import (
    CancelImportAnswer,
    ImportAnswer,
    ImportedOut,
    ImportRequest,
    ImportStatusOut,
    PreviewOut,
    WatchBody,
)
from sorter_core.errors import Busy, InvalidInput, StorageError

router = APIRouter(prefix="/api", tags=["import"])

_TYPES = {"csv": "text/csv", "json": "application/json"}


@router.post("/import", responses=explain(InvalidInput, Busy, StorageError))
def import_videos(body: ImportRequest, sorter: Core) -> ImportAnswer:
    """Link or copy in what a path on this computer holds; undo takes the whole batch back.

    TikTok's data export, a myfaveTT archive, a folder of yt-dlp's, any folder of videos. Nothing
    is moved out of there unless `move` asks for it, and nothing is overwritten. With `dry_run` it
    is only told.
    """
    options = body.options()
    if body.dry_run:
        return ImportAnswer(preview=PreviewOut.of(sorter.preview_import(body.path, options)))
    if body.background:
        sorter.start_import(body.path, options)
        return ImportAnswer()
    return ImportAnswer(result=ImportedOut.of(sorter.import_from(body.path, options)))


@router.get("/import/status", responses=explain())
def import_status(sorter: Core) -> ImportStatusOut:
    """Say how far the newest import has come, and how it ended."""
    return ImportStatusOut.of(sorter.import_status())


@router.post("/import/cancel", responses=explain())
def cancel_import(sorter: Core) -> CancelImportAnswer:
    """Stop the running import; what came in by then stays, and can be undone."""
    return CancelImportAnswer(status="cancelling" if sorter.cancel_import() else "not_running")


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        **explain(),
        200: {
            "description": "A table (UTF-8 with a byte order mark), or one list of objects",
            "content": {
                "text/csv": {"example": "video,folder,id\r\n7301234567890123456.mp4,Cats,…\r\n"},
                "application/json": {
                    "example": [{"video": "7301234567890123456.mp4", "folder": "Cats"}]
                },
            },
        },
    },
)
def export(
    sorter: Core,
    what: Annotated[
        Literal["videos", "moves", "decisions"],
        Query(description="where each video lies, its guesses and texts; the journal; decisions"),
    ] = "videos",
    form: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """Give all that is known, as a file; cells that a spreadsheet would run begin with `'`."""
    name = f"{what}.{form}"
    return StreamingResponse(
        sorter.export(what, form),
        media_type=_TYPES[form],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.get("/watch", responses=explain())
def watches(sorter: Core) -> WatchBody:
    """Say whether new files are noticed and analysed while the app is open."""
    return WatchBody(on=sorter.watches())


@router.post("/watch", responses=explain(StorageError))
def watch(body: WatchBody, sorter: Core) -> WatchBody:
    """Turn that on or off for this library."""
    sorter.watch(on=body.on)
    return WatchBody(on=sorter.watches())
