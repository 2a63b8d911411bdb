"""One decoding of a file -> :class:`~sorter_core.types.Clip`; nothing is decoded twice.

PyAV brings its own FFmpeg, so no program has to be installed. A video file is hostile input: it is
opened as a regular file only, read through a Python file object (a playlist inside it can reach
neither another file nor the network), judged by its picture size before a picture is allocated,
and best decoded in a process of its own (:mod:`sorter_core.decoding`).
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from sorter_core import _pictures, _seeking, _sound
from sorter_core.errors import LimitExceeded, MediaError
from sorter_core.types import Clip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMATS = "mov,matroska,avi,flv,mpegts,mpeg,asf,ogg"
"""FFmpeg's demuxers that a video library needs. Left out on purpose: the ones that open further
files or addresses (hls, dash, concat) and the ones that take any text for a picture (tty)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is decoded, and how big it may be.

    ``frames``: pictures a clip at most; ``short_side``: they are scaled down to it, in pixels;
    ``audio_seconds``: sound at most (0: none); ``megapixels``: of one picture in the file.
    """

    frames: int = 8
    short_side: int = 320
    audio_seconds: float = 60
    megapixels: float = 40


def decode(path: Path, limits: Limits = Limits()) -> Clip:
    """Decode pictures spread over the video and its sound, mono at 16 kHz, -1..1.

    Black, one-coloured and near-duplicate pictures are left out while others are to be had. Of
    sound longer than ``limits.audio_seconds`` four windows spread over the file are taken. A file
    cut off in the middle gives what still decodes.

    Raises :class:`MediaError` with a reason, :class:`LimitExceeded` for too big a picture.
    """
    import av

    with _regular_file(path) as file:
        try:
            with _container(file, limits) as container:
                return _clip(container, limits)
        except MediaError:
            raise
        except MemoryError as error:
            raise LimitExceeded("decoding it needs more memory than there is") from error
        except av.error.FFmpegError as error:
            raise MediaError(_reason(file, error)) from error
        except (OSError, ValueError, ArithmeticError) as error:
            raise MediaError(f"the file could not be decoded: {error}") from error


@contextmanager
def _regular_file(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` when it is a regular file, and without waiting for a FIFO's other end."""
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"):  # none of them exists on every system
        flags |= getattr(os, name, 0)
    try:
        _judge(os.lstat(path))
        # the directory entry may have changed since: judge again what was really opened
        with os.fdopen(os.open(path, flags), "rb") as file:
            _judge(os.fstat(file.fileno()))
            yield file
    except FileNotFoundError as error:
        raise MediaError("the file is not there any more") from error
    except OSError as error:
        raise MediaError(f"the file could not be read: {error.strerror or error}") from error


def _judge(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise MediaError("it is a link, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise MediaError("it is a directory or a device, not a file")
    if status.st_size == 0:
        raise MediaError("the file is empty")


@contextmanager
def _container(file: BinaryIO, limits: Limits) -> Iterator[Any]:
    """FFmpeg's view of ``file``, with the pixel limit set before anything is probed."""
    import av

    options = {
        "format_whitelist": FORMATS,
        "protocol_whitelist": "none",
        "max_pixels": str(int(limits.megapixels * 1e6)),
    }
    # a tag in another encoding than UTF-8 is no reason to refuse a video
    with av.open(file, options=options, metadata_errors="replace") as container:
        yield container


def _clip(container: Any, limits: Limits) -> Clip:
    video = _video(container, limits)
    pictures = _pictures.look(container, video, limits.frames, limits.short_side)
    audio, note = None, None
    if container.streams.audio and limits.audio_seconds > 0:
        audio, note = _sound.listen(container, container.streams.audio[0], limits.audio_seconds)
    return Clip(
        frames=pictures.frames,
        times=pictures.times,
        audio=audio,
        duration=_seeking.duration(container, video),
        width=pictures.width,
        height=pictures.height,
        notes=(note,) if note else (),
    )


def _video(container: Any, limits: Limits) -> Any:
    """Return the first stream of moving pictures; a cover picture of a song is none."""
    import av

    cover = av.stream.Disposition.attached_pic
    streams = [each for each in container.streams.video if not each.disposition & cover]
    if not streams:
        what = "only sound" if container.streams.audio else "nothing that can be shown"
        raise MediaError(f"the file has no pictures: it holds {what}")
    video = streams[0]
    if video.codec_context is None:
        raise MediaError("the pictures are coded in a way that is not known here")
    width, height = video.codec_context.width, video.codec_context.height
    if width * height > limits.megapixels * 1e6:
        raise LimitExceeded(
            f"a picture has {width}x{height} pixels; the limit is {limits.megapixels:g} megapixels"
        )
    video.codec_context.options = {"max_pixels": str(int(limits.megapixels * 1e6))}
    video.codec_context.thread_count = 1  # a key frame gains nothing; each core has its own worker
    return video


def _reason(file: BinaryIO, error: Exception) -> str:
    """Say in plain words why FFmpeg refused the file."""
    file.seek(0)
    head = file.read(4096)
    if head[4:8] == b"ftyp":
        return "the video is damaged: its index is missing or broken, as after a stopped download"
    if b"\0" not in head:
        return "the file holds text, not a video"
    return f"no video that can be decoded: {getattr(error, 'strerror', None) or error}"
