"""What is known of a video in words, over HTTP."""

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api import create_app
from sorter_core import Sorter
from tests.api.conftest import ADDRESS
from tests.conftest import grow
from tests.encoders import tiny
from tests.test_again import OLD, heard
from tests.test_words import SIDECAR, tell


def test_texts(client, sorter, root):
    """Caption, author, tags, transcript and what is written; a filed video by its folder."""
    grow(root, {"1.info.json": SIDECAR})
    tell(sorter, "1.mp4", speech="Hello.", speech_times="[[0.5, 1]]", screen="part 2?")
    assert client.get("/api/videos/1.mp4/texts").json() == {
        "filename": "1.mp4",
        "folder": None,
        "caption": "Crème #Cats",
        "author": "me",
        "sound": "a song",
        "hashtags": ["cats"],
        "transcript": [{"start": 0.5, "end": 1.0, "text": "Hello."}],
        "screen": ["part 2?"],
    }
    filed = client.get("/api/videos/4.mp4/texts", params={"folder": "Cats"}).json()
    assert (filed["folder"], filed["caption"], filed["transcript"]) == ("Cats", None, [])


@pytest.mark.parametrize(
    ("name", "folder", "status"),
    [
        ("9.mp4", None, 404),
        ("1.mp4", "Cats", 404),
        ("1.mp4", "Nowhere", 400),
        ("../../etc/passwd", None, 400),
        ("1.mp4", "../library", 400),
        ("\x00", None, 400),
    ],
)
def test_names_are_judged(client, name, folder, status):
    """As everywhere, with a reason."""
    query = {"folder": folder} if folder is not None else {}
    answer = client.get(f"/api/videos/{quote(name, safe='')}/texts", params=query)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_odd_names(client, root):
    """A video may be called texts, or have letters that addresses know."""
    grow(root, {"texts.mp4": "t", "texts #?&é.mp4": "x"})
    for name in ("texts.mp4", "texts #?&é.mp4"):
        found = client.get(f"/api/videos/{quote(name, safe='')}/texts").json()
        assert found["filename"] == name


def test_read_again(settings, tmp_path):
    """Told, asked for, told again."""
    used = {"encoders": ("speech",), "models_dir": tiny.whisper(tmp_path / "models")}
    sorter = Sorter(settings.model_copy(update=used))
    heard(sorter, "1.mp4", "2.mp4", **OLD)
    told = {"encoder": "speech", "model": "Whisper base", "videos": 2}
    with TestClient(create_app(sorter, sorter.settings), base_url=ADDRESS) as client:
        assert client.get("/api/encoders/speech/again").json() == {**told, "waiting": 0}
        assert client.post("/api/encoders/speech/again").json() == {**told, "waiting": 2}
        assert client.get("/api/encoders/speech/again").json() == {**told, "waiting": 2}


def test_nothing_to_be_read_again(client):
    """Where there is no other model, and where there is no such encoder."""
    nothing = {"encoder": "frames", "model": None, "videos": 0, "waiting": 0}
    assert client.get("/api/encoders/frames/again").json() == nothing
    assert client.post("/api/encoders/frames/again").status_code == 409
    assert client.get("/api/encoders/speach/again").status_code == 400
