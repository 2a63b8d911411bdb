"""A stand-in for TikTok, and a source that asks it by way of the real yt-dlp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sorter_core.extraction.source import YtDlpSource
from sorter_core.settings import Settings
from tests.extraction.standin import StandIn


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    server = StandIn(tmp_path_factory.mktemp("standin"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def source(standin: StandIn) -> Iterator[YtDlpSource]:
    """Two workers, kept for all tests."""
    settings = Settings(
        _env_file=None,
        proxy_url=standin.proxy,
        max_concurrent_extractions=2,
        extraction_timeout=30,
        max_video_seconds=600,
    )
    made = YtDlpSource(settings, ca_file=standin.ca_file, first_wait=0.01)
    yield made
    made.close()


@pytest.fixture
def environment(standin: StandIn, tmp_path: Path) -> dict[str, str]:
    """What makes a child ask the stand-in, and leave this machine's own state alone."""
    return {
        "PROXY_URL": standin.proxy,
        "SSL_CERT_FILE": str(standin.ca_file),
        "STATE_DIR": str(tmp_path / "state"),
        "CACHE_DIR": str(tmp_path / "cache"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "FILL_PER_MINUTE": "600",
    }
