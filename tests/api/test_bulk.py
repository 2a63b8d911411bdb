"""Many videos at once over HTTP: what a threshold takes, moving, merging, deleting, history."""

import pytest

from tests.clips import write_clip
from tests.conftest import grow, look
from tests.test_bulk import SURE, guess


@pytest.fixture
def guessed(sorter, client):
    """The client, over three videos with a guess each."""
    guess(sorter, SURE)
    return client


def test_the_outlook_has_its_fields(guessed):
    """In all, by folder, and the curve for the slider."""
    said = guessed.get("/api/bulk", params={"threshold": 0.65}).json()
    assert (said["unsorted"], said["unguessed"], said["videos"]) == (3, 0, 2)
    assert said["expected_errors"] == pytest.approx(0.4)
    assert said["piles"][1] == {
        "folder": "Dogs",
        "predicted": 1,
        "videos": 1,
        "expected_errors": pytest.approx(0.3),
    }
    assert len(said["counts"]) == len(said["errors"]) == 101
    assert isinstance(said["version"], str)


def test_a_page_of_thumbs(guessed):
    """Surest first, `total` is all that the threshold takes."""
    query = {"threshold": 0.5, "limit": 1, "offset": 1}
    said = guessed.get("/api/bulk/videos", params=query).json()
    assert said == {
        "videos": [{"filename": "3.mp4", "folder": "Dogs", "confidence": 0.7}],
        "total": 3,
    }
    said = guessed.get("/api/bulk/videos", params={"folder": "Cats", "order": "uncertain"}).json()
    assert [video["filename"] for video in said["videos"]] == ["2.mp4", "1.mp4"]


@pytest.mark.parametrize(
    "query", [{"threshold": 1.1}, {"threshold": "nan"}, {"limit": 501}, {"order": "x"}]
)
def test_thumbs_of_the_wrong_shape(guessed, query):
    """422 for what is out of range."""
    assert guessed.get("/api/bulk/videos", params=query).status_code == 422


def test_sorting_by_items(client, root):
    """One batch of named moves, and what could not move."""
    items = [{"filename": "1.mp4", "folder": "Cats"}, {"filename": "99.mp4", "folder": "Cats"}]
    said = client.post("/api/sort/bulk", json={"items": items}).json()
    assert (said["success"], said["dry_run"], said["moved"]) == (True, False, items[:1])
    assert [stayed["filename"] for stayed in said["failed"]] == ["99.mp4"]
    assert said["folders"] == [{"name": "Cats", "count": 2}, {"name": "Dogs", "count": 0}]
    undone = client.post("/api/undo", json={"batch": said["batch"]}).json()
    assert [move["filename"] for move in undone["undone"]] == ["1.mp4"]
    assert client.get("/api/history").json()["moves"][-1]["actor"] == "bulk"


def test_sorting_by_threshold(guessed, root):
    """A dry run first, then the same for real, without what was taken out."""
    before = look(root)
    body = {"threshold": 0.5, "folder": "Cats", "without": ["2.mp4"], "dry_run": True}
    dry = guessed.post("/api/sort/bulk", json=body).json()
    assert (dry["batch"], look(root)) == (None, before)
    done = guessed.post("/api/sort/bulk", json={**body, "dry_run": False}).json()
    assert done["moved"] == dry["moved"] == [{"filename": "1.mp4", "folder": "Cats"}]


def test_sorting_what_was_not_looked_at(guessed):
    """409 when the predictions are others by now."""
    body = {"threshold": 0.5, "version": "another"}
    assert guessed.post("/api/sort/bulk", json=body).status_code == 409


def test_a_new_folder_from_a_selection(guessed, root):
    """It is made with the batch and goes with its undo."""
    before = look(root)
    body = {"threshold": 0.5, "target": "New", "new_folder": "New"}
    said = guessed.post("/api/sort/bulk", json=body).json()
    assert {"name": "New", "count": 3} in said["folders"]
    guessed.post("/api/undo", json={"batch": said["batch"]})
    assert look(root) == before
    assert guessed.post("/api/sort/bulk", json={**body, "new_folder": "Cats"}).status_code == 409
    assert guessed.post("/api/sort/bulk", json={**body, "new_folder": ".."}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{}, {"items": [], "threshold": 0.5}, {"threshold": 2}, {"items": [{"filename": "1.mp4"}]}],
)
def test_sorting_of_the_wrong_shape(client, body):
    """Either items or a threshold."""
    assert client.post("/api/sort/bulk", json=body).status_code == 422


