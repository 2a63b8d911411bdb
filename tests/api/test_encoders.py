"""The encoders over HTTP: listed, chosen, their models fetched."""

from importlib.util import find_spec

from fastapi.testclient import TestClient

from sorter_core import encoders


def by_name(answer):
    return {one["name"]: one for one in answer.json()["encoders"]}


def test_lists_every_encoder(client: TestClient):
    """With what a person wants to know before switching one on."""
    listed = by_name(client.get("/api/encoders"))
    assert list(listed) == list(encoders.available())
    frames = listed["frames"]
    assert (frames["on"], frames["state"], frames["pull"]) == (True, "ready", False)
    assert frames["licence"] == "Apache-2.0"
    assert frames["size"] > 0
    clip = listed["clip"]
    assert (clip["on"], clip["state"]) == (False, "missing")
    assert clip["pull"] is (find_spec("fastembed") is not None)
    assert clip["download"] > 500_000_000
    assert "Run: " in clip["message"]


def test_lists_them_before_a_library_is_set(empty_client: TestClient):
    """What the settings say is on."""
    assert by_name(empty_client.get("/api/encoders"))["frames"]["on"]


def test_a_choice_is_kept(client: TestClient):
    """And answered with the new list."""
    answer = client.post("/api/encoders", json={"names": ["sound", "frames"]})
    assert answer.status_code == 200
    assert [name for name, one in by_name(answer).items() if one["on"]] == ["frames", "sound"]
    assert by_name(client.get("/api/encoders")) == by_name(answer)


def test_a_choice_that_makes_no_sense_is_refused(client: TestClient):
    """An unknown name, and none at all."""
    for names in (["frmaes"], []):
        answer = client.post("/api/encoders", json={"names": names})
        assert answer.status_code == 400
        assert "Choose at least one of" in answer.json()["detail"]


def test_what_can_not_be_fetched_is_refused(client: TestClient):
    """An encoder without a model, and a name that is none."""
    for name in ("frames", "nothing"):
        assert client.post(f"/api/models/{name}/pull").status_code == 400
    assert client.get("/api/models/nothing/pull").status_code == 400


def test_the_state_of_one_is_told(client: TestClient):
    """While nothing is fetched, that it is missing; and there is nothing to cancel."""
    assert client.get("/api/models/clip/pull").json()["state"] == "missing"
    assert client.post("/api/models/cancel").json() == {"status": "not_running"}
