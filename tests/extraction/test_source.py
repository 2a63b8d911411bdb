"""The real yt-dlp, end to end, against the stand-in for TikTok."""

from __future__ import annotations

import itertools
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from sorter_core.extraction import logs
from sorter_core.extraction.errors import (
    ExtractionError,
    ExtractionFailed,
    InvalidUrl,
    NotVideoContent,
    ThumbnailAnalysisFailed,
    VideoTooLong,
    VideoUnavailable,
)
from sorter_core.extraction.fetching import REDIRECTS
from sorter_core.extraction.info import Subtitle, VideoInfo
from sorter_core.extraction.source import SCRAPERAPI, YtDlpSource, _proxy
from sorter_core.settings import Settings
from tests.extraction.standin import LOGIN, WEBVTT, StandIn

NUMBERS = map(str, itertools.count(7_100_000_000_000_000_000))


@pytest.fixture
def number() -> str:
    """An id that no other test uses."""
    return next(NUMBERS)


@pytest.fixture
def asks(standin: StandIn) -> list[str]:
    """The targets that the stand-in was asked to connect to during the test."""
    standin.connects.clear()
    return standin.connects


def jpeg() -> bytes:
    return cv2.imencode(".jpg", np.full((32, 32, 3), 90, np.uint8))[1].tobytes()


def test_a_link_becomes_metadata(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """Every field of the contract that the page holds."""
    url = standin.add(number)
    standin.add_captions(number, "eng-US", WEBVTT.encode())
    media = "https://v16-webapp.tiktok.com/captions"
    assert source.video(f"{url}?x=1") == VideoInfo(
        url=url,
        video_id=number,
        title="So good #Cats #кот &more",
        description="So good #Cats #кот &more",
        duration=12,
        view_count=1000,
        like_count=100,
        comment_count=10,
        share_count=1,
        upload_date="2023-11-14",
        uploader="cat.lover",
        uploader_id="99",
        thumbnail_url=f"https://p16-sign.tiktokcdn.com/cover/{number}.jpeg",
        hashtags=("cats", "кот"),
        track="original sound",
        artist="A, B",
        subtitles=(
            Subtitle("eng-US", f"{media}/{number}/eng-US.webvtt.ASR", "vtt", automatic=True),
        ),
    )


def test_a_link_without_the_name_learns_it(
    standin: StandIn, source: YtDlpSource, number: str
) -> None:
    """The data export's links hold only the id."""
    url = standin.add(number)
    assert source.video(f"https://www.tiktokv.com/share/video/{number}/").url == url


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        ("403", ExtractionFailed, "PROXY_URL"),
        ("404", VideoUnavailable, "not there"),
        ("451", VideoUnavailable, "region"),
        (LOGIN, ExtractionFailed, "COOKIES_FILE"),
        ("private", VideoUnavailable, "private"),
        ("private post", VideoUnavailable, "private"),
        ("deleted", VideoUnavailable, "deleted"),
        ("region", VideoUnavailable, "PROXY_URL"),
        ("age", VideoUnavailable, "age-restricted"),
    ],
)
def test_what_does_not_pass_is_said_at_once(
    standin: StandIn,
    source: YtDlpSource,
    number: str,
    act: str,
    error: type[ExtractionError],
    words: str,
) -> None:
    """With the documented code and what to try; TikTok is asked once."""
    url = standin.add(number, act)
    with pytest.raises(error, match=words):
        source.video(url)
    assert standin.asked(number) == 1


@pytest.mark.parametrize(
    ("act", "words"),
    [("429", "too often"), ("503", "fault of its own"), ("captcha", "robots"), ("cut", "broke")],
)
def test_what_may_pass_is_tried_again(
    standin: StandIn, source: YtDlpSource, number: str, act: str, words: str
) -> None:
    """Three times in all, and then it is said."""
    url = standin.add(number, act, act, "well")
    assert source.video(url).video_id == number
    assert standin.asked(number) == 3
    standin.add(number, act)
    with pytest.raises(ExtractionFailed, match=words) as caught:
        source.video(url)
    assert caught.value.passing
    assert standin.asked(number) == 6


def test_a_try_for_which_no_time_is_left_does_not_hide_the_reason(standin: StandIn) -> None:
    """The wait before it took all: what TikTok said is told, and the worker lives on."""
    settings = _settings(standin, extraction_timeout=2)
    source = YtDlpSource(settings, ca_file=standin.ca_file, first_wait=2)
    source.warm()
    before = source.workers.processes()
    try:
        with pytest.raises(ExtractionFailed, match="too often"):
            source.video(standin.add(next(NUMBERS), "429"))
        assert source.workers.processes() == before
    finally:
        source.close()


