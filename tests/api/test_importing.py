"""Import, export and watching over HTTP."""

import csv
import io
import threading

import pytest

from tests.conftest import grow, look

ID = "7301234567890123456"


@pytest.fixture
def archive(tmp_path):
    """A foreign folder with one new video and one that the library has."""
    return grow(tmp_path / "archive", {f"dance [{ID}].mp4": "new", "same.mp4": "one", "0.mp4": ""})


def test_moving_is_asked_for(client, archive, root):
    """The new file leaves its place; undo puts it back."""
    before, foreign = look(root), look(archive)
    result = ask(client, archive, move=True).json()["result"]
    assert sorted(look(archive)) == ["0.mp4", "same.mp4"]
    assert client.post("/api/undo", json={"batch": result["batch"]}).status_code == 200
    assert (look(root), look(archive)) == (before, foreign)


def ask(client, archive, **fields):
    return client.post("/api/import", json={"path": str(archive), **fields})


def test_a_dry_run_gives_the_preview_and_changes_nothing(client, archive, root):
    """Field by field."""
    before = look(root)
    answer = ask(client, archive, dry_run=True)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "preview": {
            "source": "ytdlp",
            "title": "a folder that yt-dlp filled (.info.json beside the videos)",
            "lists": [],
            "folders": [],
            "new": 1,
            "known": 1,
            "missing": 0,
            "size": 3,
            "examples": [f"{ID}.mp4"],
            "left_out": [{"path": str(archive / "0.mp4"), "reason": "it is empty"}],
            "left_out_total": 1,
            "notes": [],
        },
        "result": None,
    }
    assert look(root) == before


def test_an_import_tells_what_it_did_and_undo_takes_it_back(client, archive, root):
    """The batch in the answer is the one to undo."""
    before = look(root)
    result = ask(client, archive).json()["result"]
    assert (result["imported"], result["known"], result["stopped"]) == (1, 1, None)
    assert (root / f"{ID}.mp4").read_text() == "new"
    undone = client.post("/api/undo", json={"batch": result["batch"]}).json()["undone"]
    assert undone == [{"filename": f"{ID}.mp4", "from": None, "to": None}]
    assert look(root) == before


def test_in_the_background_the_status_tells_the_rest(client, archive):
    """The answer comes at once."""
    assert ask(client, archive, background=True).json()["result"] is None
    while (status := client.get("/api/import/status").json())["running"]:
        pass
    assert status["result"]["imported"] == 1
    assert status["error"] is None


def test_the_status_before_any_import(client):
    """Nothing is made up."""
    assert client.get("/api/import/status").json() == {
        "running": False,
        "cancelling": False,
        "stage": None,
        "done": 0,
        "total": 0,
        "result": None,
        "error": None,
    }
    assert client.post("/api/import/cancel").json() == {"status": "not_running"}


def test_a_second_import_waits_its_turn(client, sorter, tmp_path):
    """409 while one runs; cancelling is told."""
    place = grow(tmp_path / "in", {f"{n}x.mp4": str(n) for n in range(3)})
    go, held = threading.Event(), threading.Event()

    def hold(stage, _done, _total):
        if stage == "copy":
            held.set()
            go.wait(20)

    worker = threading.Thread(target=sorter.import_from, args=(place, None, hold))
    worker.start()
    assert held.wait(20)
    assert ask(client, place).status_code == 409
    assert client.get("/api/import/status").json()["running"]
    assert client.post("/api/import/cancel").json() == {"status": "cancelling"}
    go.set()
    worker.join()
    status = client.get("/api/import/status").json()
    assert not status["running"]


@pytest.mark.parametrize("path", ["", "\0", "/no/such/thing", "~nobody-there/x", "x" * 30_000])
def test_a_path_that_is_none_is_400(client, path):
    """With a sentence."""
    answer = client.post("/api/import", json={"path": path})
    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "fields", [{"lists": ["Nope"]}, {"folders": ["../x"]}, {"folders": ["Nope"]}, {"folders": [""]}]
)
def test_what_the_source_has_not_is_400(client, archive, root, fields):
    """And nothing is changed."""
    before = look(root)
    assert ask(client, archive, **fields).status_code == 400
    assert look(root) == before


def test_without_a_library_all_are_503(empty_client, archive):
    """There is nowhere to import to."""
    for answer in (
        ask(empty_client, archive),
        ask(empty_client, archive, dry_run=True),
        empty_client.get("/api/import/status"),
        empty_client.get("/api/export"),
        empty_client.get("/api/watch"),
    ):
        assert answer.status_code == 503


def test_the_export_is_a_file(client):
    """CSV by default, JSON when asked."""
    answer = client.get("/api/export")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="videos.csv"'
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["video"] for row in found} == {"1.mp4", "2.mp4", "3.mp4", "4.mp4"}
    client.post("/api/sort", json={"filename": "1.mp4", "folder": "Cats"})
    moves = client.get("/api/export", params={"what": "moves", "format": "json"})
    assert moves.headers["content-type"] == "application/json"
    assert [move["target"] for move in moves.json()] == ["Cats/1.mp4"]


@pytest.mark.parametrize("params", [{"what": "all"}, {"format": "xml"}])
def test_another_export_is_422(client, params):
    """The names are fixed."""
    assert client.get("/api/export", params=params).status_code == 422


def test_watching_is_turned_on_and_off(client, sorter):
    """Off at first."""
    assert client.get("/api/watch").json() == {"on": False}
    try:
        assert client.post("/api/watch", json={"on": True}).json() == {"on": True}
    finally:
        assert client.post("/api/watch", json={"on": False}).json() == {"on": False}
        sorter.stop_watching()
