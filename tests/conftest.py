"""What most tests share: a library made of tiny files, and settings that touch nothing outside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from sorter_core.journal import Journal
from sorter_core.library import Library
from sorter_core.settings import Settings
from sorter_core.settings import settings as process_settings
from sorter_core.store import Store

# A machine may be busy, and a fresh clone has Hypothesis read all of Unicode once: no test is timed.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

Layout = dict[str, "bytes | str | Layout"]


def grow(root: Path, layout: Layout) -> Path:
    """Make ``{"1.mp4": b"a", "Cats": {"2.mp4": b"b"}}`` real below ``root``."""
    root.mkdir(parents=True, exist_ok=True)
    for name, what in layout.items():
        if isinstance(what, dict):
            grow(root / name, what)
        else:
            (root / name).write_bytes(what.encode() if isinstance(what, str) else what)
    return root


def look(root: Path) -> Layout:
    """The reverse of :func:`grow`, hidden things left out."""
    return {
        path.name: look(path) if path.is_dir() else path.read_bytes()
        for path in sorted(root.iterdir())
        if not path.name.startswith(".")
    }


@contextmanager
def without_rights() -> Iterator[None]:
    """As somebody whom the modes of files bind: they do not bind root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)  # nobody
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A library with three unsorted videos and two folders."""
    return grow(
        tmp_path / "library",
        {"1.mp4": "one", "2.mp4": "two", "3.mp4": "three", "Cats": {"4.mp4": "four"}, "Dogs": {}},
    )


@pytest.fixture
def journal(root: Path) -> Journal:
    return Journal(Store(root / ".sorter" / "sorter.db"), root)


@pytest.fixture
def library(root: Path) -> Library:
    return Library(root)


@pytest.fixture
def settings(root: Path, tmp_path: Path) -> Settings:
    """Settings that know nothing of this machine's environment."""
    return Settings(
        _env_file=None,
        data_dir=root,
        state_dir=tmp_path / "state",
        cache_dir=tmp_path / "cache",
        host="127.0.0.1",
        port=8000,
    )


@pytest.fixture
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process's own settings know nothing of this machine, and are read anew by the next test."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    process_settings.cache_clear()
    yield
    process_settings.cache_clear()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small disk needs root: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)
