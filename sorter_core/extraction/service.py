"""From a link to an answer: judged, looked up, else extracted once, and kept."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

from pydantic import BaseModel

from sorter_core.errors import InvalidInput
from sorter_core.extraction import links, thumbnails
from sorter_core.extraction.answers import Extraction, ThumbnailAnswer, TranscriptAnswer
from sorter_core.extraction.cache import Cache, Entry, MemoryCache, RedisCache, TwoCaches
from sorter_core.extraction.errors import ExtractionError, ExtractionFailed
from sorter_core.extraction.flights import Flight, Flights
from sorter_core.extraction.making import Maker
from sorter_core.extraction.orders import Order
from sorter_core.extraction.redis_link import RedisLink
from sorter_core.extraction.source import Source
from sorter_core.extraction.stats import Stats
from sorter_core.extraction.thumbnails import Analyser, AnalyserName, vocabulary
from sorter_core.extraction.thumbnails.vocabulary import Language
from sorter_core.settings import Settings
from sorter_core.settings import settings as process_settings

log = logging.getLogger(__name__)
M = TypeVar("M", bound=BaseModel)

PARTIAL_SECONDS = 60
"""How long an answer is kept that lacks something asked for: the next try may get it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finished answer, and whether it was there already."""

    entry: Entry
    hit: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request gets: the finished answer, and what is this request's own."""

    found: Found
    began: float
    """``time.perf_counter()`` when it was asked for."""

    def json(self) -> bytes:
        """The contract's ``data``; the finished part is not encoded again."""
        taken = round(1000 * (time.perf_counter() - self.began), 3)
        hit = b"true" if self.found.hit else b"false"
        fields = self.found.entry.body[:-1]
        return b'%b,"processing_time_ms":%a,"cache_hit":%b}' % (fields, taken, hit)


