"""Merging and deleting folders; the journal by what was done at once."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Core
from api.errors import explain
from api.library import COUNT
from api.models.bulk import Stayed
from api.models.folders import (
    Batches,
    BatchOut,
    DeleteAnswer,
    DeleteRequest,
    MergeAnswer,
    MergeRequest,
)
from api.models.library import FolderCount
from sorter_core.errors import InvalidInput, StorageError, TargetExists, UnknownFolder
from sorter_core.history import Filter

router = APIRouter(prefix="/api", tags=["folders"])


@router.post("/folders/merge", responses=explain(UnknownFolder, InvalidInput, StorageError))
def merge(body: MergeRequest, sorter: Core) -> MergeAnswer:
    """Move all videos of a folder into another and remove it when it is empty; one undo for all."""
    done = sorter.merge_folder(body.name, body.into)
    folders = sorter.folders()
    return MergeAnswer(
        batch=done.batch,
        moved=[name for name, _ in done.moved],
        failed=[Stayed(filename=name, reason=reason) for name, reason in done.failed],
        removed=all(folder.name != body.name for folder in folders),
        folders=FolderCount.of(folders),
    )


@router.post("/folders/delete", responses=explain(UnknownFolder, TargetExists, StorageError))
def delete(body: DeleteRequest, sorter: Core) -> DeleteAnswer:
    """Remove an empty folder; undo brings it back."""
    sorter.delete_folder(body.name)
    return DeleteAnswer(name=body.name, folders=FolderCount.of(sorter.folders()))


@router.get("/batches", responses=explain())
def batches(
    sorter: Core,
    *,
    limit: Annotated[int, Query(ge=0, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=COUNT)] = 0,
    actor: Annotated[str | None, Query(description="person, bulk or import")] = None,
    kind: Annotated[str | None, Query(description="sort, move, undo, merge, …")] = None,
    folder: Annotated[str | None, Query(description="came out of it or went into it")] = None,
    text: Annotated[str | None, Query(description="part of the path")] = None,
) -> Batches:
    """List what was done, the newest first, the moves of one batch together."""
    seen = Filter(actor, kind, folder, text)
    found = sorter.batches(seen, limit=limit, offset=offset)
    return Batches(batches=[BatchOut.model_validate(batch) for batch in found])
