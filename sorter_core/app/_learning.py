"""Training and guessing in this process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from sorter_core import (
    again,
    features,
    learning,
    zero_shot,
)
from sorter_core.app._indexing import Indexing
from sorter_core.app._shelf import Shelf
from sorter_core.app._types import News, ignore
from sorter_core.catalog import SHOWN, VideoPage
from sorter_core.types import ReportProgress, Run


class Learning(Indexing, Shelf):
    """Training and guessing in this process."""

    def train(self, progress: ReportProgress = ignore) -> Run:
        """Learn from what is filed and make the model the current one. Raises ``NotEnoughLabels``."""
        self.scan()
        library = self.library
        candidate = learning.train(library, self.chosen_settings(), progress)
        with library.store.write() as db:
            learning.publisher(candidate, None)(db)
        return learning.run(library)

    def predict(self, progress: ReportProgress = ignore, *, top_k: int = 3) -> VideoPage:
        """Guess a folder for each unsorted video, and write ``predictions.json``.

        Before the first training the folders' names are gone by, where ``clip`` is in use. Raises
        ``ModelMissing``.
        """
        self.scan()
        kept = max(SHOWN, top_k)  # the pages and the API show three, whatever is asked for here
        library = self.library
        made, since = None, learning.position(library)
        if not learning.runs(library, 1):
            made = zero_shot.predict(library, self.chosen_settings(), progress, kept)
        if made is None:
            made = learning.predict(library, learning.current_model(library), progress, kept)
        with library.store.write() as db:
            learning.publisher(None, made, since=since)(db)
        learning.after_publishing(library)
        page = self.videos()
        cut = [replace(video, guesses=video.guesses[:top_k]) for video in page.videos]
        return replace(page, videos=cut)

    def evaluate(self) -> dict[str, Any]:
        """The report of the newest training. Raises ``ModelMissing``."""
        return dict(learning.run(self.library).report)

    def runs(self, limit: int = 50) -> list[Run]:
        """The finished trainings, newest first."""
        return learning.runs(self.library, limit)

    def run(self, number: int) -> Run:
        """One training with its report. Raises ``ModelMissing``."""
        return learning.run(self.library, number)

    def news(self) -> News:
        """What the next training would have that the last one had not."""
        library, summary = self.library, self.summary()
        labelled = sum(folder.count for folder in summary.folders)
        fresh = learning.filed_since_training(library, labelled)
        unanalysed = features.missing_count(library.store, self.encoders()) + library.unscanned()
        waiting = again.waiting(library.store, self.encoders())
        return News(summary.unsorted, labelled, unanalysed, fresh, waiting)

    def guessed_by(self) -> Literal["model", "names"] | None:
        """What the guesses come from: a model, or the folders' names only; None without any."""
        return zero_shot.guessed_by(self.library)
