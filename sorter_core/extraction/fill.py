"""What TikTok tells of the videos that a library holds already: captions, authors, sounds, hashtags.

Their file names hold TikTok's ids, so each can be asked for: slowly, once, in the background. The
answers go into the store and not beside the videos (``docs/decisions/``): they belong to the
content, wherever it is moved, and no file of the person is touched. What lies beside a video or
was imported counts more, and is never replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sorter_core.extraction.asking import HELD, KINDS, Asked, Asking, id_of
from sorter_core.extraction.backlog import Backlog, Line
from sorter_core.extraction.errors import NotVideoContent, VideoTooLong, VideoUnavailable
from sorter_core.store import Store

LASTING = (VideoUnavailable.code, NotVideoContent.code, VideoTooLong.code)
"""Codes of answers that would be the same next time."""
_RECENT = 50
_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """A video of which TikTok told nothing, and why."""

    filename: str
    code: str | None
    error: str


@dataclass(frozen=True, slots=True)
class FillStatus:
    """The newest round; ``done`` counts all that are settled, but not those that were cancelled.

    ``stopped`` says why the round ended early; ``problems`` are the newest ones.
    """

    running: bool
    cancelling: bool
    done: int
    total: int
    filled: int
    unavailable: int
    failed: int
    eta_seconds: float | None
    stopped: str | None
    problems: tuple[Problem, ...]


class Fills(Backlog):
    """The questions about one library's videos, at most ``per_minute`` of them."""

    kind = "fill"
    command = "run-fill"

    def __init__(
        self,
        store: Store,
        root: Path,
        environment: Mapping[str, str] | None = None,
        *,
        per_minute: float = 20,
    ) -> None:
        super().__init__(store, root, environment)
        self._interval = 60 / per_minute

    def missing(self, names: Iterable[str], *, again: bool = False) -> dict[str, str]:
        """Of videos named so, those that TikTok has not been asked for: their links, with the names.

        ``again``: also those that were not there, or private, when TikTok was asked.
        """
        named = {_link(number): name for name in names if (number := id_of(name))}
        with self._store.read() as db:
            rows = db.execute(HELD, KINDS).fetchall()
            answers = db.execute(
                "SELECT url, state, code FROM downloads"
                " WHERE kind = ? AND state IN ('done', 'failed')",
                (self.kind,),
            ).fetchall()
        held: dict[str, int] = {}
        for row in rows:
            if number := id_of(row["name"]):
                url = _link(number)
                held[url] = min(held.get(url, len(KINDS)), row["kinds"])
        told = {row["url"] for row in answers if row["state"] == "done"}
        vain = set() if again else {row["url"] for row in answers if row["code"] in LASTING}
        return {
            url: name
            for url, name in named.items()
            if url not in vain
            and (held.get(url, 0) == 0 or (url not in told and held[url] < len(KINDS)))
        }

    def start(
        self, names: Iterable[str], *, limit: int | None = None, again: bool = False
    ) -> FillStatus:
        """Have TikTok asked for the videos named so, at most ``limit``, as far as it was not yet.

        While a round runs, nothing is added to it.
        """
        if self._left()[0]:
            return self.status()
        wanted = list(self.missing(names, again=again).items())[:limit]
        urls = [(self.kind, url) for url, _ in wanted]
        with self._store.write() as db:  # their new answers count; what was dropped is of no use
            db.execute("DELETE FROM downloads WHERE kind = ? AND state = 'cancelled'", (self.kind,))
            db.executemany("DELETE FROM downloads WHERE kind = ? AND url = ?", urls)
        if wanted:
            self._add([Line(url, filename=name) for url, name in wanted])
        return self.status()

    def status(self) -> FillStatus:
        """How far the newest round has come."""
        running, cancelling = self._left()
        with self._store.read() as db:
            batch = db.execute(
                "SELECT max(batch) FROM downloads WHERE kind = ?", (self.kind,)
            ).fetchone()[0]
            here = (self.kind, batch)
            counts = dict(db.execute(_COUNTS, here).fetchall())
            vain = db.execute(_VAIN, (*here, *LASTING)).fetchone()[0]
            stopped = db.execute(_STOPPED, here).fetchone()
            rows = db.execute(_FAILED, (*here, _PROBLEMS)).fetchall()
            recent = [row["changed"] for row in db.execute(_SETTLED, (*here, _RECENT))]
        left = counts.get("waiting", 0) + counts.get("running", 0)
        total = sum(counts.values())
        settled = total - left - counts.get("cancelled", 0)
        return FillStatus(
            running=running,
            cancelling=cancelling,
            done=settled,
            total=total,
            filled=counts.get("done", 0),
            unavailable=vain,
            failed=counts.get("failed", 0) - vain,
            eta_seconds=left * self._pace(recent) if running and not cancelling else None,
            stopped=stopped["error"] if stopped else None,
            problems=tuple(Problem(*row) for row in rows),
        )

    def _pace(self, recent: list[float]) -> float:
        """Seconds for one, from when the newest were settled; before that, what is allowed."""
        if len(recent) < 2:  # noqa: PLR2004 - a distance needs two
            return self._interval
        return max(self._interval, (max(recent) - min(recent)) / (len(recent) - 1))

    def work(self, source: Asked, look: Callable[[], object] = lambda: None) -> None:
        """Work the queue off in this process; at once over when another one does.

        ``look`` is called first, once a row is claimed: it brings the store's idea of the library
        in line with the disk, which may take a while.
        """
        self._work_off(Asking(self, self._store, source, self._interval, look).one)


_COUNTS = "SELECT state, count(*) FROM downloads WHERE kind = ? AND batch = ? GROUP BY state"
_VAIN = (
    "SELECT count(*) FROM downloads"
    " WHERE kind = ? AND batch = ? AND state = 'failed' AND code IN (?, ?, ?)"
)
_STOPPED = (
    "SELECT error FROM downloads"
    " WHERE kind = ? AND batch = ? AND state = 'cancelled' AND error IS NOT NULL LIMIT 1"
)
_FAILED = (
    "SELECT filename, code, error FROM downloads"
    " WHERE kind = ? AND batch = ? AND state = 'failed' ORDER BY id DESC LIMIT ?"
)
_SETTLED = (
    "SELECT changed FROM downloads WHERE kind = ? AND batch = ? AND state IN ('done', 'failed')"
    " ORDER BY id DESC LIMIT ?"
)


def _link(number: str) -> str:
    return f"https://www.tiktok.com/@/video/{number}"
