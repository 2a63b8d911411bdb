"""Sorting, undoing and the journal over HTTP, field by field."""

import subprocess
import threading

import pytest

from tests.conftest import grow, look

SORT = {"filename": "1.mp4", "folder": "Cats"}


def test_sort_moves_the_file_and_tells_the_folders(client, root):
    """The answer has the documented fields, the counts are the new ones."""
    answer = client.post("/api/sort", json=SORT)
    assert answer.status_code == 200
    folders = [{"name": "Cats", "count": 2}, {"name": "Dogs", "count": 0}]
    batch = answer.json()["batch"]
    assert answer.json() == {
        "success": True,
        "filename": "1.mp4",
        "folder": "Cats",
        "folders": folders,
        "batch": batch,
    }
    assert look(root)["Cats"] == {"1.mp4": b"one", "4.mp4": b"four"}
    client.post("/api/sort", json={"filename": "2.mp4", "folder": "Dogs"})
    assert client.post("/api/undo", json={"batch": batch}).status_code == 200
    assert look(root)["Cats"] == {"4.mp4": b"four"}


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "",
        ".",
        "..",
        "../1.mp4",
        "Cats/4.mp4",
        "1.mp4\0",
        "/etc/passwd",
        "x.mp4",
        "\u0661.mp4",
    ],
)
def test_sort_refuses_names_of_no_video(client, root, name):
    """What neither is digits and .mp4 nor a video of the library is 400."""
    grow(root, {"notes.txt": "x"})
    assert client.post("/api/sort", json={"filename": name, "folder": "Cats"}).status_code == 400


@pytest.mark.parametrize(
    "folder", ["Nope", "", ".", "..", "../library", ".sorter", "Cats/", "Ca\nts", "Cats\0", "/etc"]
)
def test_sort_refuses_unknown_and_bad_folders(client, root, folder):
    """An unknown folder, and a name that is no plain one, is 400 and nothing moves."""
    before = look(root)
    assert client.post("/api/sort", json={"filename": "1.mp4", "folder": folder}).status_code == 400
    assert look(root) == before


def test_sort_of_a_video_that_is_not_there(client):
    """Digits and .mp4 that are not there are 404."""
    assert (
        client.post("/api/sort", json={"filename": "99.mp4", "folder": "Cats"}).status_code == 404
    )


def test_sort_of_a_video_that_was_sorted(client):
    """The second click is 404, whatever the name looks like."""
    assert client.post("/api/sort", json=SORT).status_code == 200
    assert client.post("/api/sort", json=SORT).status_code == 404


def test_sort_of_another_name_that_was_sorted(client, root):
    """A name that is not digits is known by its video, also after it was sorted."""
    grow(root, {"cat video.mp4": "x"})
    body = {"filename": "cat video.mp4", "folder": "Dogs"}
    assert [client.post("/api/sort", json=body).status_code for _ in range(2)] == [200, 404]


def test_sort_overwrites_nothing(client, root):
    """A file of that name in the folder is 409, and both stay as they were."""
    grow(root / "Cats", {"1.mp4": "another"})
    before = look(root)
    assert client.post("/api/sort", json=SORT).status_code == 409
    assert look(root) == before


@pytest.mark.parametrize(
    "body", [{}, {"filename": "1.mp4"}, {"filename": 1, "folder": "Cats"}, [], "x", None]
)
def test_sort_of_the_wrong_shape(client, body):
    """422, with FastAPI's list of what is wrong."""
    answer = client.post("/api/sort", json=body)
    assert answer.status_code == 422
    assert {"type", "loc", "msg"} <= set(answer.json()["detail"][0])


def test_sort_into_a_folder_that_is_read_only(client, root, small_disk):
    """403 with a reason, and the file is where it was: the folder is a disk mounted read-only."""
    (root / "Stick").mkdir()
    subprocess.run(["mount", "--bind", str(small_disk), str(root / "Stick")], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(root / "Stick")], check=True)
        answer = client.post("/api/sort", json={"filename": "1.mp4", "folder": "Stick"})
        assert (answer.status_code, "No right to write" in answer.json()["detail"]) == (403, True)
    finally:
        subprocess.run(["umount", str(root / "Stick")], check=True)
    assert (root / "1.mp4").exists()


