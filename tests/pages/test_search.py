"""The page that finds videos, and moves what it found."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sorter_core import encoders
from sorter_core.app import Sorter
from tests.conftest import grow, look
from tests.pages.conftest import HOSTILE, MARKUP, Visit, words


def ask(app, text: str):
    """Type words and press Enter."""
    return app.text_input(key="search_words").set_value(text).run()


def press(app, label: str):
    found = [
        one for one in app.button if one.label.replace("\u2060", "").replace("\\", "") == label
    ]
    return found[0].click().run()


def boxes(app) -> list[str]:
    return [box.label.replace("\u2060", "").replace("\\", "") for box in app.checkbox]


def test_at_first_nothing_is_shown(visit: Visit, sorter: Sorter) -> None:
    """A field, and no list of everything."""
    app = visit("search")
    assert "Search" in words(app)
    assert [*app.checkbox, *app.error] == []


def test_words_find_filed_and_unsorted_videos(visit: Visit, sorter: Sorter) -> None:
    """Each with the place where it lies."""
    sorter.scan()
    app = ask(visit("search"), "mp4")
    assert sorted(boxes(app)) == ["Cats", "unsorted", "unsorted", "unsorted"]
    assert "4 videos found" in words(app)


def test_a_page_that_is_no_more_leads_to_the_first(visit: Visit, sorter: Sorter) -> None:
    """What was found there has gone since; the rest is still found."""
    sorter.scan()
    app = ask(visit("search"), "mp4")
    app.session_state["search_page"] = 2
    app.run()
    assert "4 videos found" in words(app)


def test_nothing_found_is_said(visit: Visit, sorter: Sorter) -> None:
    """In one sentence."""
    app = ask(visit("search"), '"*) nothing')
    assert [info.value for info in app.info] == ["Nothing was found."]


def test_what_is_selected_is_moved_and_comes_back(visit: Visit, sorter: Sorter, root: Path) -> None:
    """From wherever it lies, as one batch, with one undo."""
    sorter.scan()
    before = look(root)
    app = press(ask(visit("search"), "mp4"), "Select all on this page")
    app.selectbox[0].set_value("Dogs").run()
    app = press(app, "Move 4 videos")
    assert set(look(root)["Dogs"]) == {"1.mp4", "2.mp4", "3.mp4", "4.mp4"}
    assert "4 videos moved to “Dogs”." in words(app)
    app = press(app, "Undo")
    assert look(root) == before
    assert [toast.value for toast in app.toast] == ["4 steps taken back."]


def test_an_undo_tells_what_did_not_go_back(visit: Visit, sorter: Sorter, root: Path) -> None:
    """One of the videos has moved on since."""
    sorter.scan()
    app = press(ask(visit("search"), "mp4"), "Select all on this page")
    app.selectbox[0].set_value("Dogs").run()
    app = press(app, "Move 4 videos")
    sorter.move("1.mp4", "Dogs", "Cats")
    app = press(app, "Undo")
    assert [toast.value.replace("\u2060", "")[:19] for toast in app.toast] == [
        "3 steps taken back.",
        "1 not taken back\\: ",
    ]


def test_what_stays_is_told_with_its_reason(visit: Visit, sorter: Sorter, root: Path) -> None:
    """A name that is taken there stops no other."""
    grow(root, {"Dogs": {"4.mp4": "another"}})
    sorter.scan()
    app = press(ask(visit("search"), "mp4"), "Select all on this page")
    app.selectbox[0].set_value("Dogs").run()
    app = press(app, "Move 4 videos")  # the fifth is there already
    assert [
        warning.value.replace("\u2060", "").replace("\\", "")[:6] for warning in app.warning
    ] == ["4.mp4:"]
    assert len(look(root)["Dogs"]) == 4


def test_more_like_this(visit: Visit, sorter: Sorter) -> None:
    """A click on a hit looks for its like; another goes back to the words."""
    sorter.scan()
    kind = encoders.available()["sound"]
    random = np.random.default_rng(0)
    with sorter.library.store.write() as db:
        for (mark,) in db.execute("SELECT fingerprint FROM files").fetchall():
            vector = random.normal(size=kind.dim).astype("<f4")
            db.execute(
                "INSERT INTO features VALUES (?, 'sound', ?, ?, NULL)",
                (mark, kind.version, vector.tobytes()),
            )
    app = press(ask(visit("search"), "1"), "Alike")
    assert "Like “1.mp4”" in words(app)
    assert len(app.checkbox) == 3
    assert "likeness" in words(app)
    app = press(app, "Back to the search")
    assert app.text_input(key="search_words").value == "1"
    assert "likeness" not in words(app)


def test_an_undo_is_offered_in_its_own_library_only(
    visit: Visit, sorter: Sorter, tmp_path: Path
) -> None:
    """Another library numbers its batches anew: it would take back something else."""
    sorter.scan()
    app = press(ask(visit("search"), "mp4"), "Select all on this page")
    app.selectbox[0].set_value("Dogs").run()
    app = press(app, "Move 4 videos")
    sorter.setup(grow(tmp_path / "other", {"1.mp4": "one", "Dogs": {}}))
    sorter.sort("1.mp4", "Dogs")
    app.run()
    assert "moved to" not in words(app)
    assert "Undo" not in [button.label for button in app.button]


def test_a_folder_made_elsewhere_changes_no_choice(
    visit: Visit, sorter: Sorter, root: Path
) -> None:
    """The click moves to where the page said it would, also when the list of folders grew meanwhile."""
    sorter.scan()
    app = press(ask(visit("search"), "mp4"), "Select all on this page")
    app.selectbox[0].set_value("Dogs").run()
    sorter.create_folder("Ants")
    press(app, "Move 4 videos")
    assert len(look(root)["Dogs"]) == 4


def test_a_tick_just_before_the_click_counts(visit: Visit, sorter: Sorter, root: Path) -> None:
    """The button's words change with each tick; the click on the old ones is not lost."""
    sorter.scan()
    app = ask(visit("search"), "mp4")
    app.selectbox[0].set_value("Dogs")
    app.checkbox[0].check().run()
    app.checkbox[1].check()
    press(app, "Move 1 video")
    assert len(look(root)["Dogs"]) == 2


