"""``fill``: captions of the library's own videos, asked of TikTok; and what its child process runs."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorter_core.commands.session import (
    FAILED,
    NOTHING,
    Json,
    Place,
    Session,
    bar,
    session,
    shown,
)

if TYPE_CHECKING:
    from sorter_core.extraction.fill import FillStatus

POLL_SECONDS = 0.2


def fill(
    *,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask for at most so many videos.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also for those that TikTok did not show when asked.")
    ] = False,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Ask TikTok for the captions, authors, sounds and hashtags of videos named after their ids.

    Each id is sent to TikTok once, slowly (FILL_PER_MINUTE). Ctrl-C stops; the next run goes on.
    """
    with session(library, as_json=as_json) as here:
        begun = here.sorter.fill(limit=limit, again=again)
        try:
            ended = _follow(here) if begun.running else begun
        except KeyboardInterrupt:
            here.sorter.fills().cancel()
            raise
        here.answer(asdict(ended), _summary(ended) if begun.running else "Nothing to ask.")
    if not begun.running:
        raise typer.Exit(NOTHING)
    if ended.failed or ended.stopped:
        raise typer.Exit(FAILED)


def run_fill(
    library: Annotated[Path, typer.Option(help="The library's path.")],
) -> None:
    """Work the queue of questions off; started by ``Sorter.fill``."""
    from sorter_core.extraction.source import YtDlpSource

    with session(library, as_json=False) as here:
        source = YtDlpSource(here.sorter.settings)
        try:
            here.sorter.fills().work(source, here.sorter.scan)
        finally:
            source.close()


def _follow(here: Session) -> "FillStatus":
    """Draw the progress until nothing is left to do."""
    queue = here.sorter.fills()
    with bar("Asking TikTok") as progress:
        while (status := queue.status()).running:
            progress(status.done, status.total)
            time.sleep(POLL_SECONDS)
    return status


def _summary(ended: "FillStatus") -> str:
    lines = [
        f"{ended.filled} videos told, {ended.unavailable} not to be had, {ended.failed} failed"
    ]
    lines += [f"{shown(one.filename)}: {shown(one.error)}" for one in ended.problems]
    if ended.stopped:
        lines.append(shown(ended.stopped))
    return "\n".join(lines)
