"""The library: setting it up, its folders, its unsorted videos."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from api.dependencies import Core
from api.errors import explain
from api.models.base import written
from api.models.library import (
    ConfigStatus,
    FolderAnswer,
    FolderCount,
    FolderRequest,
    Folders,
    RenameRequest,
    SetupAnswer,
    SetupRequest,
    Videos,
)
from sorter_core.errors import InvalidName, NotALibrary, StorageError, TargetExists, UnknownFolder

router = APIRouter(prefix="/api", tags=["library"])

COUNT = 2**31 - 1
"""More than any library holds, less than any database's integers."""


@router.post("/setup", responses=explain(NotALibrary, StorageError))
def setup(body: SetupRequest, sorter: Core) -> SetupAnswer:
    """Take a directory as the library; blanks and quotes around the path are forgiven."""
    return SetupAnswer.of(sorter.setup(body.data_dir))


@router.post("/demo", responses=explain(StorageError))
def demo(sorter: Core) -> SetupAnswer:
    """Make the demo library in the person's own data directory, once, and take it as the library."""
    return SetupAnswer.of(sorter.demo())


@router.get("/config/status")
def config_status(sorter: Core) -> ConfigStatus:
    """Tell whether a library is set, and which."""
    where = sorter.data_dir
    return ConfigStatus(configured=where is not None, data_dir=written(where) if where else None)


@router.get("/videos", response_model=Videos, responses=explain(UnknownFolder))
async def videos(
    *,
    sorter: Core,
    limit: Annotated[int | None, Query(ge=0, le=COUNT, description="how many at most")] = None,
    offset: Annotated[int, Query(ge=0, le=COUNT, description="how many to leave out first")] = 0,
    order: Annotated[
        Literal["name", "uncertain", "confident", "newest", "learn", "confirm"],
        Query(
            description="`learn`: first what teaches most, uncertain and unlike each other;"
            " `confirm`: surest first, one folder after another"
        ),
    ] = "name",
    folder: Annotated[str | None, Query(description="only those predicted to belong there")] = None,
    far: Annotated[
        bool | None,
        Query(
            description="`true`: only those that are like none of the folders; `false`: the rest"
        ),
    ] = None,
) -> Response:
    """List the unsorted videos with three predictions each; `total` stays the whole count."""
    body = await run_in_threadpool(
        sorter.videos_json, limit=limit, offset=offset, order=order, folder=folder, far=far
    )
    return Response(body, media_type="application/json")


@router.get("/folders", responses=explain())
def folders(sorter: Core) -> Folders:
    """List the folders with their counts, by name."""
    return Folders(folders=FolderCount.of(sorter.folders()))


@router.post(
    "/folders", status_code=201, responses=explain(InvalidName, TargetExists, StorageError)
)
def create_folder(body: FolderRequest, sorter: Core) -> FolderAnswer:
    """Make a folder."""
    made = sorter.create_folder(body.name)
    return FolderAnswer(name=made.name, folders=FolderCount.of(sorter.folders()))


@router.post(
    "/folders/rename", responses=explain(InvalidName, UnknownFolder, TargetExists, StorageError)
)
def rename_folder(body: RenameRequest, sorter: Core) -> FolderAnswer:
    """Rename a folder; nothing has to be analysed again for it."""
    renamed = sorter.rename_folder(body.name, body.new_name)
    return FolderAnswer(name=renamed.name, folders=FolderCount.of(sorter.folders()))
