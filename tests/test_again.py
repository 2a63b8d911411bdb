"""Transcripts that a better model is to make once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import Settings, Sorter, features
from sorter_core.decoding import Analysis
from sorter_core.errors import Conflict, InvalidInput
from tests.clips import write_clip
from tests.encoders import samples, tiny
from tests.test_features import vector

OLD = {"speech": "yellow crates", "speech_times": "[[0, 1]]", "speech_by": "Moonshine tiny"}


def heard(sorter: Sorter, *names: str, **texts: str) -> None:
    """Let the videos have been transcribed."""
    sorter.scan()
    with sorter.library.store.read() as db:
        marks = [
            db.execute("SELECT fingerprint FROM files WHERE name = ?", (name,)).fetchone()[0]
            for name in names
        ]
    analyses = [Analysis(mark, {"speech": vector("speech", 0)}, {}, texts) for mark in marks]
    features._save(sorter.library.store, analyses)


def texts_of(sorter: Sorter, name: str) -> dict[str, str]:
    with sorter.library.store.read() as db:
        rows = db.execute(
            "SELECT kind, text FROM texts JOIN files USING (fingerprint) WHERE name = ?", (name,)
        )
        return dict(rows.fetchall())


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A machine on which Whisper is, a tiny one that always says the same."""
    models = tiny.whisper(tmp_path / "models")
    return settings.model_copy(update={"encoders": ("speech",), "models_dir": models, "workers": 1})


@pytest.fixture
def sorter(settings: Settings) -> Sorter:
    return Sorter(settings)


def test_what_a_lesser_model_heard_is_counted(sorter: Sorter) -> None:
    """By Moonshine, or by nobody knows whom; not what Whisper heard, nor what nobody has heard."""
    heard(sorter, "1.mp4", **OLD)
    heard(sorter, "2.mp4", speech="yellow crates", speech_times="[[0, 1]]")
    heard(sorter, "3.mp4", **{**OLD, "speech_by": "Whisper base"})
    found = sorter.outdated("speech")
    assert found is not None
    assert (found.model, found.videos, found.waiting) == ("Whisper base", 2, 0)


def test_asked_for_it_is_taken_up_by_the_next_analysis(sorter: Sorter) -> None:
    """Asked twice it is there once; figures of what is to be done count it."""
    heard(sorter, "1.mp4", "2.mp4", "3.mp4", "4.mp4", **OLD)
    assert sorter.news().unanalysed == 0
    for _ in range(2):
        assert sorter.read_again("speech").waiting == 4
    news = sorter.news()
    assert (news.unanalysed, news.again) == (4, 4)
    assert texts_of(sorter, "1.mp4") == OLD


def test_the_new_words_take_the_place_of_the_old(sorter: Sorter, root: Path) -> None:
    """In one step; a video that can't be read any more keeps its old ones, and is let be."""
    recording = samples.recording()
    assert recording
    write_clip(root / "1.mp4", seconds=2, sound=samples.heard(recording)[: 16_000 * 4])
    heard(sorter, "1.mp4", "2.mp4", **OLD)
    for name in ("3.mp4", "4.mp4"):
        (root / name if name == "3.mp4" else root / "Cats" / name).unlink()
    sorter.read_again("speech")
    report = sorter.extract()
    assert report.computed == 2
    assert texts_of(sorter, "1.mp4")["speech_by"] == "Whisper base"
    assert texts_of(sorter, "1.mp4")["speech"] == "Hello cats"
    assert texts_of(sorter, "2.mp4") == OLD
    with sorter.library.store.read() as db:
        kept = db.execute("SELECT count(*) FROM features WHERE vector IS NOT NULL").fetchone()[0]
    assert kept >= 2
    assert sorter.news().again == 0


def test_where_the_better_model_hears_nobody_the_old_words_go(sorter: Sorter) -> None:
    """That is an answer, too: what was made up out of music is not kept."""
    heard(sorter, "1.mp4", **OLD)
    sorter.read_again("speech")
    with sorter.library.store.read() as db:
        mark = db.execute("SELECT fingerprint FROM files WHERE name = '1.mp4'").fetchone()[0]
    none = {"speech": "", "speech_times": "[]", "speech_by": "Whisper base"}
    gone = Analysis(mark, {}, {"speech": "nobody speaks in it"}, none)
    features._save(sorter.library.store, [gone])
    assert texts_of(sorter, "1.mp4") == none
    assert sorter.texts("1.mp4").transcript == ()
    assert [failure.reason for failure in sorter.failures()] == ["nobody speaks in it"]
    found = sorter.outdated("speech")
    assert found is not None
    assert (found.videos, found.waiting) == (0, 0)


def test_a_failure_leaves_what_was_there(sorter: Sorter) -> None:
    """The vector, the words; it is not tried for ever."""
    heard(sorter, "1.mp4", **OLD)
    sorter.read_again("speech")
    with sorter.library.store.read() as db:
        mark = db.execute("SELECT fingerprint FROM files WHERE name = '1.mp4'").fetchone()[0]
    failed = Analysis(mark, {}, {"speech": "the encoder failed: OSError: gone"})
    features._save(sorter.library.store, [failed])
    assert texts_of(sorter, "1.mp4") == OLD
    assert features.load(sorter.library.store, [mark], ["speech"]).present["speech"].all()
    assert sorter.news().again == 0


def test_without_a_better_model_there_is_nothing_to_be_read_again(settings: Settings) -> None:
    """Nor where the encoder is off, has one way of reading only, or is none."""
    poor = Sorter(settings.model_copy(update={"models_dir": None}))
    heard(poor, "1.mp4", **OLD)
    assert poor.outdated("speech") is None
    assert poor.outdated("frames") is None
    with pytest.raises(Conflict, match="no other model"):
        poor.read_again("speech")
    off = Sorter(settings.model_copy(update={"encoders": ("frames",)}))
    with pytest.raises(Conflict, match="not in use"):
        off.read_again("speech")
    with pytest.raises(InvalidInput, match="speach"):
        off.read_again("speach")
