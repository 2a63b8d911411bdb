"""A client of the API over a library of tiny files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import create_app
from sorter_core import Settings, Sorter

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The common ones, with a place for the demo library."""
    return settings.model_copy(update={"demo_dir": tmp_path / "demo"})


@pytest.fixture
def sorter(settings: Settings) -> Sorter:
    """The real Sorter over ``root``."""
    return Sorter(settings)


@pytest.fixture
def client(sorter: Sorter, settings: Settings) -> Iterator[TestClient]:
    """Speaks to the application as a browser on this machine would; faults of the server are answers."""
    app = create_app(sorter, settings)
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def empty_client(settings: Settings) -> Iterator[TestClient]:
    """The same with no library set."""
    bare = settings.model_copy(update={"data_dir": None})
    app = create_app(Sorter(bare), bare)
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client
