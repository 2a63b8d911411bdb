"""What is known of a video in words, and having it read again by a better model."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Core
from api.errors import explain
from api.files import FileName
from api.models.texts import AgainOut, TextsOut
from sorter_core.errors import Conflict, InvalidInput, InvalidName, VideoNotFound

router = APIRouter(prefix="/api", tags=["texts"])


@router.get("/videos/{filename:name}/texts", responses=explain(InvalidName, VideoNotFound))
def texts(
    sorter: Core,
    filename: FileName,
    folder: Annotated[
        str | None, Query(description="look only there; empty: the unsorted pile")
    ] = None,
) -> TextsOut:
    """Tell a video's caption, author and hashtags, what is said in it and when, and what is written."""
    return TextsOut.of(sorter.texts(filename, folder))


@router.get("/encoders/{name}/again", responses=explain(InvalidInput))
def outdated(name: str, sorter: Core) -> AgainOut:
    """Tell what an encoder has read with a lesser model than the one that is here now."""
    found = sorter.outdated(name)
    if found is None:
        return AgainOut(encoder=name, model=None, videos=0, waiting=0)
    return AgainOut(encoder=name, model=found.model, videos=found.videos, waiting=found.waiting)


@router.post("/encoders/{name}/again", responses=explain(InvalidInput, Conflict))
def read_again(name: str, sorter: Core) -> AgainOut:
    """Have the next analysis read that again; the old words stay until the new ones are there."""
    found = sorter.read_again(name)
    return AgainOut(encoder=name, model=found.model, videos=found.videos, waiting=found.waiting)
