"""myfaveTT's archives: facts.json, the older scripts, and a library that lies inside one."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path

import pytest

from sorter_core.imports import Found, _facts, source_of
from sorter_core.library import Library
from sorter_core.scan import scan
from tests.conftest import grow

A, B, C, D = (f"730123456789012345{n}" for n in range(4))
FACTS = {
    "schemaVersion": 7,
    "videos": {
        A: {"authorId": "9", "createTime": 1700000000, "diggCount": 5, "audioId": "55"},
        B: {"authorId": "8", "createTime": None, "audioId": None, "size": 10**30},
        C: None,
    },
    "videoDescriptions": {A: "My cat #Cat\u0000 #fyp", B: None, D: 7},
    "authors": {"9": {"uniqueIds": ["luna"], "nicknames": ["Luna"]}, "8": {"uniqueIds": None}},
    "bookmarked": {"officialList": [A, B, int(C), None, "x"]},
    "likes": {"officialList": [B, D]},
}


def archive(tmp_path: Path, appdata: dict[str, bytes | str]) -> Path:
    return grow(
        tmp_path / "archive",
        {
            "data": {
                "Favorites": {"videos": {f"{A}.mp4": "a", f"{B}.mp4": "b"}},
                "Likes": {"videos": {f"{B}.mp4": "b"}},
                "Following": {"sol": {"videos": {f"{C}.mp4": "c"}}},
                ".appdata": appdata,
            }
        },
    )


def read(path: Path) -> Found:
    source = source_of(path)
    assert source.name == "myfavett"
    return source.read(path, lambda _done, _total: None)


def script(name: str, content: object) -> str:
    packed = base64.b64encode(gzip.compress(json.dumps(content).encode())).decode()
    return f'window.{name}="{packed}";\n'


SCRIPTS = {
    "db_videos.js": script("dbv_base64", FACTS["videos"]),
    "db_texts.js": script("dbvd_base64", FACTS["videoDescriptions"]),
    "db_authors.js": script("dba_base64", FACTS["authors"]),
    "db_bookmarked.js": script("dbb_base64", FACTS["bookmarked"]),
    "db_likes.js": script("db_base64", {"schemaVersion": 3, "likes": FACTS["likes"]}),
}


@pytest.mark.parametrize("appdata", [{"facts.json": json.dumps(FACTS)}, SCRIPTS], ids=["7", "js"])
def test_all_that_is_known_of_a_video_comes_along(
    tmp_path: Path, appdata: dict[str, bytes | str]
) -> None:
    """Caption, author, sound, hashtags, time and lists, from either form."""
    found = {item.id: item for item in read(archive(tmp_path, appdata)).items}
    assert set(found) == {A, B, C, D}
    assert {kind: text.replace("\0", "") for kind, text in found[A].texts.items()} == {
        "caption": "My cat #Cat #fyp",
        "author": "luna",
        "sound": "55",
        "hashtags": "cat fyp",
        "uploaded": "2023-11-14T22:13:20Z",
    }
    assert found[B].lists == ("Favorites", "Likes")
    assert found[C].folder == "sol"
    assert (found[D].file, found[D].lists) == (None, ("Likes",))


def test_a_profile_can_become_a_folder(tmp_path: Path) -> None:
    """Following/<author> names one."""
    assert read(archive(tmp_path, {"facts.json": "{}"})).folders == ["sol"]


@pytest.mark.parametrize(
    "facts",
    [
        "",
        "null",
        "[]",
        "{",
        '{"videos": [1, 2]}',
        '{"videos": {"x": {"createTime": "yesterday"}}, "authors": 3}',
        '{"videos": null, "videoDescriptions": [], "bookmarked": {"officialList": {}}}',
        '{"bookmarked": {"officialList": [[[["7301234567890123450"]]]]}}',
        "[" * 100_000,
    ],
)
def test_broken_facts_cost_only_themselves(tmp_path: Path, facts: str) -> None:
    """The videos are there all the same."""
    found = read(archive(tmp_path, {"facts.json": facts}))
    assert {item.id for item in found.items} == {A, B, C}


@pytest.mark.parametrize(
    "content",
    ["", "window.x=1", 'window.x="', 'window.x="!!!!"', 'window.x="AAAA"', "\0" * 1000],
)
def test_a_broken_script_costs_only_itself(tmp_path: Path, content: str) -> None:
    """The others are read, and it is said."""
    found = read(archive(tmp_path, {**SCRIPTS, "db_texts.js": content}))
    assert "db_texts.js" in " ".join(found.notes)
    assert next(item for item in found.items if item.id == A).texts["author"] == "luna"


def test_a_script_that_unpacks_to_gigabytes_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the cap, while it is unpacked."""
    monkeypatch.setattr("sorter_core.imports._json.MAX_BYTES", 1 << 20)
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b'{"' + A.encode() + b'": "') + packer.compress(b"0" * (64 << 20))
    text = f'window.x="{base64.b64encode(bomb + packer.flush()).decode()}"'
    assert len(text) < 200_000
    found = read(archive(tmp_path, {**SCRIPTS, "db_texts.js": text}))
    assert "larger than anything" in " ".join(found.notes)
    assert len(found.items) == 4


