"""What the job's child process does."""

from __future__ import annotations

from pathlib import Path

from sorter_core import (
    features,
    jobs,
    learning,
    zero_shot,
)
from sorter_core.app import Sorter
from sorter_core.errors import NotEnoughLabels, SorterError
from sorter_core.library import Library
from sorter_core.settings import Settings, settings
from sorter_core.types import Prediction

STAGES = ("extract_features", "train", "predict")


def run_job(library: Path, number: int, *, train: bool = True) -> int:
    """What the job's child process does; returns its exit code.

    Without ``train`` the model there is predicts what is new; where there is none, nothing does.
    """
    sorter = Sorter(settings().model_copy(update={"data_dir": library}))
    opened = sorter.library
    job = jobs.Job(jobs.Jobs(opened.store), number)
    seconds = sorter.settings.stage_seconds
    try:
        with job.running():
            with job.stage(STAGES[0], seconds):
                report = sorter.extract(job.progress)
                job.failed(sum(failure.encoder == features.MEDIA for failure in report.failures))
            if not train:
                _predict_only(opened, sorter.chosen_settings(), job, seconds)
                return 0
            _learn(opened, sorter.chosen_settings(), job, seconds)
            learning.after_publishing(opened)
    except SorterError as error:
        print(error)  # noqa: T201 - the log that the starting process reads
        return 1
    return 0


def _learn(library: Library, chosen: Settings, job: jobs.Job, seconds: float) -> None:
    """Train and predict; with nothing to learn from, by the folders' names, where that can be."""
    candidate, made = None, None
    with job.stage(STAGES[1], seconds):
        try:
            candidate = learning.train(library, chosen, job.progress)
        except NotEnoughLabels:
            made = zero_shot.predict(library, chosen, job.progress)
            if made is None:
                raise
    with job.stage(STAGES[2], seconds):
        if candidate is not None:
            made = learning.predict(library, candidate.trained.model, job.progress)
        job.publish(learning.publisher(candidate, made))


def _predict_only(library: Library, chosen: Settings, job: jobs.Job, seconds: float) -> None:
    with job.stage(STAGES[2], seconds):
        if learning.runs(library, 1):
            model = learning.current_model(library)
            made: list[Prediction] | None = learning.predict(library, model, job.progress)
        else:
            made = zero_shot.predict(library, chosen, job.progress)
        job.publish(learning.publisher(None, made))
    if made is not None:
        learning.after_publishing(library)
