"""What is written beside the video: its caption, hashtags, author and sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import numpy as np

from sorter_core.captions import hashtags
from sorter_core.encoders._base import About, Encoder, lacking, unit
from sorter_core.encoders._text import (
    PIECES,
    WEIGHT,
    WORDS,
    empty,
    hashed,
    pieces,
    plain,
    symbols,
    words,
)
from sorter_core.errors import CannotEncode
from sorter_core.types import Clip, Vector

KINDS = ("caption", "hashtags", "author", "sound")
NAMES = 512
SIZES = NAMES, WORDS, PIECES
"""Dimensions of the three parts."""
WEIGHTS = (1.0, WEIGHT, WEIGHT)
"""Of the same; a hashtag is a label that somebody gave, and weighs as much as all words."""


class Caption(Encoder):
    """Text as hashed counts, in any language, with nothing to download.

    Three parts, each of length 1 before it is weighted: names (hashtags, author, sound, as they
    are), words and emoji, and pieces of words, which bring inflected and misspelt words together and do for
    languages written without blanks. Counts grow with their logarithm (1 + ln n). Places are hashed
    (Weinberger et al. 2009, "Feature hashing"), so that no vocabulary has to be kept.
    """

    name = "caption"
    version = "1"
    dim = sum(SIZES)
    reads = "texts"
    about = About(
        title="What is written beside the video (caption, hashtags, author, sound)",
        licence="MIT",
        size=0,
        source="hashed words and character n-grams, scikit-learn's FeatureHasher",
        default=True,
    )

    def unavailable(self) -> str | None:
        """scikit-learn hashes."""
        return lacking("sklearn:scikit-learn")

    def load(self) -> None:
        """Import what hashes; that is the slow part."""
        import_module("sklearn.feature_extraction")

    def encode(self, clip: Clip) -> Vector:
        """(2048,): names, words, pieces."""
        texts = {kind: clip.texts[kind] for kind in KINDS if clip.texts.get(kind)}
        if not texts:
            raise CannotEncode("no caption lies beside it")
        caption = texts.get("caption", "")
        found = list(words(caption))
        said = (_names(texts), [*found, *symbols(caption)], pieces(found))
        vector = np.concatenate(
            [
                weight * hashed(tokens, size)
                for tokens, size, weight in zip(said, SIZES, WEIGHTS, strict=True)
            ]
        )
        return unit(vector, "what is written beside it says nothing of the video")


def _names(texts: Mapping[str, str]) -> Iterator[str]:
    """Hashtags, author and sound, each with a mark of its own."""
    written = texts.get("hashtags", "").split() or hashtags(texts.get("caption", ""))
    yield from (f"#{tag}" for tag in written if not empty(tag))
    yield from (f"{kind}:{plain(texts[kind])}" for kind in ("author", "sound") if kind in texts)
