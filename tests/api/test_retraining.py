"""The background job over HTTP, and what a training changes in the other answers."""

import time

import pytest
from fastapi.testclient import TestClient

from api import create_app
from tests.api.conftest import ADDRESS
from tests.conftest import grow
from tests.learned import analysed

SECONDS = 120
STATUS = {"running", "last_result", "stage", "done", "total", "eta_seconds", "started_at", "finished_at", "failures",
          "cancelling", "guessed_by"}  # fmt: skip


def ended(client):
    """Wait for the job; its last status."""
    give_up = time.monotonic() + SECONDS
    while (status := client.get("/api/retrain/status").json())["running"]:
        assert time.monotonic() < give_up
        time.sleep(0.1)
    return status


@pytest.fixture
def learned(tmp_path, settings):
    """A library that was trained and predicted."""
    sorter = analysed(tmp_path / "learned", settings)
    sorter.train()
    sorter.predict()
    return sorter


@pytest.fixture
def learned_client(learned):
    """A client of it."""
    with TestClient(create_app(learned, learned.settings), base_url=ADDRESS) as client:
        yield client


def test_status_before_the_first_job(client):
    """Nothing runs, and nothing has run."""
    status = client.get("/api/retrain/status").json()
    assert set(status) == STATUS
    assert (status["running"], status["last_result"]) == (False, None)
    assert status["guessed_by"] is None


def test_status_says_what_guesses_come_from(learned, learned_client):
    """A model; or, while nothing was learned, the folders' names."""
    assert learned_client.get("/api/retrain/status").json()["guessed_by"] == "model"
    with learned.library.store.write() as db:
        db.execute("UPDATE predictions SET run = 0")
    assert learned_client.get("/api/retrain/status").json()["guessed_by"] == "names"


def test_retrain_starts_once_and_tells_its_failure(client):
    """The first click starts, the second finds it running; the end is told in the documented words."""
    assert client.post("/api/retrain").json() == {"status": "started"}
    assert client.post("/api/retrain").json() == {"status": "already_running"}
    assert client.get("/api/retrain/status").json()["running"] is True
    status = ended(client)
    assert status["last_result"].startswith("Failed at train: ")
    assert status["failures"] == 4
    assert status["finished_at"]
    failures = client.get("/api/failures").json()
    assert failures["total"] == len(failures["failures"]) == 4
    assert set(failures["failures"][0]) == {"path", "encoder", "reason"}


def test_retrain_takes_no_body_or_any(client):
    """A body that nobody asked for is no fault."""
    assert client.post("/api/retrain", content=b"").status_code == 200
    ended(client)


def test_retrain_to_its_end(tmp_path, settings):
    """Success; the videos have predictions without a restart."""
    sorter = analysed(tmp_path / "learned", settings)
    settings = sorter.settings.model_copy(update={"encoders": ("sound",)})
    sorter.settings = settings
    with TestClient(create_app(sorter, settings), base_url=ADDRESS) as client:
        assert client.get("/api/videos").json()["videos"][0]["predicted_folder"] is None
        client.post("/api/retrain")
        assert ended(client)["last_result"] == "success"
        assert client.get("/api/videos").json()["videos"][0]["predicted_folder"] == "Cats"


def test_cancel(client, root):
    """A running job is told to stop; where none runs, that is said."""
    assert client.post("/api/retrain/cancel").json() == {"status": "not_running"}
    grow(root, {f"{i}.mp4": str(i) for i in range(100, 1100)})
    client.post("/api/retrain")
    assert client.post("/api/retrain/cancel").json() == {"status": "cancelling"}
    assert "cancelled" in ended(client)["last_result"]


def test_videos_have_their_predictions(learned_client):
    """Up to three guesses each, the best first, its folder and probability repeated above."""
    videos = learned_client.get("/api/videos").json()["videos"]
    assert len(videos) == 6
    for video in videos:
        assert set(video) == {
            "filename",
            "predicted_folder",
            "confidence",
            "top_predictions",
            "far",
        }
        best = video["top_predictions"][0]
        assert best == {"folder": video["predicted_folder"], "confidence": video["confidence"]}
        assert video["predicted_folder"] == video["filename"].split("-")[0]
        chances = [guess["confidence"] for guess in video["top_predictions"]]
        assert chances == sorted(chances, reverse=True)
        assert all(0 <= chance <= 1 for chance in chances)


def test_videos_by_confidence_and_by_folder(learned_client):
    """The orders are by the best guess; a folder narrows to what is predicted there."""
    orders = {
        order: [
            video["confidence"]
            for video in learned_client.get(f"/api/videos?order={order}").json()["videos"]
        ]
        for order in ("confident", "uncertain")
    }
    assert orders["confident"] == sorted(orders["confident"], reverse=True)
    assert orders["uncertain"] == sorted(orders["uncertain"])
    dogs = learned_client.get("/api/videos", params={"folder": "Dogs"}).json()
    assert [video["filename"] for video in dogs["videos"]] == [
        "Dogs-0.mp4",
        "Dogs-1.mp4",
        "Dogs-2.mp4",
    ]
    assert dogs["total"] == 6


def test_a_sorted_video_leaves_the_list(learned_client):
    """And comes back with its prediction when it is undone."""
    learned_client.post("/api/sort", json={"filename": "Cats-0.mp4", "folder": "Cats"})
    names = [video["filename"] for video in learned_client.get("/api/videos").json()["videos"]]
    assert "Cats-0.mp4" not in names
    learned_client.post("/api/undo", json={})
    video = learned_client.get("/api/videos", params={"limit": 1}).json()["videos"][0]
    assert (video["filename"], video["predicted_folder"]) == ("Cats-0.mp4", "Cats")


def test_runs(learned_client):
    """The training is listed, and told with all its figures by its number."""
    (run,) = learned_client.get("/api/runs").json()["runs"]
    assert set(run) == {"id", "finished_at", "classifier", "videos", "folders", "accuracy"}
    assert (run["videos"], run["folders"]) == (24, 2)
    whole = learned_client.get(f"/api/runs/{run['id']}").json()
    report = whole.pop("report")
    assert whole == run
    assert report["accuracy"] == run["accuracy"]


def test_a_run_that_is_not_there(client):
    """404; what is no number is 422."""
    assert client.get("/api/runs/7").status_code == 404
    assert client.get("/api/runs/x").status_code == 422
    assert client.get("/api/runs").json() == {"runs": []}
