"""What is known of one video in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import Settings, Sorter
from sorter_core.encoders._speech import Said
from sorter_core.errors import InvalidName, VideoNotFound
from sorter_core.words import Words
from tests.conftest import grow

SIDECAR = '{"description": "Crème #Cats", "uploader": "me", "track": "a song"}'


def tell(sorter: Sorter, name: str, **texts: str) -> None:
    """Keep texts of a video as an analysis does."""
    sorter.scan()
    with sorter.library.store.write() as db:
        for kind, text in texts.items():
            db.execute(
                "INSERT OR REPLACE INTO texts SELECT fingerprint, ?, ? FROM files WHERE name = ?",
                (kind, text, name),
            )


@pytest.fixture
def sorter(settings: Settings, root: Path) -> Sorter:
    grow(root, {"1.info.json": SIDECAR})
    return Sorter(settings)


def test_all_that_is_known(sorter: Sorter) -> None:
    """What lies beside it, what is said and when, and what is written in it."""
    tell(
        sorter,
        "1.mp4",
        speech="Hello.\nYou there.",
        speech_times="[[0.5, 1], [2, 3.25]]",
        screen="part 2?\nwait",
    )
    assert sorter.texts("1.mp4") == Words(
        "1.mp4",
        None,
        caption="Crème #Cats",
        author="me",
        sound="a song",
        hashtags=("cats",),
        transcript=(Said(0.5, 1, "Hello."), Said(2, 3.25, "You there.")),
        screen=("part 2?", "wait"),
    )


def test_nothing_is_known(sorter: Sorter) -> None:
    """No text, no invented one; a video in a folder says so."""
    sorter.scan()
    assert sorter.texts("2.mp4") == Words("2.mp4", None)
    assert sorter.texts("4.mp4") == Words("4.mp4", "Cats")
    assert sorter.texts("4.mp4", "Cats").folder == "Cats"


def test_before_any_scan_the_file_beside_it_counts(sorter: Sorter, root: Path) -> None:
    """A video that came a moment ago has its caption already."""
    assert sorter.texts("1.mp4").caption == "Crème #Cats"
    sorter.scan()
    (root / "1.mp4").rename(root / "Dogs" / "1.mp4")  # by hand: no scan knows
    assert sorter.texts("1.mp4") == sorter.texts("1.mp4", "Dogs")
    assert sorter.texts("1.mp4").author == "me"


def test_another_file_under_the_name_has_other_words(sorter: Sorter, root: Path) -> None:
    """Words belong to a content, not to a name."""
    tell(sorter, "2.mp4", speech="Hello.", speech_times="[[0, 1]]")
    (root / "2.mp4").write_text("quite another one")
    assert sorter.texts("2.mp4").transcript == ()


def test_names_are_judged_as_everywhere(sorter: Sorter) -> None:
    """Nothing outside the library is looked at."""
    for name in ("../1.mp4", "/etc/passwd", "1.info.json", ""):
        with pytest.raises(InvalidName):
            sorter.texts(name)
    with pytest.raises(VideoNotFound):
        sorter.texts("1.mp4", "Cats")