def test_a_script_too_long_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packed text has a cap of its own."""
    monkeypatch.setattr(_facts, "MAX_SCRIPT", 1000)
    text = 'window.x="' + base64.b64encode(gzip.compress(bytes(2000), 0)).decode() + '"'
    found = read(archive(tmp_path, {**SCRIPTS, "db_texts.js": text}))
    assert "db_texts.js" in " ".join(found.notes)


def test_links_and_paths_in_the_archive_lead_nowhere(tmp_path: Path) -> None:
    """Ids are compared, never opened; links are left out and said."""
    place = archive(tmp_path, {"facts.json": json.dumps({"likes": {"officialList": ["../../x"]}})})
    (place / "data" / "Likes" / "videos" / f"{D}.mp4").symlink_to("/etc/passwd")
    found = read(place)
    assert {item.id for item in found.items} == {A, B, C}
    assert "link" in found.left_out[0].reason


def texts(library: Library) -> dict[tuple[str, str], str]:
    with library.store.read() as db:
        rows = db.execute("SELECT name, kind, text FROM texts JOIN files USING (fingerprint)")
        return {(row[0], row[1]): row[2] for row in rows}


def looked_over(root: Path) -> Library:
    library = Library(root)
    scan(library, lambda _done, _total: None)
    return library


def test_a_library_inside_an_archive_finds_its_facts_by_itself(tmp_path: Path) -> None:
    """Without an import: the scan looks around."""
    place = archive(tmp_path, {"facts.json": json.dumps(FACTS)})
    library = looked_over(place / "data" / "Favorites" / "videos")
    known = texts(library)
    assert known[f"{A}.mp4", "author"] == "luna"
    assert known[f"{A}.mp4", "caption"] == "My cat #Cat  #fyp"


def test_facts_that_changed_are_read_again(tmp_path: Path) -> None:
    """And not otherwise; a text beside the video counts more."""
    place = archive(tmp_path, {"facts.json": json.dumps(FACTS)})
    root = place / "data" / "Favorites" / "videos"
    grow(root, {f"{B}.info.json": json.dumps({"uploader": "sol"})})
    looked_over(root)
    facts = place / "data" / ".appdata" / "facts.json"
    facts.write_text(json.dumps(FACTS).replace("luna", "stella"))
    known = texts(looked_over(root))
    assert known[f"{A}.mp4", "author"] == "stella"
    assert known[f"{B}.mp4", "author"] == "sol"


def test_another_version_of_a_video_is_said(tmp_path: Path) -> None:
    """Two files of one id: a copy is none, another content is left out with a word."""
    place = archive(tmp_path, {"facts.json": json.dumps(FACTS)})
    (place / "data" / "Likes" / "videos" / f"{A} (1).mp4").write_text("a, and better")
    found = read(place)
    assert [(Path(each.path).name, each.reason) for each in found.left_out] == [
        (f"{A} (1).mp4", f"'{A}.mp4' is this video, too, in another version")
    ]


def test_facts_of_a_newer_form_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    """The person hears of it."""
    place = archive(tmp_path, {"facts.json": json.dumps({**FACTS, "schemaVersion": 8})})
    found = read(place)
    assert found.items[0].texts["author"] == "luna"
    assert found.notes == ["facts.json has form 8, this program knows 7: some may be missing."]
