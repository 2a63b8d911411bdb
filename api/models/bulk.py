"""Moving many videos at once."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from api.models.base import Body, Text, example
from api.models.library import CATS, FolderCount

_MOST = 20_000
"""Videos that one session may have taken out."""
COUNT = 2**31 - 1

_PILE: dict[str, Any] = {"folder": "Cats", "predicted": 40, "videos": 31, "expected_errors": 1.4}
_THUMB: dict[str, Any] = {
    "filename": "7301234567890123456.mp4",
    "folder": "Cats",
    "confidence": 0.97,
}
_OUTLOOK: dict[str, Any] = {
    "version": "7",
    "threshold": 0.9,
    "unsorted": 240,
    "unguessed": 3,
    "far": 5,
    "videos": 31,
    "expected_errors": 1.4,
    "piles": [_PILE],
    "counts": [240, 31, 0],
    "errors": [60.2, 1.4, 0],
}
_ITEM: dict[str, Any] = {"filename": "7301234567890123456.mp4", "folder": "Cats"}

Probability = Annotated[float, Field(ge=0, le=1)]


class PileOut(BaseModel):
    """What is predicted to belong to a folder: in all, and above the threshold."""

    model_config = example(**_PILE)
    folder: str
    predicted: int
    videos: int
    expected_errors: float


class OutlookOut(BaseModel):
    """What a threshold takes; `counts[i]` and `errors[i]` say so for the threshold i / 100."""

    model_config = example(**_OUTLOOK)
    version: str = Field(description="of the predictions; hand it back to move what was looked at")
    threshold: float
    unsorted: int
    unguessed: int = Field(description="videos for which nothing was predicted")
    far: int = Field(description="videos like none of the folders: no threshold takes them")
    videos: int
    expected_errors: float
    piles: list[PileOut]
    counts: list[int]
    errors: list[float]


class ThumbOut(BaseModel):
    """An unsorted video and its best guess."""

    model_config = example(**_THUMB)
    filename: str
    folder: str | None
    confidence: float


class ThumbPageOut(BaseModel):
    """A part of what a threshold takes; `total` counts all of it."""

    model_config = example(videos=[_THUMB], total=31)
    videos: list[ThumbOut]
    total: int


TakenOut = Annotated[
    dict[str, list[str]],
    Field(
        default_factory=dict,
        max_length=_MOST,
        description="file names, and the folders that a person took each out of: such a video"
        " counts for its next guess",
        examples=[{"7301234567890123457.mp4": ["Cats"]}],
    ),
]


class LookRequest(Body):
    """Which part of which grid; without a `threshold` it is the one that the app advises."""

    model_config = example(threshold=0.9, folder="Cats", limit=100, out={})
    threshold: Probability | None = None
    folder: str | None = Field(
        None, description="only this folder's grid; empty: what has no guess"
    )
    limit: int = Field(100, ge=0, le=500)
    offset: int = Field(0, ge=0, le=COUNT)
    order: Literal["confident", "uncertain"] = "confident"
    out: TakenOut


class TileOut(ThumbOut):
    """A video of a grid; `out`: it was taken out of this folder, and no threshold takes it."""

    model_config = example(**_THUMB, out=False)
    out: bool


class LookOut(BaseModel):
    """A part of a grid, and what its threshold takes; each `out` counts for its next guess."""

    model_config = example(
        outlook=_OUTLOOK, videos=[{**_THUMB, "out": False}], total=31, taken=31, next=0.7
    )
    outlook: OutlookOut
    videos: list[TileOut]
    total: int = Field(description="tiles of this grid")
    taken: int = Field(description="those of them that the threshold takes")
    next: float | None = Field(
        description="the slider's next step down; none: nothing more is likelier right than wrong"
    )


class Item(BaseModel):
    """Which video goes into which folder."""

    model_config = example(**_ITEM)
    filename: Text
    folder: Text


class BulkRequest(Body):
    """Either `items`, or a `threshold` that takes what was predicted with so much confidence."""

    model_config = example(
        threshold=0.9, folder="Cats", without=["7301234567890123457.mp4"], dry_run=True
    )
    items: list[Item] | None = None
    threshold: Probability | None = None
    folder: str | None = Field(
        None, description="take only what is predicted to belong there; empty: what has no guess"
    )
    target: str | None = Field(
        None, description="where all of it goes; without one, each to its predicted folder"
    )
    without: list[str] = Field([], description="file names that stay where they are")
    out: TakenOut
    version: str | None = Field(None, description="of the predictions that were looked at")
    new_folder: str | None = Field(
        None, description="a folder made first and, by the one undo, removed with the batch"
    )
    dry_run: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.items is None) == (self.threshold is None):
            raise ValueError("give either items or a threshold")
        return self


class Stayed(BaseModel):
    """A video that was not moved, and why."""

    model_config = example(
        filename="7301234567890123456.mp4", reason="It is not unsorted any more."
    )
    filename: str
    reason: str


class BulkAnswer(BaseModel):
    """What moved (or, dry, would); `batch` undoes it all."""

    model_config = example(
        success=True, dry_run=False, batch=17, moved=[_ITEM], failed=[], folders=[CATS]
    )
    success: Literal[True] = True
    dry_run: bool
    batch: int | None
    moved: list[Item]
    failed: list[Stayed]
    folders: list[FolderCount]
