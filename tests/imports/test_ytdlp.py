"""What yt-dlp leaves: sidecars, and names of any template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorter_core.imports import Found, source_of
from tests.conftest import grow

ID = "7301234567890123456"


def read(path: Path) -> Found:
    source = source_of(path)
    assert source.name == "ytdlp"
    return source.read(path, lambda _done, _total: None)


def test_a_sidecar_tells_id_texts_and_time(tmp_path: Path) -> None:
    """TikTok gives no tags: they stand in the description."""
    info = {
        "id": ID,
        "description": "Dance #Cat",
        "uploader": "luna",
        "timestamp": 1700000000,
        "track": "song",
        "tags": None,
    }
    grow(tmp_path, {"My video.mp4": "x", "My video.info.json": json.dumps(info)})
    [item] = read(tmp_path).items
    assert item.id == ID
    assert item.texts == {
        "caption": "Dance #Cat",
        "author": "luna",
        "sound": "song",
        "hashtags": "cat",
        "uploaded": "2023-11-14T22:13:20Z",
    }


@pytest.mark.parametrize(
    "name",
    [
        f"Dance [{ID}].mp4",
        f"{ID}.mp4",
        f"luna_{ID}_20240131.webm",
        f"TikTok video #{ID} NA-{ID}.mov",
        f"20240131123456 - {ID}.mkv",
    ],
)
def test_any_template_with_an_id_is_understood(tmp_path: Path, name: str) -> None:
    """15 to 20 digits in a row, wherever they stand."""
    grow(tmp_path, {name: "x", "other.mp4": "y", "other.info.json": "{}"})
    assert ID in {item.id for item in read(tmp_path).items}


@pytest.mark.parametrize(
    "content",
    ["", "null", "[]", '{"id": null}', '{"id": {"x": 1}}', '{"id": "../../etc/passwd"}',
     '{"id": 1e400}', '{"id": true}', '{"timestamp": 1e300}', '{"timestamp": "x"}', "[" * 100_000,
     '{"id": "\uff17\uff13\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10\uff11\uff12\uff13\uff14\uff15\uff16"}'],
)  # fmt: skip
def test_a_broken_sidecar_costs_only_its_texts(tmp_path: Path, content: str) -> None:
    """The video is taken by its name."""
    grow(tmp_path, {f"a [{ID}].mp4": "x", f"a [{ID}].info.json": content})
    [item] = read(tmp_path).items
    assert item.id == ID
    assert item.texts["uploaded"].startswith("2023-11-14")


def test_an_id_from_a_sidecar_may_be_a_number(tmp_path: Path) -> None:
    """And stays exact."""
    grow(tmp_path, {"a.mp4": "x", "a.info.json": f'{{"id": {ID}}}'})
    assert read(tmp_path).items[0].id == ID


def test_only_the_beginning_of_a_huge_folder_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To tell what kind it is; it is then read as a plain folder."""
    monkeypatch.setattr("sorter_core.imports.ytdlp._LOOKS", 1)
    grow(tmp_path, {f"{n:04}.mp4": "" for n in range(600)} | {"x.mp4": "", "x.info.json": "{}"})
    assert source_of(tmp_path).name == "folder"


def test_a_name_with_no_room_for_a_sidecar_s_is_no_fault(tmp_path: Path) -> None:
    """255 bytes are all that a file system holds; the import of the others does not end there."""
    long = "n" * 251 + ".mp4"
    grow(tmp_path / "in", {long: "a", f"dance [{ID}].mp4": "b"})
    assert {item.file.name for item in read(tmp_path / "in").items if item.file} == {
        long,
        f"dance [{ID}].mp4",
    }
    grow(tmp_path / "plain", {long: "a"})
    assert source_of(tmp_path / "plain").name == "folder"
