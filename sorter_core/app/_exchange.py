"""What comes in from elsewhere, and what goes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sorter_core import (
    export,
    import_runs,
    importing,
)
from sorter_core.app._base import child_environment
from sorter_core.app._indexing import Indexing
from sorter_core.import_plan import ImportOptions, Report
from sorter_core.import_runs import ImportStatus
from sorter_core.importing import Imported, Preview


class Exchange(Indexing):
    """What comes in from elsewhere, and what goes out."""

    def preview_import(
        self,
        path: str | Path,
        options: ImportOptions | None = None,
        report: Report = importing.unheard,
    ) -> Preview:
        """What an import of ``path`` would do; nothing is changed. Raises ``InvalidInput``."""
        self.scan()
        return importing.preview(self.library, path, options or ImportOptions(), report)

    def import_from(
        self,
        path: str | Path,
        options: ImportOptions | None = None,
        report: Report = importing.unheard,
    ) -> Imported:
        """Link, copy or move in what ``path`` holds, as one batch; seen and cancelled from any face.

        Raises ``InvalidInput``, ``Busy`` while another import runs.
        """
        here = importing.Here(self.library, self.scan, child_environment(self.settings))
        return importing.run(here, path, options or ImportOptions(), report)

    def start_import(self, path: str | Path, options: ImportOptions | None = None) -> None:
        """The same in a thread; :meth:`import_status` tells how it goes and how it ended."""
        here = importing.Here(self.library, self.scan, child_environment(self.settings))
        importing.start(here, path, options or ImportOptions())

    def import_status(self) -> ImportStatus:
        """How far the newest import is, and how it ended, whoever did it."""
        return import_runs.status(self.library.store)

    def cancel_import(self) -> bool:
        """Tell the running import to stop; False when none runs."""
        return import_runs.cancel(self.library.store)

    def export(self, what: str = "videos", form: str = "csv") -> Iterator[bytes]:
        """``videos``, ``moves`` or ``decisions`` as ``csv`` or ``json``. Raises ``InvalidInput``."""
        library = self.library
        if what == "videos":
            self.scan()
        return export.export(library, what, form)
