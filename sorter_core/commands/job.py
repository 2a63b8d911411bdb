"""``retrain``: the background job, followed until it ends; and what its child process runs."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorter_core.commands.session import FAILED, STOPPED, Json, Place, Session, bar, session, shown

if TYPE_CHECKING:
    from sorter_core.types import JobStatus, ReportProgress

POLL_SECONDS = 0.2
STOP_SECONDS = 15.0
"""How long Ctrl-C waits for the job to put its work down (jobs.py ends it after 10)."""


def retrain(
    *,
    background: Annotated[
        bool, typer.Option("--background", help="Start it and come back at once.")
    ] = False,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Analyse what is new, train and predict in the background job, and follow it to its end.

    Where the job runs already, follow that one. Ctrl-C cancels a job that this command started.
    """
    with session(library, as_json=as_json) as here:
        begun = here.sorter.retrain()
        if background:
            here.answer({"status": begun}, begun.replace("_", " "))
            return
        try:
            ended = _follow(here)
        except KeyboardInterrupt:
            if begun == "started":
                _cancel(here)
            raise
        here.answer({"status": begun, **asdict(ended)}, _summary(ended))
    if ended.last_result != "success":
        raise typer.Exit(STOPPED if ended.cancelling else FAILED)


def _follow(here: Session) -> "JobStatus":
    """Draw each stage as it comes; returns how the job ended."""
    with ExitStack() as drawn:
        stage: str | None = None
        report: ReportProgress | None = None
        for status in _watch(here):
            if status.stage != stage:
                drawn.close()
                stage = status.stage
                report = drawn.enter_context(bar((stage or "").replace("_", " ")))
            if report is not None:
                report(status.done, status.total)
    return status


def _watch(here: Session) -> "Iterator[JobStatus]":
    """Give the job's status until it has ended, that last one too."""
    while True:
        status = here.sorter.job()
        yield status
        if not status.running:
            return
        time.sleep(POLL_SECONDS)


def _cancel(here: Session) -> None:
    give_up = time.monotonic() + STOP_SECONDS
    with suppress(KeyboardInterrupt):  # pressed again: leave now, the job stops by itself
        here.sorter.cancel()
        while here.sorter.job().running and time.monotonic() < give_up:
            time.sleep(POLL_SECONDS)


def _summary(ended: "JobStatus") -> str:
    lines = [shown(ended.last_result or "no result")]
    if ended.failures:
        lines.append(f"{ended.failures} videos could not be analysed")
    return "\n".join(lines)


def run_job(
    library: Annotated[Path, typer.Option(help="The library's path.")],
    job: Annotated[int, typer.Option(help="The job's number.")],
    *,
    train: Annotated[
        bool, typer.Option(help="Without: predict what is new, with the model there is.")
    ] = True,
) -> None:
    """Do the work of a claimed job; started by ``Sorter.retrain`` and ``Sorter.analyse``."""
    from sorter_core.app._run import run_job as run

    raise typer.Exit(run(library, job, train=train))
