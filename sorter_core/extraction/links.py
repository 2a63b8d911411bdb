"""The forms of a TikTok link, judged by their text alone: no network, no guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from sorter_core.extraction.errors import InvalidUrl, NotVideoContent

DOMAINS = ("tiktok.com", "tiktokv.com")
"""TikTok's own; the second stands in the links of its data export."""
SHORT_HOSTS = ("vm.tiktok.com", "vt.tiktok.com")
EXAMPLE = "https://www.tiktok.com/@name/video/1234567890"

_LENGTH = 2048
_USER = r"@[\w.-]*"
_ID = r"(?P<id>[0-9]{1,20})"
_VIDEO = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"/(?P<user>{_USER})/video/{_ID}",
        rf"/(?:i18n/)?(?:share/)?video/{_ID}",
        rf"/embed(?:/v[0-9])?/{_ID}",
        rf"/player/v1/{_ID}",
        rf"/v/{_ID}(?:\.html)?",
    )
)
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]+")
"""What DNS can look up (RFC 1123, 2.1), as ``urlsplit`` has it: in lower case."""
_SHORT = re.compile(r"/\w{5,}", re.ASCII)
_SHORT_PATH = re.compile(r"/t/\w{5,}", re.ASCII)
_OTHER = (
    (re.compile(rf"/(?:{_USER}|share)/photo/[0-9]+", re.ASCII), "a photo post"),
    (re.compile(rf"/{_USER}/live|/share/live/[0-9]+|/live(?:/.*)?", re.ASCII), "a live"),
    (re.compile(rf"/{_USER}(?:/(?:liked|reposts|favorites))?", re.ASCII), "a profile"),
    (re.compile(rf"/{_USER}/(?:playlist|collection)/.+", re.ASCII), "a list of videos"),
    (re.compile(r"/(?:music|tag|sticker|discover|channel)/.+"), "a list of videos"),
)
_REFUSED = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Link:
    """A judged link; ``video_id`` is None while a short link is unresolved.

    ``url`` is canonical: two links to one video differ in it only by the user's name.
    """

    url: str
    video_id: str | None

    @property
    def short(self) -> bool:
        """Whether only TikTok's redirect tells which video is meant."""
        return self.video_id is None


def parse(url: str) -> Link:
    """Judge a link by its text.

    Raises :class:`InvalidUrl` for all that is no TikTok video link, :class:`NotVideoContent` for
    TikTok's photo posts, profiles, lives and lists.

    >>> parse("https://m.tiktok.com/@cat.lover/video/7301234567890123456?is_copy_url=1")
    Link(url='https://www.tiktok.com/@cat.lover/video/7301234567890123456', video_id='7301234567890123456')
    >>> parse("vm.tiktok.com/ZMabcdef/")
    Link(url='https://vm.tiktok.com/ZMabcdef/', video_id=None)
    >>> parse("https://eviltiktok.com/@a/video/1")
    Traceback (most recent call last):
    sorter_core.extraction.errors.InvalidUrl: eviltiktok.com is not TikTok...
    """
    return _judged(url.strip())


@lru_cache(maxsize=1024)  # who asks for an answer that is kept has asked for it before
def _judged(url: str) -> Link:
    parts = _split(url)
    host = _host(parts)
    path = unquote(parts.path).rstrip("/")
    if _is_short(host, path):
        return Link(f"https://{host}{path}/", None)
    for form in _VIDEO:
        if found := form.fullmatch(path):
            user = found.groupdict().get("user") or "@"
            number = found["id"]
            return Link(f"https://www.tiktok.com/{user}/video/{number}", number)
    for form, what in _OTHER:
        if form.fullmatch(path):
            raise NotVideoContent(f"This link leads to {what}, not to a video.", content=what)
    raise InvalidUrl(f"This is no link to a TikTok video. Such a link looks like {EXAMPLE}")


def is_tiktok(host: str) -> bool:
    """Whether ``host`` is TikTok's, or one of its sub-domains.

    >>> is_tiktok("m.tiktok.com"), is_tiktok("nottiktok.com"), is_tiktok("tiktok.com.evil.org")
    (True, False, False)
    """
    return any(host == domain or host.endswith(f".{domain}") for domain in DOMAINS)


def _split(url: str) -> SplitResult:
    if len(url) > _LENGTH or _REFUSED.search(url):
        raise InvalidUrl("This is no link: it is too long, or holds blanks or control characters.")
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        _ = parts.port  # judged when it is asked for
    except ValueError as error:
        raise InvalidUrl(f"This is no valid link. One to a video looks like {EXAMPLE}") from error
    if parts.scheme not in {"http", "https"}:
        raise InvalidUrl("A link begins with https://")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if not is_tiktok(host) or not _HOST.fullmatch(host):
        raise InvalidUrl(f"{ascii(host)[1:-1] or 'This'} is not TikTok. Give a link like {EXAMPLE}")
    if parts.username is not None or parts.password is not None:
        raise InvalidUrl("A TikTok link holds no user name before the host.")
    if parts.port not in {None, 80 if parts.scheme == "http" else 443}:
        raise InvalidUrl("A TikTok link holds no port.")
    return host


def _is_short(host: str, path: str) -> bool:
    if host in SHORT_HOSTS:
        return _SHORT.fullmatch(path) is not None
    return _SHORT_PATH.fullmatch(path) is not None
