"""The extractor: judged, looked up, made once, kept, counted."""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, unquote

import pytest

from sorter_core import Settings
from sorter_core.errors import InvalidInput
from sorter_core.extraction import logs
from sorter_core.extraction.answers import Extraction
from sorter_core.extraction.errors import (
    ExtractionFailed,
    InvalidUrl,
    NotVideoContent,
    ThumbnailAnalysisFailed,
    VideoTooLong,
    VideoUnavailable,
)
from sorter_core.extraction.health import FAILURES, Checks, recent_enough
from sorter_core.extraction.info import VideoInfo
from sorter_core.extraction.service import PARTIAL_SECONDS, Extractor
from sorter_core.extraction.stats import BUCKETS, Stats, prometheus
from tests.extraction.fakes import LINK, FakeSource, link
from tests.extraction.redis_server import RedisServer, needs_redis


def settings(**given) -> Settings:
    return Settings(_env_file=None, **given)


@pytest.fixture
def source():
    return FakeSource()


@pytest.fixture
def extractor(source):
    made = Extractor(settings(), source)
    yield made
    made.close()


def extractor_of(source, **given) -> Extractor:
    return Extractor(settings(**given), source)


# One answer -----------------------------------------------------------------------------------


def test_gives_the_metadata_and_what_the_thumbnail_shows(extractor):
    """Every field of the contract, from the source or from the analysis."""
    found = extractor.extract(LINK)
    assert (found.url, found.platform, found.video_id) == (LINK, "tiktok", "7301234567890123456")
    assert found.title == "The cat <b>that</b> opens doors"
    assert (found.duration, found.view_count, found.like_count) == (15.4, 120_000, None)
    assert found.hashtags == ("cats", "doors")
    assert found.thumbnail_analysis is not None
    assert found.thumbnail_analysis.color_scheme == "vivid"
    assert found.transcript is None
    assert found.warnings == ()
    assert found.extracted_at.endswith("Z")
    assert not found.cache_hit
    assert found.processing_time_ms > 0


def test_does_only_what_was_asked_for():
    """Without analysis no thumbnail is fetched; captions come when wanted."""

    def never() -> bytes:
        raise AssertionError("nobody asked for the thumbnail")

    extractor = extractor_of(FakeSource(thumbnail=never))
    found = extractor.extract(LINK, include_thumbnail_analysis=False, include_transcript=True)
    assert found.thumbnail_analysis is None
    assert found.transcript is not None
    assert found.transcript.segments[0].end == 1.5


def test_the_language_is_the_settings_or_the_callers(source):
    """Words come in the language that was asked for."""
    extractor = extractor_of(source, default_language="id")
    assert extractor.extract(LINK).thumbnail_analysis.color_scheme == "cerah mencolok"
    assert extractor.extract(LINK, language="en").thumbnail_analysis.color_scheme == "vivid"


def test_a_thumbnail_that_fails_is_a_warning_beside_the_metadata():
    """The metadata is answered, with null and the reason."""

    def broken() -> bytes:
        return b"no picture"

    found = extractor_of(FakeSource(thumbnail=broken)).extract(LINK)
    assert found.thumbnail_analysis is None
    assert found.title
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("thumbnail_analysis: ")


def test_a_thumbnail_that_fails_is_an_error_where_nothing_else_was_asked():
    """The same, without metadata to answer."""
    extractor = extractor_of(FakeSource(thumbnail=lambda: b"no picture"))
    with pytest.raises(ThumbnailAnalysisFailed):
        extractor.thumbnail(LINK)
    assert extractor_of(FakeSource()).thumbnail(LINK).thumbnail_analysis.analyser == "local"