class Extractor:
    """Answers orders; may be called from many threads, and never blocks but where it says so.

    ``source`` is made when it is first needed. Raises :class:`InvalidInput` when REDIS_URL or
    OPENAI_BASE_URL is malformed.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source | None = None,
        *,
        analysers: Mapping[AnalyserName, Analyser] | None = None,
    ) -> None:
        self.settings, self.stats, self.redis = settings, Stats(), _redis(settings)
        self.analysers = thumbnails.available(settings) if analysers is None else analysers
        self.memory = MemoryCache(settings.cache_entries)
        self._cache: Cache = self.memory
        if self.redis is not None:
            self._cache = TwoCaches(self.memory, RedisCache(self.redis))
        self._source, self._lock = source, threading.Lock()
        self._maker = Maker(self.source, self.analysers, settings.max_video_seconds)
        self._flights: Flights[Found] = Flights(settings.max_concurrent_extractions)

    def source(self) -> Source:
        """Give the source; its first use starts its workers."""
        with self._lock:
            if self._source is None:
                from sorter_core.extraction.source import YtDlpSource

                self._source = YtDlpSource(self.settings)
            return self._source

    def order(
        self,
        url: str,
        kind: Literal["extraction", "transcript", "thumbnail"] = "extraction",
        *,
        thumbnail: bool = True,
        transcript: bool = False,
        cache_ttl: int | None = None,
        language: Language | None = None,
        analyser: AnalyserName | None = None,
        captions: str | None = None,
    ) -> Order:
        """Judge a link, and complete what was left open from the settings.

        Raises :class:`~sorter_core.extraction.errors.InvalidUrl`,
        :class:`~sorter_core.extraction.errors.NotVideoContent`, and :class:`InvalidInput` for an
        analyser that is not set up.
        """
        try:
            link = links.parse(url)
        except ExtractionError as error:
            self.stats.refused(error.code)
            raise
        ttl = self.settings.cache_ttl_seconds if cache_ttl is None else cache_ttl
        chosen = analyser or thumbnails.default(self.analysers)
        if chosen not in self.analysers:
            raise InvalidInput("No vision model is set up: see OPENAI_API_KEY and OPENAI_BASE_URL.")
        return Order(
            kind,
            link,
            ttl if self.settings.cache_enabled else 0,
            language or self.settings.default_language,
            chosen if thumbnail and kind != "transcript" else None,
            transcript or kind == "transcript",
            captions,
        )

    def ready(self, order: Order) -> Answer | None:
        """Give the answer at once, if it lies in memory."""
        began = time.perf_counter()
        entry = self.memory.get(self._key(order), order.max_age) if order.max_age > 0 else None
        if entry is None:
            return None
        self.stats.looked_up(hit=True)
        return Answer(Found(entry, hit=True), began)

    def start(self, order: Order) -> Future[Found]:
        """Have the answer looked up, or made; the future may hold an :class:`ExtractionError`."""
        key = self._key(order)
        try:
            return self._flights.join(
                key, order.max_age, lambda flight: self._fulfil(order, key, flight)
            )
        except RuntimeError as error:  # the threads are gone
            raise ExtractionFailed("The service is being shut down; try again.") from error

    def answer(self, order: Order) -> Answer:
        """Give the answer when it is there. Raises an :class:`ExtractionError`."""
        began = time.perf_counter()
        return self.ready(order) or Answer(self.start(order).result(), began)

    def extract(
        self,
        url: str,
        *,
        include_thumbnail_analysis: bool = True,
        include_transcript: bool = False,
        cache_ttl: int | None = None,
        language: Language | None = None,
    ) -> Extraction:
        """Give the metadata behind a link. Raises an :class:`ExtractionError`.

        What was asked for beside it and could not be had is null, with a warning.
        """
        order = self.order(
            url,
            thumbnail=include_thumbnail_analysis,
            transcript=include_transcript,
            cache_ttl=cache_ttl,
            language=language,
        )
        return _read(self.answer(order), Extraction)

    def batch(
        self, urls: Sequence[str], *, include_thumbnail_analysis: bool = True
    ) -> list[Extraction | ExtractionError]:
        """Give an answer or an error for each link; all are under way at once."""
        waiting: list[Answer | Future[Found] | ExtractionError] = []
        began = time.perf_counter()
        for url in urls:
            try:
                order = self.order(url, thumbnail=include_thumbnail_analysis)
                waiting.append(self.ready(order) or self.start(order))
            except ExtractionError as error:
                waiting.append(error)
        return [_settled(one, began) for one in waiting]

    def transcript(self, url: str, preferred_language: str | None = None) -> TranscriptAnswer:
        """Give the video's own captions. Raises an :class:`ExtractionError`."""
        order = self.order(url, "transcript", captions=preferred_language)
        return _read(self.answer(order), TranscriptAnswer)

    def thumbnail(self, url: str, language: Language | None = None) -> ThumbnailAnswer:
        """Give the analysis of the thumbnail alone. Raises an :class:`ExtractionError`."""
        return _read(self.answer(self.order(url, "thumbnail", language=language)), ThumbnailAnswer)

    @property
    def running(self) -> int:
        """Different answers under way, those that wait for a thread included."""
        return len(self._flights)

    def close(self) -> None:
        """Let what is under way come to its end (this waits), then end the workers."""
        self._flights.close()
        with self._lock:
            if self._source is not None:
                self._source.close()
        if self.redis is not None:
            self.redis.close()

    def _key(self, order: Order) -> str:
        analysis, longest = None, self.settings.max_video_seconds
        if order.analyser is not None:
            words = vocabulary.of(order.language).digest
            analysis = f"{self.analysers[order.analyser].identity}/{order.language}-{words}"
        return order.key(analysis, longest)

    def _fulfil(self, order: Order, key: str, flight: Flight[Found]) -> Found:
        if order.max_age > 0:
            entry = self._cache.get(key, order.max_age)
            self.stats.looked_up(hit=entry is not None)
            if entry is not None:
                return Found(entry, hit=True)
        flight.fresh = True
        return Found(self._make(order, key), hit=False)

    def _make(self, order: Order, key: str) -> Entry:
        began = time.perf_counter()
        told = {"video": order.link.video_id or order.link.url, "kind": order.kind}
        try:
            made = self._maker.make(order)
        except ExtractionError as error:
            self.stats.failed(error.code)
            log.warning(
                "extraction failed", extra={**told, "code": error.code, "reason": str(error)}
            )
            raise
        except Exception as error:
            self.stats.failed(ExtractionFailed.code)
            log.exception("extraction broke", extra=told)
            raise ExtractionFailed(
                "Something went wrong in the server; its log says what."
            ) from error
        seconds = time.perf_counter() - began
        self.stats.extracted(seconds)
        log.info("extracted", extra={**told, "ms": round(1000 * seconds, 1), "whole": made.whole})
        now = time.time()
        kept = order.max_age if made.whole else min(order.max_age, PARTIAL_SECONDS)
        entry = Entry(made.body, now, now + kept)
        if kept > 0:
            self._cache.put(key, entry)
        return entry


def _settled(
    one: Answer | Future[Found] | ExtractionError, began: float
) -> Extraction | ExtractionError:
    if isinstance(one, ExtractionError):
        return one
    if isinstance(one, Answer):
        return _read(one, Extraction)
    try:
        return _read(Answer(one.result(), began), Extraction)
    except ExtractionError as error:
        return error


def _read(answer: Answer, form: type[M]) -> M:
    return form.model_validate_json(answer.json())


def _redis(settings: Settings) -> RedisLink | None:
    if settings.redis_url is None:
        return None
    try:
        return RedisLink(settings.redis_url.get_secret_value())
    except ValueError as error:
        raise InvalidInput(f"REDIS_URL: {error}") from error


@lru_cache(maxsize=1)
def shared() -> Extractor:
    """The one of this process: pages and routes use the same cache, threads and workers."""
    extractor = Extractor(process_settings())
    atexit.register(extractor.close)
    return extractor
