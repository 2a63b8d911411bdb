"""What goes on beside: the job that analyses and learns, and the watch for new files."""

from __future__ import annotations

import threading
from typing import Literal

from sorter_core import (
    jobs,
    learning,
)
from sorter_core import refit as refitting
from sorter_core.app._learning import Learning
from sorter_core.library import Library
from sorter_core.settings import Settings
from sorter_core.types import JobStatus
from sorter_core.watching import Watcher

_WATCH = "watch"


class Background(Learning):
    """What goes on beside: the job that analyses and learns, and the watch for new files."""

    def __init__(self, given: Settings | None = None) -> None:
        super().__init__(given)
        self._refitting = threading.Lock()
        self._watcher = Watcher(self._watched, self.analyse)

    def retrain(self) -> Literal["started", "already_running"]:
        """Analyse, train and predict in a process of its own."""
        return self._start_job()

    def analyse(self) -> Literal["started", "already_running"]:
        """The same without the training, where there is a model or too little to learn from."""
        taught = sum(folder.count > 0 for folder in self.folders()) > 1
        if taught and not learning.runs(self.library, 1):
            return self._start_job()
        return self._start_job("--no-train")

    def _start_job(self, *options: str) -> Literal["started", "already_running"]:
        library = self.library
        started = jobs.start(
            jobs.Jobs(library.store),
            ["run-job", "--library", str(library.root), *options],
            library.artifacts / "job.log",
            self._environment(),
        )
        return "started" if started else "already_running"

    def refit(self) -> refitting.Refit:
        """Learn the newest labels at once, without a job, and guess anew; one at a time.

        Raises ``ModelMissing`` before the first training, ``NotEnoughLabels``.
        """
        with self._refitting:
            return refitting.refit(self.library, self.settings)

    def cancel(self) -> bool:
        """Tell the running job to stop; False when none runs."""
        return jobs.Jobs(self.library.store).cancel()

    def job(self) -> JobStatus:
        """The state of the newest job, whoever started it."""
        return jobs.Jobs(self.library.store).status()

    def watches(self) -> bool:
        """Whether new files are to be noticed while the app is open."""
        return learning.recall(self.library, _WATCH) == "1"

    def watch(self, *, on: bool) -> None:
        """Turn that on or off, for this library, also for the next start."""
        learning.remember(self.library, _WATCH, "1" if on else "0")
        self.keep_watching()

    def keep_watching(self) -> None:
        """Begin to watch in this process, if it is turned on and not done yet; the app calls it."""
        self._watcher.ensure()

    def stop_watching(self) -> None:
        """Stop it in this process; it stays turned on."""
        self._watcher.stop()

    def _watched(self) -> Library | None:
        return self.library if self.data_dir is not None and self.watches() else None
