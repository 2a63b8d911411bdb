"""TikTok's data export, in every form it came in, and in forms it never should."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import pytest

from sorter_core.errors import InvalidInput
from sorter_core.imports import Found, source_of

A, B, C, D = (f"730123456789012345{n}" for n in range(4))


def link(video_id: str) -> str:
    return f"https://www.tiktokv.com/share/video/{video_id}/"


def favourite(video_id: str, date: str = "2024-01-31 09:30:00") -> dict[str, str]:
    return {"Date": date, "Link": link(video_id)}


def like(video_id: str) -> dict[str, str]:
    return {"date": "2023-05-06 07:08:09", "link": link(video_id)}


def export(parent: str = "Likes and Favorites") -> dict[str, object]:
    return {
        parent: {
            "Favorite Videos": {"FavoriteVideoList": [favourite(A), favourite(B)]},
            "Like List": {"ItemFavoriteList": [like(B), like(C)]},
            "Favorite Collection": {
                "FavoriteCollectionList": [
                    {"Date": "2024-01-31 09:30:00", "FavoriteCollection": "Recipes"},
                    {"Date": "2024-01-31 09:30:00", "FavoriteCollection": "Cats & dogs"},
                ]
            },
        }
    }


def read(path: Path) -> Found:
    return source_of(path).read(path, lambda _done, _total: None)


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "user_data_tiktok.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize(
    "parent", ["Likes and Favorites", "Your Activity", "Activity", "Aktivität"]
)
def test_favourites_likes_and_collections_are_found_below_any_parent(
    tmp_path: Path, parent: str
) -> None:
    """The lists' own names count, not what the year's export put around them."""
    found = read(written(tmp_path, export(parent)))
    assert {item.id: item.lists for item in found.items} == {
        A: ("Favorites",),
        B: ("Favorites", "Likes"),
        C: ("Likes",),
    }
    assert found.lists == {"Favorites": 2, "Likes": 2}
    assert found.wanted == ("Favorites", "Likes")
    assert found.folders == ["Recipes", "Cats & dogs"]


def test_dates_are_utc_and_ids_are_strings(tmp_path: Path) -> None:
    """An id exceeds 2^53: as a number it would lose digits on its way."""
    first = read(written(tmp_path, export())).items[0]
    assert first.id == A
    assert first.saved == "2024-01-31T09:30:00Z"


@pytest.mark.parametrize("nothing", [None, {}, [], "", 7, {"FavoriteVideoList": None}])
def test_any_section_may_be_empty(tmp_path: Path, nothing: object) -> None:
    """What is null or of another shape costs nothing but itself."""
    content = export()
    content["Likes and Favorites"]["Favorite Videos"] = nothing  # type: ignore[index]
    content["Profile"] = None
    assert [item.id for item in read(written(tmp_path, content)).items] == [B, C]


def test_what_was_watched_or_shared_is_not_taken(tmp_path: Path) -> None:
    """Only what the person put aside is theirs."""
    content = export() | {
        "Watch History": {"VideoList": [favourite(D)]},
        "Share History": {"ShareHistoryList": [{**favourite(D), "Method": "x"}]},
    }
    assert D not in {item.id for item in read(written(tmp_path, content)).items}


def test_a_list_of_another_name_is_offered_and_not_taken_by_itself(tmp_path: Path) -> None:
    """A localised export: its lists are told by their shape."""
    content = {"Favoriten": {"Lieblingsvideos": [{"Datum": "2024-01-31 09:30", "Link": link(A)}]}}
    found = read(written(tmp_path, content))
    assert found.lists == {"Favoriten / Lieblingsvideos": 1}
    assert found.wanted == ()
    assert found.items[0].saved == "2024-01-31T09:30:00Z"


@pytest.mark.parametrize(
    "entry",
    [
        None,
        7,
        [],
        {},
        {"Date": None, "Link": None},
        {"Date": 1e300, "Link": 10**300},
        {"Link": "N/A"},
        {"Link": "https://evil.com/share/video/7301234567890123459/"},
        {"Link": "https://www.tiktok.com.evil.com/@a/video/7301234567890123459"},
        {"Link": "https://www.tiktok.com/@a/photo/7301234567890123459"},
        {"Link": {"Link": "x"}},
        {"Link": "../../../etc/passwd"},
        {"Link": "\ud800tiktok"},
    ],
)
def test_an_entry_of_no_use_costs_only_itself(tmp_path: Path, entry: object) -> None:
    """Nulls, wrong types, huge numbers, links to elsewhere."""
    content = {"Activity": {"Favorite Videos": {"FavoriteVideoList": [entry, favourite(A)]}}}
    assert [item.id for item in read(written(tmp_path, content)).items] == [A]


def test_entries_without_a_link_are_counted(tmp_path: Path) -> None:
    """The person is told how many there were."""
    content = {"Activity": {"Like List": {"ItemFavoriteList": [{"date": "x"}, like(A)]}}}
    assert "deleted by now): 1." in " ".join(read(written(tmp_path, content)).notes)


def test_a_file_that_breaks_off_keeps_what_stands_before(tmp_path: Path) -> None:
    """A download that stopped, told as such."""
    whole = json.dumps(export()).encode()
    found = read(written(tmp_path, whole[: whole.index(C.encode())]))
    assert [item.id for item in found.items] == [A, B]
    assert "damaged" in found.notes[0]


@pytest.mark.parametrize("odd", [b"\xef\xbb\xbf", b"  \n\t"])
def test_a_mark_or_blanks_in_front_do_no_harm(tmp_path: Path, odd: bytes) -> None:
    """Windows programs write a byte order mark."""
    assert len(read(written(tmp_path, odd + json.dumps(export()).encode())).items) == 3


def test_broken_utf_8_in_one_place_costs_nothing_else(tmp_path: Path) -> None:
    """One sign is lost, not what follows."""
    content = json.dumps(export()).encode().replace(b"Recipes", b"Reci\xffpes")
    found = read(written(tmp_path, content))
    assert len(found.items) == 3
    assert found.folders[0] == "Reci\ufffdpes"


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b"no json", b'{"a": 1}', b"[" * 1_000_000, b'{"a":' * 100_000],
)
def test_what_is_no_export_is_said(tmp_path: Path, content: bytes) -> None:
    """A sentence, quickly, whatever it is."""
    with pytest.raises(InvalidInput, match="no list of videos"):
        read(written(tmp_path, content))


@pytest.mark.parametrize(
    "number", ["9" * 10_000, "-" + "1" * 300_000, "1e999", "1E+99999999999999999999", "0.5e-4000"]
)
def test_a_monstrous_number_costs_only_itself(tmp_path: Path, number: str) -> None:
    """Some would end a parser, or the process."""
    content = f'{{"x": {number}, "y": [{number} , 1], {json.dumps(export())[1:]}'
    found = read(written(tmp_path, content.encode()))
    assert len(found.items) == 3
    assert found.notes == []


def test_the_zip_is_read_without_being_unpacked(tmp_path: Path) -> None:
    """The document is found by its name, at any depth; paths inside mean nothing."""
    path = tmp_path / "TikTok_Data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.json", "{}")
        archive.writestr("../TikTok/user_data_tiktok.json", json.dumps(export()))
    assert len(read(path).items) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["TikTok_Data.zip"]


def test_an_unpacked_folder_is_recognised(tmp_path: Path) -> None:
    """Also one level down."""
    (tmp_path / "TikTok").mkdir()
    written(tmp_path / "TikTok", export())
    assert source_of(tmp_path).name == "tiktok_export"
    assert len(read(tmp_path).items) == 3


def test_a_zip_bomb_is_stopped_at_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandfold expansion ends where the cap is, and what was read by then stays."""
    monkeypatch.setattr("sorter_core.imports._json.MAX_BYTES", 1 << 20)
    path = tmp_path / "bomb.zip"
    start = json.dumps(export())[:-1] + ', "x": ["'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user_data_tiktok.json", start + "0" * (30 << 20) + '"]}')
    assert path.stat().st_size < 100_000
    found = read(path)
    assert len(found.items) == 3
    assert "larger than anything" in found.notes[0]