def test_another_try_is_told_in_our_own_log(
    standin: StandIn, source: YtDlpSource, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Which hides secrets; the library's own would not, and says nothing."""
    caplog.set_level(logging.INFO)
    logging.getLogger(logs.ROOT).propagate = True  # a test before may have configured the log
    source.video(standin.add(number, "429", "well"))
    (told,) = [record for record in caplog.records if record.name != "sorter_core.spawning"]
    assert (told.name, told.getMessage()) == ("sorter_core.extraction.source", "another try")
    assert "too often" in vars(told)["reason"]


def test_tiktoks_sum_is_solved(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """The page that lets a browser compute something first is no obstacle."""
    assert source.video(standin.add(number, "challenge")).video_id == number


def test_a_page_of_another_shape_is_no_crash(
    standin: StandIn, source: YtDlpSource, number: str
) -> None:
    """What can't be read is None."""
    found = source.video(standin.add(number, "strange"))
    assert (found.title, found.uploader, found.view_count) == (
        f"TikTok video #{number}",
        None,
        None,
    )


def test_text_that_no_answer_can_carry(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """JSON can hold half a character; UTF-8 can't."""
    assert source.video(standin.add(number, text="half \ud83d #cats")).title == "half ? #cats"


@pytest.mark.parametrize("user", ["x/video/999#", "a?b", "a/photo/1#", "a b", "..", "кот"])
def test_a_name_that_is_none_leads_nowhere_else(
    standin: StandIn, source: YtDlpSource, number: str, user: str
) -> None:
    """The answer's link leads to the video, and holds nothing that the asker wrote."""
    standin.add(number, user=user)
    found = source.video(f"https://www.tiktok.com/@mine/video/{number}")
    assert found.url == f"https://www.tiktok.com/@{user if user == '..' else ''}/video/{number}"


def test_a_time_that_no_calendar_has(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """Costs the date alone."""
    assert source.video(standin.add(number, at=10**14)).upload_date is None


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/admin",
        "http://www.tiktok.com/plain",
        "https://127.0.0.1/admin",
        "https://[::1]/admin",
        "https://localhost/admin",
        "https://evil.org/",
        "https://www.tiktok.com:8443/",
    ],
)
def test_a_redirect_astray_is_not_followed(
    standin: StandIn, source: YtDlpSource, number: str, asks: list[str], target: str
) -> None:
    """Not one packet goes there, though yt-dlp follows redirects by itself."""
    with pytest.raises(ExtractionFailed, match="astray"):
        source.video(standin.add(number, f"to {target}"))
    assert asks == ["www.tiktok.com:443"]


def test_a_photo_post_behind_a_video_link(
    standin: StandIn, source: YtDlpSource, number: str
) -> None:
    """TikTok serves both at both addresses; only the page tells."""
    with pytest.raises(NotVideoContent, match="photo"):
        source.video(standin.add(number, photo=True))


def test_a_video_that_is_too_long(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """Both lengths are told."""
    with pytest.raises(VideoTooLong) as caught:
        source.video(standin.add(number, seconds=601))
    assert caught.value.details == {"seconds": 601, "limit": 600}


def test_nonsense_costs_no_request(source: YtDlpSource, asks: list[str]) -> None:
    """A link is judged before a worker is asked."""
    with pytest.raises(InvalidUrl):
        source.video("https://example.org/@a/video/1")
    assert asks == []


# Short links ---------------------------------------------------------------------------------


def test_a_short_link_is_followed(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """Also over several steps, relative ones too."""
    url = standin.add(number)
    standin.shorten("https://vm.tiktok.com/ZM00001/", "https://vt.tiktok.com/ZS00001/")
    standin.shorten("https://vt.tiktok.com/ZS00001/", "https://www.tiktok.com/t/ZT00001")
    standin.shorten("https://www.tiktok.com/t/ZT00001/", f"/@cat.lover/video/{number}?_r=1")
    assert source.video("vm.tiktok.com/ZM00001").url == url


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("https://www.tiktok.com/@cats/photo/1", NotVideoContent),
        ("https://www.tiktok.com/@cats", NotVideoContent),
        ("https://www.tiktok.com/", VideoUnavailable),
        ("https://www.tiktok.com/login?redirect_url=x", VideoUnavailable),
        ("https://evil.org/@a/video/1", InvalidUrl),
        ("http://127.0.0.1:6379/", InvalidUrl),
        ("file:///etc/passwd", InvalidUrl),
        ("https://vm.tiktok.com/ZMROUND/", VideoUnavailable),
    ],
)
def test_each_step_of_a_short_link_is_judged(
    standin: StandIn, source: YtDlpSource, asks: list[str], target: str, error: type[Exception]
) -> None:
    """As if a person had given it; nothing but TikTok is spoken to."""
    with pytest.raises(error):
        source.video(standin.shorten("https://vm.tiktok.com/ZMROUND/", target))
    assert set(asks) == {"vm.tiktok.com:443"}


def test_a_short_link_takes_so_many_steps_and_no_more(
    standin: StandIn, source: YtDlpSource, number: str
) -> None:
    """As many as are allowed; one more is a circle."""
    url = standin.add(number)
    steps = [f"https://vm.tiktok.com/ZMSTEP{step}/" for step in range(REDIRECTS + 1)]
    for step, following in zip(steps, [*steps[1:], url], strict=True):
        standin.shorten(step, following)
    assert source.video(steps[1]).url == url
    with pytest.raises(VideoUnavailable, match="circles"):
        source.video(steps[0])


def test_a_short_link_that_is_none(standin: StandIn, source: YtDlpSource) -> None:
    """TikTok does not know it."""
    with pytest.raises(VideoUnavailable):
        source.video("https://vm.tiktok.com/ZMnobody/")


# Captions ------------------------------------------------------------------------------------


def test_captions_become_a_transcript(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """The nearest language, made by a person before made by a machine."""
    url = standin.add(number)
    said = "WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n"
    standin.add_captions(number, "eng-US", said.format("by machine").encode())
    standin.add_captions(number, "ind-ID", said.format("terjemahan").encode(), source="MT")
    made = b'{"utterances": [{"start_time": 0, "end_time": 900, "text": "by hand, 3 times"}]}'
    standin.add_captions(number, "eng-US", made, kind="creator_caption", source="")
    english, indonesian, other = (source.transcript(url, x) for x in ("en", "id", "de"))
    assert (english.text, english.source, english.language) == (
        "by hand, 3 times",
        "manual",
        "en-US",
    )
    assert (indonesian.text, indonesian.source) == ("terjemahan", "automatic")
    assert other.text == english.text


def test_a_video_without_captions(standin: StandIn, source: YtDlpSource, number: str) -> None:
    """That is no fault of ours, and is said."""
    with pytest.raises(VideoUnavailable, match="no captions"):
        source.transcript(standin.add(number), None)


@pytest.mark.parametrize("data", [b"<html>captcha</html>", b"", b"WEBVTT " + b"x" * (6 << 20)])
def test_captions_that_are_none(
    standin: StandIn, source: YtDlpSource, number: str, data: bytes
) -> None:
    """A page instead of captions, nothing, and an endless file."""
    url = standin.add(number)
    standin.add_captions(number, "eng-US", data)
    with pytest.raises(ExtractionFailed):
        source.transcript(url, None)


# Thumbnails ----------------------------------------------------------------------------------


def test_a_thumbnail_is_fetched(standin: StandIn, source: YtDlpSource) -> None:
    """Byte for byte."""
    url = standin.put("https://p16-sign.tiktokcdn.com/t.jpeg", "image/jpeg", jpeg())
    assert source.fetch_thumbnail(url) == jpeg()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("text/html", b"<html>no</html>"),
        ("image/jpeg", b""),
        ("403", b"no"),
        ("image/jpeg", jpeg() + b"x" * (11 << 20)),
        ("image/jpeg cut", jpeg() * 100),
    ],
)
def test_thumbnails_that_are_none(
    standin: StandIn, source: YtDlpSource, kind: str, data: bytes
) -> None:
    """Of another type, empty, refused, too big, cut off."""
    url = standin.put("https://p16-sign.tiktokcdn.com/bad.jpeg", kind, data)
    with pytest.raises(ThumbnailAnalysisFailed):
        source.fetch_thumbnail(url)


@pytest.mark.parametrize(
    "url",
    ["http://p16-sign.tiktokcdn.com/t.jpeg", "https://127.0.0.1/t.jpeg", "file:///etc/passwd", "x"],
)
def test_thumbnails_elsewhere_are_not_asked_for(
    standin: StandIn, source: YtDlpSource, asks: list[str], url: str
) -> None:
    """Only https, only public names."""
    with pytest.raises(ThumbnailAnalysisFailed):
        source.fetch_thumbnail(url)
    assert asks == []


# Settings ------------------------------------------------------------------------------------


def test_the_cookies_file_is_used_and_never_written(standin: StandIn, tmp_path: Path) -> None:
    """TikTok sets cookies at each answer; the person's file is not the place for them."""
    jar = tmp_path / "cookies.txt"
    text = "# Netscape HTTP Cookie File\n.tiktok.com\tTRUE\t/\tTRUE\t4102444800\tsessionid\tmine\n"
    jar.write_text(text)
    source = YtDlpSource(_settings(standin, cookies_file=jar), ca_file=standin.ca_file)
    try:
        number = next(NUMBERS)
        source.video(standin.add(number))
        sent = next(headers for _, url, headers in standin.seen if number in url)
        jar.write_text("not cookies")
        with pytest.raises(ExtractionFailed, match="COOKIES_FILE"):
            source.video(standin.add(number))
    finally:
        source.close()
    assert "sessionid=mine" in sent["Cookie"]
    assert jar.read_text() == "not cookies"
    assert "Chrome" in sent["User-Agent"]  # curl_cffi's browser


def test_a_line_of_the_cookies_file_that_is_wrong_is_not_shown(
    standin: StandIn, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """yt-dlp writes it to standard error, secret and all; the other lines do."""
    jar = tmp_path / "cookies.txt"
    jar.write_text(
        "# Netscape HTTP Cookie File\n"
        ".tiktok.com\tTRUE\t/\tTRUE\t4102444800\tsessionid\tmine\n"
        ".tiktok.com TRUE / TRUE 4102444800 sid_guard s3cret\n"
    )
    source = YtDlpSource(_settings(standin, cookies_file=jar), ca_file=standin.ca_file)
    number = next(NUMBERS)
    try:
        source.video(standin.add(number))
    finally:
        source.close()
    sent = next(headers for _, url, headers in standin.seen if number in url)
    assert "sessionid=mine" in sent["Cookie"]
    assert "s3cret" not in "".join(capfd.readouterr())


def test_cookies_do_not_outlive_a_call(standin: StandIn, source: YtDlpSource) -> None:
    """What TikTok sets for one person's request is not sent with another's."""
    for _ in range(4):
        number = next(NUMBERS)
        source.video(standin.add(number))
        sent = next(headers for _, url, headers in standin.seen if number in url)
        assert "tt_chain_token" not in sent.get("Cookie", "")


def test_a_certificate_of_nobody_is_not_trusted(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the test's authority the stand-in gets nothing, neither from curl nor from Python."""
    import certifi

    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    source = YtDlpSource(_settings(standin), ca_file=Path(certifi.where()))
    number = next(NUMBERS)
    url = standin.add(number)
    standin.shorten("https://vm.tiktok.com/ZMtrust/", url)
    try:
        for link in (url, "https://vm.tiktok.com/ZMtrust/"):
            with pytest.raises(ExtractionFailed, match="SSL_CERT_FILE"):
                source.video(link)
    finally:
        source.close()
    assert standin.asked(number) == 0


def test_where_the_proxy_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """PROXY_URL, then ScraperAPI, then the system's."""
    monkeypatch.setenv("HTTPS_PROXY", "http://system:1")
    monkeypatch.setenv("https_proxy", "http://system:1")
    set_both = Settings(_env_file=None, proxy_url="socks5://mine:1", scraperapi_key="k")
    assert _proxy(set_both) == "socks5://mine:1"
    assert _proxy(Settings(_env_file=None, scraperapi_key="k")) == SCRAPERAPI.format(key="k")
    assert _proxy(Settings(_env_file=None)) == "http://system:1"
    monkeypatch.setenv("https_proxy", "system:1")  # as many write it, and curl takes it
    monkeypatch.setenv("HTTPS_PROXY", "system:1")
    assert _proxy(Settings(_env_file=None)) == "http://system:1"


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("http://me:s3cret@127.0.0.1:9", r"127\.0\.0\.1:9"),
        ("socks5://me:s3cret@127.0.0.1:9", r"127\.0\.0\.1:9"),
        ("s3cret", "PROXY_URL"),
    ],
)
def test_a_proxy_that_is_not_there(standin: StandIn, proxy: str, words: str) -> None:
    """It is named, without its password."""
    settings = Settings(_env_file=None, proxy_url=proxy, max_concurrent_extractions=1)
    source = YtDlpSource(settings, ca_file=standin.ca_file, first_wait=0.01)
    try:
        with pytest.raises(ExtractionFailed, match=words) as caught:
            source.video("https://www.tiktok.com/@a/video/1")
    finally:
        source.close()
    assert "s3cret" not in f"{caught.value} {caught.value.details}"


def test_certificates_that_are_not_there(standin: StandIn, tmp_path: Path) -> None:
    """No worker can start; the reason is the setting."""
    source = YtDlpSource(_settings(standin), ca_file=tmp_path / "missing.pem", first_wait=0.01)
    try:
        with pytest.raises(ExtractionFailed, match="SSL_CERT_FILE"):
            source.video("https://www.tiktok.com/@a/video/1")
        assert source.workers.processes() == []
    finally:
        source.close()


def test_without_curl_cffi(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes TikTok friendlier, but is not needed."""
    (tmp_path / "curl_cffi.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    source = YtDlpSource(_settings(standin), ca_file=standin.ca_file)
    number = next(NUMBERS)
    picture = standin.put("https://p16-sign.tiktokcdn.com/plain.jpeg", "image/jpeg", jpeg())
    try:
        assert source.video(standin.add(number)).video_id == number
        assert source.fetch_thumbnail(picture) == jpeg()
        with pytest.raises(ExtractionFailed, match="astray"):
            source.video(standin.add(next(NUMBERS), "to http://127.0.0.1:1/"))
    finally:
        source.close()


def test_nothing_from_outside_sets_options(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither yt-dlp's configuration nor its plugins, wherever it would look for them."""
    marker = tmp_path / "ran"
    for place in ("yt-dlp/plugins/evil/yt_dlp_plugins", "path/yt_dlp_plugins"):
        folder = tmp_path / place / "extractor"
        folder.mkdir(parents=True)
        (folder / "evil.py").write_text(f"open({str(marker)!r}, 'w')")
    (tmp_path / "yt-dlp" / "config").write_text(f"--write-info-json\n--exec 'touch {marker}'\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    source = YtDlpSource(_settings(standin), ca_file=standin.ca_file)
    try:
        source.video(standin.add(next(NUMBERS)))
    finally:
        source.close()
    after = [path for path in sorted(tmp_path.rglob("*")) if "__pycache__" not in path.parts]
    assert after == before


def test_the_pools_bound_is_kept(standin: StandIn, source: YtDlpSource) -> None:
    """Twelve at once in two workers: two at a time, and each gets its own answer."""
    numbers = list(itertools.islice(NUMBERS, 12))
    urls = [standin.add(number) for number in numbers]
    standin.latency = 0.05
    try:
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(source.video, urls))  # both workers are there now
            standin.peak = 0
            found = list(pool.map(source.video, urls))
    finally:
        standin.latency = 0
    assert [one.video_id for one in found] == numbers
    assert standin.peak == 2
    assert len(source.workers.processes()) == 2


def test_a_slow_answer_ends_in_time(standin: StandIn) -> None:
    """The worker is killed, and the next call gets a new one."""
    source = YtDlpSource(_settings(standin, extraction_timeout=1), ca_file=standin.ca_file)
    try:
        source.warm()
        (before,) = source.workers.processes()
        with pytest.raises(ExtractionFailed, match="too long") as caught:
            source.video(standin.add(next(NUMBERS), "slow"))
        assert caught.value.details == {"timed_out": True}
        assert source.workers.processes() == []
        source.video(standin.add(next(NUMBERS)))
        assert source.workers.processes() != [before]
    finally:
        source.close()


def test_who_waits_too_long_for_a_worker_is_told(standin: StandIn) -> None:
    """One worker, busy with a slow page, and another link."""
    source = YtDlpSource(_settings(standin, extraction_timeout=1.5), ca_file=standin.ca_file)
    source.warm()
    slow = threading.Thread(target=_be_slow, args=(source, standin.add(next(NUMBERS), "slow")))
    slow.start()
    try:
        with pytest.raises(ExtractionFailed, match="Too many"):
            source.video(standin.add(next(NUMBERS)))
    finally:
        source.close()
        slow.join()


def _be_slow(source: YtDlpSource, url: str) -> None:
    with pytest.raises(ExtractionFailed):
        source.workers.call("video", url, seconds=4, patience=1)


def _settings(standin: StandIn, **values: object) -> Settings:
    return Settings(_env_file=None, proxy_url=standin.proxy, max_concurrent_extractions=1, **values)
