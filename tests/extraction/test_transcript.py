"""Caption tracks: which is taken, and what is read from it."""

from __future__ import annotations

import pytest

from sorter_core.extraction.errors import ExtractionFailed, VideoUnavailable
from sorter_core.extraction.info import Segment, Subtitle
from sorter_core.extraction.transcript import choose, parse

TRACK = Subtitle("eng-US", "u", "vtt", automatic=True)

SRT = """1
00:00:00,000 --> 00:00:01,000
3

2
00:00:01,000 --> 00:00:02,500
I have
10

3
01:00:02,500 --> 01:00:03,000
<i>42</i> cats &amp; 7 dogs, x <5 and y> 2, I <3 you {\\an8}1

4
01:00:03,000 --> 01:00:04,000
2024
"""
VTT = """WEBVTT - by hand
Kind: captions

NOTE nothing

STYLE
::cue { color: red }

1
00:00.000 --> 00:01.000 align:start position:0%
3

00:00:01.000 --> 00:02.500
I have
10

01:00:02.500 --> 01:00:03.000
<v Bob><c.red>42</c> <01:00:02.700>cats &amp; 7 dogs, x &lt;5 and y&gt; 2, I &lt;3 you 1

01:00:03.000 --> 01:00:04.000
2024
"""
TTML = """<?xml version="1.0"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:tickRate="1000">
<body><div>
<p begin="0t" end="1000t">3</p>
<p begin="1s" dur="1500ms">I have<br/>10</p>
<p begin="01:00:02.500" end="01:00:03.000"><span>42</span> cats &amp; 7 dogs, x &lt;5 and y> 2, I &lt;3 you 1</p>
<p begin="1.0h" end="0s"/>
<p begin="01:00:03.000" end="01:00:04.000">2024</p>
</div></body></tt>
"""
JSON = """{"utterances": [
{"start_time": 0, "end_time": 1000, "text": "3"},
{"start_time": 1000, "end_time": 2500, "text": "I have\\n10"},
{"start_time": 3602500, "end_time": 3603000, "text": "42 cats & 7 dogs, x <5 and y> 2, I <3 you 1"},
{"start_time": 3603000, "end_time": 3603000},
{"start_time": 3603000, "end_time": 3604000, "text": "2024"}]}
"""


@pytest.mark.parametrize("text", [SRT, VTT, TTML, JSON], ids=["srt", "vtt", "ttml", "json"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_each_format_says_the_same(text: str, line_end: str) -> None:
    """Times with and without hours; markup goes, and not one number with it."""
    found = parse(b"\xef\xbb\xbf" + text.replace("\n", line_end).encode(), TRACK)
    assert found.segments == (
        Segment(0, 1, "3"),
        Segment(1, 2.5, "I have 10"),
        Segment(3602.5, 3603, "42 cats & 7 dogs, x <5 and y> 2, I <3 you 1"),
        Segment(3603, 3604, "2024"),
    )
    assert found.text == "3 I have 10 42 cats & 7 dogs, x <5 and y> 2, I <3 you 1 2024"
    assert (found.language, found.source) == ("en-US", "automatic")


def test_what_is_shown_twice_is_said_once() -> None:
    """Rolling captions repeat a line until the next is whole."""
    text = "WEBVTT\n\n00:00.000 --> 00:01.000\na b\n\n00:01.000 --> 00:02.000\na  b\n\n00:02.000 --> 00:03.000\nc\n"
    assert parse(text.encode(), TRACK).text == "a b c"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no captions",
        b"\xff\xfe\x00\x01",
        b"<html><p>Log in</p></html>",
        b'<!DOCTYPE tt [<!ENTITY a "aaaa">]><tt xmlns="http://www.w3.org/ns/ttml">&a;</tt>',
        b'<tt xmlns="http://www.w3.org/ns/ttml"><p begin="soon">x</p></tt>',
        b"<tt",
        b'{"error": "no"}',
        b'{"utterances": 5}',
        b'{"utterances": [{"text": "x"}]}',
        b"[" * 100_000,
        b'{"utterances": [{"start_time": NaN, "end_time": 1, "text": "x"}]}',
        b'{"utterances": [{"start_time": 0, "end_time": 1e999, "text": "x"}]}',
        b'<tt xmlns="http://www.w3.org/ns/ttml" tickRate="0"><p begin="5t">x</p></tt>',
    ],
)
def test_what_can_not_be_read_is_said(data: bytes) -> None:
    """Pages, half files, bombs: an error, never a crash and never somebody else's words."""
    with pytest.raises(ExtractionFailed):
        parse(data, TRACK)


