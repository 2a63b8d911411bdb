"""One job at a time across processes, whose end is always told."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sorter_core import jobs as jobs_module
from sorter_core.errors import JobCancelled, JobLost, StageTimeout, StorageError
from sorter_core.jobs import Job, Jobs
from sorter_core.store import Store

HERE = str(Path(jobs_module.__file__).parent.parent)


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(Store(tmp_path / "sorter.db"))


def claimed(jobs: Jobs) -> Job:
    number = jobs.claim()
    assert number is not None
    return Job(jobs, number)


def nothing(db: sqlite3.Connection) -> None:
    """Publish no results."""


def test_before_any_job_there_is_no_result(jobs: Jobs) -> None:
    """A new library has neither a running job nor a last result."""
    status = jobs.status()
    assert (status.running, status.last_result) == (False, None)


def test_a_second_claim_is_refused(jobs: Jobs) -> None:
    """The index over active jobs is the lock."""
    claimed(jobs)
    assert jobs.claim() is None


def test_a_job_goes_from_claim_to_success(jobs: Jobs) -> None:
    """Stage, progress and ETA can be read while it runs; the result when it is over."""
    job = claimed(jobs)
    with job.running():
        with job.stage("extract_features", 900):
            job.progress(1, 4)
            time.sleep(0.25)
            job.progress(2, 4)
            status = jobs.status()
            assert (status.running, status.stage, status.done, status.total) == (
                True,
                "extract_features",
                2,
                4,
            )
            assert status.eta_seconds is not None
            assert 0.1 < status.eta_seconds < 5
        job.failed(3)
        job.publish(nothing)
    status = jobs.status()
    assert (status.running, status.last_result, status.failures) == (False, "success", 3)
    assert status.finished_at is not None


def test_an_error_is_told_with_its_stage(jobs: Jobs) -> None:
    """The result is in the documented words."""
    job = claimed(jobs)
    with pytest.raises(ValueError, match="no luck"), job.running(), job.stage("train", 900):
        raise ValueError("no luck")
    assert jobs.status().last_result == "Failed at train: no luck"
    assert jobs.claim() is not None


def test_a_job_can_be_cancelled(jobs: Jobs) -> None:
    """The next report of progress ends it."""
    job = claimed(jobs)
    with pytest.raises(JobCancelled), job.running(), job.stage("extract_features", 900):
        job.progress(1, 10)
        assert jobs.cancel()
        assert jobs.status().cancelling
        job.progress(2, 10)
    assert jobs.status().last_result == "Failed at extract_features: cancelled"
    assert not jobs.cancel()


def test_a_stage_has_a_limit(jobs: Jobs) -> None:
    """Taking longer is a failure of that stage."""
    job = claimed(jobs)
    with pytest.raises(StageTimeout), job.running(), job.stage("predict", 0.01):
        time.sleep(0.02)
        job.progress(1, 2)
    assert jobs.status().last_result == "Failed at predict: it took longer than 0 s"


def test_a_lost_job_publishes_nothing(jobs: Jobs) -> None:
    """Whoever was declared dead and lives after all finds its results refused."""
    job = claimed(jobs)
    with pytest.raises(JobLost), job.running():
        jobs.fail(job.number, "declared dead")
        job.publish(lambda db: db.execute("INSERT INTO meta VALUES ('published', 'yes')"))
    with jobs.store.read() as db:
        assert db.execute("SELECT count(*) FROM meta WHERE key = 'published'").fetchone()[0] == 0
    assert jobs.status().last_result == "Failed at extract_features: declared dead"


_CHILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from sorter_core.jobs import Job, Jobs
from sorter_core.store import Store
jobs = Jobs(Store(Path(sys.argv[2])))
job = Job(jobs, jobs.claim())
with job.running(), job.stage(sys.argv[3], float(sys.argv[4])):
    print("ready", flush=True)
    time.sleep(60)
"""


def child(jobs: Jobs, stage: str, seconds: float = 900) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, HERE, str(jobs.store.path), stage, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("stage", ["extract_features", "train", "predict"])
def test_a_job_killed_in_any_stage_is_told_and_taken_over(jobs: Jobs, stage: str) -> None:
    """SIGKILL frees the lock at once, and the result says at which stage it happened."""
    process = child(jobs, stage)
    assert jobs.status().running
    assert jobs.claim() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    status = jobs.status()
    assert not status.running
    assert status.last_result is not None
    assert status.last_result.startswith(f"Failed at {stage}: it was stopped from outside")
    assert jobs.claim() is not None


