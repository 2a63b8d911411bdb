"""Fetching models: from a stand-in for the hub, by the code and the libraries that do it for real."""

from __future__ import annotations

import errno
import hashlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from sorter_core import Settings, Sorter, encoders, pulls
from sorter_core.encoders import Fetched, _file, _hub
from sorter_core.errors import (
    Conflict,
    EncoderUnavailable,
    InvalidInput,
    JobCancelled,
    StorageError,
)
from tests.encoders import tiny
from tests.encoders.hub import Hub, serving

HERE = Path(__file__).parent.parent

SLOW = """
import time
from sorter_core.encoders._base import About
from sorter_core.encoders._fetched import Fetched

class Slow(Fetched):
    name, version, dim, reads = "slow", "1", 3, "frames"
    files, download = ("slow/weights.bin",), 1000
    about = About(title="t", licence="MIT", size=1000, source="s")
    broken = ""
    until = None

    def needs(self): return None
    def load(self): pass
    def encode(self, clip): return None

    def fetch(self, folder):
        (folder / "slow").mkdir(exist_ok=True)
        part = folder / "slow" / "part"
        part.write_bytes(bytes(400))
        if Slow.until is not None:
            Slow.until.wait(20)
        if Slow.broken:
            raise RuntimeError(Slow.broken)
        part.rename(folder / "slow" / "weights.bin")
"""


