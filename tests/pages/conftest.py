"""The app as Streamlit runs it, without a browser: own state, own home, one library of tiny files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sorter_core.app import Sorter, shared
from sorter_core.settings import settings as process_settings

VISIT = Path(__file__).parents[2] / "pages" / "_visit.py"
HOSTILE = "<img src=x onerror=alert(1)>"
MARKUP = "**bold** $x$ :red[x]"

Visit = Callable[[str], AppTest]


def words(app: AppTest) -> str:
    """All that a page says, in one string; what holds it together in :func:`pages._ui.escape` taken out."""
    kinds = (
        "title",
        "subheader",
        "markdown",
        "caption",
        "text",
        "success",
        "info",
        "warning",
        "error",
    )
    said = [str(element.value) for kind in kinds for element in getattr(app, kind)]
    said += [
        str(element.label)
        for kind in ("button", "metric", "expander")
        for element in getattr(app, kind)
    ]
    return "\n".join(said).replace("\u2060", "").replace("\\", "")


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A process that knows no library, and a home directory with nothing in it."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("DATA_DIR", "ARTIFACTS_DIR", "ENCODERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)  # no .env of the person who runs the tests
    process_settings.cache_clear()
    shared.cache_clear()
    yield home
    process_settings.cache_clear()
    shared.cache_clear()


@pytest.fixture
def sorter(alone: Path, root: Path) -> Sorter:
    """The process' Sorter with the small library chosen."""
    shared().setup(root)
    return shared()


@pytest.fixture
def visit(alone: Path) -> Visit:
    """Visit a page of the app by its file's name; ``""`` is the page that comes up first."""

    def visit(page: str) -> AppTest:
        app = AppTest.from_file(str(VISIT), default_timeout=20).run()
        if page:
            app.switch_page(f"{page}.py").run()
        assert list(app.exception) == []
        return app

    return visit