def test_an_analysis_that_breaks_is_a_thumbnail_that_fails(caplog):
    """A fault of ours or of a library with one picture costs no metadata; the log has it."""

    class Broken:
        identity = "broken"

        def analyse(self, data, language):
            raise LookupError("the weights are others")

    logging.getLogger(logs.ROOT).propagate = True
    extractor = Extractor(settings(), FakeSource(), analysers={"local": Broken()})
    with caplog.at_level(logging.ERROR):
        found = extractor.extract(LINK)
    assert found.title
    assert found.warnings[0].startswith("thumbnail_analysis: ")
    assert "the weights are others" not in found.warnings[0]
    assert "the weights are others" in caplog.text
    with pytest.raises(ThumbnailAnalysisFailed):
        extractor.thumbnail(LINK)


def test_captions_that_are_missing_are_a_warning_or_an_error():
    """As with the thumbnail."""
    extractor = extractor_of(FakeSource(captions=False))
    assert extractor.extract(LINK, include_transcript=True).warnings[0].startswith("transcript: ")
    with pytest.raises(VideoUnavailable):
        extractor.transcript(LINK)


def test_gives_the_transcript_in_the_preferred_language(extractor, source):
    """The preference reaches the source; numbers stay."""
    found = extractor.transcript(LINK, "id")
    assert (found.language, found.source, found.text) == ("en", "manual", "Look, 10 cats.")
    assert source.transcripts == ["id"]


def test_a_video_over_the_limit_is_refused():
    """Also where the source let it pass; one of unknown length is not."""
    with pytest.raises(VideoTooLong) as error:
        extractor_of(FakeSource(duration=61), max_video_seconds=60).extract(LINK)
    assert error.value.details == {"seconds": 61, "limit": 60}
    assert (
        extractor_of(FakeSource(duration=None), max_video_seconds=60).extract(LINK).duration is None
    )


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/", InvalidUrl),
        ("https://nottiktok.com/@a/video/1", InvalidUrl),
        ("https://www.tiktok.com/@a/photo/1", NotVideoContent),
    ],
)
def test_what_is_no_video_link_never_reaches_the_source(extractor, source, url, kind):
    """It is judged first, and counted."""
    with pytest.raises(kind):
        extractor.extract(url)
    assert source.videos == []
    assert extractor.stats.figures().errors == {kind.code: 1}


def test_a_vision_model_that_is_not_set_up_is_no_choice(extractor):
    """It says what to set."""
    with pytest.raises(InvalidInput, match="OPENAI_API_KEY"):
        extractor.order(LINK, analyser="vision")


def test_a_fault_of_the_program_is_no_secret_and_no_crash(extractor, caplog):
    """The caller gets a plain sentence, the log the traceback."""
    logging.getLogger(logs.ROOT).propagate = True
    extractor._source = FakeSource({"1": ZeroDivisionError("oops, secret")})
    with caplog.at_level(logging.ERROR), pytest.raises(ExtractionFailed) as error:
        extractor.extract(link(1))
    assert "secret" not in str(error.value)
    assert "ZeroDivisionError" in caplog.text
    assert extractor.stats.figures().errors == {"EXTRACTION_FAILED": 1}


# The cache ------------------------------------------------------------------------------------


def test_the_second_answer_comes_from_the_cache(extractor, source):
    """The same, but for what is the request's own."""
    first, second = extractor.extract(LINK), extractor.extract(LINK)
    own = {"cache_hit", "processing_time_ms"}
    assert first.model_dump(exclude=own) == second.model_dump(exclude=own)
    assert (first.cache_hit, second.cache_hit) == (False, True)
    assert len(source.videos) == 1


def test_other_options_are_other_answers(extractor, source):
    """A cached answer lacks nothing that was asked for."""
    extractor.extract(LINK, include_thumbnail_analysis=False)
    assert extractor.extract(LINK).thumbnail_analysis is not None
    assert extractor.extract(LINK, include_transcript=True).transcript is not None
    assert len(source.videos) == 3


def test_a_ttl_of_zero_wants_a_new_answer(extractor, source):
    """Neither taken from the cache nor put there."""
    for _ in range(2):
        assert not extractor.extract(LINK, cache_ttl=0).cache_hit
    assert len(source.videos) == 2
    assert extractor.memory.size().entries == 0


