"""What a thumbnail is about: which of the vocabulary's words describes it best, by CLIP.

CLIP was trained so that a picture and its description point the same way (Radford et al. 2021,
section 3.1). It knows English; the answer is in the asked language all the same, since a word has
the same key in both.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.extraction.thumbnails import vocabulary
from sorter_core.types import Clip, Frame, Matrix, Vector

log = logging.getLogger(__name__)

VERSION = 1
"""Raised whenever an answer may come out otherwise."""
SENTENCES = {
    "visual_style": ("a {} picture.", "a video in {} style."),
    "setting": ("a photo, the place: {}.", "a video taken in this setting: {}."),
    "hook_elements": ("a picture of {}.", "a video that shows {}."),
}
"""The mean over several sentences describes a class better than one (section 3.1.4)."""
SUBJECTS = ("strong_emotion", "before_and_after", "food", "animal", "product", "pointing")
"""The hooks that are something to be seen; the others are measured, or need to be read."""
ANYTHING = ("a picture.", "a video.")
"""What a subject is compared with: it must say more than nothing does."""
SHARPNESS = 100.0
"""What CLIP multiplies cosines with: the paper's bound of its learned temperature."""
LIKELY, SURE = 0.5, 0.9
"""A word of a choice must be likelier than all others together; a hook has only one rival."""


class Eyes(Protocol):
    """See :class:`~sorter_core.encoders.clip.ClipEncoder`."""

    def unavailable(self) -> str | None:
        """None when ready."""

    def encode(self, clip: Clip) -> Vector:
        """(dim,), of length 1."""

    def encode_text(self, texts: Sequence[str]) -> Matrix:
        """(texts, dim), each of length 1."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Keys of the vocabulary with their probabilities (0..1); what is not likely is left out."""

    choices: Mapping[str, tuple[str, float]]
    """By field."""
    hooks: tuple[str, ...] = ()


NOTHING = Seen({})


class Describer:
    """Says what a picture is about; what the words look like to CLIP is computed once."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._lock = threading.Lock()
        self._words: dict[str, tuple[list[str], Matrix]] = {}
        self.ready = eyes.unavailable() is None

    def describe(self, picture: Frame) -> Seen:
        """What is likely; nothing when the model can't be used (its log line says why)."""
        if not self.ready:
            return NOTHING
        height, width = picture.shape[:2]
        try:
            words = self._known()
            seen = self._eyes.encode(Clip((picture,), (0.0,), None, 0.0, width, height))
        except CannotEncode:
            return NOTHING
        except EncoderUnavailable as error:
            self.ready = False
            log.warning("thumbnails are described without CLIP", extra={"reason": str(error)})
            return NOTHING
        return Seen(dict(_choices(seen, words)), tuple(_hooks(seen, words)))

    def _known(self) -> dict[str, tuple[list[str], Matrix]]:
        with self._lock:
            if not self._words:
                self._words = {field: self._look_up(field) for field in SENTENCES}
            return self._words

    def _look_up(self, field: str) -> tuple[list[str], Matrix]:
        """The keys of a field and their directions; hooks have that of :data:`ANYTHING` last."""
        words = vocabulary.of("en").words[field]
        keys = [key for key in words if field != "hook_elements" or key in SUBJECTS]
        said = [[form.format(words[key]) for form in SENTENCES[field]] for key in keys]
        if field == "hook_elements":
            said.append(list(ANYTHING))
        rows = self._eyes.encode_text([sentence for one in said for sentence in one])
        means = rows.reshape(len(said), -1, rows.shape[1]).mean(axis=1)
        return keys, means / np.linalg.norm(means, axis=1, keepdims=True)


def _choices(
    seen: Vector, words: Mapping[str, tuple[list[str], Matrix]]
) -> list[tuple[str, tuple[str, float]]]:
    found = []
    for field in ("visual_style", "setting"):
        keys, directions = words[field]
        shares = softmax(SHARPNESS * (directions @ seen))
        best = int(shares.argmax())
        if shares[best] >= LIKELY:
            found.append((field, (keys[best], float(shares[best]))))
    return found


def _hooks(seen: Vector, words: Mapping[str, tuple[list[str], Matrix]]) -> list[str]:
    keys, directions = words["hook_elements"]
    logits = SHARPNESS * (directions @ seen)
    return [
        key
        for key, logit in zip(keys, logits, strict=False)
        if softmax(np.array([logit, logits[-1]]))[0] >= SURE
    ]


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shares that sum to 1.

    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return np.asarray(powers / powers.sum())
