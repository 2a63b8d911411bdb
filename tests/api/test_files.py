"""Videos over HTTP: whole, in parts, and never anything else."""

import os
from pathlib import Path

import pytest

from tests.conftest import grow

OPEN = Path("/proc/self/fd")
BODY = bytes(range(256)) * 40


@pytest.fixture
def video(root):
    """A video long enough to be asked for in parts."""
    grow(root, {"7.mp4": BODY})
    return "/videos/7.mp4"


def test_whole(client, video):
    """The file as its media type, with length and entity tag."""
    answer = client.get(video)
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(BODY))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("0-99", 0, 100),
        ("100-", 100, len(BODY)),
        ("-10", len(BODY) - 10, len(BODY)),
        ("0-999999", 0, len(BODY)),
    ],
)
def test_one_range(client, video, asked, start, end):
    """206 with the bytes asked for, and where they lie."""
    answer = client.get(video, headers={"Range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (206, BODY[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
    assert answer.headers["content-length"] == str(end - start)


def test_several_ranges(client, video):
    """206 as multipart, each part with its place and the file's type."""
    answer = client.get(video, headers={"Range": "bytes=0-3, 10-11"})
    assert answer.status_code == 206
    assert answer.headers["content-length"] == str(len(answer.content))
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    parts = answer.content.split(f"\r\n--{boundary}".encode())
    assert parts[0] == b""
    assert parts[1].endswith(b"\r\n\r\n" + BODY[0:4])
    assert parts[2].endswith(b"\r\n\r\n" + BODY[10:12])
    assert f"Content-Range: bytes 10-11/{len(BODY)}".encode() in parts[2]
    assert b"Content-Type: video/mp4" in parts[2]
    assert parts[3] == b"--\r\n"


@pytest.mark.parametrize(
    "asked", ["bytes=10-3", "bytes=x-y", "lines=0-1", "bytes", "bytes=", "bytes=" + "0-0," * 99]
)
def test_invalid_ranges_are_ignored(client, video, asked):
    """What says nothing valid gets the whole file (RFC 9110, 14.2)."""
    answer = client.get(video, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, BODY)


@pytest.mark.parametrize("asked", [f"bytes={len(BODY)}-", "bytes=-0"])
def test_unsatisfiable_ranges(client, video, asked):
    """416 with the file's size."""
    answer = client.get(video, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(BODY)}"


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=0-3"}, {"Range": "bytes=9000-"}])
def test_head(client, video, asked):
    """HEAD has the headers of GET and no body; ranges are for GET alone (RFC 9110, 14.2)."""
    answer = client.head(video, headers=asked)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(BODY))
    assert answer.headers["etag"] == client.get(video).headers["etag"]


def test_if_range(client, video, root):
    """A part is sent only while the file is the one whose beginning the client has."""
    tag = client.get(video).headers["etag"]
    asked = {"Range": "bytes=0-3", "If-Range": tag}
    assert client.get(video, headers=asked).status_code == 206
    assert client.get(video, headers={**asked, "If-Range": f"W/{tag}"}).status_code == 200
    grow(root, {"7.mp4": BODY + b"!"})
    assert client.get(video, headers=asked).status_code == 200


def test_not_modified(client, video, root):
    """304 while the client's copy is good, 200 after a change."""
    tag = client.get(video).headers["etag"]
    answer = client.get(video, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    grow(root, {"7.mp4": BODY[1:]})
    assert client.get(video, headers={"If-None-Match": tag}).status_code == 200


def test_entity_tag_survives_sorting(client, video):
    """A sorted video is found in its folder, and need not be loaded again."""
    tag = client.get(video).headers["etag"]
    assert client.post("/api/sort", json={"filename": "7.mp4", "folder": "Cats"}).status_code == 200
    assert client.get(video, headers={"If-None-Match": tag}).status_code == 304


def test_unsorted_first_then_folders(client, root):
    """The pile wins over a folder's file of the same name, unless the folder is named."""
    grow(root, {"4.mp4": "unsorted"})
    assert client.get("/videos/4.mp4").content == b"unsorted"
    assert client.get("/videos/4.mp4", params={"folder": "Cats"}).content == b"four"
    assert client.get("/videos/4.mp4", params={"folder": "Dogs"}).status_code == 404
    assert client.get("/videos/4.mp4", params={"folder": "Nope"}).status_code == 400


def test_an_empty_file(client, root):
    """A video of 0 bytes is sent as such; no part of it can be."""
    grow(root, {"8.mp4": b""})
    assert client.get("/videos/8.mp4").content == b""
    assert client.get("/videos/8.mp4", headers={"Range": "bytes=0-"}).status_code == 416


@pytest.mark.parametrize(
    "path",
    ["..%2F5.mp4", "%2Fetc%2Fpasswd", "..%5C5.mp4", "Cats%2F4.mp4", "Cats/4.mp4", ".sorter%2Fsorter.db", "5.mp4%00",
     "notes.txt", ".", "%2e%2e", ".sorter", "Cats", ""],
)  # fmt: skip
def test_what_is_no_video_of_the_library(client, root, path):
    """400, whatever lies there."""
    grow(root.parent, {"5.mp4": "secret"})
    grow(root, {"notes.txt": "x"})
    assert client.get(f"/videos/{path}").status_code in {400, 404}
    assert b"secret" not in client.get(f"/videos/{path}").content


def test_digits_that_are_not_there(client):
    """404."""
    assert client.get("/videos/99.mp4").status_code == 404


@pytest.mark.skipif(
    os.name == "nt", reason="making links and pipes needs rights there that tests have not"
)
@pytest.mark.parametrize("kind", ["link out", "link in", "pipe", "folder"])
def test_what_is_no_plain_file_is_never_opened(client, root, kind):
    """Links, also to videos, and pipes, which would never answer, are not there."""
    grow(root.parent, {"5.mp4": "secret"})
    make = {
        "link out": lambda path: path.symlink_to(root.parent / "5.mp4"),
        "link in": lambda path: path.symlink_to(root / "1.mp4"),
        "pipe": os.mkfifo,
        "folder": lambda path: path.mkdir(),
    }
    make[kind](root / "9.mp4")
    assert client.get("/videos/9.mp4").status_code == 404


@pytest.mark.parametrize(
    "name",
    ['say "hi".mp4', "two\r\nX-Evil: 1.mp4", "🐈 été.mp4", "a;b=c.mp4", "100%.mp4", "a?b#c.mp4"],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_of_every_kind(client, root, name):
    """Each is sent, and none gets into a header as more than a name."""
    grow(root, {name: BODY})
    answer = client.get("/videos/" + "".join(f"%{byte:02X}" for byte in name.encode()))
    assert (answer.status_code, answer.content) == (200, BODY)
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".webm", "video/webm"),
        (".mov", "video/quicktime"),
        (".MP4", "video/mp4"),
        (".mkv", "video/x-matroska"),
    ],
)
def test_media_types(client, root, suffix, kind):
    """By the name's ending, not by what the system's registry says."""
    grow(root, {f"clip{suffix}": "x"})
    assert client.get(f"/videos/clip{suffix}").headers["content-type"] == kind


def test_a_client_that_leaves_frees_the_file(client, root, tmp_path):
    """Many broken-off requests leave no open file behind."""
    if not OPEN.is_dir():
        pytest.skip("open files can be counted only where there is /proc")
    grow(root, {"7.mp4": BODY * 300})

    def leave(times):
        for _ in range(times):
            with client.stream("GET", "/videos/7.mp4") as answer:
                next(answer.iter_raw(10))
        return len(list(OPEN.iterdir()))

    before = leave(5)  # whatever is opened once and kept, is open now
    assert leave(30) < before + 15
