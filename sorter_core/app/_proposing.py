"""New folders that the unsorted videos suggest."""

from __future__ import annotations

from collections.abc import Sequence

from sorter_core import refusals
from sorter_core.app._indexing import Indexing
from sorter_core.proposals import Proposal, Proposals
from sorter_core.settings import Settings


class Proposing(Indexing):
    """New folders that the unsorted videos suggest."""

    def __init__(self, given: Settings | None = None) -> None:
        super().__init__(given)
        self._proposals: Proposals | None = None

    def proposals(self) -> list[Proposal]:
        """Groups of unsorted videos that would make a folder, the biggest and tightest first."""
        return self._proposed().all(self.encoders())

    def why_no_proposals(self) -> str:
        """One sentence with what to do, for where there are none."""
        return self._proposed().why_none(self.encoders())

    def refuse_proposal(self, filenames: Sequence[str], *, take_back: bool = False) -> None:
        """Remember for good that these videos are no folder; ``take_back`` forgets it.

        Raises ``InvalidInput`` when none of them is unsorted and known.
        """
        (refusals.take_back if take_back else refusals.refuse)(self.library, filenames)

    def _proposed(self) -> Proposals:
        library = self.library
        with self._lock:
            if self._proposals is None or self._proposals.library is not library:
                self._proposals = Proposals(library)
            return self._proposals
