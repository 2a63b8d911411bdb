"""Setting up, folders and the unsorted videos over HTTP, field by field."""

import os
import threading

import pytest
from fastapi.testclient import TestClient

from api import create_app
from sorter_core import Sorter
from sorter_core.demo import cast
from tests.api.conftest import ADDRESS
from tests.conftest import grow, look
from tests.test_bulk import guess

FOLDERS = [{"name": "Cats", "count": 1}, {"name": "Dogs", "count": 0}]


def test_setup_tells_what_was_found(empty_client, root):
    """The answer has the four documented fields."""
    answer = empty_client.post("/api/setup", json={"data_dir": str(root)})
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "data_dir": str(root),
        "unsorted_videos": 3,
        "folders": {"Cats": 1, "Dogs": 0},
    }


@pytest.mark.parametrize("form", ["  {}  ", '"{}"', "'{}'", ' "{}" '])
def test_setup_forgives_quotes_and_blanks(empty_client, root, form):
    """A path copied from a file manager works."""
    answer = empty_client.post("/api/setup", json={"data_dir": form.format(root)})
    assert answer.json()["data_dir"] == str(root)


@pytest.mark.parametrize("path", ["", "  ", "missing", "a\0b", "x" * 5000])
def test_setup_refuses_what_is_no_folder(empty_client, root, path):
    """A path that is missing, empty or impossible is 400, and nothing is set."""
    answer = empty_client.post(
        "/api/setup", json={"data_dir": str(root / path) if path.strip() else path}
    )
    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)
    assert empty_client.get("/api/config/status").json() == {"configured": False, "data_dir": None}


def test_setup_refuses_a_file(empty_client, root):
    """A file is no library."""
    assert (
        empty_client.post("/api/setup", json={"data_dir": str(root / "1.mp4")}).status_code == 400
    )


def test_setup_of_a_bad_path_keeps_the_old_library(client, root):
    """A slip does not unset anything."""
    client.post("/api/setup", json={"data_dir": "/nowhere/at/all"})
    assert client.get("/api/config/status").json() == {"configured": True, "data_dir": str(root)}


def test_setup_reads_every_path_language(empty_client, tmp_path):
    """A library may lie on a path with blanks and non-ASCII letters."""
    place = grow(tmp_path / "мои видео été", {"1.mp4": "x"})
    assert (
        empty_client.post("/api/setup", json={"data_dir": str(place)}).json()["unsorted_videos"]
        == 1
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/videos", None),
        ("GET", "/api/folders", None),
        ("POST", "/api/sort", {"filename": "1.mp4", "folder": "Cats"}),
        ("POST", "/api/undo", {}),
        ("POST", "/api/folders", {"name": "New"}),
        ("POST", "/api/folders/rename", {"name": "Cats", "new_name": "New"}),
        ("GET", "/api/history", None),
        ("POST", "/api/retrain", None),
        ("POST", "/api/retrain/cancel", None),
        ("GET", "/api/retrain/status", None),
        ("GET", "/api/failures", None),
        ("GET", "/api/runs", None),
        ("GET", "/api/runs/1", None),
        ("GET", "/videos/1.mp4", None),
    ],
)
def test_without_a_library_calls_answer_503(empty_client, method, path, body):
    """Each call says that no library is set."""
    answer = empty_client.request(method, path, json=body)
    assert answer.status_code == 503
    assert "library" in answer.json()["detail"]


def test_videos_lists_all_unsorted_by_name(client):
    """Without a model each video has the four fields, and no prediction."""
    bare = {"predicted_folder": None, "confidence": 0, "top_predictions": [], "far": False}
    names = ["1.mp4", "2.mp4", "3.mp4"]
    answer = client.get("/api/videos")
    assert answer.json() == {"videos": [{"filename": name, **bare} for name in names], "total": 3}
    assert answer.headers["content-type"] == "application/json"


