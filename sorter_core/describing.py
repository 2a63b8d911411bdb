"""Words that describe groups of videos, from what is written and said in them.

Class-based TF-IDF (Grootendorst 2022, "BERTopic", arXiv:2203.05794): all texts of a group are one
document, and a word counts that is frequent there and rare elsewhere. Here a word counts once for a
video, since one long transcript is no group. No list of stop words is needed, in any language: what
is said everywhere is said no more often here.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, pairwise

from sorter_core.captions import hashtags
from sorter_core.encoders import _text

KINDS = ("caption", "hashtags", "author", "speech", "screen")
"""What is read of each video; ``sound`` is mostly "original sound"."""
MOST = 2000
"""Characters that are read of each text."""
WORDS = 5
"""At most so many are given for a group."""
SHARE, TAG_SHARE, FEWEST = 0.4, 0.25, 3
"""Of the group's videos that have texts, this share, and so many at least, must have the word; a
hashtag, which is a name that somebody gave, may be rarer."""
BY_ONE = 0.8
"""The share from which on the author's name describes a group."""
LIFT = 2.0
"""How many times more common a word must be in the group than outside it."""
TAGGED = 1.5
"""How much more a hashtag counts than a word: somebody gave it as a name."""
SHORTEST, LONGEST = 3, 30
"""Letters of a word that is no hashtag, in scripts that have small letters: shorter ones are "in" and
"my". More is a sentence in a language written without blanks."""
_OF = "oftiktok"
"""What people put behind a word to make it a tag: ``catsoftiktok``."""

Texts = Mapping[str, Mapping[str, str]]
"""By video and kind."""


def describe(groups: Sequence[Sequence[str]], texts: Texts) -> list[list[str]]:
    """For each group of videos its words, the most telling first; none where nothing is written.

    ``texts`` also holds those of other videos, to compare with.

    >>> told = {str(i): {"caption": "my cat" if i < 4 else "my car"} for i in range(9)}
    >>> describe([["0", "1", "2", "3"]], told)
    [['cat']]
    """
    read = {mark: _read(kinds) for mark, kinds in texts.items()}
    known = {mark: one.terms for mark, one in read.items() if one.terms}
    everywhere = _Class(known.values(), len(known))
    tags = frozenset(chain.from_iterable(one.tags for one in read.values()))
    authors = frozenset(one.author for one in read.values()) - tags
    average = everywhere.counts.total() / (len(groups) + 1)  # with what lies in none
    told = _Telling(everywhere, average, tags, authors)
    written = [[known[mark] for mark in group if mark in known] for group in groups]
    return [told.best(_Class(found, len(found))) for found in written]


@dataclass(frozen=True, slots=True)
class _Read:
    """What one video says: its hashtags, its author, and all terms with these among them."""

    terms: frozenset[str]
    tags: frozenset[str]
    author: str


class _Class:
    """How many of some videos have each term."""

    def __init__(self, videos: Iterable[frozenset[str]], size: int) -> None:
        self.counts = Counter(chain.from_iterable(videos))
        self.size = size


@dataclass(frozen=True, slots=True)
class _Telling:
    """Which terms tell a group from everything; ``average``: terms of a class."""

    everywhere: _Class
    average: float
    tags: frozenset[str]
    authors: frozenset[str]

    def best(self, here: _Class) -> list[str]:
        """The terms of one group, the most telling first, no two alike."""
        chosen: list[str] = []
        good = [term for term in here.counts if self.telling(term, here)]
        for term in sorted(good, key=lambda term: self.rank(term, here)):
            # a pair is as good as the weaker of its words: "my cat" says no more than "cat"
            whole = term in self.authors or all(self.telling(word, here) for word in term.split())
            if whole and not any(_overlap(term, other) for other in chosen):
                chosen.append(term)
        return chosen[:WORDS]

    def telling(self, term: str, here: _Class) -> bool:
        """Whether it is common here, and rare elsewhere."""
        inside, everywhere = here.counts[term], self.everywhere
        needed = here.size * (
            BY_ONE if term in self.authors else TAG_SHARE if term in self.tags else SHARE
        )
        beside = (everywhere.counts[term] - inside) / max(everywhere.size - here.size, 1)
        return inside >= max(FEWEST, needed) and inside / here.size >= LIFT * beside

    def rank(self, term: str, here: _Class) -> tuple[bool, float, int, str]:
        """Lowest for what tells most; of equals the longer, since two words say more.

        Authors come last: what a group is about is the better name.
        """
        rarity = math.log1p(self.average / self.everywhere.counts[term])
        weight = here.counts[term] / here.size * rarity * (TAGGED if term in self.tags else 1)
        return term in self.authors, -round(weight, 9), -len(term), term


def _overlap(one: str, other: str) -> bool:
    """Whether they share a word, or one is a part of the other ("cat", "cats")."""
    return bool(set(one.split()) & set(other.split())) or one in other or other in one


def _read(kinds: Mapping[str, str]) -> _Read:
    """The terms of a video: hashtags, words, pairs of neighbours, and its author's name as a whole."""
    texts = {kind: kinds.get(kind, "")[:MOST] for kind in KINDS}
    author = " ".join(_text.plain(texts.pop("author")).split())
    marked = [*_text.words(texts.pop("hashtags")), *hashtags(texts["caption"])]
    named = (tag.removesuffix(_OF) or tag for tag in marked if not _text.empty(tag))
    tags = frozenset(filter(_sayable, named))
    words = frozenset(chain.from_iterable(map(_words, texts.values())))
    names = {author} if _sayable(author) else set()
    return _Read(tags | words | names, tags, author)


def _words(text: str) -> Iterator[str]:
    for sentence in _sentences(text):
        found = list(_text.words(sentence))
        kept = [_sayable(word) and _long_enough(word) for word in found]
        yield from compress(found, kept)
        pairs = zip(pairwise(found), pairwise(kept), strict=True)
        yield from (" ".join(pair) for pair, good in pairs if all(good))


def _sentences(text: str) -> list[str]:
    """What stands between marks: two words on either side of one are no pair."""
    return "".join(
        "\n" if unicodedata.category(char)[0] in "PS" and char not in "'\u2019-_" else char
        for char in text
    ).split("\n")


def _sayable(term: str) -> bool:
    """Whether a term may name something: no number, no single letter, no sentence.

    >>> _sayable("cat"), _sayable("2024"), _sayable("x"), _sayable("\u732b")
    (True, False, False, True)
    """
    one = len(term) == 1 and unicodedata.category(term) != "Lo"
    return 0 < len(term) <= LONGEST and not one and not term.isnumeric()


def _long_enough(word: str) -> bool:
    small = any(unicodedata.category(char) == "Ll" for char in word)
    return not small or len(word) >= SHORTEST