def test_a_poster(client, root):
    """WebP, with an entity tag that spares the second sending."""
    write_clip(root / "7.mp4")
    answer = client.get("/api/posters/7.mp4")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    tag = answer.headers["etag"]
    for known in (tag, f'"another", W/{tag}', "*"):
        again = client.get("/api/posters/7.mp4", headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/posters/7.mp4", headers={"If-None-Match": '"x"'}).status_code == 200
    client.app.state.sorter.close_posters()


@pytest.mark.parametrize(
    ("name", "status"), [("1.mp4", 404), ("99.mp4", 404), ("x.txt", 400), ("..%2F1.mp4", 400)]
)
def test_no_poster(client, name, status):
    """No video, no picture; a path that leads out is judged before."""
    assert client.get(f"/api/posters/{name}").status_code == status
    client.app.state.sorter.close_posters()


def test_merging_folders(client, root):
    """All videos move, the emptied folder goes, one undo brings all back."""
    grow(root, {"Dogs": {"5.mp4": "five"}})
    before = look(root)
    said = client.post("/api/folders/merge", json={"name": "Dogs", "into": "Cats"}).json()
    assert (said["moved"], said["failed"], said["removed"]) == (["5.mp4"], [], True)
    assert said["folders"] == [{"name": "Cats", "count": 2}]
    client.post("/api/undo", json={"batch": said["batch"]})
    assert look(root) == before


def test_a_clash_in_a_merge(client, root):
    """It is told, and the folder stays."""
    grow(root, {"Dogs": {"4.mp4": "another"}})
    said = client.post("/api/folders/merge", json={"name": "Dogs", "into": "Cats"}).json()
    assert [stayed["filename"] for stayed in said["failed"]] == ["4.mp4"]
    assert said["removed"] is False


@pytest.mark.parametrize(
    ("name", "into"), [("Cats", "Cats"), ("Nope", "Cats"), ("Cats", ".."), ("Ca\nts", "Cats")]
)
def test_a_merge_that_makes_no_sense(client, name, into):
    """400."""
    assert client.post("/api/folders/merge", json={"name": name, "into": into}).status_code == 400


def test_deleting_a_folder(client, root):
    """Only an empty one; undo makes it again."""
    assert client.post("/api/folders/delete", json={"name": "Cats"}).status_code == 409
    assert client.post("/api/folders/delete", json={"name": "../x"}).status_code == 400
    said = client.post("/api/folders/delete", json={"name": "Dogs"}).json()
    assert said["folders"] == [{"name": "Cats", "count": 1}]
    client.post("/api/undo", json={})
    assert (root / "Dogs").is_dir()


def test_history_by_batch(client, root):
    """Filtered by who, what, folder and name."""
    items = [{"filename": f"{n}.mp4", "folder": "Dogs"} for n in (1, 2)]
    client.post("/api/sort/bulk", json={"items": items})
    client.post("/api/sort", json={"filename": "3.mp4", "folder": "Cats"})
    batches = client.get("/api/batches").json()["batches"]
    assert [(b["actor"], b["moves"], b["undoable"]) for b in batches] == [
        ("person", 1, 1),
        ("bulk", 2, 2),
    ]
    for query, number in (({"actor": "bulk"}, 1), ({"folder": "Cats"}, 0), ({"text": "3.mp4"}, 0)):
        assert client.get("/api/batches", params=query).json()["batches"] == [batches[number]]
    assert client.get("/api/batches", params={"kind": "merge"}).json()["batches"] == []


def test_without_a_library(empty_client):
    """503 everywhere."""
    for path in ("bulk", "bulk/videos", "posters/1.mp4", "batches", "duplicates"):
        assert empty_client.get(f"/api/{path}").status_code == 503


def test_a_look_tells_the_grid_and_the_next_step(guessed):
    """Where the app puts the slider, what it takes there, and where it goes from there."""
    said = guessed.post("/api/bulk/look", json={}).json()
    assert said["outlook"]["threshold"] == 0.6
    assert [video["filename"] for video in said["videos"]] == ["1.mp4", "3.mp4", "2.mp4"]
    assert (said["total"], said["taken"], said["next"]) == (3, 3, None)
    said = guessed.post("/api/bulk/look", json={"threshold": 0.8, "folder": "Cats"}).json()
    assert said["videos"] == [
        {"filename": "1.mp4", "folder": "Cats", "confidence": 0.9, "out": False}
    ]
    assert (said["outlook"]["videos"], said["next"]) == (1, 0.6)


def test_a_look_with_something_taken_out(guessed, root):
    """It shows at the end, and a move leaves it where it is."""
    out = {"1.mp4": ["Cats"]}
    said = guessed.post("/api/bulk/look", json={"threshold": 0.5, "folder": "Cats", "out": out})
    videos = said.json()["videos"]
    assert [(v["filename"], v["out"]) for v in videos] == [("2.mp4", False), ("1.mp4", True)]
    done = guessed.post("/api/sort/bulk", json={"threshold": 0.5, "out": out}).json()
    assert sorted(item["filename"] for item in done["moved"]) == ["2.mp4", "3.mp4"]
    assert (root / "1.mp4").exists()


@pytest.mark.parametrize(
    "body", [{"threshold": 2}, {"limit": 501}, {"order": "x"}, {"out": ["1.mp4"]}]
)
def test_a_look_of_the_wrong_shape(guessed, body):
    """422 for what is out of range."""
    assert guessed.post("/api/bulk/look", json=body).status_code == 422
