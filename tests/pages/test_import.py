"""The Import page: preview, choices, doing, undoing, watching, export."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sorter_core.app import Sorter
from tests.conftest import grow, look
from tests.pages.conftest import HOSTILE, MARKUP, Visit, words

ID = "7301234567890123456"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A foreign folder: one new, one known, one that can't come in."""
    return grow(
        tmp_path / "archive",
        {"new.mp4": "new", "same.mp4": "one", "0.mp4": "", "Birds": {"b.mp4": "bird"}},
    )


def ask(visit: Visit, path: object) -> AppTest:
    return visit("import").text_input(key="import:path").set_value(str(path)).run()


def press(app: AppTest, label: str) -> AppTest:
    [found] = [
        button
        for button in app.button
        if button.label.replace("\\", "").replace("\u2060", "") == label
    ]
    return found.click().run()


def finished(sorter: Sorter, app: AppTest) -> AppTest:
    deadline = time.monotonic() + 20
    while sorter.import_status().running and time.monotonic() < deadline:
        time.sleep(0.05)
    return app.run()


def test_a_choice_previews_no_archive_again(visit: Visit, sorter: Sorter, tmp_path: Path) -> None:
    """What was seen is kept, with the choices and without: looking through an archive takes its time."""
    looks = []

    def look(path, options, report):
        looks.append(options)
        return preview(path, options, report)

    preview, sorter.preview_import = sorter.preview_import, look
    app = visit("import")
    app.text_input[0].set_value(str(grow(tmp_path / "old", {"7.mp4": "seven"}))).run()
    app.radio[0].set_value("copy").run()
    app.run()
    assert [options.link for options in looks] == [True, False]


def test_the_page_says_what_can_be_imported(visit: Visit, sorter: Sorter) -> None:
    """Before anything is typed."""
    said = words(visit("import"))
    assert "TikTok's data export" in said
    assert "myfaveTT" in said
    assert "yt-dlp" in said


def test_a_preview_comes_first(visit: Visit, sorter: Sorter, archive: Path, root: Path) -> None:
    """Figures and reasons; nothing is changed."""
    before = look(root)
    app = ask(visit, f' "{archive}" ')
    assert {metric.label: metric.value for metric in app.metric} == {
        "New": "2",
        "There already": "1",
        "Only named": "0",
        "Left out": "1",
    }
    assert "Import 2 videos" in words(app)
    assert look(root) == before


def test_moving_is_a_choice_with_a_warning(
    visit: Visit, sorter: Sorter, archive: Path, root: Path
) -> None:
    """Linking is what happens by itself; what is moved leaves its place, and undo puts it back."""
    before, foreign = look(root), look(archive)
    app = ask(visit, archive)
    assert app.radio[0].value == "link"
    app = app.radio[0].set_value("move").run()
    assert "will be taken out of the folder" in words(app)
    app = finished(sorter, press(app, "Move in 2 videos"))
    assert "2 videos came in" in words(app)
    assert look(archive) == {"same.mp4": b"one", "0.mp4": b"", "Birds": {}}
    sorter.undo()
    assert (look(root), look(archive)) == (before, foreign)


def test_the_button_imports_and_the_next_one_undoes(
    visit: Visit, sorter: Sorter, archive: Path, root: Path
) -> None:
    """What came in is told, and can be taken back at once."""
    before = look(root)
    app = press(ask(visit, archive), "Import 2 videos")
    app = finished(sorter, app)
    assert "2 videos came in, 1 was there already." in words(app)
    assert look(root).keys() - before.keys() == {"new.mp4", "b.mp4"}
    app = press(app, "Undo this import")
    assert look(root) == before
    assert "Undo this import" not in words(app)


def test_a_sub_folder_becomes_a_folder_when_asked(
    visit: Visit, sorter: Sorter, archive: Path, root: Path
) -> None:
    """Chosen by the person, from the names that are there."""
    app = ask(visit, archive)
    app = app.multiselect[0].select("Birds").run()
    finished(sorter, press(app, "Import 2 videos"))
    assert look(root)["Birds"] == {"b.mp4": b"bird"}


def test_an_export_of_tiktok_offers_lists_and_downloads(
    visit: Visit, sorter: Sorter, tmp_path: Path
) -> None:
    """Its videos are only named."""
    entry = {"Date": "2024-01-31 09:30:00", "Link": f"https://www.tiktokv.com/share/video/{ID}/"}
    path = tmp_path / "user_data_tiktok.json"
    lists = {
        "Favorite Videos": {"FavoriteVideoList": [entry]},
        "Like List": {"ItemFavoriteList": [entry]},
    }
    path.write_text(json.dumps({"Likes and Favorites": lists}))
    app = ask(visit, path)
    assert "Download the 1 that are only named" in {toggle.label for toggle in app.toggle}
    assert "Nothing comes in by itself" in words(app)
    toggle = next(toggle for toggle in app.toggle if toggle.label.startswith("Download"))
    assert "Download 1 video" in words(toggle.set_value(True).run())


@pytest.mark.parametrize("path", ["/no/such/place", "\0", "~nobody-there/x"])
def test_a_wrong_path_gets_a_sentence(visit: Visit, sorter: Sorter, path: str) -> None:
    """And no button."""
    app = ask(visit, path)
    assert len(app.error) == 1
    assert not app.metric


def test_hostile_names_are_shown_and_never_obeyed(
    visit: Visit, sorter: Sorter, tmp_path: Path
) -> None:
    """Neither in reasons nor in folders nor in notes."""
    name = HOSTILE.replace("/", "")
    place = grow(tmp_path / "in", {f"{MARKUP}.mp4": "", name: {f"{name}.mp4": "x"}})
    app = ask(visit, place)
    app = app.multiselect[0].select(name).run()
    app = finished(sorter, press(app, "Import 1 video"))
    raw = "".join(
        str(element.value) for kind in ("markdown", "caption", "info") for element in app.get(kind)
    )
    for dangerous in ("<img", "**bold**", "$x$", ":red["):
        assert dangerous not in raw


def test_the_switch_watches(visit: Visit, sorter: Sorter) -> None:
    """It shows what is so, and changes it."""
    app = visit("import")
    try:
        app = app.toggle(key="watch").set_value(True).run()
        assert sorter.watches()
        assert app.toggle(key="watch").value
        app.toggle(key="watch").set_value(False).run()
        assert not sorter.watches()
    finally:
        sorter.watch(on=False)
        sorter.stop_watching()


def test_the_export_can_be_had_in_both_forms(visit: Visit, sorter: Sorter) -> None:
    """As links to the server's own route: nothing is read into the page's memory."""
    links = [element.proto.url for element in visit("import").get("link_button")]
    assert "/api/export?what=videos&format=csv" in links
    assert len(links) == 6
