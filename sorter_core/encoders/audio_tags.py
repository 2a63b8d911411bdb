"""Which of 521 sounds are heard: YAMNet."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.encoders import _file
from sorter_core.encoders._base import About, lacking, unit
from sorter_core.encoders._fetched import Fetched
from sorter_core.encoders._heard import heard
from sorter_core.encoders._lite0 import threads
from sorter_core.errors import EncoderUnavailable
from sorter_core.types import Clip, Samples, Vector

FILE = "yamnet.tflite"
URL = "https://storage.googleapis.com/mediapipe-models/audio_classifier/yamnet/float32/1/" + FILE
SHA256 = "4d8b4a53282dc83ef04e3e7dbc4fbc98082e34e44ed798e16c3a0cdd4c584faf"
"""Address and digest as Google's own package states them (mediapipe_audio on pub.dev,
``AudioModels.yamnet``: "version 1, as MediaPipe Studio uses it"); the licence is in the file."""
WINDOW = 15_600
"""Samples (0.975 s) that the network hears at a time."""
CLASSES = 521


class AudioTags(Fetched):
    """YAMNet's opinion of each second: speech, guitar, laughter, rain and 517 other sounds.

    The vector holds each sound's mean and its greatest score over the clip, as square roots:
    most scores are nearly zero, and a sound that is heard once counts beside one that lasts.
    """

    name = "audio_tags"
    version = "1"
    dim = 2 * CLASSES
    reads = "audio"
    files = (FILE,)
    download = 4_126_810
    about = About(
        title="Which sounds are heard (521 kinds: speech, guitar, laughter, rain, …)",
        licence="Apache-2.0",
        size=download,
        source="YAMNet (AudioSet), as MediaPipe offers it",
        extra="pip install ai-edge-litert",
    )

    def __init__(self, cache_dir: Path) -> None:
        super().__init__(cache_dir)
        self._interpreter: Any = None
        self._lock = threading.Lock()  # an interpreter serves one thread at a time

    def needs(self) -> str | None:
        """What runs the network."""
        return lacking("ai_edge_litert:ai-edge-litert")

    def load(self) -> None:
        """Open the network."""
        with self._lock:
            if self._interpreter is None:
                self._interpreter = self._open()

    def encode(self, clip: Clip) -> Vector:
        """(1042,): roots of the mean scores, then of the greatest."""
        scores = self.scores(heard(clip))
        figures = np.concatenate([scores.mean(axis=0), scores.max(axis=0)])
        return unit(np.sqrt(np.maximum(figures, 0)), "no sound is recognised in it")

    def scores(self, samples: Samples) -> NDArray[np.float32]:
        """(windows, 521): 0..1 for each sound and each 0.975 s; the last window is filled up."""
        self.load()
        windows = max(1, -(-len(samples) // WINDOW))
        padded = np.zeros(windows * WINDOW, np.float32)
        padded[: len(samples)] = samples
        with self._lock:
            return np.stack([self._run(window) for window in padded.reshape(windows, WINDOW)])

    def _run(self, window: Samples) -> NDArray[np.float32]:
        (given,), (answer, *_) = (
            self._interpreter.get_input_details(),
            self._interpreter.get_output_details(),
        )
        self._interpreter.set_tensor(given["index"], window.reshape(given["shape"]))
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(answer["index"]), np.float32).reshape(-1)

    def _open(self) -> Any:
        if lack := self.unavailable():
            raise EncoderUnavailable(lack)
        from ai_edge_litert.interpreter import Interpreter

        path = self.weights() / FILE
        try:
            interpreter = Interpreter(model_path=str(path), num_threads=threads() or None)
            interpreter.allocate_tensors()
            sizes = [
                int(np.prod(tensors[0]["shape"]))
                for tensors in (interpreter.get_input_details(), interpreter.get_output_details())
            ]
        except (ValueError, RuntimeError, IndexError) as error:
            raise EncoderUnavailable(self._broken(path, str(error))) from error
        if sizes != [WINDOW, CLASSES]:
            raise EncoderUnavailable(self._broken(path, "it is another network"))
        return interpreter

    def _broken(self, path: Path, why: str) -> str:
        return (
            f"{path} can't be used: {why}. Delete it, then run:"
            f" python -m sorter_core models pull {self.name}"
        )

    def fetch(self, folder: Path) -> None:
        """One file of 4 MB, compared with its digest."""
        _file.fetch(URL, SHA256, folder / FILE, self.download)