def test_a_zip_with_a_huge_list_of_contents_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before an object is made of each line."""
    monkeypatch.setattr("sorter_core.imports._zip.MAX_DIRECTORY", 10_000)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(500):
            archive.writestr(f"{number}.json", "")
    with pytest.raises(InvalidInput, match="far more files"):
        read(path)


def test_a_zip_that_tells_two_sizes_of_its_list_is_taken_at_the_larger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python reads the record before the locator, wherever that one points to."""
    monkeypatch.setattr("sorter_core.imports._zip.MAX_DIRECTORY", 10_000)
    line = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, *[0] * 8, 1, *[0] * 6) + b"x"
    told, meant = (
        struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, n, n, n * len(line), 0)
        for n in (1, 500)
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(line), 0, 0)
    path = tmp_path / "two.zip"
    path.write_bytes(told + 500 * line + meant + locator + end)
    with pytest.raises(InvalidInput, match="far more files"):
        read(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_can_t_be_unpacked_in_pieces_is_refused(tmp_path: Path, method: int) -> None:
    """TikTok packs with Deflate; of these a few bytes become gigabytes at once."""
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("user_data_tiktok.json", json.dumps(export()))
    with pytest.raises(InvalidInput, match="unpack it first"):
        read(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06", b"no zip at all", b"PK\x03\x04" + b"\0" * 99]
)
def test_a_broken_zip_is_said(tmp_path: Path, content: bytes) -> None:
    """One sentence."""
    path = tmp_path / "data.zip"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="no zip archive"):
        read(path)


