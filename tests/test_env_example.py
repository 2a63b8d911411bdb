"""``.env.example`` and the settings say the same."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from sorter_core import Settings

PLACES = {"state_dir", "cache_dir", "demo_dir"}
"""Their defaults are the system's."""
EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_lists_every_setting_and_no_other():
    """Each field of Settings is a line, and each line is a field."""
    assert sorted(name.upper() for name in Settings.model_fields) == sorted(dotenv_values(EXAMPLE))


def test_holds_the_defaults():
    """Who copies the file unchanged gets what he had without it."""
    assert Settings(_env_file=None) == Settings(_env_file=EXAMPLE)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_states_each_default_that_is_the_same_everywhere(name):
    """A line is empty only where the default is none, empty, or the system's."""
    default = Settings.model_fields[name].default
    stated = dotenv_values(EXAMPLE)[name.upper()]
    assert bool(stated) == (name not in PLACES and default not in {None, ()})


def test_explains_every_line():
    """Each setting has a comment, its own or the one of its group."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    paragraphs = "\n".join(lines).split("\n\n")
    assert all("#" in paragraph for paragraph in paragraphs)
