"""Whatever goes wrong is one status and ``{"detail": str}``."""

import json
import logging

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import errors
from sorter_core import errors as core
from tests.conftest import look

JSON = {"Content-Type": "application/json"}


def every_error():
    """All classes of the core's tree."""
    found = [core.SorterError]
    for kind in found:
        found += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", every_error())
def test_every_error_of_the_core_has_a_status(kind):
    """None falls through to a traceback."""
    app = FastAPI()
    errors.install(app)

    @app.get("/")
    def route() -> None:
        raise kind("Do this instead.")

    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert answer.json() == {"detail": "Do this instead."}
    assert 400 <= answer.status_code < 600


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (core.InvalidName, 400),
        (core.UnknownFolder, 400),
        (core.NotALibrary, 400),
        (core.VideoNotFound, 404),
        (core.NothingToUndo, 404),
        (core.TargetExists, 409),
        (core.Busy, 409),
        (core.NoLibrary, 503),
        (core.DiskFull, 507),
        (core.ReadOnly, 403),
        (core.NotEnoughLabels, 409),
    ],
)
def test_documented_statuses(kind, status):
    """As the contract has them."""
    assert errors.status_of(kind("")) == status


def test_the_unexpected_is_logged_and_not_told(caplog):
    """500 without a word of the program's inside."""
    app = FastAPI()
    errors.install(app)

    @app.get("/")
    def route() -> float:
        return 1 / 0

    with caplog.at_level(logging.ERROR):
        answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert set(answer.json()) == {"detail"}
    assert "ZeroDivision" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"filename": "\\ud800.mp4", "folder": NaN}',
        b'{"filename": Infinity, "folder": "Cats"}',
        b"[" * 100_000,
        b"\xff\xfe",
        b"{",
        b"",
        b'"' + b"x" * 1000,
        b'{"filename": ' + b"9" * 10_000 + b"}",
    ],
)
def test_bodies_that_are_no_json_or_worse(client, body):
    """Each is the client's fault, and the answer is JSON."""
    answer = client.post("/api/sort", content=body, headers=JSON)
    assert answer.status_code in {400, 422}
    assert "detail" in answer.json()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/sort", {"filename": "\ud800.mp4", "folder": "Cats"}, 400),
        ("/api/sort", {"filename": "1.mp4", "folder": "\ud800"}, 400),
        ("/api/folders", {"name": "\ud800"}, 400),
        ("/api/setup", {"data_dir": "library/\ud800"}, 400),
        ("/api/sort/bulk", {"items": [{"filename": "\ud800", "folder": "Cats"}]}, 422),
        ("/api/sort/bulk", {"items": [{"filename": "1.mp4", "folder": "\ud800"}]}, 422),
        ("/api/sort/bulk", {"threshold": 0, "target": "\ud800", "dry_run": True}, 200),
        (
            "/api/duplicates/remove",
            {"keep": {"filename": "1.mp4"}, "remove": [{"filename": "\ud800"}]},
            422,
        ),
        ("/api/proposals/refuse", {"filenames": ["\ud800"]}, 422),
        ("/api/import", {"path": "\ud800", "dry_run": True}, 422),
    ],
)
def test_half_of_a_character(client, root, path, body, status):
    """A lone surrogate, which JSON can write and UTF-8 can't, is a name like any other wrong one."""
    before = look(root)
    answer = client.post(path, content=json.dumps(body), headers=JSON)
    assert answer.status_code == status
    assert answer.json()
    assert look(root) == before


def test_unknown_paths_and_methods(client):
    """404 and 405 have the same form."""
    assert client.get("/api/nothing").json() == {"detail": "Not Found"}
    assert client.put("/api/folders").status_code == 405
