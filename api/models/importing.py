"""Importing: what is asked, what would be done, what was done."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.models.base import Body, example
from sorter_core.import_plan import ImportOptions
from sorter_core.import_runs import ImportStatus
from sorter_core.importing import Imported, Preview

MOST = 1000
"""Lines of what is left out in one answer; the count is always whole."""

_LEFT_OUT: dict[str, Any] = {
    "path": "/home/me/Downloads/broken.mp4",
    "reason": "it is empty",
}
_DONE: dict[str, Any] = {
    "batch": 41,
    "imported": 212,
    "known": 12,
    "texts": 224,
    "queued": 0,
    "folders": ["Recipes"],
    "left_out": [_LEFT_OUT],
    "left_out_total": 1,
    "notes": [],
    "stopped": None,
}
_PREVIEW: dict[str, Any] = {
    "source": "myfavett",
    "title": "a myfaveTT archive (the folder that holds data/)",
    "lists": [{"name": "Favorites", "videos": 224, "chosen": True}],
    "folders": ["Recipes"],
    "new": 212,
    "known": 12,
    "missing": 3,
    "size": 812000000,
    "examples": ["7301234567890123456.mp4"],
    "left_out": [_LEFT_OUT],
    "left_out_total": 1,
    "notes": [],
}


class ImportRequest(Body):
    """What to import, and how."""

    model_config = example(path="/home/me/Downloads/myfaveTT", dry_run=True)
    path: str = Field(max_length=32_000)
    dry_run: bool = Field(default=False, description="only tell what would be done")
    lists: list[str] | None = Field(
        None, max_length=MOST, description="which lists of the source; null: favourites and likes"
    )
    folders: list[str] = Field(
        [], max_length=MOST, description="names of the source that become folders"
    )
    link: bool = Field(default=True, description="hard links where the disk has them, else copies")
    move: bool = Field(
        default=False, description="take the new files out of where they lie; undo puts them back"
    )
    download: bool = Field(default=False, description="queue what is named and not there")
    background: bool = Field(default=False, description="answer at once; the status tells the rest")

    def options(self) -> ImportOptions:
        """As the core takes them."""
        lists = None if self.lists is None else tuple(self.lists)
        return ImportOptions(
            lists, tuple(self.folders), link=self.link, download=self.download, move=self.move
        )


class LeftOutLine(BaseModel):
    """A file that is not taken, and why."""

    model_config = example(**_LEFT_OUT)
    path: str
    reason: str


class ListLine(BaseModel):
    """A list of the source."""

    model_config = example(name="Favorites", videos=224, chosen=True)
    name: str
    videos: int
    chosen: bool


class PreviewOut(BaseModel):
    """What an import would do; `size` in bytes, `missing` videos are only named."""

    model_config = example(**_PREVIEW)
    source: str
    title: str
    lists: list[ListLine]
    folders: list[str] = Field(description="names that can become folders")
    new: int
    known: int
    missing: int
    size: int
    examples: list[str]
    left_out: list[LeftOutLine] = Field(description=f"at most {MOST}")
    left_out_total: int
    notes: list[str]

    @classmethod
    def of(cls, seen: Preview) -> Self:
        """Copy it into an answer."""
        names = [name for name in cls.model_fields if name != "left_out_total"]
        found = {name: getattr(seen, name) for name in names}
        found["left_out"] = list(seen.left_out[:MOST])
        return cls.model_validate(
            {**found, "left_out_total": len(seen.left_out)}, from_attributes=True
        )


class ImportedOut(BaseModel):
    """What an import did; `batch` undoes it, `stopped` tells why it ended early."""

    model_config = example(**_DONE)
    batch: int | None
    imported: int
    known: int
    texts: int
    queued: int
    folders: list[str]
    left_out: list[LeftOutLine] = Field(description=f"at most {MOST}")
    left_out_total: int
    notes: list[str]
    stopped: str | None

    @classmethod
    def of(cls, done: Imported) -> Self:
        """Copy it into an answer."""
        names = [name for name in cls.model_fields if name != "left_out_total"]
        found = {name: getattr(done, name) for name in names}
        found["left_out"] = done.left_out[:MOST]
        return cls.model_validate(
            {**found, "left_out_total": len(done.left_out)}, from_attributes=True
        )


class ImportAnswer(BaseModel):
    """A dry run gives `preview`, a done one `result`, one in the background neither yet."""

    model_config = example(success=True, preview=_PREVIEW, result=None)
    success: Literal[True] = True
    preview: PreviewOut | None = None
    result: ImportedOut | None = None


class ImportStatusOut(BaseModel):
    """The newest import, whoever does it; `stage` is `read`, `compare` or `copy`."""

    model_config = example(
        running=True, cancelling=False, stage="copy", done=12, total=212, result=None, error=None
    )
    running: bool
    cancelling: bool
    stage: str | None
    done: int
    total: int
    result: ImportedOut | None
    error: str | None

    @classmethod
    def of(cls, status: ImportStatus) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(status)


class CancelImportAnswer(BaseModel):
    """Whether there was anything to cancel."""

    model_config = example(status="cancelling")
    status: Literal["cancelling", "not_running"]


class WatchBody(Body):
    """Whether new files are noticed and analysed while the app is open."""

    model_config = example(on=True)
    on: bool
