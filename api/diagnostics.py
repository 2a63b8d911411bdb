"""What is behind a training's numbers, and setting right what they uncover."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Core
from api.errors import explain
from api.library import COUNT
from api.models.base import Success
from api.models.diagnostics import (
    AtlasOut,
    Diagnostics,
    DoubtsOut,
    KeepRequest,
    MoveAnswer,
    MoveRequest,
)
from api.models.library import FolderCount
from sorter_core.errors import (
    Busy,
    InvalidName,
    ModelMissing,
    ReadOnly,
    StorageError,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)

router = APIRouter(prefix="/api", tags=["diagnostics"])

Number = Annotated[int | None, Query(ge=0, le=COUNT, description="a training; else the newest")]
Earlier = Annotated[int | None, Query(ge=0, le=COUNT, description="a training to compare it to")]


@router.get("/diagnostics", responses=explain(ModelMissing))
def diagnostics(sorter: Core, run: Number = None, against: Earlier = None) -> Diagnostics:
    """Tell how good a training is, how it compares, and what more labels would bring."""
    return Diagnostics.of(sorter.review(run, against))


@router.get("/diagnostics/cell", responses=explain(ModelMissing))
def cell(
    sorter: Core,
    folder: Annotated[str, Query(description="the row: where the videos lie")],
    predicted: Annotated[str, Query(description="the column: where they would be put")],
    run: Number = None,
) -> DoubtsOut:
    """List the videos of one cell of the confusion matrix."""
    return DoubtsOut.model_validate(sorter.cell(folder, predicted, run))


@router.get("/diagnostics/map", responses=explain(ModelMissing, StorageError))
def atlas(sorter: Core, run: Number = None) -> AtlasOut:
    """Draw the library on a plane; the first call for a training takes some seconds."""
    return AtlasOut.model_validate(sorter.atlas(run), from_attributes=True)


@router.get("/misfilings", responses=explain(ModelMissing))
def misfilings(sorter: Core) -> DoubtsOut:
    """List the videos that may lie in the wrong folder, the likeliest first."""
    return DoubtsOut.model_validate(sorter.misfilings())


@router.post(
    "/misfilings/keep", responses=explain(InvalidName, UnknownFolder, VideoNotFound, StorageError)
)
def keep(body: KeepRequest, sorter: Core) -> Success:
    """Remember for good that a video is right where it is."""
    sorter.keep(body.filename, body.folder, doubt=body.doubt)
    return Success()


@router.post(
    "/move",
    responses=explain(
        InvalidName, UnknownFolder, VideoNotFound, TargetExists, Busy, ReadOnly, StorageError
    ),
)
def move(body: MoveRequest, sorter: Core) -> MoveAnswer:
    """Move a video between folders, or out of and back to the unsorted pile; undo takes it back."""
    moved = sorter.move(body.filename, body.source, body.target)
    return MoveAnswer(
        filename=body.filename,
        source=body.source,
        target=body.target,
        folders=FolderCount.of(sorter.folders()),
        batch=moved.batch,
    )