def test_where_nothing_moved_nothing_is_said_to_have(
    visit: Visit, sorter: Sorter, root: Path
) -> None:
    """Only the reason is told, and there is nothing to undo."""
    grow(root, {"Dogs": {"4.mp4": "another"}})
    sorter.scan()
    app = ask(visit("search"), "4.mp4")
    for box in app.checkbox:
        box.check()
    app.selectbox[0].set_value("Dogs").run()
    app = press(app, "Move 1 video")
    assert list(app.success) == []
    assert "nothing was overwritten" in words(app)
    assert "Undo" not in [button.label for button in app.button]


def test_what_was_not_analysed_is_said(visit: Visit, sorter: Sorter) -> None:
    """There is nothing to compare it with."""
    sorter.scan()
    app = press(ask(visit("search"), "1"), "Alike")
    assert "not been analysed" in words(app)
    assert any(button.label == "Back to the search" for button in app.button)


def test_without_the_encoder_the_page_says_how_to_get_it(visit: Visit, sorter: Sorter) -> None:
    """A description needs an encoder that has to be fetched."""
    app = visit("search")
    app.segmented_control[0].set_value("What is shown").run()
    assert "clip" in app.info[0].value


def test_hostile_names_and_texts_are_shown(visit: Visit, sorter: Sorter, root: Path) -> None:
    """As they are, and never obeyed."""
    grow(root, {f"{MARKUP}.mp4": "x", HOSTILE: {"7.mp4": "y"}})
    sorter.scan()
    with sorter.library.store.write() as db:
        for (mark,) in db.execute("SELECT fingerprint FROM files").fetchall():
            db.execute(
                "INSERT INTO texts VALUES (?, 'caption', ?)", (mark, f"word {HOSTILE} {MARKUP}")
            )
    app = ask(visit("search"), "word")
    assert HOSTILE in boxes(app)
    told = [caption.value for caption in app.caption if caption.value.startswith("**caption**")]
    assert len(told) == 6
    assert all("\\*\u2060" in text and "<img" not in text for text in told)
