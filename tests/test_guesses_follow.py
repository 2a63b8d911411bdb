"""Folders made, renamed, merged, deleted and undone in any order: no stored guess names one that is not there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sorter_core import history, learning
from sorter_core.errors import SorterError
from sorter_core.library import Library
from sorter_core.scan import scan
from sorter_core.types import Guess, Prediction

NAMES = [f"{n}.mp4" for n in range(4)]
FOLDERS = ["A", "B", 'C "folder": "A"', "É"]
PARTS = (0.5, 0.25, 0.125, 0.0625)
"""Their sums are exact."""

Guesses = dict[str, list[tuple[str, float]]]


class Following(RuleBasedStateMachine):
    """A person who tidies folders while guesses for them are stored."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="sorter-"))
        for name in FOLDERS[:3]:
            (self.root / name).mkdir()
        for name in NAMES:
            (self.root / name).write_text(f"content of {name}")
        self.library = Library(self.root)
        scan(self.library, lambda done, total: None)
        with self.library.store.read() as db:
            self.marks = [row[0] for row in db.execute("SELECT fingerprint FROM files")]
        self.before: list[tuple[int, Guesses]] = []
        """The newest batch and the guesses before each act, as long as undoing it must restore them."""

    def guesses(self) -> Guesses:
        """What is stored."""
        with self.library.store.read() as db:
            rows = db.execute("SELECT fingerprint, folder, guesses FROM predictions").fetchall()
        found = {
            row["fingerprint"]: [(g["folder"], g["confidence"]) for g in json.loads(row["guesses"])]
            for row in rows
        }
        assert {row["fingerprint"]: row["folder"] for row in rows} == {
            mark: each[0][0] for mark, each in found.items()
        }, "the best guess is the first"
        return found

    def newest(self) -> int:
        """The newest batch that can be undone."""
        batches = history.moves(self.library.store, 1000)
        return max((m.batch for m in batches if m.state == "done" and m.kind != "undo"), default=0)

    def act(self, act: Callable[..., object], *arguments: str) -> None:
        """Do it and remember what an undo must bring back."""
        guesses, number = self.guesses(), self.newest()
        try:
            act(*arguments)
        except SorterError:
            assert self.guesses() == guesses
        if self.newest() != number:
            self.before.append((self.newest(), guesses))

    @rule(data=st.data())
    def predict(self, data: st.DataObject) -> None:
        there = [folder.name for folder in self.library.folders()]
        made = [
            Prediction(mark, tuple(map(Guess, data.draw(st.permutations(there)), PARTS)))
            for mark in self.marks
        ]
        with self.library.store.write() as db:
            learning.publisher(None, [each for each in made if each.guesses])(db)
        self.before = []

    @rule(data=st.data(), late=st.sampled_from(["rename", "merge", "delete", "unmake"]))
    def predict_while_tidying(self, data: st.DataObject, late: str) -> None:
        """A prediction that begins, a folder that changes, a prediction that ends."""
        since = learning.position(self.library)
        there = [folder.name for folder in self.library.folders()]
        if not there:
            return
        made = [Prediction(mark, tuple(map(Guess, there, PARTS))) for mark in self.marks]
        first, last = there[0], there[-1]
        with suppress(SorterError):
            match late:
                case "rename":
                    self.library.rename_folder(first, "New")
                    self.library.rename_folder("New", "Other")
                case "merge":
                    self.library.merge_folder(first, last)
                case "delete":
                    self.library.delete_folder(first)
                case "unmake":
                    self.library.undo()
        with self.library.store.write() as db:
            learning.publisher(None, made, since=since)(db)
        self.before = []

    @rule(name=st.sampled_from(NAMES), folder=st.sampled_from(FOLDERS))
    def sort(self, name: str, folder: str) -> None:
        self.act(self.library.sort, name, folder)

    @rule(name=st.sampled_from(FOLDERS))
    def create(self, name: str) -> None:
        self.act(self.library.create_folder, name)

    @rule(name=st.sampled_from(FOLDERS), new=st.sampled_from(FOLDERS))
    def rename(self, name: str, new: str) -> None:
        self.act(self.library.rename_folder, name, new)

    @rule(name=st.sampled_from(FOLDERS), into=st.sampled_from(FOLDERS))
    def merge(self, name: str, into: str) -> None:
        self.act(self.library.merge_folder, name, into)

    @rule(name=st.sampled_from(FOLDERS))
    def delete(self, name: str) -> None:
        self.act(self.library.delete_folder, name)

    @precondition(lambda self: self.before)
    @rule()
    def undo_newest(self) -> None:
        batch, guesses = self.before.pop()
        assert batch == self.newest()
        self.library.undo()
        assert self.guesses() == guesses

    @rule(data=st.data())
    def undo_any(self, data: st.DataObject) -> None:
        """Out of turn: what was before is not to be had exactly."""
        moves = history.moves(self.library.store, 1000)
        batches = sorted({m.batch for m in moves if m.state == "done" and m.kind != "undo"})
        if not batches:
            return
        self.before = []
        with suppress(SorterError):
            self.library.undo(data.draw(st.sampled_from(batches)))

    @rule()
    def restart(self) -> None:
        self.library.close()
        self.library = Library(self.root)

    @invariant()
    def guesses_name_what_is_there(self) -> None:
        if hasattr(self, "root"):
            there = {folder.name for folder in self.library.folders()}
            named = {folder for each in self.guesses().values() for folder, _ in each}
            assert named <= there

    def teardown(self) -> None:
        if hasattr(self, "root"):
            self.library.close()
            shutil.rmtree(self.root)


Following.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestFollowing = Following.TestCase