def test_a_damaged_member_is_said(tmp_path: Path) -> None:
    """The archive's list is whole, its content is not."""
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user_data_tiktok.json", json.dumps(export()))
    data = bytearray(path.read_bytes())
    data[80:120] = b"\0" * 40
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="damaged"):
        read(path)


def test_a_member_whose_name_is_no_text_is_said(tmp_path: Path) -> None:
    """It is marked as UTF-8, and written otherwise where the member itself begins."""
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("é.json", json.dumps(export()))
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xd4s", 1))
    with pytest.raises(InvalidInput, match="can't be unpacked"):
        read(path)


def test_an_export_as_text_says_what_to_ask_for(tmp_path: Path) -> None:
    """TikTok offers two forms; the other one is for reading only."""
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Activity/Favorite Videos.txt", "Date: x")
    with pytest.raises(InvalidInput, match="as JSON"):
        read(path)


@pytest.mark.slow
def test_a_million_entries_lose_nothing(tmp_path: Path) -> None:
    """Each is there, with its date."""
    path = tmp_path / "user_data_tiktok.json"
    first = int(A)
    with path.open("w") as file:
        file.write('{"Activity": {"Like List": {"ItemFavoriteList": [')
        for number in range(1_000_000):
            comma = "," if number else ""
            file.write(
                f'{comma}{{"date":"2023-05-06 07:08:09","link":"{link(str(first + number))}"}}'
            )
        file.write("]}}}")
    found = read(path)
    assert len(found.items) == found.lists["Likes"] == 1_000_000
    assert found.items[-1].id == str(first + 999_999)


@pytest.mark.parametrize("form", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_that_an_editor_saved_again_is_read(tmp_path: Path, form: str) -> None:
    """With a byte order mark, also in UTF-16."""
    mark = "" if form in ("utf-8-sig", "utf-16") else "\ufeff"
    path = tmp_path / "user_data_tiktok.json"
    path.write_bytes((mark + json.dumps(export(), ensure_ascii=False)).encode(form))
    found = source_of(path).read(path, lambda _done, _total: None)
    assert (found.lists, found.notes) == ({"Favorites": 2, "Likes": 2}, [])


def test_lists_with_names_of_another_language_are_offered(tmp_path: Path) -> None:
    """None is taken by itself, since one may be the history; that is said."""
    path = tmp_path / "user_data_tiktok.json"
    list_ = [{"Datum": "2024-01-31 09:30:00", "Verknüpfung": link(A)}]
    path.write_text(json.dumps({"Aktivität": {"Lieblingsvideos": {"Liste": list_}}}))
    found = source_of(path).read(path, lambda _done, _total: None)
    assert (found.lists, found.wanted) == ({"Lieblingsvideos / Liste": 1}, ())
    assert found.items[0].saved == "2024-01-31T09:30:00Z"
    assert "another language" in found.notes[0]
