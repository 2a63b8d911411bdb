"""Setting up, folders and the unsorted videos."""

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.models.base import Body, example, written
from sorter_core.app import Summary
from sorter_core.types import Folder

CATS: dict[str, Any] = {"name": "Cats", "count": 12}
_GUESS: dict[str, Any] = {"folder": "Cats", "confidence": 0.91}
_VIDEO: dict[str, Any] = {
    "filename": "7301234567890123456.mp4",
    "predicted_folder": "Cats",
    "confidence": 0.91,
    "top_predictions": [_GUESS, {"folder": "Dogs", "confidence": 0.07}],
    "far": False,
}


class FolderCount(BaseModel):
    """A folder of the library and how many videos lie in it."""

    model_config = example(**CATS)
    name: str
    count: int

    @classmethod
    def of(cls, folders: Sequence[Folder]) -> "list[FolderCount]":
        """Copy it into an answer."""
        return [
            FolderCount.model_construct(name=folder.name, count=folder.count) for folder in folders
        ]


class Folders(BaseModel):
    """All folders, by name."""

    model_config = example(folders=[CATS])
    folders: list[FolderCount]


class SetupRequest(Body):
    """Which directory is the library."""

    model_config = example(data_dir="/home/me/Videos/tiktok")
    data_dir: str


class SetupAnswer(BaseModel):
    """What was found in the library."""

    model_config = example(
        success=True, data_dir="/home/me/Videos/tiktok", unsorted_videos=240, folders={"Cats": 12}
    )
    success: Literal[True] = True
    data_dir: str
    unsorted_videos: int
    folders: dict[str, int]

    @classmethod
    def of(cls, found: Summary) -> Self:
        """Copy it into an answer."""
        return cls(
            data_dir=written(found.data_dir),
            unsorted_videos=found.unsorted,
            folders={folder.name: folder.count for folder in found.folders},
        )


class ConfigStatus(BaseModel):
    """Whether a library is set, and which."""

    model_config = example(configured=True, data_dir="/home/me/Videos/tiktok")
    configured: bool
    data_dir: str | None


class GuessOut(BaseModel):
    """One folder and the probability (0..1) that the video belongs there."""

    model_config = example(**_GUESS)
    folder: str
    confidence: float


class VideoOut(BaseModel):
    """An unsorted video; without a model it has no prediction and the confidence 0."""

    model_config = example(**_VIDEO)
    filename: str
    predicted_folder: str | None
    confidence: float
    top_predictions: list[GuessOut]
    far: bool = Field(
        description="it is like none of the folders: the predictions are the least bad ones"
    )


class Videos(BaseModel):
    """Unsorted videos; ``total`` counts them all, whatever part was asked for."""

    model_config = example(videos=[_VIDEO], total=240)
    videos: list[VideoOut]
    total: int


class FolderRequest(Body):
    """The folder to be made."""

    model_config = example(name="Cats")
    name: str


class RenameRequest(Body):
    """The folder to be renamed."""

    model_config = example(name="Cats", new_name="Kittens")
    name: str
    new_name: str


class FolderAnswer(BaseModel):
    """The folder as it is called now, and all of them."""

    model_config = example(success=True, name="Kittens", folders=[{"name": "Kittens", "count": 12}])
    success: Literal[True] = True
    name: str
    folders: list[FolderCount]
