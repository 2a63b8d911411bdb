"""The worker pool: what one file does to its worker costs that file alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from sorter_core.decoding import Analysis, Task, analyse
from sorter_core.encoders._base import About, Encoder
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.media import Limits
from tests.clips import write_clip

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

    from sorter_core.types import Clip, Vector


class Words(Encoder):
    """Does to its worker what the text beside the video says."""

    name, version, dim, reads = "words", "1", 2, "texts"
    about = About(title="words", licence="MIT", size=0, source="a test")

    def unavailable(self) -> str | None:
        return None

    def load(self) -> None:
        with (self.cache_dir / "loads").open("a") as log:
            log.write(f"{os.getpid()}\n")

    def encode(self, clip: Clip) -> Vector:
        do = clip.texts.get("do", "")
        if do == "die":
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        if do == "hang":
            time.sleep(600)
        if do == "grow":
            hoard = []
            while True:
                hoard.append(b"x" * (32 << 20))
        if do == "burst":
            np.empty(1 << 33, np.uint8)  # never touched: only its address space counts
        if do == "refuse":
            raise CannotEncode("it has no words")
        if do == "fail":
            raise ZeroDivisionError("a fault of the encoder")
        if do == "threads":
            return np.array([int(os.environ["SORTER_THREADS"]), 0], np.float32)
        return np.array([1, 0], np.float32)


class Looks(Words):
    """Counts the pictures and the samples it gets."""

    name, reads = "looks", "frames"

    def encode(self, clip: Clip) -> Vector:
        return np.array([len(clip.frames), 0 if clip.audio is None else 1], np.float32)


class Hears(Looks):
    """The same for an encoder of sound."""

    name, reads = "hears", "audio"


class Missing(Words):
    """Lacks its model."""

    name = "missing"

    def load(self) -> None:
        raise EncoderUnavailable("get it with: pip install it")


def make(name: str, cache_dir: Path) -> Encoder:
    """The registry of this test."""
    return {each.name: each for each in (Words, Looks, Hears, Missing)}[name](cache_dir)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """A good video with both encoders asked for."""
    path = write_clip(tmp_path / "1.mp4")
    return Task("good", path, ("words", "looks"), {"caption": "hello"})


def marked(task: Task, do: str) -> Task:
    """The same video, to which something happens."""
    return replace(task, key=do, texts={"do": do})


def run(
    tasks: Iterable[Task], cache_dir: Path, *, workers: int = 1, seconds: float = 60
) -> Generator[Analysis, None, None]:
    """Analyse with this module's encoders and little memory."""
    return analyse(
        tasks,
        limits=Limits(),
        workers=workers,
        seconds=seconds,
        memory_mb=600,
        cache_dir=cache_dir,
        make=make,
    )


def children() -> list[psutil.Process]:
    """The worker processes of this process; not Python's own resource tracker."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]


def test_vectors_come_from_one_decoding_and_encoders_load_once(tmp_path, task):
    """Twenty videos in one worker: each has both vectors, each encoder was loaded once."""
    tasks = [replace(task, key=str(i)) for i in range(20)]
    results = list(run(tasks, tmp_path))
    assert sorted(result.key for result in results) == sorted(str(i) for i in range(20))
    assert all(result.vectors["words"].tolist() == [1, 0] for result in results)
    assert all(result.vectors["looks"][0] > 3 for result in results)
    assert all(result.reasons == {} for result in results)
    assert len((tmp_path / "loads").read_text().split()) == 2


def test_sound_is_decoded_when_an_encoder_reads_it(tmp_path, task):
    """One picture is enough for an encoder of sound."""
    (result,) = run([replace(task, encoders=("hears",))], tmp_path)
    assert result.vectors["hears"].tolist() == [1, 1]


def test_a_broken_video_costs_itself_alone(tmp_path, task):
    """Its reason stands under media; the encoder of texts has its vector all the same."""
    (tmp_path / "2.mp4").write_text("not a video")
    broken = replace(task, key="broken", path=tmp_path / "2.mp4")
    results = {result.key: result for result in run([broken, task], tmp_path)}
    assert results["broken"].reasons == {"media": "the file holds text, not a video"}
    assert list(results["broken"].vectors) == ["words"]
    assert results["good"].reasons == {}


def test_texts_alone_need_no_decoding(tmp_path, task):
    """The file is not opened: there is none."""
    (result,) = run([replace(task, path=tmp_path / "no.mp4", encoders=("words",))], tmp_path)
    assert list(result.vectors) == ["words"]
    assert result.reasons == {}


def test_a_file_sorted_meanwhile_is_no_failure(tmp_path, task):
    """It is neither known nor refused, so that the next run takes it."""
    (result,) = run([replace(task, path=tmp_path / "no.mp4")], tmp_path)
    assert result == Analysis("good", {}, {})


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("refuse", "it has no words"),
        ("fail", "the encoder failed: ZeroDivisionError: a fault of the encoder"),
    ],
)
def test_an_encoder_that_cannot_says_why(tmp_path, task, do, reason):
    """The other encoder's vector is not lost."""
    (result,) = run([marked(task, do)], tmp_path)
    assert result.reasons == {"words": reason}
    assert list(result.vectors) == ["looks"]


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("die", "the decoder crashed"),
        ("hang", "took longer than 3 s"),
        ("grow", "needed more than 600 MiB of memory"),
        pytest.param(
            "burst",
            "needed more than 600 MiB of memory",
            marks=pytest.mark.skipif(
                sys.platform != "linux", reason="only Linux bounds an address space"
            ),
        ),
    ],
)
def test_a_worker_that_ends_costs_one_video(tmp_path, task, do, reason):
    """Videos before and after it, in the same worker, have their vectors."""
    limit = 3 if do == "hang" else 60
    tasks = [replace(task, key="before"), marked(task, do), replace(task, key="after")]
    results = {result.key: result for result in run(tasks, tmp_path, seconds=limit)}
    assert results[do] == Analysis(do, {}, {"media": reason})
    assert len(results["before"].vectors) == len(results["after"].vectors) == 2


