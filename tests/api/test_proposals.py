"""Proposals of new folders, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import create_app
from sorter_core import Settings, Sorter
from tests.api.conftest import ADDRESS
from tests.piles import EACH, piled


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """One big pile and no folder."""
    return piled(tmp_path / "pile", settings)


@pytest.fixture
def client(sorter: Sorter) -> Iterator[TestClient]:
    with TestClient(create_app(sorter, sorter.settings), base_url=ADDRESS) as client:
        yield client


def test_proposals_are_listed_with_words_and_videos(client: TestClient) -> None:
    """Names that are free, and why there are none only where there are none."""
    told = client.get("/api/proposals").json()
    assert told["none"] is None
    assert sorted(one["name"] for one in told["proposals"]) == ["Cats", "Dogs", "Pizza"]
    one = told["proposals"][0]
    assert set(one) == {"name", "words", "seen", "videos", "tightness"}
    assert one["words"] == [one["name"].lower()]
    assert len(one["videos"]) == EACH
    assert 0 < one["tightness"] <= 1


def test_a_folder_is_made_with_the_call_for_many(client: TestClient, sorter: Sorter) -> None:
    """One batch, one undo."""
    one = client.get("/api/proposals").json()["proposals"][0]
    items = [{"filename": name, "folder": one["name"]} for name in one["videos"]]
    done = client.post("/api/sort/bulk", json={"items": items, "new_folder": one["name"]}).json()
    assert done["folders"] == [{"name": one["name"], "count": EACH}]
    assert len(client.get("/api/proposals").json()["proposals"]) == 2
    client.post("/api/undo", json={"batch": done["batch"]})
    assert sorter.folders() == []
    assert len(client.get("/api/proposals").json()["proposals"]) == 3


def test_what_is_refused_does_not_come_back_until_it_is_taken_back(client: TestClient) -> None:
    """Remembered for good."""
    one = client.get("/api/proposals").json()["proposals"][0]
    refused = {"filenames": one["videos"]}
    assert client.post("/api/proposals/refuse", json=refused).json() == {"success": True}
    left = client.get("/api/proposals").json()["proposals"]
    assert one["name"] not in [other["name"] for other in left]
    client.post("/api/proposals/refuse", json={**refused, "take_back": True})
    assert one in client.get("/api/proposals").json()["proposals"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"filenames": []}, 422),
        ({"filenames": ["a.mp4"] * 5001}, 422),
        ({"filenames": ["none.mp4"]}, 400),
        ({"filenames": ["../cats-1.mp4"]}, 400),
        ({"filenames": ["cats-1.mp4"], "take_back": "no"}, 422),
        ({}, 422),
    ],
)
def test_what_a_refusal_refuses(client: TestClient, body: dict[str, object], status: int) -> None:
    """Nothing is remembered then."""
    assert client.post("/api/proposals/refuse", json=body).status_code == status
    assert len(client.get("/api/proposals").json()["proposals"]) == 3


def test_without_a_library_and_without_an_analysis(
    empty_client: TestClient, settings: Settings
) -> None:
    """In words, with what to do."""
    assert empty_client.get("/api/proposals").status_code == 503
    with TestClient(create_app(Sorter(settings), settings), base_url=ADDRESS) as client:
        told = client.get("/api/proposals").json()
    assert told["proposals"] == []
    assert "analysed" in told["none"]
