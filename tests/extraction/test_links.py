"""Links are judged by their text alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter_core.extraction.errors import InvalidUrl, NotVideoContent
from sorter_core.extraction.links import Link, is_tiktok, parse

ID = "7301234567890123456"
CANONICAL = f"https://www.tiktok.com/@cat.lover_1/video/{ID}"


@pytest.mark.parametrize(
    "url",
    [
        CANONICAL,
        f"{CANONICAL}/",
        f"{CANONICAL}?is_from_webapp=1&sender_device=pc#comments",
        f"http://tiktok.com/@cat.lover_1/video/{ID}",
        f"https://m.tiktok.com/@cat.lover_1/video/{ID}",
        f"HTTPS://WWW.TikTok.com/@cat.lover_1/video/{ID}",
        f"https://www.tiktok.com./@cat.lover_1/video/{ID}",
        f"https://www.tiktok.com:443/@cat.lover_1/video/{ID}",
        f"www.tiktok.com/@cat.lover_1/video/{ID}",
        f"https://www.tiktok.com/%40cat.lover_1/video/{ID}",
        f"  {CANONICAL}\n",
    ],
)
def test_one_video_has_one_canonical_link(url: str) -> None:
    """Query, host, letter case and blanks around don't matter."""
    assert parse(url) == Link(CANONICAL, ID)


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.tiktokv.com/share/video/{ID}/",
        f"https://www.tiktok.com/share/video/{ID}",
        f"https://www.tiktok.com/@/video/{ID}",
        f"https://www.tiktok.com/video/{ID}",
        f"https://www.tiktok.com/embed/{ID}",
        f"https://www.tiktok.com/embed/v2/{ID}",
        f"https://www.tiktok.com/player/v1/{ID}?music_info=1",
        f"https://m.tiktok.com/v/{ID}.html?u_code=0",
        f"https://m.tiktok.com/i18n/share/video/{ID}/",
    ],
)
def test_links_without_a_name_tell_the_video(url: str) -> None:
    """The id is enough; TikTok finds the user by itself."""
    assert parse(url) == Link(f"https://www.tiktok.com/@/video/{ID}", ID)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://vm.tiktok.com/ZMabc123/", "https://vm.tiktok.com/ZMabc123/"),
        ("vt.tiktok.com/ZSabc123?k=1", "https://vt.tiktok.com/ZSabc123/"),
        ("https://www.tiktok.com/t/ZTabc123", "https://www.tiktok.com/t/ZTabc123/"),
        ("http://tiktok.com/t/ZTabc123/", "https://tiktok.com/t/ZTabc123/"),
    ],
)
def test_a_short_link_is_unresolved(url: str, expected: str) -> None:
    """Which video is meant, only TikTok can tell; it is asked over https."""
    link = parse(url)
    assert (link.url, link.video_id, link.short) == (expected, None, True)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"@cats/photo/{ID}", "a photo post"),
        ("@cats", "a profile"),
        ("@cats/", "a profile"),
        ("@cats/liked", "a profile"),
        ("@cats/live", "a live"),
        (f"share/live/{ID}", "a live"),
        ("live", "a live"),
        ("@cats/playlist/best-123", "a list of videos"),
        ("music/original-sound-123", "a list of videos"),
        ("tag/кот", "a list of videos"),
    ],
)
def test_other_things_on_tiktok_are_no_videos(path: str, content: str) -> None:
    """They have a code of their own, and the message says what the link leads to."""
    with pytest.raises(NotVideoContent, match=content) as caught:
        parse(f"https://www.tiktok.com/{path}")
    assert caught.value.details == {"content": content}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cat",
        "https://",
        "https://www.tiktok.com/",
        "https://www.tiktok.com/foryou",
        "https://www.tiktok.com/@a/video/",
        "https://www.tiktok.com/@a/video/12a",
        "https://www.tiktok.com/@a/video/١٢٣",
        f"https://www.tiktok.com/@a/b/video/{ID}",
        f"https://eviltiktok.com/@a/video/{ID}",
        f"https://tiktok.com.evil.org/@a/video/{ID}",
        f"https://tiktok.org/@a/video/{ID}",
        f"https://www.tiktok.com@evil.org/@a/video/{ID}",
        f"https://evil.org@www.tiktok.com/@a/video/{ID}",
        f"https://evil.org\\@www.tiktok.com/@a/video/{ID}",
        f"https://evil.org#@www.tiktok.com/@a/video/{ID}",
        *(
            f"https://{no}.tiktok.com/@a/video/{ID}"
            for no in ("", ".", "-", "a%00", "a%2e", '"<b>')
        ),
        "https://.tiktok.com/t/ZTabc123/",
        f"https://www.tiktok.com:8443/@a/video/{ID}",
        f"https://www.tiktok.com:x/@a/video/{ID}",
        f"https://\uff54iktok.com/@a/video/{ID}",
        f"https://www.t\u0131ktok.com/@a/video/{ID}",
        f"https://127.0.0.1/@a/video/{ID}",
        f"https://[::1/@a/video/{ID}",
        f"ftp://www.tiktok.com/@a/video/{ID}",
        f"file:///www.tiktok.com/@a/video/{ID}",
        f"javascript://www.tiktok.com/@a/video/{ID}",
        f"https://www.tiktok.com/@a/video/{ID}\x00",
        f"https://www.tiktok.com/@a /video/{ID}",
        "https://www.tiktok.com/" + "a" * 3000,
        "https://vm.tiktok.com/",
        "https://vm.tiktok.com/a/b/c",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    ],
)
def test_what_is_no_tiktok_link_is_refused(url: str) -> None:
    """The host is compared whole, never by its ending."""
    with pytest.raises(InvalidUrl):
        parse(url)


@given(st.text(max_size=60) | st.from_regex(r"https?://[^/]{0,20}tiktok\.com[^ ]{0,20}"))
def test_no_text_makes_it_fail_otherwise(url: str) -> None:
    """Whatever is typed in: a link to TikTok, or one of the two errors."""
    try:
        link = parse(url)
    except (InvalidUrl, NotVideoContent):
        return
    assert is_tiktok(link.url.split("/")[2])
    assert parse(link.url) == link
