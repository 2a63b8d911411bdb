"""Finding videos and refitting over HTTP, field by field."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api import create_app
from sorter_core import Settings, encoders
from sorter_core.jobs import Jobs
from tests.api.conftest import ADDRESS
from tests.learned import analysed


def test_words(client, sorter):
    """Each hit says where the video lies and why it was found."""
    sorter.scan()
    answer = client.get("/api/search", params={"q": "CATS"})
    assert answer.status_code == 200
    hit = {
        "filename": "4.mp4",
        "folder": "Cats",
        "kind": "folder",
        "excerpt": "Cats",
        "score": None,
    }
    assert answer.json() == {"hits": [hit], "total": 1}


def test_pages_of_words(client, sorter):
    """`limit` and `offset` narrow the hits, not the total."""
    sorter.scan()
    answer = client.get("/api/search", params={"q": "mp4", "limit": 1, "offset": 1}).json()
    assert (len(answer["hits"]), answer["total"]) == (1, 4)


@pytest.mark.parametrize("query", ["", '"', "\x00", "NEAR(", "*", "a" * 1000, "\U0001f431"])
def test_any_words_are_answered(client, query):
    """With hits or without."""
    assert client.get("/api/search", params={"q": query}).status_code == 200


def test_words_that_make_no_sense(client):
    """None, too many, a negative count."""
    assert client.get("/api/search").status_code == 422
    assert client.get("/api/search", params={"q": "a" * 1001}).status_code == 422
    assert client.get("/api/search", params={"q": "a", "limit": -1}).status_code == 422


def test_no_library(empty_client):
    """503, as everywhere."""
    assert empty_client.get("/api/search", params={"q": "a"}).status_code == 503
    assert empty_client.post("/api/refit").status_code == 503


@pytest.fixture
def learned(tmp_path: Path, settings: Settings) -> TestClient:
    """A client over an analysed library."""
    sorter = analysed(tmp_path / "own", settings)
    client = TestClient(
        create_app(sorter, settings), base_url=ADDRESS, raise_server_exceptions=False
    )
    client.sorter = sorter
    return client


def test_alike(learned):
    """The nearest first, each with its cosine."""
    answer = learned.get("/api/search/alike", params={"filename": "Cats-0.mp4", "limit": 3})
    assert answer.status_code == 200
    hits = answer.json()["hits"]
    assert [hit["filename"].split("-")[0] for hit in hits] == ["Cats"] * 3
    assert all(hit["kind"] == "likeness" and -1 <= hit["score"] <= 1 for hit in hits)


@pytest.mark.parametrize(
    ("name", "status"), [("1.mp4", 404), ("../x.mp4", 400), ("a.txt", 400), ("\x00", 400)]
)
def test_alike_of_what_is_no_video(learned, name, status):
    """Judged as everywhere."""
    assert learned.get("/api/search/alike", params={"filename": name}).status_code == status


def test_alike_of_what_was_not_analysed(client):
    """409: it is there, and nothing is known of it."""
    assert client.get("/api/search/alike", params={"filename": "1.mp4"}).status_code == 409


def test_described_without_its_encoder(client):
    """409 with what to do about it."""
    answer = client.get("/api/search/described", params={"q": "a cat"})
    assert answer.status_code == 409
    assert "clip" in answer.json()["detail"]


def picture(kind="PNG", size=(64, 64)):
    """One colour."""
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind)
    return file.getvalue()


def find(client, data, kind="image/png", **parameters):
    """Search with a picture."""
    return client.post(
        "/api/search/picture", content=data, headers={"Content-Type": kind}, params=parameters
    )


def test_a_picture_without_anything_to_compare(client):
    """409 with what brings the encoder that knows what pictures show."""
    answer = find(client, picture())
    assert answer.status_code == 409
    assert "clip" in answer.json()["detail"]


def test_a_picture_finds_videos(learned):
    """Those whose pictures were analysed, the nearest first."""
    kind = encoders.available()["frames"]
    vectors = np.random.default_rng(0).normal(size=(5, kind.dim)).astype("<f4")
    with learned.sorter.library.store.write() as db:
        marks = [row[0] for row in db.execute("SELECT fingerprint FROM files LIMIT 5")]
        db.executemany(
            "INSERT INTO features VALUES (?, 'frames', ?, ?, NULL)",
            [(mark, kind.version, row.tobytes()) for mark, row in zip(marks, vectors, strict=True)],
        )
    for form, told in (("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")):
        answer = find(learned, picture(form), told, limit=3)
        assert answer.status_code == 200, answer.text
        assert (len(answer.json()["hits"]), answer.json()["total"]) == (3, 5)
        scores = [hit["score"] for hit in answer.json()["hits"]]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"no picture", "image/png", 400),
        (b"", "image/png", 400),
        (b"GIF89a", "image/gif", 415),
        (b"{}", "application/json", 415),
        (b"\0" * (20 * 2**20 + 1), "image/png", 413),
        (b"\0" * (2 << 20), "image/png", 400),
    ],
)
def test_what_is_no_picture_is_refused(client, data, kind, status):
    """By its type, its size, or what it is; each says why."""
    answer = find(client, data, kind)
    assert answer.status_code == status
    assert set(answer.json()) == {"detail"}


def test_refit(learned):
    """Without a model 404; then what it learned from and guessed; while a job runs it stands back."""
    assert learned.post("/api/refit").status_code == 404
    learned.sorter.train()
    answer = learned.post("/api/refit")
    assert answer.json() == {"status": "refitted", "labels": 24, "guessed": 6}
    assert learned.get("/api/videos").json()["videos"][0]["predicted_folder"] == "Cats"
    Jobs(learned.sorter.library.store).claim()
    assert learned.post("/api/refit").json()["status"] == "job_running"


@pytest.mark.parametrize("order", ["learn", "confirm"])
def test_the_orders_of_the_queue(learned, order):
    """All unsorted videos, in pages that follow each other."""
    whole = learned.get("/api/videos", params={"order": order}).json()
    part = learned.get("/api/videos", params={"order": order, "limit": 3, "offset": 2}).json()
    assert (len(whole["videos"]), whole["total"]) == (6, 6)
    assert part["videos"] == whole["videos"][2:5]
