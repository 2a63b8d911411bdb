"""Fetching what is no page: where a short link leads, captions, pictures; and judging what came."""

from __future__ import annotations

import http.client
import ssl
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from sorter_core.extraction import faults, links
from sorter_core.extraction.errors import (
    ExtractionError,
    ExtractionFailed,
    InvalidUrl,
    VideoUnavailable,
)
from sorter_core.extraction.links import Link

if TYPE_CHECKING:
    from sorter_core.extraction.egress import Egress

REDIRECTS = 5
SHORT_AGENT = "facebookexternalhit/1.1"
"""What yt-dlp says too: a browser is sent to the app's page instead."""
_SECONDS = 15
_BLOCK = 1 << 16


def resolve(url: str, egress: Egress, trusted: ssl.SSLContext) -> Link:
    """Follow a short link by hand; each step is judged like a link that a person gave."""
    link = links.parse(url)
    steps = 0
    while link.short:
        if steps == REDIRECTS:
            raise VideoUnavailable("The short link leads round in circles.")
        target = _redirect(link.url, egress, trusted)
        try:
            link = links.parse(target)
        except InvalidUrl as error:
            raise _astray(target) from error
        steps += 1
    return link


def _redirect(url: str, egress: Egress, trusted: ssl.SSLContext) -> str:
    """Where one step of a short link leads."""
    status, target = _head(url, egress, trusted)
    if target and HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return urljoin(url, target)
    if status == HTTPStatus.OK:
        raise VideoUnavailable("The short link leads nowhere (any more).")
    raise faults.of_status(status)


def _head(url: str, egress: Egress, trusted: ssl.SSLContext) -> tuple[int, str | None]:
    """The status and the Location of ``url``, which is not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(
        "127.0.0.1", egress.server_port, timeout=_SECONDS, context=trusted
    )
    tunnel = {"Proxy-Authorization": egress.authorization}
    connection.set_tunnel(str(parts.hostname), headers=tunnel)
    try:
        connection.request("HEAD", parts.path, headers={"User-Agent": SHORT_AGENT})
        answer = connection.getresponse()
    except ssl.SSLCertVerificationError as error:
        raise ExtractionFailed(faults.CERTIFICATE) from error
    except (OSError, http.client.HTTPException) as error:
        raise faults.unreachable(egress) from error
    finally:
        connection.close()
    return answer.status, answer.getheader("Location")


def _astray(target: str) -> ExtractionError:
    host = urlsplit(target).hostname or ""
    if links.is_tiktok(host):
        return VideoUnavailable("The short link leads to no video (any more).")
    return InvalidUrl(f"The short link leads to {host!a}, which is not TikTok.")


def read(yt: Any, url: str, most: int, referer: str | None = None) -> bytes:
    """The bytes at ``url``, by yt-dlp's own network; raises when there are more than ``most``."""
    from yt_dlp.networking import Request

    headers = {"Referer": referer} if referer else {}
    with yt.urlopen(Request(url, headers=headers)) as answer:
        data = bytearray()
        while block := answer.read(_BLOCK):
            data += block
            if len(data) > most:
                raise ExtractionFailed(f"What TikTok sent is bigger than {most >> 20} MiB.")
    return bytes(data)


def is_picture(data: bytes) -> bool:
    r"""By the first bytes: JPEG, PNG, GIF, WebP, HEIC, AVIF.

    >>> is_picture(b"\xff\xd8\xff\xe0"), is_picture(b"<html>")
    (True, False)
    """
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")):
        return True
    kind = data[8:12]
    if data[:4] == b"RIFF":
        return kind == b"WEBP"
    return data[4:8] == b"ftyp" and kind in {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"}


def check_playable(path: Path) -> None:
    """Look whether a video came, and not a page that says no; raises :class:`ExtractionFailed`."""
    import av

    try:
        with av.open(str(path)) as container:
            playable = bool(container.streams.video)
    except (OSError, av.FFmpegError):
        playable = False
    if not playable:
        raise ExtractionFailed("What TikTok sent is no video. Try again.", passing=True)
