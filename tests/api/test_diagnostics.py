"""What is behind the numbers, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import create_app
from sorter_core import Settings, Sorter
from tests.api.conftest import ADDRESS
from tests.learned import analysed
from tests.trained import copied, prepared

WRONG = "Dogs-10.mp4"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained twice; a dog lies among the cats at the second time."""

    def change(sorter: Sorter) -> None:
        sorter.train()
        sorter.move(WRONG, "Dogs", "Cats")

    return prepared(tmp_path_factory.mktemp("diagnostics") / "library", change)


@pytest.fixture
def learned(original: Path, tmp_path: Path, settings: Settings) -> Sorter:
    return copied(original, tmp_path / "learned", settings)


@pytest.fixture
def client(learned: Sorter) -> Iterator[TestClient]:
    with TestClient(create_app(learned, learned.settings), base_url=ADDRESS) as client:
        yield client


def test_diagnostics_tell_all_but_the_long_lists(client: TestClient) -> None:
    """The report with what the page adds to it."""
    told = client.get("/api/diagnostics").json()
    assert set(told) == {"run", "report", "order", "misfilings", "learning_curve", "forecast", "why_no_forecast", "comparison"}  # fmt: skip
    assert told["run"]["id"] == 2
    assert told["report"]["confusion"]["folders"] == ["Cats", "Dogs"]
    assert "out_of_fold" not in told["report"]
    assert [point["run"] for point in told["learning_curve"]] == [1, 2]
    assert told["misfilings"] == 1
    assert told["forecast"] is None
    assert told["why_no_forecast"].startswith("No forecast yet")


def test_two_trainings_can_be_compared(client: TestClient) -> None:
    """On the 23 videos that lay in the same folder both times."""
    told = client.get("/api/diagnostics", params={"run": 1, "against": 2}).json()["comparison"]
    assert (told["run"], told["against"], told["common"]) == (1, 2, 23)
    assert {change["name"] for change in told["folders"]} == {"Cats", "Dogs"}
    assert told["encoders_after"] == ["sound"]


def test_a_misfiling_is_moved_and_undone(client: TestClient) -> None:
    """It leaves the list with the move, and comes back with the undo."""
    [doubt] = client.get("/api/misfilings").json()["videos"]
    assert (doubt["filename"], doubt["folder"], doubt["suggested"]) == (WRONG, "Cats", "Dogs")
    moved = client.post(
        "/api/move",
        json={"filename": WRONG, "source": doubt["folder"], "target": doubt["suggested"]},
    )
    assert moved.status_code == 200
    assert {"name": "Dogs", "count": 12} in moved.json()["folders"]
    assert client.get("/api/misfilings").json() == {"videos": [], "total": 0, "gone": 1}
    assert client.post("/api/undo", json={"batch": moved.json()["batch"]}).status_code == 200
    assert client.get("/api/misfilings").json()["total"] == 1


def test_a_video_can_be_kept_and_doubted_again(client: TestClient) -> None:
    """Right as it is: not asked again."""
    kept = {"filename": WRONG, "folder": "Cats"}
    assert client.post("/api/misfilings/keep", json=kept).json() == {"success": True}
    assert client.get("/api/misfilings").json()["total"] == 0
    client.post("/api/misfilings/keep", json={**kept, "doubt": True})
    assert client.get("/api/misfilings").json()["total"] == 1


def test_a_cell_lists_its_videos(client: TestClient) -> None:
    """By names that may hold anything."""
    cell = client.get("/api/diagnostics/cell", params={"folder": "Cats", "predicted": "Dogs"})
    assert WRONG in [video["filename"] for video in cell.json()["videos"]]
    nothing = client.get("/api/diagnostics/cell", params={"folder": "../..", "predicted": "\x00"})
    assert nothing.json()["videos"] == []


def test_a_move_out_of_a_folder_and_back(client: TestClient, learned: Sorter) -> None:
    """Null is the unsorted pile."""
    out = {"filename": WRONG, "source": "Cats", "target": None}
    assert client.post("/api/move", json=out).json()["target"] is None
    assert learned.find(WRONG).parent == learned.library.root
    back = {"filename": WRONG, "source": None, "target": "Cats"}
    assert client.post("/api/move", json=back).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"filename": "../1.mp4", "source": None, "target": "Cats"}, 400),
        ({"filename": WRONG, "source": "Cats", "target": "Birds"}, 400),
        ({"filename": WRONG, "source": "..", "target": "Cats"}, 400),
        ({"filename": WRONG, "source": "Dogs", "target": "Cats"}, 400),
        ({"filename": "12345.mp4", "source": "Dogs", "target": "Cats"}, 404),
        ({"filename": WRONG, "target": "Dogs"}, 422),
    ],
)
def test_what_a_move_refuses(client: TestClient, body: dict[str, str | None], status: int) -> None:
    """Names are judged as in the other calls, and the video stays."""
    assert client.post("/api/move", json=body).status_code == status
    assert client.get("/api/misfilings").json()["total"] == 1


def test_a_taken_name_is_a_conflict(client: TestClient, learned: Sorter) -> None:
    """Nothing is overwritten."""
    (learned.library.root / "Dogs" / WRONG).write_bytes(b"another")
    body = {"filename": WRONG, "source": "Cats", "target": "Dogs"}
    assert client.post("/api/move", json=body).status_code == 409
    assert (learned.library.root / "Dogs" / WRONG).read_bytes() == b"another"


def test_the_map(client: TestClient) -> None:
    """All videos, the unsorted with null."""
    told = client.get("/api/diagnostics/map").json()
    assert (told["run"], told["videos"], len(told["spots"])) == (2, 30, 30)
    assert sum(spot["folder"] is None for spot in told["spots"]) == 6
    assert all(0 <= spot["x"] <= 1 and 0 <= spot["y"] <= 1 for spot in told["spots"])


@pytest.mark.parametrize(
    "path",
    ["diagnostics", "diagnostics/map", "misfilings", "diagnostics/cell?folder=A&predicted=B"],
)
def test_before_a_training_and_before_a_library(
    tmp_path: Path, settings: Settings, empty_client: TestClient, path: str
) -> None:
    """404 and 503, in words."""
    untrained = create_app(analysed(tmp_path / "new", settings), settings)
    with TestClient(untrained, base_url=ADDRESS) as fresh:
        answer = fresh.get(f"/api/{path}")
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("Nothing has been trained yet")
    assert empty_client.get(f"/api/{path}").status_code == 503


def test_an_unknown_training(client: TestClient) -> None:
    """404 for each of the two."""
    assert client.get("/api/diagnostics?run=99").status_code == 404
    assert client.get("/api/diagnostics?against=99").status_code == 404
