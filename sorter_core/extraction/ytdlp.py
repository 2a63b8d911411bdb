"""yt-dlp as a library, with options that nothing from outside can change.

Runs in worker processes only. The CVEs of other extractors, of post-processors and of plugins are
none of ours: TikTok's extractor is the one that exists here, and nothing is run after it.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterable
from contextlib import redirect_stderr
from functools import cache
from typing import Any

from sorter_core.extraction.errors import ExtractionFailed

FORMAT = "/".join(f"b[protocol=https]{codec}" for codec in ("[vcodec^=h264]", "[vcodec^=avc]", ""))
"""The best single file with sound, in the codec that every browser plays. Playlists and streams are
fetched by ffmpeg and rtmpdump, which know nothing of the one door (``egress``)."""
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""One each for OpenSSL and curl_cffi; the latter prefers the second, where it is set."""
STALLED_SECONDS = 15
MAX_FILE_BYTES = 4 << 30
"""TikTok's own limit for an upload."""


def prepare(ca_file: str | None) -> None:
    """Load yt-dlp; before that, shut out plugins and say which certificates to trust.

    Its three network libraries read these variables at their import, or at the first connection.
    """
    os.environ["YTDLP_NO_PLUGINS"] = "1"
    if ca_file:
        for name in CA_VARIABLES:
            os.environ[name] = ca_file
    with open_ytdlp("http://127.0.0.1:9", cookies=None, ca_file=ca_file):
        pass  # the first one loads and compiles what all others share


def open_ytdlp(egress: str, *, cookies: str | None, ca_file: str | None, **more: Any) -> Any:
    """A ``YoutubeDL`` with TikTok's extractor only; ``more`` is for :func:`download_options`.

    ``egress``: the URL of the one proxy; ``cookies``: the text of a Netscape cookies file.
    """
    from yt_dlp import YoutubeDL

    options = {
        "allowed_extractors": ["TikTok"],
        "proxy": egress,
        "cookiefile": io.StringIO(cookies)
        if cookies
        else None,  # a copy: the file is never written
        "compat_opts": ["no-certifi"] if ca_file else [],  # what honours SSL_CERT_FILE
        "nocheckcertificate": False,
        "socket_timeout": STALLED_SECONDS,
        "cachedir": False,
        "enable_file_urls": False,
        "usenetrc": False,
        "noplaylist": True,
        "skip_download": True,
        "check_formats": False,
        "js_runtimes": {},
        "writesubtitles": True,  # so that they are named; nothing is written
        "logger": _silent(),
        "noprogress": True,
        **more,
    }
    try:
        ytdlp = YoutubeDL(options, auto_init=False)
        with redirect_stderr(io.StringIO()):  # it would show the lines that it can't read
            _ = ytdlp.cookiejar  # read now: a bad file is told as such
    except Exception as error:
        if cookies:
            raise ExtractionFailed(
                "COOKIES_FILE is no cookies file in Netscape's format."
            ) from error
        raise
    ytdlp.add_info_extractor(_extractor()())
    return ytdlp


def download_options(name: str) -> dict[str, Any]:
    """What lets one video be written to ``name`` in the current folder, and nothing else happen.

    A whole path would not do: yt-dlp puts the environment's variables into it, whatever is escaped.
    """
    return {
        "skip_download": False,
        "writesubtitles": False,
        "outtmpl": {"default": name},
        "format": FORMAT,
        "check_formats": None,  # yt-dlp's own choice: try what is known to be broken at times
        "nopart": True,
        "continuedl": False,
        "overwrites": True,
        "fixup": "never",
        "updatetime": False,
        "retries": 3,
        "max_filesize": MAX_FILE_BYTES,
    }


def _silent() -> logging.Logger:
    """A logger that says nothing: what is to be said is raised."""
    logger = logging.getLogger("sorter_core.extraction.ytdlp")
    logger.disabled = True
    return logger


@cache
def _extractor() -> Any:
    from yt_dlp.extractor.tiktok import TikTokIE as Original

    class TikTokIE(Original):  # type: ignore[misc]  # yt-dlp has no types
        """Keeps what the original drops: whether a caption track was made by a machine."""

        def _get_subtitles(self, aweme_detail: Any, *arguments: Any) -> Any:
            found = super()._get_subtitles(aweme_detail, *arguments)
            machine = set(machine_made(aweme_detail))
            for tracks in found.values():
                for track in tracks:
                    track["automatic"] = track.get("url") in machine
            return found

    return TikTokIE


def machine_made(detail: Any) -> Iterable[str]:
    """The addresses of the caption tracks that TikTok's page calls recognised or translated.

    >>> list(machine_made({"video": {"subtitleInfos": [{"Url": "a", "Source": "ASR"}, {"Url": "b"}]}}))
    ['a']
    """
    from yt_dlp.utils.traversal import traverse_obj

    for track in traverse_obj(detail, ("video", "subtitleInfos", ..., {dict})):
        if track.get("Source") in {"ASR", "MT"}:  # speech recognition, machine translation
            yield str(track.get("Url"))
    for track in traverse_obj(detail, ("video", "claInfo", "captionInfos", ..., {dict})):
        if track.get("isAutoGen"):
            yield str(track.get("url"))