def test_the_ttl_says_how_old_an_answer_may_be(extractor, source):
    """One that is older than this request wants is made anew."""
    extractor.extract(LINK, cache_ttl=3600)
    time.sleep(1.1)
    assert not extractor.extract(LINK, cache_ttl=1).cache_hit
    assert len(source.videos) == 2


def test_the_cache_can_be_switched_off(source):
    """Then each answer is new, whatever the request says."""
    extractor = extractor_of(source, cache_enabled=False)
    assert [extractor.extract(LINK, cache_ttl=60).cache_hit for _ in range(2)] == [False, False]
    assert extractor.stats.figures().hit_rate is None


def test_an_answer_that_lacks_something_is_kept_only_briefly():
    """The next try may get the thumbnail."""
    extractor = extractor_of(FakeSource(thumbnail=lambda: b"no picture"))
    order = extractor.order(LINK)
    entry = extractor.answer(order).found.entry
    assert entry.until - entry.made_at == pytest.approx(PARTIAL_SECONDS)
    assert extractor.extract(LINK).warnings


def test_what_a_reader_does_to_an_answer_stays_with_him(extractor):
    """Each gets a copy."""
    first = extractor.extract(LINK)
    object.__setattr__(first, "title", "changed")
    assert extractor.extract(LINK).title == "The cat <b>that</b> opens doors"


def test_failures_are_not_kept():
    """What failed may work the next time."""
    source = FakeSource({"1": ExtractionFailed("blocked")})
    extractor = extractor_of(source)
    with pytest.raises(ExtractionFailed):
        extractor.extract(link(1))
    source._faults.clear()
    assert extractor.extract(link(1)).title


@needs_redis
def test_another_process_finds_the_answer_in_redis(tmp_path):
    """The second extractor has an empty memory and does no work."""
    server = RedisServer(tmp_path)
    one, other = (extractor_of(FakeSource(), redis_url=server.url) for _ in range(2))
    one.extract(LINK)
    found = other.extract(LINK)
    assert found.cache_hit
    assert other._source.videos == []
    assert other.extract(LINK).cache_hit
    server.kill()
    assert not other.extract(link(5)).cache_hit
    assert Checks(other).now().dependencies["redis"] == "unhealthy"
    assert Checks(other).now().status == "degraded"
    one.close()
    other.close()


def test_a_malformed_redis_url_is_said_at_once():
    """Not at the first request."""
    with pytest.raises(InvalidInput, match="REDIS_URL"):
        Extractor(settings(redis_url="mailto:me"))


# At the same time -----------------------------------------------------------------------------


def together(extractor, urls, **options):
    with ThreadPoolExecutor(len(urls)) as threads:
        return [threads.submit(extractor.extract, url, **options) for url in urls]


def test_ten_equal_requests_do_the_work_once():
    """Nine wait with the first; all get the answer."""
    source = FakeSource()
    extractor = extractor_of(source)
    source.gate.clear()
    waiting = [extractor.start(extractor.order(LINK)) for _ in range(10)]
    source.gate.set()
    assert {one.result().entry.body for one in waiting} == {waiting[0].result().entry.body}
    assert len(source.videos) == 1


def test_ten_equal_requests_fail_once():
    """All get the error; the next one tries again."""
    source = FakeSource({"1": VideoUnavailable("gone")})
    extractor = extractor_of(source)
    source.gate.clear()
    waiting = [extractor.start(extractor.order(link(1))) for _ in range(10)]
    source.gate.set()
    errors = [one.exception() for one in waiting]
    assert {type(error) for error in errors} == {VideoUnavailable}
    assert len(source.videos) == 1
    assert extractor.stats.figures().failed == 1
    with pytest.raises(VideoUnavailable):
        extractor.extract(link(1))
    assert len(source.videos) == 2


