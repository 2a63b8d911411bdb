"""Captions of the library's own videos, asked of TikTok in the background: the calls."""

import pytest
from fastapi.testclient import TestClient

from api import create_app
from sorter_core import Settings, Sorter
from sorter_core.extraction.errors import VideoUnavailable
from sorter_core.extraction.fill import Fills
from tests.conftest import grow
from tests.extraction.fakes import FakeSource

FIRST = 7301234567890123456


class Still(Fills):
    """Starts no child."""

    def _launch(self):
        pass


class Quiet(Sorter):
    """Asks nobody."""

    def fills(self):
        library = self.library
        return Still(library.store, library.root, per_minute=60_000)


@pytest.fixture
def sorter(tmp_path):
    """A library of three videos, two of them named after ids, one of these sorted."""
    root = grow(
        tmp_path / "library",
        {f"{FIRST}.mp4": "a", "mine.mp4": "b", "Cats": {f"{FIRST + 1}.mp4": "c"}},
    )
    chosen = Settings(_env_file=None, data_dir=root, state_dir=tmp_path / "state", host="127.0.0.1")
    return Quiet(chosen)


@pytest.fixture
def client(sorter):
    """Speaks to the server as a script on this machine does."""
    app = create_app(sorter, sorter.settings)
    return TestClient(app, "http://127.0.0.1:8000", client=("127.0.0.1", 50000))


def test_a_round_from_its_start_to_its_end(client, sorter):
    """Without a body all are asked for; the status tells how far it is, also to others."""
    answer = client.post("/api/fill")
    assert answer.status_code == 200
    status = answer.json()
    assert {"running": True, "done": 0, "total": 2, "stopped": None}.items() <= status.items()
    assert status["eta_seconds"] >= 0
    assert client.get("/api/fill/status").json() == status
    source = FakeSource({str(FIRST): VideoUnavailable("The video is private.")})
    sorter.fills().work(source, sorter.scan)
    status = client.get("/api/fill/status").json()
    assert {"running": False, "done": 2, "filled": 1, "unavailable": 1}.items() <= status.items()
    assert status["eta_seconds"] is None
    assert status["problems"] == [
        {
            "filename": f"{FIRST}.mp4",
            "code": "VIDEO_UNAVAILABLE",
            "error": "The video is private.",
        }
    ]
    assert client.post("/api/fill").json()["running"] is False
    assert client.post("/api/fill", json={"again": True}).json()["total"] == 1


def test_limits_and_cancelling(client):
    """So many and no more; what waits is dropped."""
    assert client.post("/api/fill", json={"limit": 1}).json()["total"] == 1
    assert client.post("/api/fill/cancel").json() == {"status": "cancelling"}
    assert client.get("/api/fill/status").json()["running"] is False
    assert client.post("/api/fill/cancel").json() == {"status": "not_running"}
    assert client.post("/api/fill", json={"limit": 0}).status_code == 422


def test_without_a_library(tmp_path):
    """503, as for every call on it."""
    chosen = Settings(_env_file=None, state_dir=tmp_path, data_dir=None, host="127.0.0.1")
    app = create_app(Sorter(chosen), chosen)
    client = TestClient(app, "http://127.0.0.1:8000", client=("127.0.0.1", 50000))
    assert client.get("/api/fill/status").status_code == 503