def test_many_crashes_are_told_from_their_neighbours(tmp_path, task):
    """Two workers; every second video kills its own."""
    tasks = [
        replace(task, key=str(i), encoders=("words",), texts={"do": "die" if i % 2 else ""})
        for i in range(8)
    ]
    results = {int(result.key): result for result in run(tasks, tmp_path, workers=2)}
    assert sorted(results) == list(range(8))
    for i, result in results.items():
        assert dict(result.reasons) == ({"media": "the decoder crashed"} if i % 2 else {})


def test_a_worker_killed_between_two_videos_costs_none(tmp_path, task):
    """As by the system when memory is short: the pool is made anew."""

    def tasks() -> Iterator[Task]:
        yield replace(task, key="1")
        yield replace(task, key="2")
        time.sleep(1)  # both are done by now
        for child in children():
            child.kill()
        time.sleep(0.5)
        yield replace(task, key="3")

    results = list(run(tasks(), tmp_path))
    assert sorted(result.key for result in results) == ["1", "2", "3"]
    assert all(len(result.vectors) == 2 for result in results)


def test_one_library_thread_a_worker(tmp_path, task):
    """Each core has a worker of its own."""
    (result,) = run([marked(task, "threads")], tmp_path)
    assert result.vectors["words"][0] == 1


def test_a_missing_model_is_told_once_and_is_no_video_s_failure(tmp_path, task):
    """The error with its command reaches the caller, and the workers end."""
    with pytest.raises(EncoderUnavailable, match="pip install it"):
        list(run([replace(task, encoders=("missing",))] * 5, tmp_path))
    assert children() == []


def test_tasks_are_drawn_as_needed(tmp_path, task):
    """Of a hundred thousand only a few are ahead of the results."""
    drawn = []

    def tasks() -> Iterator[Task]:
        for i in range(100_000):
            drawn.append(i)
            yield replace(task, key=str(i), encoders=("words",))

    results = run(tasks(), tmp_path)
    for _ in range(5):
        next(results)
    results.close()
    assert len(drawn) <= 5 + 2


def test_no_tasks_no_results(tmp_path):
    """And no waiting."""
    assert list(run([], tmp_path)) == []


def test_closing_early_ends_the_workers(tmp_path, task):
    """Also one that hangs: this is how a person cancels."""
    results = run([task, marked(task, "hang"), marked(task, "hang")], tmp_path, workers=2)
    next(results)
    assert children()
    results.close()
    assert children() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_workers_end_when_their_parent_is_killed(tmp_path, task):
    """SIGKILL leaves the parent no chance to tell them."""
    script = (
        "import sys; from pathlib import Path; from tests.test_decoding import *\n"
        "if __name__ == '__main__':\n"
        " hang = Task('hang', Path('no.mp4'), ('words',), {'do': 'hang'})\n"
        " list(analyse([hang] * 4, limits=Limits(), workers=2, seconds=600, memory_mb=600,\n"
        "  cache_dir=Path(sys.argv[1]), make=make))\n"
    )
    (tmp_path / "run.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", *sys.path])}
    command = [sys.executable, str(tmp_path / "run.py"), str(tmp_path)]
    parent = subprocess.Popen(command, env=environment)
    loads = tmp_path / "loads"
    while parent.poll() is None and (not loads.exists() or len(loads.read_text().split()) < 2):
        time.sleep(0.05)
    workers = [psutil.Process(int(pid)) for pid in loads.read_text().split()]
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert alive == []
