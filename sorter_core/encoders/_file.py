"""Fetching one file whose digest is known."""

from __future__ import annotations

import http.client
import os
import ssl
import urllib.request
from pathlib import Path
from urllib.error import URLError

from sorter_core.encoders._hub import reason, sha256
from sorter_core.errors import EncoderUnavailable

SECONDS = 30
"""Without a byte for so long, the fetching is given up."""
_BLOCK = 1 << 16


def fetch(url: str, digest: str, path: Path, size: int) -> None:
    """Put what lies at ``url`` into ``path``, which gets its name when the digest was compared.

    A part that an earlier try left is gone on with. Raises EncoderUnavailable.
    """
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch_rest(url, part, size)
        if sha256(part) != digest:
            part.unlink()
            raise EncoderUnavailable(f"{path.name} arrived damaged. Fetch it once more.")
        os.replace(part, path)  # noqa: PTH105 - the name says what is meant
    except (URLError, http.client.HTTPException, OSError) as error:
        raise EncoderUnavailable(f"{url} could not be fetched: {reason(error)}") from error


def _fetch_rest(url: str, part: Path, size: int) -> None:
    begun = part.stat().st_size if part.is_file() else 0
    if begun >= size:
        return
    request = urllib.request.Request(url)  # noqa: S310 - the address is a constant of this program
    if begun:
        request.add_header("Range", f"bytes={begun}-")
    with urllib.request.urlopen(request, timeout=SECONDS, context=_tls()) as answer:  # noqa: S310 - as above
        goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        with part.open("ab" if goes_on else "wb") as file:
            while file.tell() <= size and (block := answer.read(_BLOCK)):
                file.write(block)
            if file.tell() < size:
                raise OSError("the connection broke off")


def _tls() -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
