"""Commands on TikTok links: info, download; and what the latter's child process runs."""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorter_core.commands.session import FAILED, STOPPED, Json, Place, bar, session, shown

if TYPE_CHECKING:
    from sorter_core.extraction.downloads import Downloads, DownloadStatus

POLL_SECONDS = 0.2
COUNT = 1000
"""The bar counts in thousandths of a video, so that it moves while a big one comes in."""


def info(
    url: Annotated[str, typer.Argument(help="A link to a TikTok video.")], *, as_json: Json = False
) -> None:
    """Tell what TikTok says of a video, as JSON."""
    from sorter_core.extraction.source import YtDlpSource
    from sorter_core.settings import settings

    with session(None, as_json=as_json) as here:
        source = YtDlpSource(settings())
        try:
            found = asdict(source.video(url))
            here.answer(found, json.dumps(found, indent=1, ensure_ascii=False))
        finally:
            source.close()


def download(
    urls: Annotated[list[str] | None, typer.Argument(help="Links to TikTok videos.")] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            help="A text file with a link a line; - reads standard input.", allow_dash=True
        ),
    ] = None,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Put videos into the library's inbox, with what TikTok says of them beside. Ctrl-C cancels."""
    with session(library, as_json=as_json) as here:
        queue = here.sorter.downloads()
        queue.start([*(urls or ()), *_lines(file)])
        try:
            ended = _follow(queue)
        except KeyboardInterrupt:
            queue.cancel()
            raise
        here.answer(asdict(ended), _summary(ended))
    if any(one.state == "cancelled" for one in ended.downloads):
        raise typer.Exit(STOPPED)
    if ended.failed:
        raise typer.Exit(FAILED)


def run_downloads(
    library: Annotated[Path, typer.Option(help="The library's path.")],
) -> None:
    """Work the queue of downloads off; started by ``Downloads.start``."""
    from sorter_core.extraction.source import YtDlpSource

    with session(library, as_json=False) as here:
        source = YtDlpSource(here.sorter.settings)
        try:
            here.sorter.downloads().work(source)
        finally:
            source.close()


def _lines(file: Path | None) -> list[str]:
    """The links of a file; empty lines and those that begin with # are none."""
    if file is None:
        return []
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} can't be read: {error}") from error
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _follow(queue: "Downloads") -> "DownloadStatus":
    """Draw the progress until nothing is left to do."""
    with bar("Downloading") as progress:
        while (status := queue.status()).running:
            under_way = sum(
                min(one.received / one.size, 1)
                for one in status.downloads
                if one.state == "running" and one.size
            )
            progress(int((status.done + under_way) * COUNT), status.total * COUNT)
            time.sleep(POLL_SECONDS)
    return status


def _summary(status: "DownloadStatus") -> str:
    lines = [
        f"{shown(one.filename or one.url)}: {shown(one.error or one.state)}"
        for one in status.downloads
    ]
    return "\n".join(lines)
