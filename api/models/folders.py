"""Merging and deleting folders, and what was done at once."""

from typing import Any, Literal

from pydantic import BaseModel

from api.models.base import Body, example
from api.models.bulk import Stayed
from api.models.library import CATS, FolderCount

_BATCH: dict[str, Any] = {
    "number": 17,
    "kind": "sort",
    "actor": "bulk",
    "at": "2026-01-31T09:30:00Z",
    "moves": 500,
    "failed": 0,
    "undoable": 500,
    "undone": 0,
    "source": "7301234567890123456.mp4",
    "target": "Cats/7301234567890123456.mp4",
    "error": None,
}


class MergeRequest(Body):
    """All videos of `name` go to `into`."""

    model_config = example(name="Kittens", into="Cats")
    name: str
    into: str


class MergeAnswer(BaseModel):
    """What moved and what stayed; `removed` tells whether the emptied folder is gone."""

    model_config = example(
        success=True, batch=17, moved=["1.mp4"], failed=[], removed=True, folders=[CATS]
    )
    success: Literal[True] = True
    batch: int | None
    moved: list[str]
    failed: list[Stayed]
    removed: bool
    folders: list[FolderCount]


class DeleteRequest(Body):
    """Which empty folder is to go."""

    model_config = example(name="Kittens")
    name: str


class DeleteAnswer(BaseModel):
    """The folder is gone; undo brings it back."""

    model_config = example(success=True, name="Kittens", folders=[CATS])
    success: Literal[True] = True
    name: str
    folders: list[FolderCount]


class BatchOut(BaseModel):
    """What was done at once; `source` and `target` are those of one of its moves."""

    model_config = example(**_BATCH)
    number: int
    kind: str
    actor: str
    at: str
    moves: int
    failed: int
    undoable: int
    undone: int
    source: str
    target: str
    error: str | None


class Batches(BaseModel):
    """The newest first."""

    model_config = example(batches=[_BATCH])
    batches: list[BatchOut]