def test_who_wants_a_new_answer_does_not_wait_for_an_old_one():
    """But joins one that is being made."""
    source = FakeSource()
    extractor = extractor_of(source)
    source.gate.clear()
    made = extractor.start(extractor.order(LINK))
    until = time.monotonic() + 5
    while not source.videos and time.monotonic() < until:
        time.sleep(0.005)
    joined = extractor.start(extractor.order(LINK, cache_ttl=0))
    source.gate.set()
    assert joined is made
    assert made.result().entry is joined.result().entry
    assert len(source.videos) == 1


def test_no_more_run_at_once_than_allowed():
    """The others wait for their turn, and all are answered."""
    source = FakeSource(seconds=0.02)
    extractor = extractor_of(source, max_concurrent_extractions=3)
    answers = [
        one.result()
        for one in together(
            extractor, [link(n) for n in range(20)], include_thumbnail_analysis=False
        )
    ]
    assert len(answers) == 20
    assert source.most_at_once == 3


def test_a_batch_answers_each_link_for_itself(extractor):
    """In order, the bad ones as errors."""
    extractor._source = FakeSource({"2": VideoUnavailable("gone")})
    good, gone, wrong = extractor.batch([link(1), link(2), "nonsense"])
    assert isinstance(good, Extraction)
    assert isinstance(gone, VideoUnavailable)
    assert isinstance(wrong, InvalidUrl)


def test_closing_lets_running_extractions_end():
    """Who waits gets the answer; who comes later is told."""
    source = FakeSource()
    extractor = extractor_of(source)
    source.gate.clear()
    running = extractor.start(extractor.order(LINK))
    closing = threading.Thread(target=extractor.close)
    closing.start()
    time.sleep(0.05)
    assert not source.closed
    source.gate.set()
    assert running.result(5).entry.body
    closing.join(5)
    assert source.closed
    with pytest.raises(ExtractionFailed, match="shut down"):
        extractor.extract(link(9))


# Figures --------------------------------------------------------------------------------------


def test_nothing_counted_is_null():
    """No rate of nothing, no mean of nothing."""
    figures = Stats().figures()
    assert (figures.success_rate, figures.mean_ms, figures.hit_rate) == (None, None, None)
    assert (figures.total, figures.requests, figures.errors) == (0, 0, {})


def test_counts_what_happened():
    """Extractions, lookups and errors by code; a cached answer is no extraction."""
    extractor = extractor_of(FakeSource({"2": VideoUnavailable("gone")}))
    extractor.extract(link(1))
    extractor.extract(link(1))
    extractor.batch([link(2), "nonsense"])
    figures = extractor.stats.figures()
    assert (figures.total, figures.successful, figures.failed) == (2, 1, 1)
    assert figures.success_rate == 0.5
    assert (figures.hits, figures.misses) == (1, 2)
    assert figures.errors == {"INVALID_URL": 1, "VIDEO_UNAVAILABLE": 1}
    assert figures.mean_ms > 0


def test_prometheus_reads_the_same_figures():
    """Counters, a histogram whose last bucket holds all, and the process itself."""
    stats = Stats()
    for seconds in (0.05, 0.3, 100.0):
        stats.extracted(seconds)
    stats.failed("VIDEO_UNAVAILABLE")
    text = prometheus(stats.figures(), running=2, cached=7).decode()
    assert 'extractions_total{outcome="successful"} 3.0' in text
    assert 'extraction_errors_total{code="VIDEO_UNAVAILABLE"} 1.0' in text
    assert f'extraction_seconds_bucket{{le="{BUCKETS[0]}"}} 1.0' in text
    assert 'extraction_seconds_bucket{le="+Inf"} 3.0' in text
    assert "extraction_seconds_count 3.0" in text
    assert "extractions_running 2.0" in text
    assert "extraction_cache_entries 7.0" in text


