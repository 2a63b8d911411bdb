"""Answers of a vision model's server, up to a limit: it may be anybody's, and may never end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MOST = 8 << 20
"""Bytes; an answer within the vocabulary has some hundreds, the longest lists of models some 500,000."""


class TooMuch(Exception):
    """The answer is bigger than :data:`MOST`."""


def client(*, key: str, base_url: str | None, seconds: float) -> AsyncOpenAI:
    """A client of the SDK; ``base_url`` None: OpenAI's own. It asks once more for what may pass."""
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    return AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        timeout=seconds,
        max_retries=1,
        http_client=DefaultAsyncHttpxClient(event_hooks={"response": [_read]}),
    )


async def _read(response: Any) -> None:
    """Read a response (of httpx or of httpx2: the SDK changed it) before the SDK does, to its end at any price."""
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MOST:
            raise TooMuch
    response._content = bytes(data)  # noqa: SLF001 - what its aread() does, and nothing public
