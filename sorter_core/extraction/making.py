"""Making an answer: the source is asked, the thumbnail looked at, the captions read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sorter_core.extraction.answers import (
    ExtractionBody,
    ThumbnailBody,
    TranscriptBody,
    TranscriptOut,
)
from sorter_core.extraction.errors import ExtractionError, ThumbnailAnalysisFailed, VideoTooLong
from sorter_core.extraction.info import VideoInfo
from sorter_core.extraction.orders import Order
from sorter_core.extraction.source import Source
from sorter_core.extraction.thumbnails import Analyser, AnalyserName, ThumbnailAnalysis

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """An answer's JSON; ``whole`` is False where something asked for could not be had."""

    body: bytes
    whole: bool = True


class Maker:
    """Makes answers, one at a time in each thread; ``source`` gives the source when it is needed."""

    def __init__(
        self,
        source: Callable[[], Source],
        analysers: Mapping[AnalyserName, Analyser],
        max_video_seconds: float,
    ) -> None:
        self._source, self._analysers, self._longest = source, analysers, max_video_seconds

    def make(self, order: Order) -> Made:
        """Make the answer. Raises an :class:`ExtractionError`."""
        if order.kind == "transcript":
            return self._transcript(order)
        info = self._source().video(order.link.url)
        if (info.duration or 0) > self._longest:
            raise VideoTooLong(
                f"The video takes {info.duration:g} s, more than the {self._longest:g} s that are allowed.",
                seconds=info.duration,
                limit=self._longest,
            )
        return self._thumbnail(order, info) if order.kind == "thumbnail" else self._all(order, info)

    def _transcript(self, order: Order) -> Made:
        found = TranscriptOut.of(self._source().transcript(order.link.url, order.captions))
        body = TranscriptBody(**dict(found), url=order.link.url, extracted_at=_now())
        return Made(body.model_dump_json().encode())

    def _thumbnail(self, order: Order, info: VideoInfo) -> Made:
        body = ThumbnailBody(
            url=info.url,
            video_id=info.video_id,
            thumbnail_url=info.thumbnail_url,
            thumbnail_analysis=self._analysis(order, info),
            extracted_at=_now(),
        )
        return Made(body.model_dump_json().encode())

    def _all(self, order: Order, info: VideoInfo) -> Made:
        """The metadata, and beside it what can be had of the rest."""
        analysis, captions, warnings = None, None, []
        if order.analyser:
            try:
                analysis = self._analysis(order, info)
            except ThumbnailAnalysisFailed as error:
                warnings.append(f"thumbnail_analysis: {error}")
        if order.transcript:
            try:
                captions = TranscriptOut.of(self._source().transcript(info.url, order.captions))
            except ExtractionError as error:
                warnings.append(f"transcript: {error}")
        body = ExtractionBody.of(
            info,
            thumbnail_analysis=analysis,
            transcript=captions,
            warnings=tuple(warnings),
            extracted_at=_now(),
        )
        return Made(body.model_dump_json().encode(), whole=not warnings)

    def _analysis(self, order: Order, info: VideoInfo) -> ThumbnailAnalysis:
        if order.analyser is None or not info.thumbnail_url:
            raise ThumbnailAnalysisFailed("The video has no thumbnail.")
        picture = self._source().fetch_thumbnail(info.thumbnail_url)
        try:
            return self._analysers[order.analyser].analyse(picture, order.language)
        except ExtractionError:
            raise
        except (
            Exception
        ) as error:  # a decoder's or a network's fault with one picture costs that alone
            log.exception("the analysis broke", extra={"video": info.video_id})
            raise ThumbnailAnalysisFailed(
                "The thumbnail could not be analysed; the server's log says why."
            ) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