def test_videos_narrowed_keeps_the_total(client):
    """``limit`` and ``offset`` narrow the list; ``total`` stays the whole count."""
    answer = client.get("/api/videos", params={"limit": 1, "offset": 1}).json()
    assert ([video["filename"] for video in answer["videos"]], answer["total"]) == (["2.mp4"], 3)


def test_videos_far_from_every_folder(client, sorter):
    """``far=true`` lists only what is like none of the folders, and each video says whether it is."""
    guess(sorter, {"1.mp4": ("Cats", 0.9), "2.mp4": ("Cats", 0.8)}, "1.mp4")
    answer = client.get("/api/videos", params={"far": "true"}).json()
    assert [(video["filename"], video["far"]) for video in answer["videos"]] == [("1.mp4", True)]
    assert answer["total"] == 3
    answer = client.get("/api/videos", params={"far": "false", "folder": "Cats"}).json()
    assert [(video["filename"], video["far"]) for video in answer["videos"]] == [("2.mp4", False)]
    assert client.get("/api/videos", params={"far": "maybe"}).status_code == 422
    assert client.get("/api/bulk").json()["far"] == 1


def test_videos_by_age(client, root):
    """``newest`` is the order of the files' times."""
    for age, name in enumerate(["2.mp4", "3.mp4", "1.mp4"]):
        os.utime(root / name, (1_000_000 - age, 1_000_000 - age))
    client.get("/api/videos")
    answer = client.get("/api/videos", params={"order": "newest"}).json()
    names = [video["filename"] for video in answer["videos"]]
    assert names == ["2.mp4", "3.mp4", "1.mp4"]


@pytest.mark.parametrize(
    "query",
    [
        {"order": "random"},
        {"limit": -1},
        {"limit": "x"},
        {"offset": -1},
        {"limit": 2**63},
        {"offset": 2**63},
    ],
)
def test_videos_refuses_a_wrong_query(client, query):
    """What is no number in range, or no order, is 422."""
    assert client.get("/api/videos", params=query).status_code == 422


def test_videos_of_a_folder_nothing_is_predicted_for(client):
    """``folder`` narrows the list to what is predicted there: nothing yet."""
    assert client.get("/api/videos", params={"folder": "Cats"}).json() == {"videos": [], "total": 3}


def test_folders_lists_by_name_without_hidden_ones(client, root):
    """Hidden folders are no category."""
    grow(root, {".hidden": {"9.mp4": "x"}, "Birds": {}})
    assert client.get("/api/folders").json() == {
        "folders": [{"name": "Birds", "count": 0}, *FOLDERS]
    }


def test_a_change_outside_is_seen_at_the_next_request(client, root):
    """Moving files by hand needs no restart."""
    assert client.get("/api/folders").json() == {"folders": FOLDERS}
    (root / "2.mp4").rename(root / "Dogs" / "2.mp4")
    assert client.get("/api/folders").json()["folders"][1] == {"name": "Dogs", "count": 1}
    assert client.get("/api/videos").json()["total"] == 2


def test_names_of_every_kind_come_through(client, root):
    """Quotes, newlines and emoji in names are data, in lists and in moves."""
    names = ['say "hi".mp4', "two\nlines.mp4", "🐈 été.mp4", "<b>&amp;.mp4"]
    grow(root, dict.fromkeys(names, "x"))
    listed = {video["filename"] for video in client.get("/api/videos").json()["videos"]}
    assert set(names) <= listed
    for name in names:
        assert (
            client.post("/api/sort", json={"filename": name, "folder": "Dogs"}).status_code == 200
        )
    assert set(look(root)["Dogs"]) == set(names)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names that are not Unicode")
