"""The whole way: HTTP, service, cache, the real yt-dlp, the stand-in for TikTok."""

from __future__ import annotations

import itertools

import pytest
from fastapi.testclient import TestClient

from api import create_app
from sorter_core import Settings, Sorter
from sorter_core.extraction.service import Extractor
from sorter_core.extraction.source import YtDlpSource
from tests.extraction.fakes import jpeg
from tests.extraction.standin import WEBVTT, StandIn

NUMBERS = map(str, itertools.count(7_200_000_000_000_000_000))


class Kept:
    """The session's source, which must outlive the application that closes its own."""

    def __init__(self, source: YtDlpSource) -> None:
        self.video, self.transcript = source.video, source.transcript
        self.fetch_thumbnail = source.fetch_thumbnail

    def close(self) -> None:
        pass


@pytest.fixture
def client(tmp_path, source):
    chosen = Settings(_env_file=None, data_dir=tmp_path, state_dir=tmp_path / "state")
    app = create_app(Sorter(chosen), chosen, Extractor(chosen, Kept(source)))
    with TestClient(app, "http://127.0.0.1:8000") as made:
        yield made


def test_a_link_becomes_an_answer_and_stays_one(client, standin: StandIn):
    """Metadata, thumbnail and captions come from the page; the second time nobody is asked."""
    number = next(NUMBERS)
    url = standin.add(number)
    standin.add_captions(number, "eng-US", WEBVTT.encode())
    for kind in ("cover", "origin"):
        standin.put(f"https://p16-sign.tiktokcdn.com/{kind}/{number}.jpeg", "image/jpeg", jpeg())
    body = {"url": f"{url}?is_copy_url=1", "include_transcript": True}
    first = client.post("/extract", json=body).json()["data"]
    assert first["warnings"] == []
    assert (first["url"], first["video_id"], first["uploader"]) == (url, number, "cat.lover")
    assert (first["view_count"], first["upload_date"]) == (1000, "2023-11-14")
    assert first["thumbnail_analysis"]["color_scheme"] == "vivid"
    assert "10 cats & 3 dogs" in first["transcript"]["text"]
    asked = len(standin.seen)
    assert client.post("/extract", json=body).json()["data"]["cache_hit"] is True
    assert len(standin.seen) == asked


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [("private", 404, "VIDEO_UNAVAILABLE"), ("captcha", 502, "EXTRACTION_FAILED")],
)
def test_what_tiktok_refuses_has_its_code(client, standin: StandIn, act, status, code):
    """In the envelope, with what to try."""
    answer = client.post("/extract", json={"url": standin.add(next(NUMBERS), act)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_thumbnail_that_is_not_there_is_a_warning(client, standin: StandIn):
    """The metadata is answered all the same."""
    data = client.post("/extract", json={"url": standin.add(next(NUMBERS))}).json()["data"]
    assert data["title"]
    assert data["thumbnail_analysis"] is None
    assert data["warnings"] == ["thumbnail_analysis: The thumbnail is not there (any more)."]


def test_a_short_link_inwards_leads_nowhere(client, standin: StandIn):
    """Its redirect to this machine is not followed."""
    short = standin.shorten("https://vm.tiktok.com/ZMinwards1/", "http://127.0.0.1:8000/health")
    answer = client.post("/extract", json={"url": short})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_URL")
    assert not any("127.0.0.1" in target for target in standin.connects)
