"""Commands that analyse and learn in this process: extract, train, predict, evaluate."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sorter_core.commands.report import described
from sorter_core.commands.session import FAILED, Json, Place, session, shown, table

if TYPE_CHECKING:
    from sorter_core.app import BatchResult
    from sorter_core.catalog import Video


def extract(
    *,
    again: Annotated[
        list[str] | None,
        typer.Option(help="Also what this encoder read with a lesser model than it has now."),
    ] = None,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Analyse the videos that were not analysed yet; it may be stopped and goes on where it was."""
    with session(library, as_json=as_json) as here, here.progress("Analysing") as progress:
        for name in again or ():
            here.sorter.read_again(name)
        report = here.sorter.extract(progress)
        here.sorter.refresh_alike()
    lines = [
        f"{report.computed} computed, {report.known} known already, {len(report.failures)} failed"
    ]
    lines += [f"{shown(f.path)} ({f.encoder}): {shown(f.reason)}" for f in report.failures]
    here.answer(report, "\n".join(lines))


def train(*, library: Place = None, as_json: Json = False) -> None:
    """Learn from what is filed already."""
    with session(library, as_json=as_json) as here, here.progress("Training") as progress:
        run = here.sorter.train(progress)
    text = f"run {run.id}: {run.classifier}, {run.videos} videos in {run.folders} folders; "
    # too few videos for a score: `evaluate` says why
    text += "no accuracy yet" if run.accuracy is None else f"accuracy {run.accuracy:.1%}"
    here.answer(run, text)


def predict(
    *,
    move: Annotated[
        bool, typer.Option("--move", help="Move the videos into their predicted folders.")
    ] = False,
    threshold: Annotated[
        float, typer.Option(help="Move (and list) only what is at least this sure.", min=0, max=1)
    ] = 0.0,
    top_k: Annotated[
        int, typer.Option("--top-k", help="How many folders to name for each video.", min=1)
    ] = 3,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what --move would do, and move nothing.")
    ] = False,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Guess a folder for each unsorted video; one `undo` takes a --move back.

    What lies far from every folder is listed, and left out of --move and of the expected errors.
    """
    with session(library, as_json=as_json) as here:
        with here.progress("Predicting") as progress:
            page = here.sorter.predict(progress, top_k=top_k)
            here.sorter.refresh_alike()
        sure = [
            video
            for video in page.videos
            if video.guesses and video.guesses[0].confidence >= threshold
        ]
        near = [video for video in sure if not video.far]
        batch = None
        if move or dry_run:
            items = [(video.filename, video.guesses[0].folder) for video in near]
            batch = here.sorter.sort_many(items, dry_run=dry_run)
    data: dict[str, Any] = {
        "videos": [_plain(video) for video in sure],
        "total": page.total,
        "far": sum(video.far for video in page.videos),
        "expected_errors": round(sum(1 - video.guesses[0].confidence for video in near), 2),
    }
    if batch is not None:
        data |= {
            "dry_run": dry_run,
            "batch": batch.batch,
            "moved": batch.moved,
            "failed": batch.failed,
        }
    here.answer(data, _text(data, sure, batch, dry_run=dry_run))
    if batch is not None and batch.failed:
        raise typer.Exit(FAILED)


def _plain(video: "Video") -> dict[str, Any]:
    """Give the fields of ``GET /api/videos``."""
    return {
        "filename": video.filename,
        "predicted_folder": video.guesses[0].folder,
        "confidence": video.guesses[0].confidence,
        "top_predictions": video.guesses,
        "far": video.far,
    }


def _text(
    data: dict[str, Any], sure: "list[Video]", batch: "BatchResult | None", *, dry_run: bool
) -> str:
    rows = [
        (
            video.filename,
            *(f"{guess.folder} {guess.confidence:.0%}" for guess in video.guesses),
            *(("none of these?",) if video.far else ()),
        )
        for video in sure
    ]
    most = max(map(len, rows), default=0)
    near = sum(not video.far for video in sure)
    lines = [table(*((*row, *[""] * (most - len(row))) for row in rows))] if rows else []
    lines.append(
        f"{near} of {data['total']} videos; about {data['expected_errors']} are guessed wrong"
    )
    if data["far"]:
        lines.append(f"{data['far']} more lie far from every folder: none of these are moved")
    if batch is not None:
        lines.append(f"{len(batch.moved)} {'would be moved' if dry_run else 'moved'}")
        lines += [f"not {shown(name)}: {shown(reason)}" for name, reason in batch.failed]
    return "\n".join(lines)


def evaluate(*, library: Place = None, as_json: Json = False) -> None:
    """Tell how good the newest training is: accuracy with its interval, each folder, mix-ups."""
    with session(library, as_json=as_json) as here:
        report = here.sorter.evaluate()
    here.answer(report, described(report))
