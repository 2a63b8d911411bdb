"""What is written beside the video: its caption, hashtags, author and sound."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import groupby

import numpy as np

from sorter_core.captions import JOINERS, hashtags
from sorter_core.encoders._base import About, Encoder, lacking, unit
from sorter_core.errors import CannotEncode
from sorter_core.types import Clip, Vector

KINDS = ("caption", "hashtags", "author", "sound")
SIZES = NAMES, WORDS, PIECES = 512, 512, 1024
"""Dimensions of the three parts. A caption has some 10 to 40 words: few of them share a place."""
WEIGHTS = (1.0, 0.7, 0.7)
"""Of the same; a hashtag is a label that somebody gave, and weighs as much as all words."""
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
        words = list(_words(caption))
        said = (_names(texts), [*words, *_symbols(caption)], _pieces(words))
        vector = np.concatenate(
            [
                weight * _hashed(tokens, size)
                for tokens, size, weight in zip(said, SIZES, WEIGHTS, strict=True)
            ]
        )
        return unit(vector, "what is written beside it says nothing of the video")


def _names(texts: Mapping[str, str]) -> Iterator[str]:
    """Hashtags, author and sound, each with a mark of its own."""
    written = texts.get("hashtags", "").split() or hashtags(texts.get("caption", ""))
    yield from (f"#{tag}" for tag in written if not _empty(tag))
    yield from (f"{kind}:{_plain(texts[kind])}" for kind in ("author", "sound") if kind in texts)


def _plain(text: str) -> str:
    r"""One writing for what reads alike: full-width, styled and upper-case letters become plain.

    >>> _plain("\uff23\uff21\uff34 Straße")
    'cat strasse'
    """
    return unicodedata.normalize("NFKC", text).casefold()


def _words(text: str) -> Iterator[str]:
    """Runs of letters, marks and digits, without the empty tags.

    >>> list(_words("My cat's 1st #Dance #fyp"))
    ['my', 'cat', 's', '1st', 'dance']
    """
    for inside, run in groupby(_plain(text), _in_word):
        word = "".join(run)
        if inside and any(map(str.isalnum, word)) and not _empty(word):
            yield word


def _in_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" or char in JOINERS


def _empty(tag: str) -> bool:
    return tag in EMPTY_TAGS or tag.startswith("fyp")


def _symbols(text: str) -> Iterator[str]:
    """Emoji, one by one: many captions have nothing else.

    >>> list(_symbols("so good \U0001f355\U0001f355!"))
    ['\U0001f355', '\U0001f355']
    """
    yield from (char for char in text if unicodedata.category(char) == "So")


def _pieces(words: Iterable[str]) -> Iterator[str]:
    """Pieces of 3 to 5 characters of each word, its ends marked.

    >>> list(_pieces(["cat"]))
    ['<ca', 'cat', 'at>', '<cat', 'cat>', '<cat>']
    """
    for word in (f"<{word}>" for word in words):
        for length in LENGTHS:
            yield from (word[at : at + length] for at in range(len(word) - length + 1))


def _hashed(tokens: Iterable[str], size: int) -> Vector:
    """Counts of ``tokens``, 1 + ln n each, hashed to (size,), of length 1 (or 0 for no token)."""
    from sklearn.feature_extraction import FeatureHasher

    counts = ((token, 1 + math.log(n)) for token, n in Counter(tokens).items())
    row = FeatureHasher(size, input_type="pair").transform([counts]).toarray()[0]
    length = float(np.linalg.norm(row))
    return np.asarray(row / length if length else row, np.float32)
