"""Duplicates over HTTP."""

import pytest

from tests.conftest import grow, look

KEEP = {"filename": "4.mp4", "folder": "Cats"}
COPY = {"filename": "9.mp4", "folder": None}


@pytest.fixture
def bin_(sorter, tmp_path, root):
    """A library with one exact copy, and a trash of the test's own."""
    grow(root, {"9.mp4": "four"})
    place = tmp_path / "bin"
    place.mkdir()
    sorter.trash = lambda path: path.rename(place / path.name)
    sorter.scan()
    return place


def test_groups_are_listed(client, bin_):
    """The one to keep comes first."""
    said = client.get("/api/duplicates").json()
    more = {"size": 4, "seconds": None}
    assert said["groups"] == [{"kind": "exact", "copies": [{**KEEP, **more}, {**COPY, **more}]}]
    assert said["unseen"] == 4


def test_one_stays_the_other_goes_to_the_trash(client, bin_, root):
    """The answer tells what went."""
    said = client.post("/api/duplicates/remove", json={"keep": KEEP, "remove": [COPY]}).json()
    assert (said["removed"], said["failed"]) == ([COPY], [])
    assert (bin_ / "9.mp4").exists()
    assert (root / "Cats" / "4.mp4").exists()


def test_what_differs_stays(client, bin_, root):
    """Exact means exact, unless the person says that near is enough."""
    before = look(root)
    body = {"keep": KEEP, "remove": [{"filename": "1.mp4"}]}
    said = client.post("/api/duplicates/remove", json=body).json()
    assert said["removed"] == []
    assert "other bytes" in said["failed"][0]["reason"]
    assert look(root) == before
    said = client.post("/api/duplicates/remove", json={**body, "exact": False}).json()
    assert said["removed"] == [{"filename": "1.mp4", "folder": None}]


def test_not_duplicates_is_remembered(client, bin_):
    """They are not listed again."""
    assert client.post("/api/duplicates/distinct", json={"videos": [KEEP, COPY]}).json() == {
        "success": True
    }
    assert client.get("/api/duplicates").json()["groups"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("remove", {"keep": {"filename": "99.mp4"}, "remove": [COPY]}, 404),
        ("remove", {"keep": {"filename": "../1.mp4"}, "remove": [COPY]}, 400),
        ("remove", {"keep": KEEP, "remove": []}, 422),
        ("distinct", {"videos": [KEEP]}, 422),
        ("distinct", {"videos": [KEEP, {"filename": "99.mp4"}]}, 404),
    ],
)
def test_what_makes_no_sense(client, bin_, path, body, status):
    """Nothing is removed."""
    assert client.post(f"/api/duplicates/{path}", json=body).status_code == status
    assert not list(bin_.iterdir())
