"""Telling how far a stream was read."""

from __future__ import annotations

from sorter_core.imports._base import Report
from sorter_core.imports._json import Stream

_EACH = 1 << 20


class Tracked:
    """A stream that reports each MiB, so that reading can be seen and stopped."""

    def __init__(self, stream: Stream, size: int, report: Report) -> None:
        self._stream, self._size, self._report = stream, size, report
        self._done = 0

    def read(self, size: int = -1, /) -> bytes:
        """As the stream's."""
        block = self._stream.read(size)
        before, self._done = self._done, self._done + len(block)
        if before // _EACH != self._done // _EACH:
            self._report(self._done, max(self._size, self._done))
        return block
