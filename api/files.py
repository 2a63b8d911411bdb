"""The videos' bytes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.convertors import Convertor, register_url_convertor

from api.dependencies import Core
from api.errors import explain
from api.streaming import VideoFile, open_video
from sorter_core.errors import InvalidName, VideoNotFound


class AnyName(Convertor[str]):
    """The rest of the path, whatever it holds: newlines too, and slashes, which the core judges."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """Take it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Give it as it is."""
        return value


register_url_convertor("name", AnyName())

FileName = Annotated[
    str,
    Path(description="A video's name, without any folder", examples=["7301234567890123456.mp4"]),
]
"""What a path's converter ``name`` matches."""

router = APIRouter(prefix="/videos", tags=["files"])

_RESPONSES = {
    **explain(InvalidName, VideoNotFound),
    200: {"content": {"video/mp4": {}}, "description": "The file"},
    206: {"content": {"video/mp4": {}}, "description": "The part that `Range` asked for"},
    304: {"description": "`If-None-Match` names the file as it is"},
    416: {"description": "`Range` lies outside the file"},
}


@router.get("/{filename:name}", status_code=200, response_class=VideoFile, responses=_RESPONSES)
@router.head("/{filename:name}", include_in_schema=False)
def video(
    sorter: Core,
    filename: FileName,
    folder: Annotated[str | None, Query(description="look there first")] = None,
) -> Response:
    """Send a video with `Range` and `ETag`: an unsorted one first, then from the folders."""
    path = sorter.find(filename, folder)
    return VideoFile(open_video(path), path.name)