@pytest.mark.parametrize(
    "text",
    [
        "\n\n1\n00:00:01,000 --> 00:00:02,500\n3 <b>cats</b>\n",
        "00:00:01,000 --> 00:00:02,500\n3 cats\n",
        "1\n00:01,000 --> 00:02,500\n3 cats\n",
        "1\n00:00:01.000 --> 00:00:02.500\n3\ncats\n",
    ],
    ids=["blank lines first", "no numbers", "no hours", "points"],
)
def test_subrip_as_it_is_found(text: str) -> None:
    """Hardly anybody writes it as it should be."""
    assert parse(text.encode(), TRACK).segments == (Segment(1, 2.5, "3 cats"),)


@pytest.mark.parametrize(
    "text",
    [
        '<tt><body><div begin="10s"><p begin="1s" end="2.5s">3 cats</p></div></body></tt>',
        '<tt xmlns="http://www.w3.org/ns/ttml"><body begin="10s"><p begin="1s" dur="1.5s">3<br/>cats</p></body></tt>',
        (
            '<tt xmlns:p="http://www.w3.org/ns/ttml#parameter" p:frameRate="10"><body><div>'
            '<p begin="00:00:11:00" end="125f">3 cats</p></div></body></tt>'
        ),
    ],
    ids=["no namespace", "within", "frames"],
)
def test_ttml_counts_from_what_is_around(text: str) -> None:
    """Times add up from the outermost element (TTML1, 10.2.1); frames are parts of a second."""
    assert parse(text.encode(), TRACK).segments == (Segment(11, 12.5, "3 cats"),)


def test_captions_without_words() -> None:
    """What a machine heard in music."""
    with pytest.raises(VideoUnavailable):
        parse(b"WEBVTT\n\n00:00.000 --> 00:01.000\n \n", TRACK)


def _track(language: str, *, ext: str = "vtt", automatic: bool = True) -> Subtitle:
    return Subtitle(language, f"{language} {ext} {automatic}", ext, automatic)


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        (None, ["eng-US", "ind-ID"], 0),
        ("id", ["eng-US", "ind-ID"], 1),
        ("ID", ["eng-US", "ind-ID"], 1),
        ("en-GB", ["ind-ID", "eng-US"], 1),
        ("zh", ["eng-US", "cmn-Hans-CN"], 1),
        ("zh", ["eng-US", "zho-CN"], 1),
        ("fr", ["eng-US", "ind-ID"], 0),
        ("pt-BR", ["por-PT", "por-BR"], 1),
        ("not a language", ["eng-US", "ind-ID"], 0),
        ("en", ["?!", "eng-US"], 1),
    ],
)
def test_the_nearest_language_is_taken(
    wanted: str | None, offered: list[str], expected: int
) -> None:
    """TikTok's three letters and everybody's two mean the same."""
    assert choose(map(_track, offered), wanted).language == offered[expected]


def test_what_a_person_wrote_comes_first() -> None:
    """In the wanted language; a machine's words in it are better than a person's in another."""
    english = _track("eng-US", ext="json", automatic=False)
    machine, other = _track("eng-US"), _track("ind-ID", automatic=False)
    assert choose([machine, other, english], "en") == english
    assert choose([machine, other], "en") == machine
    assert choose([machine, other], None) == other


def test_no_captions() -> None:
    """That is said, not made up."""
    with pytest.raises(VideoUnavailable, match="no captions"):
        choose([], "en")
