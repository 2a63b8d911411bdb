"""Moving files: sorting one, undoing a batch, and the journal of it all."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Core
from api.errors import explain
from api.library import COUNT
from api.models.library import FolderCount
from api.models.moves import (
    History,
    MoveOut,
    NotUndone,
    SortAnswer,
    SortRequest,
    UndoAnswer,
    Undone,
    UndoRequest,
)
from sorter_core.errors import (
    Busy,
    InvalidName,
    NothingToUndo,
    ReadOnly,
    StorageError,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)

router = APIRouter(prefix="/api", tags=["moves"])


@router.post(
    "/sort",
    responses=explain(
        InvalidName, UnknownFolder, VideoNotFound, TargetExists, Busy, ReadOnly, StorageError
    ),
)
def sort(body: SortRequest, sorter: Core) -> SortAnswer:
    """Move an unsorted video into a folder; nothing is overwritten, and undo takes it back."""
    moved = sorter.sort(body.filename, body.folder)
    return SortAnswer(
        filename=body.filename,
        folder=body.folder,
        folders=FolderCount.of(sorter.folders()),
        batch=moved.batch,
    )


@router.post(
    "/undo",
    responses=explain(
        NothingToUndo, VideoNotFound, UnknownFolder, TargetExists, Busy, ReadOnly, StorageError
    ),
)
def undo(sorter: Core, body: UndoRequest | None = None) -> UndoAnswer:
    """Take back a batch of moves, or the newest that was not taken back yet.

    A file that can't go back (it was moved on, its name is taken) stops no other: it is in `stayed`.
    When nothing can go back, that is an error.
    """
    moves = sorter.undo(body.batch if body else None)
    return UndoAnswer(
        batch=moves[0].batch,
        undone=[Undone.of(move) for move in moves],
        stayed=[NotUndone(path=path, reason=why) for path, why in sorter.stayed(moves[0].batch)],
        folders=FolderCount.of(sorter.folders()),
    )


@router.get("/history", responses=explain())
def history(
    sorter: Core,
    limit: Annotated[int, Query(ge=0, le=COUNT)] = 50,
    offset: Annotated[int, Query(ge=0, le=COUNT)] = 0,
) -> History:
    """List what was moved, the newest first."""
    return History(moves=[MoveOut.of(move) for move in sorter.history(limit=limit, offset=offset)])
