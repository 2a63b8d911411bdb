"""Sorting, undoing, and the journal."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.models.base import Body, example
from api.models.library import CATS, FolderCount
from sorter_core.types import Move

_MOVE: dict[str, Any] = {
    "id": 41,
    "batch": 17,
    "kind": "sort",
    "source": "7301234567890123456.mp4",
    "target": "Cats/7301234567890123456.mp4",
    "state": "done",
    "actor": "person",
    "at": "2026-01-31T09:30:00Z",
    "error": None,
}


class SortRequest(Body):
    """Which video goes into which folder."""

    model_config = example(filename="7301234567890123456.mp4", folder="Cats")
    filename: str
    folder: str


class SortAnswer(BaseModel):
    """The video lies in the folder now."""

    model_config = example(
        success=True,
        filename="7301234567890123456.mp4",
        folder="Cats",
        folders=[{"name": "Cats", "count": 13}],
        batch=17,
    )
    success: Literal[True] = True
    filename: str
    folder: str
    folders: list[FolderCount]
    batch: int
    """What `POST /api/undo` takes to take back this very move."""


class UndoRequest(Body):
    """Which batch to undo; without one, the newest."""

    model_config = example(batch=17)
    batch: int | None = Field(None, ge=0, le=2**63 - 1)


class Undone(BaseModel):
    """One file that went back; null is the unsorted pile."""

    model_config = example(**{"filename": "7301234567890123456.mp4", "from": "Cats", "to": None})
    filename: str
    source: str | None = Field(alias="from")
    target: str | None = Field(alias="to")

    @classmethod
    def of(cls, move: Move) -> Self:
        """``Cats/1.mp4`` -> ``1.mp4`` is 1.mp4, from Cats, to the unsorted pile."""
        source, target = move.source.rpartition("/"), move.target.rpartition("/")
        return cls.model_validate(
            {"filename": target[2] or source[2], "from": source[0] or None, "to": target[0] or None}
        )


class NotUndone(BaseModel):
    """One file that stays where it is, and why."""

    model_config = example(
        path="Cats/7301234567890123456.mp4",
        reason="'7301234567890123456.mp4' is not there any more: it was moved or sorted already.",
    )
    path: str
    reason: str


class UndoAnswer(BaseModel):
    """What went back where."""

    model_config = example(
        success=True,
        batch=17,
        undone=[{"filename": "7301234567890123456.mp4", "from": "Cats", "to": None}],
        stayed=[],
        folders=[CATS],
    )
    success: Literal[True] = True
    batch: int = Field(description="the undoing's own number in the journal")
    undone: list[Undone]
    stayed: list[NotUndone]
    folders: list[FolderCount]


class MoveOut(BaseModel):
    """A line of the journal; paths are relative to the library."""

    model_config = example(**_MOVE)
    id: int
    batch: int
    kind: str
    source: str
    target: str
    state: str
    actor: str
    at: str
    error: str | None

    @classmethod
    def of(cls, move: Move) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(move)


class History(BaseModel):
    """Moves, the newest first."""

    model_config = example(moves=[_MOVE])
    moves: list[MoveOut]
