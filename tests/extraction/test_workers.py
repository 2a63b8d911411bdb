"""Worker processes: bounded, warm, and really ended."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sorter_core.extraction import workers
from sorter_core.extraction.errors import ExtractionFailed
from sorter_core.extraction.tiktok import Setup
from sorter_core.extraction.workers import Cancelled, Workers
from tests.extraction.standin import StandIn

URL = "https://www.tiktok.com/@cat.lover/video/7200000000000000001"
SECOND, THIRD = "7200000000000000002", "7200000000000000003"


@pytest.fixture
def setup(standin: StandIn) -> Setup:
    standin.add("7200000000000000001")
    return Setup(proxy=standin.proxy, ca_file=str(standin.ca_file))


def gone(pid: int) -> bool:
    """Whether a process has ended, soon."""
    give_up = time.monotonic() + 10
    # A killed process may be a zombie while its threads still end: only then can it be waited for.
    while any(child.pid == pid for child in multiprocessing.active_children()) or (
        psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def test_a_worker_is_kept_replaced_and_ended(
    setup: Setup, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started at the first call, kept warm, replaced after some calls and when it dies."""
    crew = Workers(4, setup)
    assert crew.processes() == []
    try:
        found = crew.call("video", URL, seconds=20, patience=1)
        (first,) = crew.processes()
        assert found["video_id"] == "7200000000000000001"
        assert crew.call("video", URL, seconds=20, patience=1) == found
        assert crew.processes() == [first]

        os.kill(first, signal.SIGKILL)
        assert gone(first)
        crew.call("video", URL, seconds=20, patience=1)
        (second,) = crew.processes()
        assert second != first

        monkeypatch.setattr(workers, "CALLS_A_WORKER", 2)
        crew.call("video", URL, seconds=20, patience=1)
        assert crew.processes() == []
        assert gone(second)
    finally:
        crew.close()
    with pytest.raises(ExtractionFailed, match="shutting down"):
        crew.call("video", URL, seconds=20, patience=1)


def test_one_that_dies_at_work_is_told(setup: Setup, standin: StandIn) -> None:
    """Another try may pass, and is made by another process."""
    slow = standin.add(SECOND, "slow")
    crew = Workers(1, setup)
    before = standin.asked(SECOND)

    def killed() -> bool:
        if standin.asked(SECOND) > before:
            os.kill(crew.processes()[0], signal.SIGKILL)
        return False

    try:
        with pytest.raises(ExtractionFailed, match="crashed") as caught:
            crew.call("video", slow, seconds=20, patience=1, cancelled=killed)
        assert caught.value.passing
        assert crew.call("video", URL, seconds=20, patience=1)["video_id"]
    finally:
        crew.close()


def test_closing_ends_what_runs(setup: Setup, standin: StandIn, tmp_path: Path) -> None:
    """Cancelled, too late, closed: each time the process is gone."""
    slow = standin.add(SECOND, "slow")
    crew = Workers(1, setup)
    pids = []
    before = standin.asked(SECOND)

    def cancelled() -> bool:
        pids.extend(crew.processes())
        return standin.asked(SECOND) > before

    with pytest.raises(Cancelled):
        crew.call("video", slow, seconds=20, patience=1, cancelled=cancelled)
    assert gone(pids[0])
    with pytest.raises(ExtractionFailed, match="too long"):
        crew.call("video", slow, seconds=0.5, patience=1)
    crew.warm()
    (last,) = crew.processes()
    crew.close()
    assert gone(last)


def test_workers_die_with_their_parent(setup: Setup, standin: StandIn, tmp_path: Path) -> None:
    """Also when it is killed in the middle of the work, so that none is left over."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys\n"
        "from sorter_core.extraction.tiktok import Setup\n"
        "from sorter_core.extraction.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    crew = Workers(1, Setup(proxy=sys.argv[1], ca_file=sys.argv[2]))\n"
        "    crew.warm()\n"
        "    print(*crew.processes(), flush=True)\n"
        "    crew.call('video', sys.argv[3], seconds=60, patience=1)\n"
    )
    slow = standin.add(THIRD, "slow")
    arguments = [sys.executable, str(script), str(setup.proxy), str(setup.ca_file), slow]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        while not standin.asked(THIRD):
            time.sleep(0.05)
        assert psutil.pid_exists(pid)
        parent.kill()
    assert gone(pid)
