"""Videos that are there twice."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.models.base import Body, Text, example
from api.models.library import CATS, FolderCount

_PLACE: dict[str, Any] = {"filename": "7301234567890123456.mp4", "folder": "Cats"}
_COPY: dict[str, Any] = {**_PLACE, "size": 2_400_000, "seconds": 12.5}
_GROUP: dict[str, Any] = {
    "kind": "exact",
    "copies": [_COPY, {**_COPY, "folder": None}],
}


class PlaceIn(BaseModel):
    """A file of the library; null is the unsorted pile."""

    model_config = example(**_PLACE)
    filename: Text
    folder: Text | None = None


class CopyOut(BaseModel):
    """One of several alike; `seconds` is null before it was analysed."""

    model_config = example(**_COPY)
    filename: str
    folder: str | None
    size: int
    seconds: float | None


class GroupOut(BaseModel):
    """Videos of which one is enough; the one to keep comes first."""

    model_config = example(**_GROUP)
    kind: Literal["exact", "near"]
    copies: list[CopyOut]


class DuplicatesOut(BaseModel):
    """All groups; `unseen` videos were not analysed yet, so that only exact copies of them show."""

    model_config = example(groups=[_GROUP], unseen=0)
    groups: list[GroupOut]
    unseen: int


class RemoveRequest(Body):
    """One stays, the others go to the system's trash; `exact` compares every byte before."""

    model_config = example(keep=_PLACE, remove=[{**_PLACE, "folder": None}], exact=True)
    keep: PlaceIn
    remove: list[PlaceIn] = Field(min_length=1, max_length=1000)
    exact: bool = True


class NotRemoved(BaseModel):
    """A file that stayed, and why."""

    model_config = example(**_PLACE, reason="This system has no trash.")
    filename: str
    folder: str | None
    reason: str


class RemoveAnswer(BaseModel):
    """What is in the trash now, and what stayed."""

    model_config = example(success=True, removed=[_PLACE], failed=[], folders=[CATS])
    success: Literal[True] = True
    removed: list[PlaceIn]
    failed: list[NotRemoved]
    folders: list[FolderCount]


class DistinctRequest(Body):
    """Videos that are no duplicates of each other, whatever they look like."""

    model_config = example(videos=[_PLACE, {"filename": "7301234567890123457.mp4"}])
    videos: list[PlaceIn] = Field(min_length=2, max_length=200)
