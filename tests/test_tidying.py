"""The end of a job leaves nothing behind that a killed process had begun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter
from sorter_core.app._run import _tidy
from sorter_core.learning import after_publishing
from tests.learned import analysed

KILLED = """
import resource, signal, sys
from pathlib import Path
from sorter_core.files import write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # a bigger file ends the process, as kill -9 would
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_atomic(Path(sys.argv[1]), b"x" * 5000)
"""


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    made = analysed(tmp_path / "own", settings)
    after_publishing(made.library)
    return made


def killed_while_writing(path: Path) -> Path:
    """The half-written file that a process left which was killed as it wrote ``path``."""
    before = set(path.parent.iterdir())
    child = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert child.returncode < 0
    (left,) = set(path.parent.iterdir()) - before
    return left


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_job_drops_what_killed_processes_left(sorter: Sorter) -> None:
    """What is an hour old; a younger one may be about to get its name."""
    artifacts = sorter.library.artifacts
    kept = (artifacts / "predictions.json").read_bytes()
    old = [killed_while_writing(artifacts / "predictions.json") for _ in range(2)]
    for file in old:
        os.utime(file, (0, 0))
    young = killed_while_writing(artifacts / "predictions.json")
    assert (artifacts / "predictions.json").read_bytes() == kept
    _tidy(sorter)
    assert [file.exists() for file in (*old, young)] == [False, False, True]