def set_the_clock(jobs: Jobs, seconds: float) -> None:
    """Let the last heartbeat lie that long ago: the clock jumped, or the computer slept."""
    with jobs.store.write() as db:
        db.execute("UPDATE jobs SET heartbeat = heartbeat - ?", (seconds,))


@pytest.mark.parametrize("seconds", [8 * 3600, -3600])
def test_a_job_outlives_the_sleep_of_the_computer(jobs: Jobs, seconds: float) -> None:
    """A night with the lid closed, or a clock set back, ends no job that lives."""
    process = child(jobs, "train")
    set_the_clock(jobs, seconds)
    assert jobs.status().running
    assert jobs.claim() is None
    process.kill()
    process.wait()
    assert not jobs.status().running


def test_a_job_outlives_a_store_that_somebody_keeps_locked(jobs: Jobs) -> None:
    """No beat can be written then: that its heart is not heard tells nothing."""
    process = child(jobs, "train")
    set_the_clock(jobs, 60)
    other = sqlite3.connect(jobs.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert jobs.status().running
    other.execute("ROLLBACK")
    other.close()
    assert jobs.claim() is None
    process.kill()
    process.wait()


def test_a_job_that_was_heard_of_again_is_not_ended(jobs: Jobs) -> None:
    """Between the look and the verdict it was taken over, or its heart beat."""
    job = claimed(jobs)
    jobs.fail(job.number, "declared dead", heard=time.time() - 60)
    assert jobs.status().running


def test_a_silent_job_is_taken_over(jobs: Jobs) -> None:
    """A process that lives and does not move (stopped, hung) holds the lock half a minute."""
    process = child(jobs, "train")
    os.kill(process.pid, signal.SIGSTOP)
    assert jobs.claim() is None
    set_the_clock(jobs, 60)
    assert jobs.claim() is not None
    process.kill()
    process.wait()


def test_work_that_does_not_listen_is_ended(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage stuck in a long computation is ended from the heartbeat after a grace time."""
    monkeypatch.setenv("PYTHONPATH", HERE)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _CHILD.replace(
                "jobs = Jobs", "import sorter_core.jobs as m; m._GRACE_SECONDS = 0.2\njobs = Jobs"
            ),
            HERE,
            str(jobs.store.path),
            "train",
            "0.2",
        ],
        stdout=subprocess.DEVNULL,
    )
    assert process.wait(timeout=20) == 1
    assert jobs.status().last_result == "Failed at train: it took longer than 0 s"


def test_a_child_that_can_not_start_is_told(jobs: Jobs, tmp_path: Path) -> None:
    """The last line of what it said is the reason."""
    assert jobs_module.start(jobs, ["no-such-command"], tmp_path / "log", {"PYTHONPATH": HERE})
    deadline = time.monotonic() + 30
    while jobs.status().running and time.monotonic() < deadline:
        time.sleep(0.05)
    result = jobs.status().last_result
    assert result is not None
    assert result.startswith("Failed at extract_features: ")
    assert "no-such-command" in (tmp_path / "log").read_text()


def test_a_log_that_can_not_be_written_ends_the_job(jobs: Jobs, tmp_path: Path) -> None:
    """It is said to the one who started it and to all who look, and the next one may start."""
    (tmp_path / "log").mkdir()
    with pytest.raises(StorageError, match="could not be started"):
        jobs_module.start(jobs, ["run-job"], tmp_path / "log", {})
    assert "could not be started" in (jobs.status().last_result or "")
    assert jobs.claim() is not None


_CLAIM = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from sorter_core.jobs import Jobs
from sorter_core.store import Store
jobs = Jobs(Store(Path(sys.argv[2])))
while time.time() < float(sys.argv[3]):
    pass
print(jobs.claim() is not None, flush=True)
sys.stdin.read()
"""


def test_of_many_processes_one_gets_the_job(jobs: Jobs) -> None:
    """Six that claim in the same moment: one wins."""
    at = str(time.time() + 2.5)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _CLAIM, HERE, str(jobs.store.path), at],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
        )
        for _ in range(6)
    ]
    won = [racer.stdout.readline() for racer in racers if racer.stdout]
    for racer in racers:
        racer.communicate()
    assert sorted(won) == [b"False\n"] * 5 + [b"True\n"]
