"""Caption tracks: which one to take, and what is said in it.

Formats: WebVTT (w3.org/TR/webvtt1), SubRip, TTML (w3.org/TR/ttml1), and TikTok's own JSON
(``utterances`` with times in milliseconds).
"""

from __future__ import annotations

import html
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
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
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|t|f)")
_FRAMES = 3
"""Colons in a clock time that ends with frames."""
_TIMES = re.compile(r"^.*-->.*$", re.MULTILINE)
_FAULTS = (ValueError, KeyError, TypeError, AttributeError, RecursionError, ArithmeticError)
"""What text that is not what it seems can lead to."""
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
    except _FAULTS as error:
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
    start = text.lstrip()
    if start.startswith(("{", "[")):
        return _json(start)
    if start.startswith("<"):
        return _ttml(start)
    return _webvtt(start) if start.startswith("WEBVTT") else _subrip(start)


def _webvtt(text: str) -> Iterator[Segment]:
    return _cues(text, "vtt")


def _subrip(text: str) -> Iterator[Segment]:
    """Strictly; where that gives nothing (no numbers, no hours) as WebVTT, which is much the same."""
    with suppress(ValueError):
        if found := list(_cues(text, "srt")):
            return iter(found)
    if "-->" not in text:
        raise ValueError("there are no times in it")
    times = _TIMES.sub(lambda line: line[0].replace(",", "."), text)
    return _cues(f"WEBVTT\n\n{times}", "vtt")


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
    if _name(root) != "tt":
        raise ValueError("it is no TTML")
    given = {key.rpartition("}")[2]: value for key, value in root.attrib.items()}
    rates = {"t": float(given.get("tickRate", 1)), "f": float(given.get("frameRate", 30))}
    return _paragraphs(root, 0.0, rates)


def _paragraphs(element: Any, since: float, rates: Mapping[str, float]) -> Iterator[Segment]:
    """All within an element that begins at ``since``: times count from the enclosing element's."""
    for child in element:
        begin = since + _time(child.get("begin", "0s"), rates)
        if _name(child) != "p":
            yield from _paragraphs(child, begin, rates)
            continue
        if (end := child.get("end")) is not None:
            until = since + _time(end, rates)
        else:
            until = begin + _time(child.get("dur", "0s"), rates)
        yield Segment(begin, until, "".join(_spoken(child)))


def _spoken(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if _name(child) == "br":
            yield " "
        yield from _spoken(child)
        yield child.tail or ""


def _name(element: Any) -> str:
    """An element's name without its namespace, which some leave out."""
    return str(element.tag).rpartition("}")[2]


def _time(text: str, rates: Mapping[str, float]) -> float:
    """A TTML time expression in seconds: a clock time or an offset; ``rates`` of ticks and frames.

    >>> rates = {"t": 10_000_000, "f": 25}
    >>> [_time(text, rates) for text in ("00:01:02.5", "00:00:01:05", "1500ms", "30000000t", "50f")]
    [62.5, 1.2, 1.5, 3.0, 2.0]
    """
    if found := _OFFSET.fullmatch(text):
        number, unit = float(found[1]), found[2]
        return number / rates[unit] if unit in rates else number * _SECONDS[unit]
    clock, _, frames = text.rpartition(":") if text.count(":") == _FRAMES else (text, "", "0")
    return round(_clock(clock) + float(frames) / rates["f"], 3)


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
        if not (math.isfinite(segment.start) and math.isfinite(segment.end)):
            raise ValueError("a time in it is none")
        text = " ".join(html.unescape(segment.text).split())
        if text and text != said:
            yield Segment(segment.start, max(segment.start, segment.end), text)
            said = text
