"""What the job's child process does."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from sorter_core import (
    features,
    jobs,
    learning,
    renames,
    zero_shot,
)
from sorter_core.app import Sorter
from sorter_core.errors import NotEnoughLabels, SorterError
from sorter_core.files import SCRATCH_PREFIX
from sorter_core.library import Library
from sorter_core.settings import Settings, settings
from sorter_core.types import Prediction

STAGES = ("extract_features", "train", "predict")
_ABANDONED_SECONDS = 3600.0
_PATIENCE_SECONDS = 600.0
"""How long the work of an hour waits for another process that keeps the store locked."""


def run_job(library: Path, number: int, *, train: bool = True) -> int:
    """What the job's child process does; returns its exit code.

    Without ``train`` the model there is predicts what is new; where there is none, nothing does.
    """
    sorter = Sorter(settings().model_copy(update={"data_dir": library}))
    opened = sorter.library
    opened.store.patience = _PATIENCE_SECONDS
    opened.close()  # the next connection has that patience
    job = jobs.Job(jobs.Jobs(opened.store), number)
    seconds, code = sorter.settings.stage_seconds, 0
    try:
        with job.running():
            with job.stage(STAGES[0], seconds):
                report = sorter.extract(job.progress)
                job.failed(sum(failure.encoder == features.MEDIA for failure in report.failures))
            work = _learn if train else _predict_only
            made = work(opened, sorter.chosen_settings(), job, seconds)
        if made is not None:  # outside: the heart of a job that has ended stops its process
            learning.after_publishing(opened)
    except SorterError as error:
        print(error)  # noqa: T201 - the log that the starting process reads
        if not isinstance(error, NotEnoughLabels):
            return 1
        code = 1
    _tidy(sorter)
    return code


def _tidy(sorter: Sorter) -> None:
    """What nobody waits for: the job is over for all who look."""
    sorter.refresh_alike()
    with suppress(SorterError, OSError):  # the next job does it
        sorter.sweep_posters()
        _drop_abandoned(sorter.library)


def _drop_abandoned(library: Library) -> None:
    """Half-written files (``predictions.json`` has 26 MB) of processes killed an hour ago or more."""
    for file in library.artifacts.glob(f"{SCRATCH_PREFIX}*"):
        if file.is_file() and time.time() - file.stat().st_mtime > _ABANDONED_SECONDS:
            file.unlink(missing_ok=True)


def _learn(
    library: Library, chosen: Settings, job: jobs.Job, seconds: float
) -> list[Prediction] | None:
    """Train and predict; with nothing to learn from, by the folders' names, where that can be."""
    made: list[Prediction] | None = None
    candidate, since = None, learning.position(library)
    with job.stage(STAGES[1], seconds):
        try:
            candidate = learning.train(library, chosen, job.progress)
        except NotEnoughLabels:
            made = zero_shot.predict(library, chosen, job.progress)
            if made is None:
                raise
    with job.stage(STAGES[2], seconds):
        if candidate is not None:
            trained, since = candidate.trained, learning.position(library)
            model = learning.following(library, trained.model, trained.report[renames.POSITION])
            made = learning.predict(library, model, job.progress)
    # Outside the stage, whose end asks whether the job is still active: it is not any more.
    job.publish(learning.publisher(candidate, made, by_names=candidate is None, since=since))
    return made


def _predict_only(
    library: Library, chosen: Settings, job: jobs.Job, seconds: float
) -> list[Prediction] | None:
    with job.stage(STAGES[2], seconds):
        since = learning.position(library)
        if learning.runs(library, 1):
            model = learning.current_model(library)
            made: list[Prediction] | None = learning.predict(library, model, job.progress)
        else:
            made = zero_shot.predict(library, chosen, job.progress)
    job.publish(learning.publisher(None, made, since=since))
    return made
