"""Two ways from sound to words: faster-whisper (many languages), and Moonshine (English)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sorter_core._sound import windows
from sorter_core.encoders._lite0 import threads
from sorter_core.types import SAMPLE_RATE, Clip, Samples

LANGUAGES_FILES = ("model.bin", "config.json", "tokenizer.json")
"""What a folder of faster-whisper needs (its vocabulary's file has one of two names)."""


class Said(NamedTuple):
    """A few words; ``start`` and ``end`` in seconds."""

    start: float
    end: float
    text: str


Transcribe = Callable[[Samples], list[Said]]


def whisper(folder: Path) -> Transcribe:
    """Whisper in 8-bit integers; music and noise are left out first (Silero VAD) and cost nothing."""
    from faster_whisper import WhisperModel

    model = WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=threads(), local_files_only=True
    )

    def transcribe(samples: Samples) -> list[Said]:
        segments, _ = model.transcribe(
            samples, vad_filter=True, beam_size=1, condition_on_previous_text=False
        )
        return [Said(part.start, part.end, part.text.strip()) for part in segments]

    return transcribe


def moonshine() -> Transcribe:
    """Moonshine tiny, whose weights lie inside the package; it, too, listens for voices first.

    It keeps what it heard last for the next call: a word of one video began the transcript of the
    next. So each clip gets a model of its own (0.15 s), which hears a second of silence first: how
    its voice detection begins is left to chance.
    """
    from moonshine_voice import ModelArch
    from moonshine_voice.transcriber import Transcriber
    from moonshine_voice.utils import get_model_path

    def transcribe(samples: Samples) -> list[Said]:
        model: Any = Transcriber(
            str(get_model_path("tiny-en")),
            ModelArch.TINY,
            options={"identify_speakers": "false"},  # it moves the lines' times, and nobody asks
        )
        try:
            heard = np.concatenate([np.zeros(SAMPLE_RATE, np.float32), samples])
            lines = model.transcribe_without_streaming(heard, SAMPLE_RATE).lines
            begun = [max(0.0, line.start_time - 1) for line in lines]
            return [
                Said(start, max(start, line.start_time - 1 + line.duration), line.text.strip())
                for start, line in zip(begun, lines, strict=True)
            ]
        finally:
            model.close()

    return transcribe


def in_the_file(said: Said, clip: Clip) -> Said:
    """The same with times of the file, where only windows spread over it were heard.

    >>> import numpy as np
    >>> hour = Clip((), (), np.zeros(60 * SAMPLE_RATE, np.float32), 3600.0, 64, 96)
    >>> in_the_file(Said(16.0, 18.0, "hello"), hour)
    Said(start=1196.0, end=1198.0, text='hello')
    """
    heard = 0.0 if clip.audio is None else len(clip.audio) / SAMPLE_RATE
    if clip.duration <= heard + 1:
        return Said(round(said.start, 2), round(said.end, 2), said.text)
    places = windows(clip.duration, heard)
    number = min(int(said.start // places[0][1]), len(places) - 1)
    later = places[number][0] - number * places[0][1]
    return Said(round(said.start + later, 2), round(said.end + later, 2), said.text)
