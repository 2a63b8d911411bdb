"""New folders that the unsorted videos suggest: tight groups, named by what describes them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sorter_core import describing, features, naming, refusals, strangers
from sorter_core.catalog import versions_of
from sorter_core.clustering import ENOUGH, LEAST, Cluster, clusters
from sorter_core.depicting import Depicted
from sorter_core.library import Library
from sorter_core.review import located
from sorter_core.types import FeatureTable

SHOWN = 12
_KEPT = 3 * SHOWN
"""Groups that are kept ready, so that others come up in the place of those refused."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A folder that might be made of ``videos`` (file names, the most typical first).

    ``name``: valid and not taken; ``words`` are written or said in the videos, ``seen`` is what
    their pictures are taken for. ``tightness``: how alike they are, 0..1.
    """

    name: str
    words: tuple[str, ...]
    seen: tuple[str, ...]
    videos: tuple[str, ...]
    tightness: float


@dataclass(frozen=True, slots=True)
class Group:
    """The same before it has a name: ``marks`` are fingerprints, which a move leaves alone."""

    marks: tuple[str, ...]
    words: tuple[str, ...]
    seen: tuple[str, ...]
    tightness: float


class Proposals:
    """The proposals of one library, found once for each state of things; for several threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._lock = threading.Lock()
        self._state: object = None
        self._groups: list[Group] = []

    def all(self, encoders: Sequence[str], most: int = SHOWN) -> list[Proposal]:
        """At most ``most``, the biggest and tightest first, of :data:`LEAST` videos or more.

        What has been filed meanwhile is left out, and what a person called no folder.
        """
        told = refusals.refusals(self.library)
        groups = [g for g in self._found(encoders) if not refusals.together(g.marks, told)]
        unsorted = _unsorted(self.library, groups)
        taken = {naming.folded(folder.name) for folder in self.library.folders()}
        left = ((group, [n for m in group.marks for n in unsorted.get(m, ())]) for group in groups)
        big = [(group, names) for group, names in left if len(names) >= LEAST]
        return [_proposed(group, names, taken) for group, names in big[:most]]

    def why_none(self, encoders: Sequence[str]) -> str:
        """What to say, and to do, where :meth:`all` is empty."""
        with self.library.looking() as tree:
            empty = not tree.root().videos
        if empty:
            return "Nothing is unsorted."
        asked = strangers.candidates(self.library, encoders)
        if not asked:
            return "No unsorted video has been analysed yet: do that first."
        if len(strangers.sample(self.library, encoders, ENOUGH)) < ENOUGH:
            return f"Too few videos to compare: at least {ENOUGH} must have been analysed."
        return self._nothing_else(encoders, asked)

    def _nothing_else(self, encoders: Sequence[str], asked: Sequence[str]) -> str:
        if self._found(encoders):
            return "You have looked through all groups there are; nothing else is alike enough."
        if strangers.learned(self.library):
            if not strangers.predicted(self.library, asked):
                return "These videos have not been compared with your folders yet: train first."
            return "No group of videos lies far from all your folders: you need no new one."
        return "No videos are so much alike that they would make a good folder."

    def _found(self, encoders: Sequence[str]) -> list[Group]:
        with self._lock:
            state = (tuple(encoders), _state(self.library))
            if state != self._state:
                self._groups, self._state = found(self.library, encoders), state
            return self._groups


def found(library: Library, encoders: Sequence[str]) -> list[Group]:
    """Cluster the unsorted videos among a sample of the library, and describe what was found.

    Once there is a model, what lies near to a folder is left to it.
    """
    wanted = strangers.candidates(library, encoders)
    others = strangers.sample(library, encoders, strangers.SAMPLE - len(wanted), without=wanted)
    table = features.load(library.store, [*wanted, *others], encoders)
    groups = clusters(table, range(len(wanted)))
    if strangers.learned(library):
        groups = _strange(library, table, groups)
    return _described(library, table, groups[:_KEPT])


def _strange(library: Library, table: FeatureTable, groups: list[Cluster]) -> list[Cluster]:
    """What of the groups lies far from every folder, as far as it is worth one."""
    known = strangers.predicted(library, table.fingerprints)
    place = {mark: row for row, mark in enumerate(table.fingerprints)}
    far = [strangers.strange(_marks(table, group), known) for group in groups]
    return [
        replace(group, rows=tuple(place[mark] for mark in marks))
        for group, marks in zip(groups, far, strict=True)
        if len(marks) >= LEAST
    ]


def _described(library: Library, table: FeatureTable, groups: list[Cluster]) -> list[Group]:
    if not groups:
        return []
    members = [_marks(table, group) for group in groups]
    written = describing.describe(members, _texts(library, table.fingerprints))
    shown = Depicted(table)
    return [
        Group(tuple(marks), tuple(words), tuple(shown.of(list(group.rows))), group.tightness)
        for group, marks, words in zip(groups, members, written, strict=True)
    ]


def _marks(table: FeatureTable, group: Cluster) -> list[str]:
    return [table.fingerprints[row] for row in group.rows]


def _proposed(group: Group, names: Sequence[str], taken: set[str]) -> Proposal:
    """Named; the name joins those ``taken``."""
    name = naming.name([*group.words, *group.seen], taken)
    return Proposal(name, group.words, group.seen, tuple(names), group.tightness)


def _unsorted(library: Library, groups: Sequence[Group]) -> Mapping[str, list[str]]:
    """The names under which the groups' videos lie among the unsorted now."""
    places = located(library, {mark for group in groups for mark in group.marks})
    return {mark: [name for folder, name in found if not folder] for mark, found in places.items()}


def _texts(library: Library, marks: Sequence[str]) -> dict[str, dict[str, str]]:
    """What is written, by fingerprint and kind; only as much as is read."""
    kinds = ",".join("?" * len(describing.KINDS))
    texts: dict[str, dict[str, str]] = {}
    query = (
        f"SELECT fingerprint, kind, substr(text, 1, {describing.MOST}) FROM texts"
        f" WHERE kind IN ({kinds}) AND fingerprint IN ({{}})"
    )
    for mark, kind, text in library.store.among(query, marks, describing.KINDS):
        texts.setdefault(mark, {})[kind] = text
    return texts


def _state(library: Library) -> tuple[object, ...]:
    """Changes when videos, vectors or predictions do, in any process; a move changes nothing."""
    with library.store.read() as db:
        newest = db.execute("SELECT max(rowid) FROM features").fetchone()[0]
    return (*versions_of(library), newest, strangers.learned(library))
