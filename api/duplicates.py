"""Videos that are there twice."""

from fastapi import APIRouter

from api.dependencies import Core
from api.errors import explain
from api.models.base import Success
from api.models.duplicates import (
    DistinctRequest,
    DuplicatesOut,
    NotRemoved,
    PlaceIn,
    RemoveAnswer,
    RemoveRequest,
)
from api.models.library import FolderCount
from sorter_core.errors import InvalidInput, InvalidName, StorageError, VideoNotFound

router = APIRouter(prefix="/api/duplicates", tags=["duplicates"])


@router.get("", responses=explain(StorageError))
def find(sorter: Core) -> DuplicatesOut:
    """List the groups of videos that are copies, or show and sound the same."""
    return DuplicatesOut.model_validate(sorter.duplicates(), from_attributes=True)


@router.post("/remove", responses=explain(InvalidName, VideoNotFound, StorageError))
def remove(body: RemoveRequest, sorter: Core) -> RemoveAnswer:
    """Put copies into the system's trash; what can't go stays and is told with the reason."""
    others = [(place.filename, place.folder) for place in body.remove]
    done = sorter.remove_duplicates(
        (body.keep.filename, body.keep.folder), others, exact=body.exact
    )
    return RemoveAnswer(
        removed=[PlaceIn(filename=name, folder=folder) for name, folder in done.removed],
        failed=[
            NotRemoved(filename=name, folder=folder, reason=reason)
            for (name, folder), reason in done.failed
        ],
        folders=FolderCount.of(sorter.folders()),
    )


@router.post("/distinct", responses=explain(InvalidInput, InvalidName, VideoNotFound))
def distinct(body: DistinctRequest, sorter: Core) -> Success:
    """Remember that these are no duplicates of each other."""
    sorter.no_duplicates([(place.filename, place.folder) for place in body.videos])
    return Success()
