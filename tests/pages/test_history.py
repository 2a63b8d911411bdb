"""The page of everything that was moved."""

from __future__ import annotations

from pathlib import Path

from sorter_core.app import Sorter
from tests.conftest import grow, look
from tests.pages.conftest import HOSTILE, Visit, words


def test_nothing_was_moved_yet(visit: Visit, sorter: Sorter) -> None:
    """An empty history says so."""
    assert "Nothing was moved yet." in words(visit("history"))


def test_a_batch_is_one_line_and_undone_at_once(visit: Visit, sorter: Sorter, root: Path) -> None:
    """Who and what is told; the button takes it all back."""
    before = look(root)
    sorter.sort_many([("1.mp4", "Cats"), ("2.mp4", "Dogs")])
    app = visit("history")
    assert "**Sorted** 2 moves, the first: 1.mp4 → Cats" in words(app)
    assert "You, in bulk" in words(app)
    app = next(b for b in app.button if b.label == "Undo").click().run()
    assert look(root) == before
    assert "Undone: 2 moves taken back." in words(app)
    assert [b for b in app.button if b.label == "Undo"] == []


def test_an_older_one_can_be_undone(visit: Visit, sorter: Sorter, root: Path) -> None:
    """Not only the newest."""
    sorter.sort("1.mp4", "Cats")
    sorter.sort("2.mp4", "Dogs")
    app = visit("history")
    [b for b in app.button if b.label == "Undo"][1].click().run()
    assert (root / "1.mp4").exists()
    assert (root / "Dogs" / "2.mp4").exists()


def test_what_stands_in_the_way_is_told(visit: Visit, sorter: Sorter, root: Path) -> None:
    """The old place is taken: both files stay."""
    sorter.sort("1.mp4", "Cats")
    grow(root, {"1.mp4": "another"})
    app = visit("history")
    app = next(b for b in app.button if b.label == "Undo").click().run()
    assert "nothing was overwritten" in words(app)
    assert (root / "Cats" / "1.mp4").read_text() == "one"


def test_filters(visit: Visit, sorter: Sorter) -> None:
    """By what, who, folder and part of the name."""
    sorter.sort("1.mp4", "Cats")
    sorter.sort_many([("2.mp4", "Dogs")])
    for label, value, there, gone in (
        ("Who", "bulk", "2.mp4", "1.mp4"),
        ("Folder", "Cats", "1.mp4", "2.mp4"),
    ):
        app = visit("history")
        app = next(box for box in app.selectbox if box.label == label).set_value(value).run()
        assert there in words(app)
        assert gone not in words(app)
    app = visit("history")
    app = next(box for box in app.selectbox if box.label == "What").set_value("merge").run()
    assert "Nothing of that kind." in words(app)
    app = visit("history")
    app = app.text_input[0].set_value("2.mp4").run()
    assert "1.mp4" not in words(app)


def test_every_move_is_in_the_table(visit: Visit, sorter: Sorter) -> None:
    """From, to, when, by whom."""
    sorter.sort("1.mp4", "Cats")
    app = visit("history")
    app = app.segmented_control[0].set_value("Every move").run()
    [row] = app.dataframe[0].value.to_dict("records")
    assert (row["From"], row["To"], row["Who"]) == ("1.mp4", "Cats/1.mp4", "You, one by one")


def test_hostile_names_are_shown_as_they_are(visit: Visit, sorter: Sorter, root: Path) -> None:
    """A folder's name is not obeyed."""
    grow(root, {HOSTILE: {}})
    sorter.sort("1.mp4", HOSTILE)
    app = visit("history")
    assert HOSTILE in words(app)
    assert not any(HOSTILE in str(element.value) for element in app.markdown)
