"""The file that everything starts from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from streamlit.testing.v1 import AppTest

from sorter_core.app import Sorter
from tests.conftest import grow
from tests.pages.conftest import words
from tests.serving import ROOT, serve


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app in a process of its own, over a small library."""
    home = tmp_path_factory.mktemp("home")
    library = grow(home / "library", {"1.mp4": "one", "2.mp4": "two", "Cats": {}})
    with serve(home, DATA_DIR=str(library)) as address:
        yield address


def ask(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_script_run_draws_the_page(sorter: Sorter) -> None:
    """``AppTest`` may be given the very file that ``streamlit run`` is given."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=20).run()
    assert list(app.exception) == []
    assert "3 to sort" in words(app)


def test_pages_routes_and_videos_come_from_one_process(address: str) -> None:
    """The pages' shell, the API, its description, the player's files and the videos."""
    assert "<title>Streamlit</title>" in ask(address)[1]
    assert json.loads(ask(f"{address}/api/videos")[1])["total"] == 2
    assert ask(f"{address}/videos/1.mp4")[1] == "one"
    assert ask(f"{address}/openapi.json")[0] == 200
    assert ask(f"{address}/player/player.css")[0] == 200
    assert ask(f"{address}/train")[0] == 200


def test_a_part_of_a_video_can_be_asked_for(address: str) -> None:
    """A browser seeks with Range."""
    assert ask(f"{address}/videos/1.mp4", Range="bytes=1-1") == (206, "n")


@pytest.mark.parametrize("path", ["", "/api/videos", "/videos/1.mp4", "/_stcore/health"])
def test_the_guard_stands_before_all_of_it(address: str, path: str) -> None:
    """A foreign name (DNS rebinding) is answered nowhere, Streamlit's own routes included."""
    assert ask(f"{address}{path}", Host="evil.example")[0] == 421
