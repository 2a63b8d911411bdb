"""The numbers that TikTok gives its videos: 64 bits, of which the upper 32 are the upload time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_RUN = re.compile(r"(?<![0-9])[0-9]{15,20}(?![0-9])")
_FIRST = datetime(2014, 1, 1, tzinfo=UTC)  # Musical.ly, which became TikTok, began in that year


def uploaded(video_id: str) -> str | None:
    """When a video was uploaded, from its id; None where the number holds no such time.

    >>> uploaded("7301234567890123456"), uploaded("123456789012345")
    ('2023-11-14T08:39:03Z', None)
    """
    return moment(int(video_id) >> 32)


def moment(seconds: object) -> str | None:
    """Seconds since 1970 as ISO 8601, if they are a time at which a video can have been uploaded."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    latest = datetime.now(UTC) + timedelta(days=1)
    if not _FIRST.timestamp() <= seconds <= latest.timestamp():
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def id_in(stem: str, *, sure: bool = False) -> str | None:
    """The id in a file's name of any template, without its suffix; the last that holds a time.

    ``sure`` takes a number that holds none only when it is the whole name: cameras number, too.

    >>> id_in("Cat dances [7301234567890123456]"), id_in("VID_1623456789012345", sure=True)
    ('7301234567890123456', None)
    """
    runs = _RUN.findall(stem)
    dated = [run for run in runs if uploaded(run)]
    if dated:
        return str(dated[-1])
    return str(runs[-1]) if runs and (not sure or runs[-1] == stem) else None
