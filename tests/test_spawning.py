"""Workers start clean, whatever stands in the place of the main module."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from sorter_core import spawning
from sorter_core.app import Sorter
from sorter_core.settings import Settings
from tests.clips import write_clip


def test_a_worker_does_not_run_the_parents_script(
    monkeypatch: pytest.MonkeyPatch, root: Path, settings: Settings, tmp_path: Path
) -> None:
    """A page's script as ``__main__``, as Streamlit has it, is not run again in the workers."""
    script = tmp_path / "page.py"
    script.write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close(); raise SystemExit(7)")
    main = types.ModuleType("__main__")
    main.__file__ = str(script)
    monkeypatch.setitem(sys.modules, "__main__", main)
    write_clip(root / "9.mp4")
    report = Sorter(settings.model_copy(update={"encoders": ("sound",), "workers": 1})).extract()
    assert not (tmp_path / "ran").exists()
    assert "9.mp4" not in {failure.path for failure in report.failures}


def test_exit_codes_come_through() -> None:
    """A process of this context is an ordinary one."""
    process = spawning.context().Process(target=sys.exit, args=(5,))
    process.start()
    process.join()
    assert process.exitcode == 5