def test_health_follows_what_happens():
    """Failures in a row on TikTok's side make it unhealthy, one success heals it."""
    source = FakeSource({str(n): ExtractionFailed("blocked") for n in range(FAILURES)})
    extractor = extractor_of(source)
    checks = Checks(extractor, clock=iter(range(0, 1000, 10)).__next__)
    assert recent_enough()
    assert checks.now().dependencies == {
        "yt_dlp": "healthy",
        "openai": "not_configured",
        "redis": "not_configured",
    }
    extractor.batch([link(n) for n in range(FAILURES)])
    assert checks.now().dependencies["yt_dlp"] == "unhealthy"
    assert checks.now().status == "degraded"
    extractor.extract(link(99))
    assert checks.now().status == "healthy"


# The log --------------------------------------------------------------------------------------


def line(message, redact_for=None, *, exc_info=None, **extra) -> dict:
    record = logging.getLogger(logs.ROOT).makeRecord(
        logs.ROOT, logging.INFO, __file__, 1, message, (), exc_info, extra=extra
    )
    return json.loads(logs.JsonLines(logs.Redactor(redact_for or settings())).format(record))


def test_a_line_is_one_object():
    """With time, level, event, the request's id and what was added; a traceback stays within."""
    token = logs.request_id.set("abc")
    try:
        json.loads("bad\nthing")
    except ValueError as error:
        broken = (ValueError, error, error.__traceback__)
        written = line("it broke", exc_info=broken, code="X", none=None)
    logs.request_id.reset(token)
    assert written["event"] == "it broke"
    assert written["request_id"] == "abc"
    assert (written["level"], written["code"]) == ("info", "X")
    assert "json.loads" in written["traceback"]
    assert "none" not in written


def test_no_secret_gets_into_the_log():
    """None of the settings' secrets, no password of an address, wherever it stands."""
    secret = settings(
        api_key="key-of-mine",
        redis_url="redis://:pass-word@host/0",
        proxy_url="http://me:hidden@proxy:8080",
        openai_api_key="sk-something",
        scraperapi_key="scraper-key",
    )
    text = json.dumps(
        line(
            "calling http://u:p@host with key-of-mine",
            secret,
            reason="via http://me:hidden@proxy:8080, sk-something, scraper-key",
            url="redis://:pass-word@host/0",
        )
    )
    for word in ("key-of-mine", "pass-word", "hidden", "sk-something", "scraper-key", "u:p"):
        assert word not in text


def test_a_secret_is_hidden_in_each_of_its_forms():
    """As JSON writes it, as an address quotes it, and the password of an address by itself."""
    key, password = 'se"cr\\et/key', "pass%20word"
    secret = settings(api_key=key, proxy_url=f"http://me:{password}@proxy:8080")
    said = f"{key} {quote(key, safe='')} the proxy took no {password}, {unquote(password)}"
    written = line("refused", secret, reason=said)
    assert written["reason"] == "*** *** the proxy took no ***, ***"


def test_a_request_keeps_its_id_in_the_threads(extractor):
    """The extraction's line names the request that asked for it."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(handler.format(record))
    handler.setFormatter(logs.JsonLines(logs.Redactor(settings())))
    logger = logging.getLogger(logs.ROOT)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    token = logs.request_id.set("my-request")
    extractor.extract(LINK)
    logs.request_id.reset(token)
    logger.removeHandler(handler)
    logger.setLevel(level)
    written = [json.loads(one) for one in lines]
    assert [one["request_id"] for one in written if one["event"] == "extracted"] == ["my-request"]


def test_a_source_knows_nothing_of_an_unused_field():
    """What the source leaves out is null, never made up."""
    bare = VideoInfo(url=LINK, video_id="1", title="", description="")

    class Bare(FakeSource):
        def _video(self, url):
            return bare

    found = extractor_of(Bare()).extract(LINK)
    assert (found.view_count, found.upload_date, found.uploader) == (None, None, None)
    assert found.warnings == ("thumbnail_analysis: The video has no thumbnail.",)