def test_nothing_tells_of_files_outside(client, root):
    """A path to a file that exists outside answers the same as one to none."""
    grow(root.parent, {"5.mp4": "secret"})
    answers = [
        client.post("/api/sort", json={"filename": f"../{n}.mp4", "folder": "Cats"}) for n in (5, 6)
    ]
    assert answers[0].status_code == answers[1].status_code == 400
    assert answers[0].json()["detail"].replace("5", "6") == answers[1].json()["detail"]


def test_two_clients_sort_the_same_video(client, root):
    """One gets 200, the other 404 or 409; the file is there once."""
    found = []

    def click(folder):
        found.append(
            client.post("/api/sort", json={"filename": "1.mp4", "folder": folder}).status_code
        )

    clicks = [threading.Thread(target=click, args=(folder,)) for folder in ("Cats", "Dogs")]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert min(found) == 200
    assert max(found) in {404, 409}
    assert len(list(root.rglob("1.mp4"))) == 1


@pytest.mark.parametrize("how", [{"json": {}}, {}, {"json": {"batch": None}}])
def test_undo_takes_the_newest_back(client, root, how):
    """With an empty body or none; from and to are folders, null is the unsorted pile."""
    before = look(root)
    client.post("/api/sort", json=SORT)
    answer = client.post("/api/undo", **how)
    assert answer.status_code == 200
    said = answer.json()
    assert isinstance(said.pop("batch"), int)
    folders = [{"name": "Cats", "count": 1}, {"name": "Dogs", "count": 0}]
    undone = [{"filename": "1.mp4", "from": "Cats", "to": None}]
    assert said == {"success": True, "undone": undone, "stayed": [], "folders": folders}
    assert look(root) == before


def test_undo_tells_what_stays(client, root):
    """One file that was moved on by hand is named with the reason; the other goes back."""
    items = [{"filename": name, "folder": "Cats"} for name in ("1.mp4", "2.mp4")]
    batch = client.post("/api/sort/bulk", json={"items": items}).json()["batch"]
    (root / "Cats" / "1.mp4").rename(root / "Dogs" / "1.mp4")
    said = client.post("/api/undo", json={"batch": batch}).json()
    assert [move["filename"] for move in said["undone"]] == ["2.mp4"]
    [stayed] = said["stayed"]
    assert stayed["path"] == "Cats/1.mp4"
    assert "not there any more" in stayed["reason"]


def test_undo_of_a_named_batch(client, root):
    """An older batch can be taken back by its number."""
    client.post("/api/sort", json=SORT)
    client.post("/api/sort", json={"filename": "2.mp4", "folder": "Dogs"})
    first = client.get("/api/history").json()["moves"][-1]["batch"]
    assert (
        client.post("/api/undo", json={"batch": first}).json()["undone"][0]["filename"] == "1.mp4"
    )
    assert (root / "Dogs" / "2.mp4").exists()


def test_undo_when_there_is_nothing(client):
    """404."""
    assert client.post("/api/undo", json={}).status_code == 404
    assert client.post("/api/undo", json={"batch": 99}).status_code == 404


def test_undo_overwrites_nothing(client, root):
    """When the old place is taken meanwhile, both files stay."""
    client.post("/api/sort", json=SORT)
    grow(root, {"1.mp4": "new"})
    assert client.post("/api/undo", json={}).status_code in {404, 409}
    assert look(root)["1.mp4"] == b"new"
    assert look(root)["Cats"]["1.mp4"] == b"one"


@pytest.mark.parametrize("batch", ["x", -1, 1.5, 2**70])
def test_undo_of_the_wrong_shape(client, batch):
    """A batch is a whole number that a database can hold."""
    assert client.post("/api/undo", json={"batch": batch}).status_code == 422


def test_history_lists_the_newest_first(client):
    """Each line has the nine documented fields."""
    client.post("/api/sort", json=SORT)
    client.post("/api/sort", json={"filename": "2.mp4", "folder": "Dogs"})
    moves = client.get("/api/history").json()["moves"]
    assert [move["target"] for move in moves] == ["Dogs/2.mp4", "Cats/1.mp4"]
    fields = {"id", "batch", "kind", "source", "target", "state", "actor", "at", "error"}
    assert set(moves[0]) == fields
    assert (moves[0]["kind"], moves[0]["state"], moves[0]["actor"]) == ("sort", "done", "person")
    assert client.get("/api/history", params={"limit": 1, "offset": 1}).json()["moves"] == moves[1:]
    assert client.get("/api/history", params={"limit": -1}).status_code == 422
