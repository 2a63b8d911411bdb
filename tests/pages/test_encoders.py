"""The models on the Train page: fetched by a button, with progress that everyone sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sorter_core.app import Sorter
from tests.encoders import tiny
from tests.encoders.hub import Hub, serving
from tests.pages.conftest import Visit, words
from tests.pages.test_train import trained
from tests.test_again import OLD, heard


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a tiny CLIP, which holds back half of each file."""
    tiny.clip(tmp_path / "hub" / "Qdrant")
    with serving(tmp_path / "hub") as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        hub.pause.clear()
        yield hub


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def test_a_model_is_fetched_by_its_button(visit: Visit, sorter: Sorter, hub: Hub) -> None:
    """Its size stands on it; then a bar shows how far it is, until the encoder is ready."""
    app = visit("train")
    assert "models pull clip" in words(app)
    button = app.button(key="pull:clip")
    assert button.label == "Fetch its model (590 MB)"
    button.click().run()
    assert sorter.encoder_state("clip").state == "pulling"
    assert "pull:clip" not in {one.key for one in app.button}
    assert app.button(key="stop:clip").label == "Stop"
    hub.pause.set()
    wait(lambda: sorter.encoder_state("clip").state == "ready")
    assert "models pull clip" not in words(visit("train"))


def test_fetching_can_be_stopped(visit: Visit, sorter: Sorter, hub: Hub) -> None:
    """The button is there again; a person knows what he stopped."""
    app = visit("train")
    app.button(key="pull:clip").click().run()
    wait(lambda: sorter.encoder_state("clip").done > 0)
    app.button(key="stop:clip").click().run()
    wait(lambda: sorter.encoder_state("clip").state == "missing")
    assert visit("train").button(key="pull:clip")


def test_a_better_model_is_offered_for_what_the_other_heard(
    visit: Visit, sorter: Sorter, tmp_path: Path
) -> None:
    """A count and one click; the next training has it to do, and says so."""
    tiny.whisper(sorter.settings.cache_dir / "models")
    sorter.choose_encoders(["speech"])
    heard(sorter, "1.mp4", "2.mp4", **OLD)
    heard(sorter, "3.mp4", "4.mp4", **{**OLD, "speech_by": "Whisper base"})
    app = visit("train")
    button = app.button(key="again:speech")
    assert button.label == "Transcribe again with Whisper base (2 videos)"
    button.click().run()
    said = words(app)
    assert "2 videos will be transcribed again with Whisper base in the next training" in said
    assert "again:speech" not in {one.key for one in app.button}
    trained(sorter, videos=1)
    assert "**New:** 2 videos to be transcribed again." in words(visit("train"))
