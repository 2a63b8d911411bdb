"""Links that are to become videos of the library, one after the other, in the background."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sorter_core.extraction import links
from sorter_core.extraction.backlog import Backlog, Line
from sorter_core.extraction.download import Fetcher, download
from sorter_core.extraction.errors import ExtractionError, InvalidUrl
from sorter_core.files import SCRATCH_PREFIX

MAX_LINKS = 1000
"""In one go; more is a mistake rather than a wish."""


@dataclass(frozen=True, slots=True)
class Download:
    """One link: ``state`` is waiting, running, done, known, failed or cancelled; sizes in bytes."""

    url: str
    state: str
    filename: str | None = None
    received: int = 0
    size: int = 0
    code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DownloadStatus:
    """The newest batch of links; ``done`` counts all that are settled, also those that failed."""

    running: bool
    cancelling: bool
    done: int
    total: int
    failed: int
    downloads: tuple[Download, ...]


class Downloads(Backlog):
    """The downloads of one library."""

    kind = "download"
    command = "run-downloads"

    def start(self, urls: Sequence[str]) -> DownloadStatus:
        """Queue links, as one batch, and see to it that they are worked off.

        A link that is none fails by itself. Raises :class:`InvalidUrl` for no or too many links.
        """
        if not 0 < len(urls) <= MAX_LINKS:
            raise InvalidUrl(f"Give 1 to {MAX_LINKS} links.")
        self._add([_judged(url) for url in dict.fromkeys(url.strip() for url in urls)])
        return self.status()

    def status(self) -> DownloadStatus:
        """The newest batch, and whether anything of any batch is left to do."""
        running, cancelling = self._left()
        with self._store.read() as db:
            rows = db.execute(
                "SELECT * FROM downloads WHERE kind = ?1 AND batch ="
                " (SELECT max(batch) FROM downloads WHERE kind = ?1) ORDER BY id",
                (self.kind,),
            ).fetchall()
        states = [row["state"] for row in rows]
        return DownloadStatus(
            running=running,
            cancelling=cancelling,
            done=sum(state not in {"waiting", "running"} for state in states),
            total=len(states),
            failed=states.count("failed"),
            downloads=tuple(_download(row) for row in rows),
        )

    def work(self, source: Fetcher) -> None:
        """Work the queue off in this process; at once over when another one does."""
        self._work_off(lambda row: self._do(row["id"], row["url"], source))

    def _do(self, number: int, url: str, source: Fetcher) -> Mapping[str, object]:
        done = download(
            url,
            self._root,
            self._scratch(),
            source,
            report=lambda received, size: self._set(number, received=received, size=size),
            cancelled=lambda: self.is_cancelling(number),
        )
        return {"state": "known" if done.known else "done", "filename": done.filename}

    def _scratch(self) -> Path:
        """The folder of this queue alone: what a killed process leaves in it is cleared at the next download.

        Another computer that has the library on its network keeps a queue and a folder of its own.
        """
        mine = f"{socket.gethostname()}:{self._store.path.resolve()}"
        return self._root / f"{SCRATCH_PREFIX}downloads-{sha256(mine.encode()).hexdigest()[:8]}"


def _judged(url: str) -> Line:
    """The link, its state, and why it failed already."""
    try:
        return Line(links.parse(url).url)
    except ExtractionError as error:
        shown = url[:2048].encode(errors="replace").decode()  # half a surrogate pair is no text
        return Line(shown, "failed", code=error.code, error=str(error))


def _download(row: sqlite3.Row) -> Download:
    return Download(
        *(row[key] for key in ("url", "state", "filename", "received", "size", "code", "error"))
    )
