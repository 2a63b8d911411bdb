"""Who is alive."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sorter_core import processes


def test_a_process_lives_until_it_ends() -> None:
    """Another one is described by itself; it is dead as soon as it ended, reaped or not."""
    code = "from sorter_core import processes; print(processes.me(), flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    owner = child.stdout.readline().strip()
    assert processes.alive(owner)
    child.communicate("\n")
    assert not processes.alive(owner)


def test_a_reused_number_is_somebody_else() -> None:
    """The same process id with another start is not the process that wrote its name down."""
    host, pid, start = processes.me().rsplit(":", 2)
    assert not processes.alive(f"{host}:{pid}:{float(start) - 1:.2f}")


def test_a_process_of_another_machine_counts_as_alive() -> None:
    """Nobody can look there."""
    assert processes.alive(f"elsewhere:{os.getpid()}:0.00")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs rights for a symbolic link")
def test_a_process_may_have_any_name(tmp_path: Path) -> None:
    """Linux tells it in one line with the start, in brackets."""
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([program, "60"])
    owner = f"{processes.me().split(':')[0]}:{child.pid}:{processes._start(child.pid)}"
    assert processes.alive(owner)
    assert float(owner.rsplit(":", 1)[1]) >= float(processes.me().rsplit(":", 1)[1])
    child.kill()
    child.wait()
    assert not processes.alive(owner)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system keeps the time of day")
def test_the_clock_does_not_make_anybody_dead() -> None:
    """What is written down is the time since the computer came up, no time of day."""
    start = float(processes.me().rsplit(":", 1)[1])
    age = time.time() - psutil.Process().create_time()
    assert start + age == pytest.approx(float(Path("/proc/uptime").read_text().split()[0]), abs=2)
