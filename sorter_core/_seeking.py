"""Finding and decoding pictures at chosen times with as little decoding as can be.

To decode a picture, all before it since the last key frame must be decoded too. So pictures are
taken at key frames where these lie well, and a bounded number of others is decoded on the way to
places without one.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE = 300
"""Packets read in vain before a place in a damaged file is given up."""


def plan(
    keys: Sequence[float], seconds: float, frames: int, forward: float
) -> dict[float, list[float]]:
    """Choose the times to look at, grouped by the key frame at which the decoding starts.

    Each of ``frames`` equal parts of the video is seen at a key frame lying in it, which costs one
    decoded picture. A part without one is reached by decoding on from the key frame before it, for
    ``forward`` seconds altogether.

    >>> plan([0, 2, 4, 6], 8, 4, 1)
    {0: [0], 2: [2], 4: [4], 6: [6]}
    >>> plan([0], 4, 2, 60)
    {0: [0, 3.0]}
    >>> plan([0, 50], 100, 4, 6)
    {0: [0], 50: [50, 53.0, 56.0]}
    """
    step = seconds / frames
    chosen: dict[float, list[float]] = {}
    between: dict[float, list[float]] = {}
    for part in range(frames):
        target = (part + 0.5) * step
        near = min(keys, key=lambda key: abs(key - target))
        if near not in chosen and abs(near - target) <= step / 2:
            chosen[near] = [near]
        else:
            between.setdefault(keys[max(0, bisect_right(keys, target) - 1)], []).append(target)
    if sum(times[-1] - key for key, times in between.items()) > forward:
        between = {
            key: _within(key, times, forward / len(between)) for key, times in between.items()
        }
    for key, times in between.items():
        chosen[key] = chosen.get(key, []) + times
    return chosen


def _within(key: float, times: list[float], reach: float) -> list[float]:
    """As many times as ``times``, spread over the first ``reach`` seconds after ``key``."""
    reach = min(reach, times[-1] - key)
    return [key + reach * (i + 1) / len(times) for i in range(len(times))]


def duration(container: Any, video: Any) -> float:
    """Seconds the pictures last, as the file says it; 0 when it does not know."""
    if video.duration and video.duration > 0:
        return float(video.duration * video.time_base)
    if container.duration and container.duration > 0:
        return float(container.duration / 1e6)
    return int(video.frames) / rate(video)


def rate(video: Any) -> float:
    """Pictures a second; 25 where the file says nothing usable."""
    rate = float(video.average_rate or video.guessed_rate or 25)
    return rate if 1e-3 <= rate <= 1e3 else 25.0  # noqa: PLR2004 - outside lies only damage


def key_times(container: Any, video: Any, seconds: float, probes: int) -> list[float]:
    """List the times of the key frames that seeking finds from ``probes`` places, spread over the video.

    Reading one packet a place costs the same for an hour as for a minute, and works for every
    format; a list of all key frames exists for some only.
    """
    found = set()
    for i in range(probes):
        packet = next(_packets(container, video, (i + 0.5) * seconds / probes), None)
        if packet is not None and packet.pts is not None:
            found.add(_since_start(video, packet.pts))
    return sorted(found) or [0.0]


def _packets(container: Any, video: Any, time: float) -> Iterator[Any]:
    """Packets from the last key frame at or before ``time`` on; none when the file is cut there."""
    import av

    try:
        container.seek(round(time / video.time_base) + (video.start_time or 0), stream=video)
        yield from demuxed(container, video)
    except (av.error.FFmpegError, OverflowError):  # nothing more can be read from here
        return


def demuxed(container: Any, stream: Any) -> Iterator[Any]:
    """The packets of ``stream`` from here on, whatever else begins in the middle of the file.

    PyAV (18.1) knows the streams that there were at the call, and ends with an ``IndexError`` at the
    first packet of another one: sound whose coding changes makes one in FLV and MPEG-TS.
    """
    while True:
        try:
            yield from container.demux(stream)
        except IndexError:
            continue  # that packet is read; the next call knows its stream
        return


def _since_start(video: Any, pts: int) -> float:
    return float((pts - (video.start_time or 0)) * video.time_base)


def decoded(container: Any, video: Any, key: float, *, alone: bool) -> Iterator[tuple[float, Any]]:
    """Decode from ``key`` on and give (seconds, picture); ``alone``: the key frame only.

    Time stamps that are missing or run backwards are replaced by the frame rate's.
    """
    step = 1 / rate(video)
    # pictures that no other needs are skipped on the way: half the time (FFmpeg: skip_frame)
    video.codec_context.skip_frame = "DEFAULT" if alone else "NONREF"
    last, vain = key - step, 0
    for packet in _packets(container, video, key):
        pictures = _decode(video, packet, flush=alone)
        vain = 0 if pictures else vain + 1
        for picture in pictures:
            time = None if picture.pts is None else _since_start(video, picture.pts)
            last = time if time is not None and time > last else last + step
            yield last, picture
        if (alone and pictures) or vain > PATIENCE:
            return


def _decode(video: Any, packet: Any, *, flush: bool) -> list[Any]:
    """Return the pictures of ``packet``; ``flush`` gives the key frame now and not after its followers."""
    import av

    if flush and not packet.is_keyframe:
        return []
    try:
        pictures: list[Any] = video.codec_context.decode(packet)
        if flush:
            pictures += video.codec_context.decode(None)
            video.codec_context.flush_buffers()  # else it takes no further packet
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError:  # one damaged packet costs itself alone
        video.codec_context.flush_buffers()
        return []
    return pictures
