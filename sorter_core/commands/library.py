"""Commands on the library: setup, scan, undo, history."""

from typing import TYPE_CHECKING, Annotated

import typer

from sorter_core.commands.session import Json, Place, Session, session, shown, table

if TYPE_CHECKING:
    from sorter_core.app import Summary


def setup(
    directory: Annotated[str, typer.Argument(help="The folder that holds your videos.")],
    *,
    as_json: Json = False,
) -> None:
    """Choose the library: a folder of videos whose sub-folders are the categories."""
    with session(None, as_json=as_json) as here:
        summarise(here, here.sorter.setup(directory))


def summarise(here: Session, found: "Summary") -> None:
    """Answer what a library holds, with the fields of ``POST /api/setup``."""
    folders = {folder.name: folder.count for folder in found.folders}
    lines = [
        f"{shown(str(found.data_dir))}: {found.unsorted} unsorted videos, {len(folders)} folders"
    ]
    if folders:
        lines.append(table(*folders.items()))
    here.answer(
        {
            "success": True,
            "data_dir": str(found.data_dir),
            "unsorted_videos": found.unsorted,
            "folders": folders,
        },
        "\n".join(lines),
    )


def scan(*, library: Place = None, as_json: Json = False) -> None:
    """Look over the whole library and take note of what came, went and moved."""
    with session(library, as_json=as_json) as here, here.progress("Looking") as progress:
        report = here.sorter.scan(progress)
        here.sorter.sweep_posters()
    lines = [
        f"{report.videos} videos: {report.new} new, {report.moved} moved, {report.missing} gone"
    ]
    lines += [
        f"left out {shown(failure.path)}: {shown(failure.reason)}" for failure in report.skipped
    ]
    here.answer(report, "\n".join(lines))


def undo(
    *,
    batch: Annotated[
        int | None, typer.Option(help="Which batch (see history); by default the newest.", min=0)
    ] = None,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Take back a batch of moves."""
    with session(library, as_json=as_json) as here:
        moves = here.sorter.undo(batch)
        stayed = here.sorter.stayed(moves[0].batch)
    lines = [f"{shown(move.source)} -> {shown(move.target)}" for move in moves]
    lines += [f"not taken back: {shown(path)}: {shown(reason)}" for path, reason in stayed]
    told = {"batch": moves[0].batch, "undone": moves, "stayed": stayed}
    here.answer(told, "\n".join(lines))


def history(
    *,
    limit: Annotated[int, typer.Option(help="How many.", min=0)] = 20,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """List what was moved, the newest first."""
    with session(library, as_json=as_json) as here:
        moves = here.sorter.history(limit=limit)
    rows = [
        (move.batch, move.at, move.kind, move.state, move.source, move.target) for move in moves
    ]
    heading = ("batch", "at", "what", "state", "from", "to")
    here.answer({"moves": moves}, table(heading, *rows) if rows else "Nothing was moved yet.")
