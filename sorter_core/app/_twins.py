"""What is there twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sorter_core import (
    duplicates,
    encoders,
    features,
)
from sorter_core.app._indexing import Indexing
from sorter_core.app._types import ignore
from sorter_core.duplicates import Duplicates, Place, Removal, ThrowAway
from sorter_core.features import ExtractReport
from sorter_core.settings import Settings
from sorter_core.types import ReportProgress


class Twins(Indexing):
    """What is there twice."""

    def __init__(self, given: Settings | None = None) -> None:
        super().__init__(given)
        self.trash: ThrowAway = duplicates.system_trash
        self._comparing = threading.Lock()

    def duplicates(self) -> Duplicates:
        """What is there twice, byte for byte or to the eye and ear."""
        # of 100,000 videos each takes 150 MB, and no less time beside another
        with self._comparing:
            return duplicates.find(self.library)

    def compare(self, progress: ReportProgress = ignore) -> ExtractReport:
        """Look at the pictures of videos that were not compared yet, to find near-duplicates."""
        self.scan()
        library = self.library
        chosen = self.settings.model_copy(update={"encoders": (encoders.HASHES,)})
        return features.extract(library.store, library.root, chosen, progress)

    def remove_duplicates(self, keep: Place, others: Sequence[Place], *, exact: bool) -> Removal:
        """Put ``others`` into the system's trash; ``exact`` compares all bytes with ``keep`` first."""
        return duplicates.remove(self.library, keep, others, exact=exact, throw_away=self.trash)

    def no_duplicates(self, places: Sequence[Place]) -> None:
        """Remember that these are no duplicates of each other."""
        duplicates.deny(self.library, places)