def test_names_that_are_no_unicode_break_nothing(client, root):
    """A file or folder whose name no JSON can carry does not fail the list."""
    try:
        root.joinpath(os.fsdecode(b"\xff.mp4")).touch()
        root.joinpath(os.fsdecode(b"\xfe")).mkdir()
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    assert client.get("/api/videos").status_code == 200
    assert client.get("/api/folders").status_code == 200


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names that are not Unicode")
def test_a_library_whose_own_name_is_no_unicode(settings, root):
    """It can be had with ``DATA_DIR``, and its path is told as far as JSON can tell it."""
    try:
        odd = root.rename(root.with_name(os.fsdecode(b"caf\xe9")))
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    chosen = settings.model_copy(update={"data_dir": odd})
    client = TestClient(create_app(Sorter(chosen), chosen), base_url=ADDRESS)
    told = client.get("/api/config/status").json()
    assert told == {"configured": True, "data_dir": str(root.with_name("caf?"))}


def test_create_folder(client, root):
    """A new folder is 201, and in the list."""
    answer = client.post("/api/folders", json={"name": "Birds"})
    assert answer.status_code == 201
    expected = {
        "success": True,
        "name": "Birds",
        "folders": [{"name": "Birds", "count": 0}, *FOLDERS],
    }
    assert answer.json() == expected
    assert (root / "Birds").is_dir()


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "a\\b", "..", ".hidden", "a\nb", "a\0b", "x" * 300]
)
def test_create_folder_refuses_bad_names(client, root, name):
    """Separators, dots, control characters and what no disk takes: 400, and nothing is made."""
    before = look(root)
    assert client.post("/api/folders", json={"name": name}).status_code == 400
    assert look(root) == before


def test_create_folder_that_is_there(client):
    """Twice is 409."""
    assert client.post("/api/folders", json={"name": "Cats"}).status_code == 409


def test_rename_folder(client, root):
    """The folder has its new name, and its videos."""
    answer = client.post("/api/folders/rename", json={"name": "Cats", "new_name": "Kittens"})
    assert answer.status_code == 200
    folders = [{"name": "Dogs", "count": 0}, {"name": "Kittens", "count": 1}]
    assert answer.json() == {"success": True, "name": "Kittens", "folders": folders}
    assert set(look(root)["Kittens"]) == {"4.mp4"}


@pytest.mark.parametrize(
    ("name", "new_name", "status"),
    [("Nope", "New", 400), ("..", "New", 400), ("Cats", "../New", 400), ("Cats", "Dogs", 409)],
)
def test_rename_folder_refused(client, root, name, new_name, status):
    """An unknown folder, a bad name, a name that is taken: nothing changes."""
    before = look(root)
    body = {"name": name, "new_name": new_name}
    assert client.post("/api/folders/rename", json=body).status_code == status
    assert look(root) == before


@pytest.fixture
def drawn(settings):
    """A demo library that lacks two of its clips, so that drawing the rest takes no time."""
    first, second, *parts = cast(0)
    for part in parts:
        grow(settings.demo_dir / part.folder, {f"{part.id}.mp4": "x"})
    return [first, second]


def test_two_clicks_draw_one_demo(empty_client, settings, drawn):
    """Both answer the same library, with 5 folders and unsorted videos, and nothing is drawn twice."""
    answers = []
    clicks = [
        threading.Thread(target=lambda: answers.append(empty_client.post("/api/demo")))
        for _ in range(2)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    expected = {"success": True, "data_dir": str(settings.demo_dir), "unsorted_videos": 22}
    assert {key: answers[0].json()[key] for key in expected} == expected
    assert list(answers[0].json()["folders"]) == ["Cats", "Cooking", "Dance", "Football", "Travel"]
    for part in drawn:
        assert (settings.demo_dir / part.folder / f"{part.id}.mp4").stat().st_size > 1000


def test_demo_where_other_things_lie(empty_client, settings):
    """What is the person's own is left alone."""
    grow(settings.demo_dir, {"1.mp4": "mine"})
    assert empty_client.post("/api/demo").status_code == 409
    assert look(settings.demo_dir) == {"1.mp4": b"mine"}
