"""The sound of a video, as every sound encoder takes it: mono, 16 kHz, float32."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sorter_core._seeking import demuxed
from sorter_core.types import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOWS = 4
"""Pieces, spread over the file, that stand for a sound longer than the limit."""
TOLERATED = 0.1
"""Share of damaged packets below which nothing is said: a cut-off file ends with one."""


@dataclass(slots=True)
class _Take:
    """What was heard so far, and how much of it was damaged."""

    pieces: list[Samples] = field(default_factory=list)
    packets: int = 0
    damaged: int = 0
    reason: str = "it is empty"

    def lost(self, reason: str) -> None:
        self.damaged += 1
        self.reason = reason


def listen(container: Any, stream: Any, seconds: float) -> tuple[Samples | None, str | None]:
    """Decode the sound of ``stream``, at most ``seconds`` of it; give (samples, note).

    Damage is never turned into silence: a packet that does not decode is left out, and a track of
    which nothing decodes is None with a note that says why.
    """
    from av.stream import Discard

    if stream.codec_context is None:
        return None, "the sound track could not be decoded: its coding is not known here"
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all  # their bytes are not even read
    stream.codec_context.thread_count = 1
    take = _Take()
    for start, length in windows(_duration(container, stream), seconds):
        _hear(container, stream, start, length, take)
    if not take.pieces:
        return None, f"the sound track could not be decoded: {take.reason}"
    samples = np.concatenate(take.pieces)[: round(seconds * SAMPLE_RATE)]
    return np.clip(np.nan_to_num(samples), -1, 1), _note(take)


def windows(duration: float, seconds: float) -> list[tuple[float, float]]:
    """Places to listen at, as (start, length): all, or :data:`WINDOWS` equal pieces, spread.

    >>> windows(30, 60)
    [(0.0, 60)]
    >>> windows(3600, 60)
    [(0.0, 15.0), (1195.0, 15.0), (2390.0, 15.0), (3585.0, 15.0)]
    """
    if duration <= seconds:
        return [(0.0, seconds)]
    length = seconds / WINDOWS
    return [(i * (duration - length) / (WINDOWS - 1), length) for i in range(WINDOWS)]


def _duration(container: Any, stream: Any) -> float:
    if stream.duration and stream.duration > 0:
        return float(stream.duration * stream.time_base)
    return float(max(0, container.duration or 0) / 1e6)


def _hear(container: Any, stream: Any, start: float, length: float, take: _Take) -> None:
    """Decode ``length`` seconds from ``start`` on into ``take``."""
    missing = round(length * SAMPLE_RATE)
    for samples in _resampled(_sounds(container, stream, start, take), take):
        take.pieces.append(samples[:missing])
        missing -= len(samples)
        if missing <= 0:
            return


def _sounds(container: Any, stream: Any, start: float, take: _Take) -> Iterator[Any]:
    """Decode av.AudioFrames from ``start`` on; what is damaged is counted and left out."""
    import av

    try:
        container.seek(round(start / stream.time_base) + (stream.start_time or 0), stream=stream)
        for packet in demuxed(container, stream):
            take.packets += packet.size > 0
            if _hollow(packet, stream):
                take.lost("its data are missing from the file")
                continue
            try:
                yield from stream.codec_context.decode(packet)
            except av.error.FFmpegError as error:
                take.lost(str(error.strerror))
    except av.error.FFmpegError as error:
        take.lost(str(error.strerror))


def _hollow(packet: Any, stream: Any) -> bool:
    """Whether the packet is a hole (zeros) in the file, which some decoders take for silence."""
    if packet.size == 0 or stream.codec_context.name.startswith("pcm"):
        return False
    return not any(bytes(packet))


def _resampled(sounds: Iterator[Any], take: _Take) -> Iterator[Samples]:
    """Mono float32 at 16 kHz; a track that changes its format midway gets a new resampler."""
    import av

    resampler = None
    form = None
    for sound in sounds:
        if form != (form := (sound.format.name, sound.layout.name, sound.sample_rate)):
            resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE)
        try:
            yield from _samples(resampler, sound)
        except (av.error.FFmpegError, ValueError) as error:
            take.lost(str(error))
    if resampler is not None:
        yield from _samples(resampler, None)


def _samples(resampler: Any, sound: Any) -> Iterator[Samples]:
    for each in resampler.resample(sound):
        # the mean of the channels: FFmpeg's own mixing makes two equal ones 3 dB louder, and clips
        yield each.to_ndarray().mean(axis=0)


def _note(take: _Take) -> str | None:
    share = take.damaged / max(1, take.packets)
    if share <= TOLERATED:
        return None
    return f"{share:.0%} of the sound track could not be decoded: {take.reason}"
