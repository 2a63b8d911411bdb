"""What is said in the video."""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path

from sorter_core.encoders import _hub, _speech
from sorter_core.encoders._base import About, lacking
from sorter_core.encoders._fetched import Fetched
from sorter_core.encoders._heard import heard
from sorter_core.encoders._speech import LANGUAGES_FILES, Said, Transcribe
from sorter_core.encoders._text import Reader
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.types import Clip, Samples, Vector

SIZES = ("base", "tiny")
"""Of Whisper, the better first; ``base`` is what is fetched."""
MOONSHINE = "moonshine_voice:moonshine-voice==0.0.73"
"""The version whose wheel carries the English weights."""
NOBODY = "nobody speaks in it"


class Speech(Reader, Fetched):
    """Spoken words, as hashed counts; the transcript is kept, and can be searched.

    With faster-whisper and its model ``base`` (fetched on request; ``tiny`` is taken from
    ``MODELS_DIR``) it understands some 100 languages. Without it there is Moonshine tiny, whose
    weights lie inside a package: English, 10 s of speech in about 1 s on 2 cores. Both look for
    voices first, so that music costs next to nothing. Words in other languages than English come
    out of Moonshine as nonsense.
    """

    name = "speech"
    version = "1"
    reads = "audio"
    models = (*(f"Whisper {size}" for size in SIZES), "Moonshine tiny")
    files = tuple(f"faster-whisper-{SIZES[0]}/{file}" for file in LANGUAGES_FILES)
    download = 148_000_000
    about = About(
        title="What is said (English; many languages with Whisper)",
        licence="MIT",
        size=43_943_830,
        source="Moonshine tiny in the package moonshine-voice, or Whisper base by faster-whisper",
        extra="pip install moonshine-voice==0.0.73",
    )

    def __init__(self, cache_dir: Path) -> None:
        super().__init__(cache_dir)
        self._transcribe: Transcribe | None = None
        self._opened_model = ""
        self._lock = threading.Lock()

    def unavailable(self) -> str | None:
        """One of the two ways is enough."""
        return None if self._whisper() else lacking(MOONSHINE)

    def needs(self) -> str | None:
        """What fetches Whisper, and runs it."""
        return lacking("faster_whisper:faster-whisper")

    def load(self) -> None:
        """Open Whisper where it was fetched, else Moonshine."""
        self._opened()

    def model(self) -> str:
        """The better Whisper that is here, else Moonshine."""
        folder = self._whisper()
        return (
            self.models[SIZES.index(folder.name.rpartition("-")[2])] if folder else self.models[-1]
        )

    def read(self, clip: Clip) -> Mapping[str, str]:
        """``speech``: a line for each few words; ``speech_times``: JSON, [start, end] of each line.

        ``speech_by`` names the model. Where nobody speaks there is no line: that, too, takes the
        place of what another model heard.
        """
        samples = heard(clip)
        said = [_speech.in_the_file(part, clip) for part in self.transcribe(samples) if part.text]
        lines = (" ".join(part.text.split()) for part in said)
        times = [[part.start, part.end] for part in said]
        return {
            self.name: "\n".join(lines),
            "speech_times": json.dumps(times),
            self.by: self._opened_model,
        }

    def embed(self, text: str) -> Vector:
        """As of any text; raises CannotEncode where there is none."""
        if not text:
            raise CannotEncode(NOBODY)
        return super().embed(text)

    def transcribe(self, samples: Samples) -> list[Said]:
        """What is said in ``samples``, with times from their beginning; may be nothing."""
        return self._opened()(samples)

    def fetch(self, folder: Path) -> None:
        """Whisper ``base``, some 150 MB, from where faster-whisper says."""
        _hub.quiet()
        from faster_whisper import download_model

        size = SIZES[0]
        try:
            with warnings.catch_warnings(action="ignore", category=UserWarning):
                download_model(size, output_dir=str(folder / f"faster-whisper-{size}"))
        except Exception as error:
            why = _hub.first_line(error)
            raise EncoderUnavailable(f"Whisper could not be fetched: {why}") from error

    def _whisper(self) -> Path | None:
        """The folder of the best Whisper that is here; None without one, or without the package."""
        if self.needs():
            return None
        bases = [base for base in (self.models_dir, self.fetched_dir) if base]
        folders = (base / f"faster-whisper-{size}" for size in SIZES for base in bases)
        whole = (f for f in folders if all((f / file).is_file() for file in LANGUAGES_FILES))
        return next(whole, None)

    def _opened(self) -> Transcribe:
        with self._lock:
            if self._transcribe is None:
                self._transcribe = self._open()
            return self._transcribe

    def _open(self) -> Transcribe:
        if lack := self.unavailable():
            raise EncoderUnavailable(lack)
        folder, self._opened_model = self._whisper(), self.model()
        try:
            return _speech.whisper(folder) if folder else _speech.moonshine()
        except Exception as error:
            what = f"The model in {folder}" if folder else "The package moonshine-voice"
            raise EncoderUnavailable(f"{what} can't be used: {error}") from error


def spoken(texts: Mapping[str, str]) -> tuple[Said, ...]:
    """The transcript with its times, from the stored texts of a video; empty without one.

    >>> spoken({"speech": "Good morning.", "speech_times": "[[0.5, 1.25]]"})
    (Said(start=0.5, end=1.25, text='Good morning.'),)
    """
    lines = texts.get("speech", "").splitlines()
    times = json.loads(texts.get("speech_times", "[]"))
    return tuple(Said(start, end, line) for line, (start, end) in zip(lines, times, strict=False))
