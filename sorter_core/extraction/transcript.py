"""Caption tracks: which one to take, and what is said in it.

Formats: WebVTT (w3.org/TR/webvtt1), SubRip, TTML (w3.org/TR/ttml1), and TikTok's own JSON
(``utterances`` with times in milliseconds).
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from sorter_core.extraction.errors import ExtractionFailed, VideoUnavailable
from sorter_core.extraction.info import Segment, Subtitle, Transcript

NEAR = 25
"""The greatest distance at which a language stands for another (langcodes: "understood well")."""
_FORMATS = ("vtt", "srt", "ttml", "json")
"""The best first: TikTok's JSON knows fewer tracks and no languages."""
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[\d:.]+>|\{\\[^{}]*\}")
"""Markup of WebVTT and SubRip; ``<3`` and ``x < 5`` are none."""
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)")
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|t)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def choose(tracks: Iterable[Subtitle], language: str | None) -> Subtitle:
    """The track to take: the nearest to ``language``, else the video's own; manual before automatic.

    Raises :class:`VideoUnavailable` when there are none. Where none is near, the first is taken:
    the answer says its language.

    >>> tracks = [Subtitle("eng-US", "a", "vtt", True), Subtitle("ind-ID", "b", "vtt", True)]
    >>> choose(tracks, "id").url, choose(tracks, None).url
    ('b', 'a')
    """
    numbered = list(enumerate(tracks))
    if not numbered:
        raise VideoUnavailable("The video has no captions.")
    _, best = min(
        numbered,
        key=lambda pair: (
            not _near(pair[1].language, language),
            pair[1].automatic,
            _distance(pair[1].language, language),
            _FORMATS.index(pair[1].ext) if pair[1].ext in _FORMATS else len(_FORMATS),
            pair[0],
        ),
    )
    return best


def _near(offered: str, wanted: str | None) -> bool:
    return _distance(offered, wanted) <= NEAR


def _distance(offered: str, wanted: str | None) -> int:
    """How far two languages are apart, 0..134; 0 when none is wanted."""
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    if wanted is None:
        return 0
    try:
        return langcodes.tag_distance(wanted, offered)
    except LanguageTagError:
        return 134


def tag(language: str) -> str:
    """The usual form of TikTok's language codes.

    >>> tag("eng-US"), tag("ind-ID")
    ('en-US', 'id-ID')
    """
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        return langcodes.standardize_tag(language)
    except LanguageTagError:
        return language


def parse(data: bytes, track: Subtitle) -> Transcript:
    """What is said in a track.

    Raises :class:`ExtractionFailed` when it can't be read, :class:`VideoUnavailable` when it is empty.
    """
    try:
        segments = tuple(_cleaned(_segments(data.decode("utf-8-sig"))))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ExtractionFailed("The video's captions can't be read.", format=track.ext) from error
    if not segments:
        raise VideoUnavailable("The video's captions hold no words.")
    return Transcript(
        language=tag(track.language),
        source="automatic" if track.automatic else "manual",
        text=" ".join(segment.text for segment in segments),
        segments=segments,
    )


def _segments(text: str) -> Iterator[Segment]:
    """By what it is, since what it is called is not always true."""
    start = text.lstrip()[:100]
    if start.startswith(("{", "[")):
        return _json(text)
    if start.startswith("<"):
        return _ttml(text)
    return _cues(text, "vtt" if start.startswith("WEBVTT") else "srt")


def _cues(text: str, kind: str) -> Iterator[Segment]:
    import webvtt

    try:
        cues = webvtt.from_buffer(io.StringIO(text), format=kind).captions
    except webvtt.errors.MalformedFileError as error:
        raise ValueError(str(error)) from error
    for cue in cues:
        yield Segment(_clock(cue.start), _clock(cue.end), _TAG.sub("", cue.raw_text))


def _json(text: str) -> Iterator[Segment]:
    data: Any = json.loads(text)
    lines = data["utterances"] if isinstance(data, dict) else data
    for line in lines:
        yield Segment(line["start_time"] / 1000, line["end_time"] / 1000, line.get("text") or "")


def _ttml(text: str) -> Iterator[Segment]:
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise ValueError(str(error)) from error
    if not root.tag.endswith("}tt"):
        raise ValueError("it is no TTML")
    rate = next((float(v) for k, v in root.attrib.items() if k.endswith("}tickRate")), 1.0)
    for paragraph in root.iterfind(".//{*}p"):
        begin = _time(paragraph.get("begin", "0s"), rate)
        if (end := paragraph.get("end")) is not None:
            until = _time(end, rate)
        else:
            until = begin + _time(paragraph.get("dur", "0s"), rate)
        yield Segment(begin, until, "".join(_spoken(paragraph)))


def _spoken(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag.endswith("}br"):
            yield " "
        yield from _spoken(child)
        yield child.tail or ""


def _time(text: str, tick_rate: float) -> float:
    """A TTML time expression in seconds: a clock time or an offset.

    >>> _time("00:01:02.5", 1), _time("1500ms", 1), _time("30000000t", 10_000_000)
    (62.5, 1.5, 3.0)
    """
    if found := _OFFSET.fullmatch(text):
        return float(found[1]) * (1 / tick_rate if found[2] == "t" else _SECONDS[found[2]])
    return _clock(text)


def _clock(text: str) -> float:
    found = _CLOCK.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no time")
    hours, minutes, seconds = found.groups()
    return round(int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds), 3)


def _cleaned(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Without markup, empty lines, and what a rolling display says twice. Numbers stay."""
    said = None
    for segment in segments:
        text = " ".join(html.unescape(segment.text).split())
        if text and text != said:
            yield Segment(segment.start, max(segment.start, segment.end), text)
            said = text
