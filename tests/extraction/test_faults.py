"""yt-dlp's errors become the documented codes."""

from __future__ import annotations

import errno
import inspect
import sys

import pytest

from sorter_core.extraction import faults
from sorter_core.extraction.egress import Egress
from sorter_core.extraction.errors import (
    BY_CODE,
    ExtractionError,
    ExtractionFailed,
    InvalidUrl,
    VideoTooLong,
    VideoUnavailable,
)


@pytest.fixture
def egress() -> Egress:
    """One that nothing went through."""
    made = Egress()
    made.close()
    return made


@pytest.mark.parametrize("text", [*faults.UNAVAILABLE, faults.LOGIN, *faults.ROBOT_CHECKS])
def test_each_text_is_the_installed_extractors(text: str) -> None:
    """A new yt-dlp that says it otherwise fails here, not at a person's desk."""
    from yt_dlp.extractor import tiktok

    assert text in inspect.getsource(sys.modules[tiktok.TikTokIE.__module__])


@pytest.mark.parametrize(
    ("status", "kind", "passing"),
    [
        (403, ExtractionFailed, False),
        (407, ExtractionFailed, False),
        (404, VideoUnavailable, None),
        (410, VideoUnavailable, None),
        (451, VideoUnavailable, None),
        (429, ExtractionFailed, True),
        (500, ExtractionFailed, True),
        (503, ExtractionFailed, True),
    ],
)
def test_statuses(status: int, kind: type[ExtractionError], *, passing: bool | None) -> None:
    """Each is told with its number; only what may pass is tried again."""
    error = faults.of_status(status)
    assert type(error) is kind
    assert error.details == {"status": status}
    assert getattr(error, "passing", None) is passing


def test_types_without_a_text(egress: Egress) -> None:
    """What another version of the extractor may raise."""
    from yt_dlp.utils import GeoRestrictedError, UnsupportedError

    def told(error: BaseException) -> ExtractionError:
        return faults.translated(error, egress)

    assert isinstance(told(GeoRestrictedError("not here")), VideoUnavailable)
    assert isinstance(told(UnsupportedError("https://x")), InvalidUrl)
    assert "too big" in str(told(MemoryError()))
    assert "disk is full" in str(told(OSError(errno.ENOSPC, "No space left on device")))
    assert "pip install -U yt-dlp" in str(told(KeyError("author")))
    same = VideoTooLong("too long")
    assert told(same) is same


def test_a_chain_that_bites_its_tail_ends(egress: Egress) -> None:
    """Exceptions can be their own cause's cause."""
    one, two = ValueError("one"), KeyError("two")
    one.__cause__, two.__cause__ = two, one
    assert isinstance(faults.translated(one, egress), ExtractionFailed)


def test_each_code_can_be_told_by_a_worker() -> None:
    """The codes are the keys."""
    assert {code: kind.code for code, kind in BY_CODE.items()} == {code: code for code in BY_CODE}


def test_the_documented_version_of_yt_dlp() -> None:
    """CVE-2026-55404 is fixed in 2026.7.4."""
    from yt_dlp.version import __version__

    assert tuple(map(int, __version__.split(".")[:3])) >= (2026, 7, 4)
