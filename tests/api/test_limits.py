"""Bodies have a size that fits a small JSON document."""

import pytest

JSON = {"Content-Type": "application/json"}


def test_an_announced_large_body(client):
    """413, without reading it."""
    answer = client.post("/api/sort", content=b"x" * (1 << 21), headers=JSON)
    assert answer.status_code == 413
    assert set(answer.json()) == {"detail"}


def test_an_unannounced_large_body(client):
    """413 as well when it comes in pieces of unknown number."""
    pieces = (b" " * 65536 for _ in range(40))
    assert client.post("/api/sort", content=pieces, headers=JSON).status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30])
def test_a_false_announcement(client, length):
    """A length that is none, or enormous, is no fault of the server."""
    headers = {**JSON, "Content-Length": length}
    assert client.post("/api/sort", content=b"{}", headers=headers).status_code in {400, 413, 422}


def test_a_long_but_allowed_body(client):
    """Half a megabyte of blanks is a body."""
    body = b'{"filename": "1.mp4",' + b" " * (1 << 19) + b'"folder": "Cats"}'
    assert client.post("/api/sort", content=body, headers=JSON).status_code == 200
