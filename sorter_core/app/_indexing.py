"""Taking note of what the disk holds, and of which encoders look at it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from sorter_core import (
    encoders,
    features,
    learning,
    pulls,
    search,
)
from sorter_core.app._base import Base
from sorter_core.app._types import ignore
from sorter_core.errors import InvalidInput
from sorter_core.features import ExtractReport
from sorter_core.scan import ScanReport, scan
from sorter_core.settings import Settings
from sorter_core.types import Failure, ReportProgress


class Indexing(Base):
    """Taking note of what the disk holds, and of which encoders look at it."""

    def scan(self, progress: ReportProgress = ignore) -> ScanReport:
        """Look over the whole library and take note of what came, went and moved."""
        library = self.library
        report = scan(library, progress)
        if report.new or report.moved or report.missing:
            with library.store.write() as db:
                learning.touch(db, "scan")
        search.refresh(library)
        return report

    def extract(self, progress: ReportProgress = ignore) -> ExtractReport:
        """Analyse what has not been analysed yet; what was done stays when it is stopped."""
        self.scan()
        library = self.library
        return features.extract(library.store, library.root, self.chosen_settings(), progress)

    def failures(self) -> list[Failure]:
        """The videos that could not be analysed, and why."""
        return features.failures(self.library.store)

    def failure_count(self) -> int:
        """How many there are; :meth:`failures` gives the first thousand."""
        return features.failure_count(self.library.store)

    def retry_failures(self) -> int:
        """Let the next analysis try again what failed; returns how many reasons were dropped."""
        return features.forget_failures(self.library.store)

    def encoders(self) -> tuple[str, ...]:
        """The encoders that this library uses: the person's choice, else those of the settings."""
        kept = learning.recall(self.library, "encoders")
        return tuple(json.loads(kept)) if kept else self.settings.encoders

    def choose_encoders(self, names: Sequence[str]) -> None:
        """Use ``names`` from the next analysis on. Raises ``InvalidInput`` for an unknown or no name."""
        known = encoders.available()
        if not names or not set(names) <= known.keys():
            raise InvalidInput(f"Choose at least one of {', '.join(known)}.")
        learning.remember(
            self.library, "encoders", json.dumps(sorted(set(names), key=list(known).index))
        )

    def chosen_settings(self) -> Settings:
        """The settings, with the encoders that this library uses."""
        return self.settings.model_copy(update={"encoders": self.encoders()})

    def encoder_states(self) -> list[pulls.EncoderState]:
        """All encoders: what each is, whether it is in use, and whether it can run here."""
        return pulls.states(self.settings, self._in_use())

    def encoder_state(self, name: str) -> pulls.EncoderState:
        """One of them. Raises ``InvalidInput`` for a name that is none."""
        return pulls.state(self.settings, name, self._in_use())

    def _in_use(self) -> tuple[str, ...]:
        return self.encoders() if self.data_dir else self.settings.encoders

    def pull(self, name: str) -> Literal["started", "already_running"]:
        """Fetch the model of an encoder in a process of its own. Raises ``InvalidInput``, ``Conflict``."""
        return pulls.begin(self.settings, name, self._environment())

    def cancel_pull(self) -> bool:
        """Stop the fetching of a model; False when none runs."""
        return pulls.cancel(self.settings)
