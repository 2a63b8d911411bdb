"""How good the model is, and what lies wrong."""

from __future__ import annotations

from pathlib import Path

from sorter_core import (
    atlas,
    learning,
    report,
    review,
)
from sorter_core.app._base import Base
from sorter_core.atlas import Atlas
from sorter_core.review import Doubts, Review


class Reviewing(Base):
    """How good the model is, and what lies wrong."""

    def review(self, run: int | None = None, against: int | None = None) -> Review:
        """The newest training, or ``run``, looked at closely. Raises ``ModelMissing``."""
        return review.review(self.library, run, against)

    def cell(self, folder: str, predicted: str, run: int | None = None) -> Doubts:
        """The videos of a cell of the confusion matrix. Raises ``ModelMissing``."""
        library = self.library
        return review.cell(library, learning.run(library, run).report, folder, predicted)

    def misfilings(self) -> Doubts:
        """Videos that may lie in the wrong folder, the likeliest first. Raises ``ModelMissing``."""
        library = self.library
        return review.misfilings(library, learning.run(library).report)

    def keep(self, filename: str, folder: str, *, doubt: bool = False) -> None:
        """Remember for good that a video is right in its folder; ``doubt`` takes that back.

        Raises ``InvalidName``, ``UnknownFolder``, ``VideoNotFound``.
        """
        (review.doubt_again if doubt else review.keep)(self.library, filename, folder)

    def atlas(self, run: int | None = None) -> Atlas:
        """The videos on a map, those that look alike close together. Raises ``ModelMissing``."""
        return atlas.atlas(self.library, run)

    def write_report(self, output: Path) -> Path:
        """Write the newest training's report as one HTML file. Raises ``ModelMissing``, ``StorageError``."""
        library = self.library
        found = review.review(library)
        doubts = review.misfilings(library, found.run.report)
        return report.write(report.page(found, doubts, library.root.name), output)
