"""Words in captions, names and folders, in any language; and what no query may break."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter_core import search
from sorter_core.library import Library
from sorter_core.scan import scan
from tests.conftest import grow


def ignore(done: int, total: int) -> None:
    """Nobody waits."""


def write(library: Library, name: str, kind: str, text: str) -> None:
    """Let a video have a text, as the analysis or the scan would."""
    with library.store.write() as db:
        row = db.execute("SELECT fingerprint FROM files WHERE name = ?", (name,)).fetchone()
        db.execute("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", (row[0], kind, text))


def names(library: Library, query: str) -> list[str]:
    """The names of what is found, in order."""
    return sorted(hit.filename for hit in search.find(library, query).hits)


@pytest.fixture
def found(library: Library) -> Library:
    """The small library, looked over, with a text for each of its four videos."""
    scan(library, ignore)
    write(library, "1.mp4", "caption", "我喜欢日本料理 #カレー")
    write(library, "2.mp4", "speech", "We go to the Straße, then a crème brûlée")
    write(library, "3.mp4", "author", "Ирина Танец")
    write(library, "4.mp4", "hashtags", "dance fyp")
    return library


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("料理", ["1.mp4"]),
        ("理", ["1.mp4"]),
        ("日本料理 カレー", ["1.mp4"]),
        ("ｶﾚｰ", ["1.mp4"]),
        ("料本", []),
        ("strasse", ["2.mp4"]),
        ("CREME Brule", ["2.mp4"]),
        ("crème", ["2.mp4"]),
        ("танец", ["3.mp4"]),
        ("\u0422\u0410\u041d", ["3.mp4"]),
        ("#dance", ["4.mp4"]),
        ("dan", ["4.mp4"]),
        ("ance", []),
        ("cats", ["4.mp4"]),
        ("cats fyp", ["4.mp4"]),
        ("fyp cat", ["4.mp4"]),
        ("dogs fyp", []),
        ("4.mp4", ["4.mp4"]),
        ("mp4", ["1.mp4", "2.mp4", "3.mp4", "4.mp4"]),
    ],
)
def test_words_are_found(found: Library, query: str, expected: list[str]) -> None:
    """Beginnings of words, any part of what has no blanks, without case and marks, and folders' names."""
    assert names(found, query) == expected


@pytest.mark.parametrize(
    "query",
    ['"', '""', "*", "a*", "NEAR(a b)", "a AND", "OR", "NOT x", "words:x", "^a", "-a", "{a b}: c", "'; --",
     "\x00", "\ud800", "(" * 500, "a " * 500, "x" * 5000, "#", "", "   ", "ー", "\u0301"],
)  # fmt: skip
def test_no_query_fails(found: Library, query: str) -> None:
    """What FTS5 would read as its language is plain text."""
    assert search.find(found, query).total >= 0


@given(query=st.text(max_size=40))
def test_no_text_at_all_fails(found_once: Library, query: str) -> None:
    """Whatever a keyboard or a script can send."""
    search.find(found_once, query)


@pytest.fixture(scope="module")
def found_once(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library for many queries."""
    root = grow(
        tmp_path_factory.mktemp("own") / "library", {"1.mp4": "one", "Cats": {"2.mp4": "two"}}
    )
    library = Library(root)
    scan(library, ignore)
    write(library, "1.mp4", "caption", "a b c")
    return library


def test_the_hit_tells_where_and_why(found: Library) -> None:
    """Its folder (None: unsorted), the kind of text, and the text around the words."""
    write(found, "4.mp4", "caption", "x " * 100 + "the Élan of it " + "y " * 100)
    hit = search.find(found, "elan").hits[0]
    assert (hit.filename, hit.folder, hit.kind) == ("4.mp4", "Cats", "caption")
    assert "x the Élan of it y" in hit.excerpt
    assert len(hit.excerpt) < 150
    assert search.find(found, "料理").hits[0].folder is None


def test_a_move_is_seen_at_once_and_costs_no_reading(found: Library) -> None:
    """The folder's name finds it from then on, the old one's no more."""
    search.refresh(found)
    found.move("4.mp4", "Cats", "Dogs")
    assert search.refresh(found) == 0
    assert names(found, "cats") == []
    assert names(found, "dogs fyp") == ["4.mp4"]


def test_a_renamed_folder_is_found_by_its_new_name(found: Library) -> None:
    """Without a scan."""
    found.rename_folder("Cats", "Kätzchen")
    assert names(found, "katz") == ["4.mp4"]
    assert names(found, "cats") == []


def test_a_new_text_takes_the_place_of_the_old(found: Library) -> None:
    """The index follows the store."""
    assert names(found, "fyp") == ["4.mp4"]
    write(found, "4.mp4", "hashtags", "song")
    assert names(found, "fyp") == []
    assert names(found, "song") == ["4.mp4"]


def test_what_left_the_library_is_found_no_more(found: Library) -> None:
    """And what was put in its place under the same name is another video."""
    (found.root / "1.mp4").unlink()
    (found.root / "2.mp4").write_bytes(b"something else")
    scan(found, ignore)
    assert names(found, "料理") == []
    assert names(found, "strasse") == []
    assert search.find(found, "mp4").total == 3


def test_copies_are_one_hit(found: Library) -> None:
    """The same video in two places counts once."""
    (found.root / "Dogs" / "9.mp4").write_bytes(b"one")
    scan(found, ignore)
    assert search.find(found, "料理").total == 1
    assert search.find(found, "9").total == 1


def test_pages_follow_each_other(found: Library) -> None:
    """Together they are the whole, and the total is that of all."""
    pages = [search.find(found, "mp4", limit=3, offset=offset) for offset in (0, 3)]
    assert [page.total for page in pages] == [4, 4]
    assert sorted(hit.filename for page in pages for hit in page.hits) == [
        f"{i}.mp4" for i in range(1, 5)
    ]


def test_times_of_speech_are_no_words(found: Library) -> None:
    """What is kept of it for the pages is not to be found."""
    write(found, "3.mp4", "speech_times", "[[0, 1]] secret")
    assert names(found, "secret") == []


def test_a_store_that_was_deleted_is_read_again(root: Path, found: Library) -> None:
    """The texts beside the videos come back with the next scan, and so do the names."""
    (found.artifacts / "sorter.db").unlink()
    scan(found, ignore)
    assert names(found, "cats") == ["4.mp4"]
