"""Scan, sort, undo, rename, outside changes and restarts in any order lose nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sorter_core.errors import SorterError
from sorter_core.library import Library
from sorter_core.scan import scan

NAMES = [f"{n}.mp4" for n in range(5)]
FOLDERS = ["A", "B", "C"]


class Sorting(RuleBasedStateMachine):
    """A person, a file manager and a restart, against a model of where each content must be."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="sorter-"))
        (self.root / "A").mkdir()
        (self.root / "B").mkdir()
        for name in NAMES:
            (self.root / name).write_text(f"content of {name}")
        self.library = Library(self.root)
        self.before: list[dict[str, str]] = []
        """The tree before each move that can be undone, in step with the journal."""

    def tree(self) -> dict[str, str]:
        """Each file and folder by path."""
        return {
            str(path.relative_to(self.root)): "" if path.is_dir() else path.read_text()
            for path in self.root.rglob("*")
            if ".sorter" not in path.parts
        }

    def attempt(self, act: object, *arguments: str) -> None:
        """Do it; when it worked, the tree as it was is what undo must bring back."""
        before = self.tree()
        try:
            act(*arguments)
        except SorterError:
            assert self.tree() == before, "a refused act changed something"
        else:
            if self.tree() != before:
                self.before.append(before)

    @rule(name=st.sampled_from(NAMES), folder=st.sampled_from(FOLDERS))
    def sort(self, name: str, folder: str) -> None:
        self.attempt(self.library.sort, name, folder)

    @rule(name=st.sampled_from(NAMES), folder=st.sampled_from(["", *FOLDERS]))
    def move(self, name: str, folder: str) -> None:
        try:
            here, _ = self.library.find(name)
        except SorterError:
            return
        if here != folder:
            self.attempt(self.library.move, name, here, folder)

    @rule(name=st.sampled_from(FOLDERS))
    def create(self, name: str) -> None:
        self.attempt(self.library.create_folder, name)

    @rule(name=st.sampled_from(FOLDERS), new=st.sampled_from(FOLDERS))
    def rename(self, name: str, new: str) -> None:
        self.attempt(self.library.rename_folder, name, new)

    @rule(name=st.sampled_from(FOLDERS), into=st.sampled_from(FOLDERS))
    def merge(self, name: str, into: str) -> None:
        self.attempt(self.library.merge_folder, name, into)

    @rule(name=st.sampled_from(FOLDERS))
    def delete(self, name: str) -> None:
        self.attempt(self.library.delete_folder, name)

    @precondition(lambda self: self.before)
    @rule()
    def undo(self) -> None:
        expected = self.before[-1]
        self.library.undo()
        self.before.pop()
        assert self.tree() == expected

    @precondition(lambda self: not self.before)
    @rule()
    def undo_nothing(self) -> None:
        before = self.tree()
        try:
            self.library.undo()
        except SorterError:
            assert self.tree() == before

    @rule()
    def scan(self) -> None:
        report = scan(self.library, lambda done, total: None)
        assert report.videos == len(NAMES)
        with self.library.store.read() as db:
            known = {
                (row["folder"], row["name"]) for row in db.execute("SELECT folder, name FROM files")
            }
        assert known == {
            (("" if p.parent == self.root else p.parent.name), p.name)
            for p in self.root.rglob("*.mp4")
        }

    @rule()
    def restart(self) -> None:
        self.library.close()
        self.library = Library(self.root)

    @rule(name=st.sampled_from(NAMES))
    def bring_home_by_hand(self, name: str) -> None:
        """A file manager moves a video; what the journal knew before can't be undone exactly any more."""
        here, _ = self.library.find(name)
        if here:
            (self.root / here / name).rename(self.root / name)
            self.library = Library(self.root)
            shutil.rmtree(self.root / ".sorter")
            self.before = []

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "root"):
            contents = sorted(p.read_text() for p in self.root.rglob("*.mp4"))
            assert contents == [f"content of {name}" for name in NAMES]

    @invariant()
    def counts_are_true(self) -> None:
        if hasattr(self, "root"):
            real = {
                p.name: len(list(p.glob("*.mp4")))
                for p in sorted(self.root.iterdir())
                if not p.name.startswith(".") and p.is_dir()
            }
            assert {folder.name: folder.count for folder in self.library.folders()} == real

    def teardown(self) -> None:
        if hasattr(self, "root"):
            self.library.close()
            shutil.rmtree(self.root)


TestSorting = Sorting.TestCase
TestSorting.settings = settings(max_examples=40, stateful_step_count=25)
