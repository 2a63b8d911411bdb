"""Reading what yt-dlp left beside a video, from files that nobody promised to be whole."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter_core.captions import MAX_BYTES, MAX_TAGS, MAX_TEXT, _texts, hashtags, read

INFO = {
    "id": "7345",
    "title": "My cat dances #c…",
    "description": "My cat dances #Cat #fyp",
    "uploader": "luna",
    "uploader_id": "681",
    "track": "original sound",
    "artists": ["Luna", "Sol"],
    "tags": None,
}


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A sorted video in a library; nothing lies beside it."""
    path = tmp_path / "library" / "cats" / "7345.mp4"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def leave(video: Path, content: object) -> None:
    """Write the file beside the video, as JSON or as it is."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    video.with_name(f"{video.stem}.info.json").write_bytes(data)


def test_the_texts_come_by_kind(video: Path) -> None:
    """Caption, author, sound and hashtags, each under its name."""
    leave(video, INFO)
    assert read(video) == {
        "caption": "My cat dances #Cat #fyp",
        "author": "luna",
        "sound": "original sound - Luna, Sol",
        "hashtags": "cat fyp",
    }


def test_a_sorted_video_finds_what_stayed_behind(video: Path) -> None:
    """The file in the library's root belongs to it; one beside it comes first."""
    leave(video.parent.parent / video.name, INFO)
    assert read(video)["author"] == "luna"
    leave(video, {"uploader": "sol"})
    assert read(video) == {"author": "sol"}


def test_nothing_beside_it_is_nothing(video: Path) -> None:
    """Neither is it a fault."""
    assert read(video) == {}
    assert read(Path("there/is/none.mp4")) == {}


def test_other_fields_stand_in(video: Path) -> None:
    """The title for the caption, the channel for the uploader, tags that are no part of it."""
    info = {"title": "A dog", "channel": "Sol", "track": "Song", "artist": "X", "tags": ["Pets"]}
    leave(video, info)
    assert read(video) == {
        "caption": "A dog",
        "author": "Sol",
        "sound": "Song - X",
        "hashtags": "pets",
    }


BROKEN = {
    "empty": b"",
    "half": json.dumps(INFO).encode()[:40],
    "no object": b"[1, 2]",
    "nulls": json.dumps(dict.fromkeys(INFO)).encode(),
    "numbers": json.dumps(dict.fromkeys(INFO, 7)).encode(),
    "lists": json.dumps({field: [[None, {}]] for field in INFO}).encode(),
    "deep": b'{"description":' + b"[" * 100_000,
    "deep and closed": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "not utf-8": b'{"description": "\xff\xfe"}',
    "a long number": b'{"view_count": ' + b"9" * 10_000 + b"}",
    "binary": bytes(range(256)),
    "too big": b'{"description": "' + b"a" * MAX_BYTES + b'"}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_is_nothing(video: Path, content: bytes) -> None:
    """It never fails, and never takes long."""
    leave(video, content)
    assert read(video) == {}


def test_what_no_database_can_hold_is_taken_out(video: Path) -> None:
    """Half a surrogate pair, NUL and other control characters; a line break stays."""
    leave(video, b'\xef\xbb\xbf{"description": " a\\ud83d\\u0000b\\nc\\u001b[31m "}')
    assert read(video) == {"caption": "a  b\nc [31m"}


def test_long_texts_are_cut(video: Path) -> None:
    """At lengths far above what TikTok allows."""
    tags = " ".join(f"#tag{number}" for number in range(1000))
    leave(video, {"description": tags + "a" * 100_000, "tags": ["x"] * 100_000})
    texts = read(video)
    assert len(texts["caption"]) == MAX_TEXT
    assert len(texts["hashtags"].split()) == MAX_TAGS


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO, and links need a right")
def test_only_a_regular_file_is_opened(video: Path, tmp_path: Path) -> None:
    """No link to elsewhere, no FIFO that would never end, no directory."""
    beside = video.with_name("7345.info.json")
    (tmp_path / "secret").write_text(json.dumps(INFO))
    beside.symlink_to(tmp_path / "secret")
    assert read(video) == {}
    beside.unlink()
    os.mkfifo(beside)
    assert read(video) == {}
    beside.unlink()
    beside.mkdir()
    assert read(video) == {}


def test_a_name_too_long_for_a_sidecar_has_none(video: Path) -> None:
    """255 bytes are a file's name; with .info.json there would be more."""
    assert read(video.with_name("a" * 251 + ".mp4")) == {}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted({*INFO, "channel", "artist"})), values))
def test_any_object_gives_texts(info: dict[str, object]) -> None:
    """Whatever stands in the fields, what comes out is text that can be stored."""
    texts = _texts(info)
    assert set(texts) <= {"caption", "author", "sound", "hashtags"}
    assert all(text and text.encode() for text in texts.values())


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Cat#dog", ["cat", "dog"]),
        ("#cat #CAT #Cat", ["cat"]),
        ("#हिन्दी #ไทย #نیم‌فاصله #日本語", ["हिन्दी", "ไทย", "نیم‌فاصله", "日本語"]),
        ("＃日本", ["日本"]),  # noqa: RUF001 - the full-width sign is what is tested
        ("#a_b-c #d.e", ["a_b", "d"]),
        ("#1 #2024 #4u", ["4u"]),
        ("it&#39;s https://a.b/#top", []),
        ("# #! ##", []),
        ("", []),
    ],
)
def test_hashtags_of_any_script(text: str, tags: list[str]) -> None:
    """A tag ends where its letters, marks and digits end."""
    assert hashtags(text) == tags
