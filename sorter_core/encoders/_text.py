"""Text as hashed counts, in any language and without a vocabulary; and encoders that read text."""

from __future__ import annotations

import math
import unicodedata
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import ClassVar

import numpy as np

from sorter_core.captions import JOINERS
from sorter_core.encoders._base import Encoder, unit
from sorter_core.types import Clip, Vector

WORDS, PIECES = 512, 1024
"""Dimensions. A caption has some 10 to 40 words: few of them share a place."""
WEIGHT = 0.7
"""Of words and of pieces; what somebody gave as a name weighs 1 (see the caption encoder)."""
LENGTHS = range(3, 6)
"""Characters of a piece; as fastText (Bojanowski et al. 2017) without its longest."""
_EMPTY = """
fy fyp fypage fypp foryou foryoupage foryourpage 4u 4you 4youpage xyzbca xyzcba xyz blowthisup
viral viralvideo viralvideos viraltiktok goviral makeitviral trend trending trends trendingvideo
tiktok tiktoks tiktokviral tiktoktrend explore explorepage capcut parati fürdich pourtoi perte
neiperte рек рекомендации keşfet keşfetteyiz berandafyp おすすめ おすすめにのりたい 추천 เทรนด์วันนี้
اكسبلور
"""
EMPTY_TAGS = frozenset(_EMPTY.split())
"""Tags that ask for being shown and say nothing of the video; what begins with ``fyp`` is another."""


class Reader(Encoder):
    """An encoder that first reads words out of the clip; they are kept beside the vector.

    :meth:`read` gives what is stored, by kind of text; the text under the encoder's own name is
    what :meth:`embed` makes the vector of.
    """

    dim = WORDS + PIECES
    models: ClassVar[tuple[str, ...]] = ()
    """The models that it may read with, the best first; empty where there is one only."""

    @property
    def by(self) -> str:
        """The kind of text that names the model, beside the words, where there are several."""
        return f"{self.name}_by"

    def model(self) -> str:
        """The one of ``models`` that reads on this machine now."""
        return ""

    @abstractmethod
    def read(self, clip: Clip) -> Mapping[str, str]:
        """The words of the clip, by kind; raises CannotEncode when there are none.

        Or gives an empty text, which :meth:`embed` refuses with the reason: that is stored, in the
        place of an older one.
        """

    def embed(self, text: str) -> Vector:
        """(1536,): words, then pieces of words, of length 1. Raises CannotEncode."""
        found = [*words(text)]
        parts = hashed([*found, *symbols(text)], WORDS), hashed(pieces(found), PIECES)
        return unit(np.concatenate(parts), "what is written or said holds no word")

    def encode(self, clip: Clip) -> Vector:
        """Read, then embed."""
        return self.embed(self.read(clip)[self.name])


def plain(text: str) -> str:
    r"""One writing for what reads alike: full-width, styled and upper-case letters become plain.

    >>> plain("\uff23\uff21\uff34 Straße")
    'cat strasse'
    """
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> Iterator[str]:
    """Runs of letters, marks and digits, without the empty tags.

    >>> list(words("My cat's 1st #Dance #fyp"))
    ['my', 'cat', 's', '1st', 'dance']
    """
    for inside, run in groupby(plain(text), _in_word):
        word = "".join(run)
        if inside and any(map(str.isalnum, word)) and not empty(word):
            yield word


def _in_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" or char in JOINERS


def empty(tag: str) -> bool:
    """Whether a tag says nothing of the video.

    >>> empty("fyp"), empty("cats")
    (True, False)
    """
    return tag in EMPTY_TAGS or tag.startswith("fyp")


def symbols(text: str) -> Iterator[str]:
    """Emoji, one by one: many captions have nothing else.

    >>> list(symbols("so good \U0001f355\U0001f355!"))
    ['\U0001f355', '\U0001f355']
    """
    yield from (char for char in text if unicodedata.category(char) == "So")


def pieces(found: Iterable[str]) -> Iterator[str]:
    """Pieces of 3 to 5 characters of each word, its ends marked.

    >>> list(pieces(["cat"]))
    ['<ca', 'cat', 'at>', '<cat', 'cat>', '<cat>']
    """
    for word in (f"<{word}>" for word in found):
        for length in LENGTHS:
            yield from (word[at : at + length] for at in range(len(word) - length + 1))


def hashed(tokens: Iterable[str], size: int) -> Vector:
    """Counts of ``tokens``, 1 + ln n each, hashed to (size,), of length 1 (or 0 for no token).

    Weinberger et al. 2009, "Feature hashing": no vocabulary has to be kept.
    """
    from sklearn.feature_extraction import FeatureHasher

    counts = ((token, 1 + math.log(n)) for token, n in Counter(tokens).items())
    row = FeatureHasher(size, input_type="pair").transform([counts]).toarray()[0]
    length = float(np.linalg.norm(row))
    return np.asarray(row / length if length else row, np.float32)