def ignore(done: int, total: int) -> None:
    """Take no interest."""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Fetched]]:
    """An encoder whose fetching a test holds in its hands."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "slow.py").write_text(SLOW)
    monkeypatch.setattr(encoders, "__path__", [*encoders.__path__, str(folder)])
    found = encoders.available()["slow"]
    assert issubclass(found, Fetched)
    yield found
    sys.modules.pop("sorter_core.encoders.slow", None)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    root = tmp_path / "hub"
    root.mkdir()
    with serving(root) as hub:
        yield hub


def command(hub: Hub, cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``python -m sorter_core`` with the stand-in for the hub, in a process of its own."""
    places = {"CACHE_DIR": str(cache), "STATE_DIR": str(cache / "state"), "HF_ENDPOINT": hub.url}
    home = {"HF_HOME": str(cache / "hf"), "PATH": "", "PYTHONPATH": str(HERE)}
    return subprocess.run(
        [sys.executable, "-m", "sorter_core", *words],
        env={**places, **home},
        cwd=cache.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def test_clip_is_fetched_from_where_fastembed_says(hub: Hub, tmp_path: Path) -> None:
    """By the command that its message names; then it is ready, and runs."""
    tiny.clip(hub.root / "Qdrant")
    cache = tmp_path / "cache"
    done = command(hub, cache, "models", "pull", "clip", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["folder"] == str(cache / "models")
    encoder = encoders.make("clip", cache)
    assert encoder.unavailable() is None
    encoder.load()


def test_a_file_of_another_digest_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    """What the hub states of it is compared with what came."""
    tiny.clip(hub.root / "Qdrant")
    hub.lies.add("model.onnx")
    done = command(hub, tmp_path / "cache", "models", "pull", "clip")
    assert done.returncode == 1
    assert "arrived damaged" in done.stderr
    assert encoders.make("clip", tmp_path / "cache").unavailable()


def test_whisper_is_fetched_from_where_faster_whisper_says(hub: Hub, tmp_path: Path) -> None:
    """And is then what transcribes."""
    folder = tiny.whisper(tmp_path) / "faster-whisper-base"
    (hub.root / "Systran").mkdir()
    folder.rename(hub.root / "Systran" / "faster-whisper-base")
    done = command(hub, tmp_path / "cache", "models", "pull", "speech")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cache/models/faster-whisper-base/model.bin").is_file()


def test_what_is_not_there_is_said_in_one_line(hub: Hub, tmp_path: Path) -> None:
    """No traceback; and the list tells it, too."""
    done = command(hub, tmp_path / "cache", "models", "pull", "clip")
    assert done.returncode == 1
    assert done.stderr.startswith("error: Qdrant/clip-ViT-B-32-vision could not be fetched")
    assert done.stderr.count("\n") == 1
    listed = json.loads(command(hub, tmp_path / "cache", "models", "list", "--json").stdout)
    clip = next(one for one in listed["encoders"] if one["name"] == "clip")
    assert clip["state"] == "failed"
    assert clip["message"].startswith("Qdrant/clip-ViT-B-32-vision could not be fetched")


def test_in_the_background_everyone_sees_it(
    hub: Hub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another object over the same cache sees the bytes come; a second start changes nothing."""
    tiny.clip(hub.root / "Qdrant")
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    hub.pause.clear()
    sorter, other = Sorter(settings), Sorter(settings)
    assert sorter.pull("clip") == "started"
    assert sorter.pull("clip") == "already_running"
    assert other.encoder_state("clip").state == "pulling"
    wait(lambda: other.encoder_state("clip").done > 0)
    hub.pause.set()
    wait(lambda: other.encoder_state("clip").state != "pulling")
    ready = other.encoder_state("clip")
    assert (ready.state, ready.message) == ("ready", None)
    assert not sorter.cancel_pull()


def test_a_file_is_gone_on_with_where_it_broke_off(hub: Hub, tmp_path: Path) -> None:
    """The connection breaks half-way; the next try asks for the rest alone."""
    data = bytes(range(256)) * 4000
    (hub.root / "file").write_bytes(data)
    digest, path = hashlib.sha256(data).hexdigest(), tmp_path / "models" / "file"
    hub.cut = 1
    with pytest.raises(EncoderUnavailable):
        _file.fetch(f"{hub.url}/file", digest, path, len(data))
    assert not path.exists()
    _file.fetch(f"{hub.url}/file", digest, path, len(data))
    assert path.read_bytes() == data
    assert hub.ranges == [f"bytes={len(data) // 2}-"]
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_file_of_another_content_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    """Nor more of it than was stated: a server may send without end."""
    (hub.root / "file").write_bytes(bytes(10_000_000))
    with pytest.raises(EncoderUnavailable, match="arrived damaged"):
        _file.fetch(f"{hub.url}/file", "0" * 64, tmp_path / "file", 1000)
    assert not list(tmp_path.glob("*file*"))


def test_nobody_there_is_said(tmp_path: Path) -> None:
    """With the address that was tried."""
    with pytest.raises(
        EncoderUnavailable, match=r"http://127\.0\.0\.1:9/file could not be fetched"
    ):
        _file.fetch("http://127.0.0.1:9/file", "0" * 64, tmp_path / "file", 1000)


def test_progress_counts_what_lies_on_the_disk(slow: type[Fetched], settings: Settings) -> None:
    """Bytes of all that will come; at the end the folder is told."""
    seen: list[tuple[int, int]] = []
    folder = pulls.pull(settings, "slow", lambda done, total: seen.append((done, total)))
    assert folder == settings.cache_dir / "models"
    assert seen[-1] == (400, 1000)
    assert pulls.state(settings, "slow", ()).state == "ready"


def test_one_at_a_time(
    slow: type[Fetched], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second is told; cancelling stops the first, and what came stays."""
    import threading

    held = threading.Event()
    monkeypatch.setattr(slow, "until", held)
    ended: list[BaseException] = []

    def first() -> None:
        try:
            pulls.pull(settings, "slow", ignore)
        except JobCancelled as error:
            ended.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    wait(lambda: pulls.state(settings, "slow", ()).done > 0)
    with pytest.raises(Conflict, match="being fetched already"):
        pulls.pull(settings, "slow", ignore)
    assert pulls.cancel(settings)
    thread.join(20)
    held.set()
    assert ended
    assert not pulls.cancel(settings)


def test_what_a_library_raises_becomes_the_reason(
    slow: type[Fetched], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next try is free to succeed."""
    monkeypatch.setattr(slow, "broken", "the disk is on fire")
    with pytest.raises(RuntimeError):
        pulls.pull(settings, "slow", ignore)
    failed = pulls.state(settings, "slow", ())
    assert (failed.state, failed.message) == ("failed", "the disk is on fire")
    monkeypatch.setattr(slow, "broken", "")
    pulls.pull(settings, "slow", ignore)
    assert pulls.state(settings, "slow", ()).message is None


def test_asking_leaves_nothing_behind(settings: Settings) -> None:
    """A page that only looks makes no folder."""
    listed = pulls.states(settings, ("frames",))
    assert [one.name for one in listed] == list(encoders.available())
    assert [one.name for one in listed if one.on] == ["frames"]
    assert not pulls.cancel(settings)
    assert not settings.cache_dir.exists()


@pytest.mark.parametrize(("name", "said"), [("frames", "nothing to fetch"), ("fraems", "frames")])
def test_what_makes_no_sense_is_refused(settings: Settings, name: str, said: str) -> None:
    """An encoder without a model, and a name that is none."""
    for ask in (lambda: pulls.pull(settings, name, ignore), lambda: Sorter(settings).pull(name)):
        with pytest.raises(InvalidInput, match=said):
            ask()


def test_a_missing_package_is_said_before_anything_is_fetched(
    slow: type[Fetched], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command that brings it."""
    monkeypatch.setattr(slow, "needs", lambda _: "The package x is missing. Run: pip install x")
    with pytest.raises(Conflict, match="pip install x"):
        pulls.begin(settings, "slow", {})
    assert not settings.cache_dir.exists()


def test_a_cache_that_can_t_be_made_is_said(settings: Settings, tmp_path: Path) -> None:
    """With the place, and what to do; also where the page asks for it."""
    (tmp_path / "file").touch()
    wrong = settings.model_copy(update={"cache_dir": tmp_path / "file"})
    with pytest.raises(StorageError, match="Name another place as CACHE_DIR"):
        pulls.pull(wrong, "audio_tags", lambda done, total: None)
    with pytest.raises(StorageError, match="can't be put into"):
        pulls.begin(wrong, "audio_tags", {})


def test_without_a_network_it_is_said_in_plain_words() -> None:
    """Whatever a library made of it; and what can be done without one."""
    told = RuntimeError("[Errno -2] over\nmany lines")
    told.__cause__ = socket.gaierror(-2, "Name or service not known")
    assert "MODELS_DIR" in _hub.reason(told)
    assert _hub.reason(RuntimeError("404\nadvice")) == "404"
    full = URLError(OSError(errno.ENOSPC, "No space left on device"))
    assert _hub.reason(full).startswith("the disk is full")
