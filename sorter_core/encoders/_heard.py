"""The sound of a clip, or why there is nothing to be heard."""

from __future__ import annotations

import numpy as np

from sorter_core.errors import CannotEncode
from sorter_core.types import Clip, Samples

SILENT = 1e-3
"""A track that never gets louder (full scale is 1, this is -60 dB) is silence."""


def heard(clip: Clip) -> Samples:
    """The clip's sound; raises CannotEncode when there is none, or nothing to be heard."""
    if clip.audio is None or not len(clip.audio):
        notes = [note for note in clip.notes if "sound" in note]
        raise CannotEncode(notes[0] if notes else "the video has no sound track")
    samples = np.nan_to_num(clip.audio)
    if np.abs(samples).max() < SILENT:
        raise CannotEncode("the sound track is silent from beginning to end")
    return samples
