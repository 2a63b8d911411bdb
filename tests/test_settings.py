"""Settings as people write them."""

from pathlib import Path

import pytest

from sorter_core.errors import InvalidInput
from sorter_core.settings import Settings, settings

PLACES = ("data_dir", "artifacts_dir", "state_dir", "cache_dir", "models_dir", "demo_dir", "cookies_file")  # fmt: skip


@pytest.fixture(autouse=True)
def _own_home(own_settings, tmp_path, monkeypatch):
    """A home of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("form", ["~/sorter", " {home}/sorter ", '"{home}/sorter"', "'~/sorter'"])
def test_a_path_is_read_as_a_person_means_it(name, form, tmp_path, monkeypatch):
    """The home's ``~``, and quotes and blanks around, as the environment hands them on."""
    monkeypatch.setenv(name.upper(), form.format(home=tmp_path))
    assert getattr(settings(), name) == tmp_path / "sorter"


def test_every_path_is_read_so():
    """No setting that is a path was forgotten."""
    paths = {n for n, field in Settings.model_fields.items() if "Path" in str(field.annotation)}
    assert paths == set(PLACES)


def test_somebody_else_s_home_that_is_not_there(monkeypatch):
    """It is a name like any other, and no fault of the start."""
    monkeypatch.setenv("DATA_DIR", "~nobody-of-this-name/videos")
    assert settings().data_dir == Path("~nobody-of-this-name/videos")


def test_a_file_that_is_no_utf_8(tmp_path):
    """What Windows' editor calls Unicode is told in words."""
    (tmp_path / ".env").write_text("PORT=9000\n", encoding="utf-16")
    with pytest.raises(InvalidInput, match="UTF-8"):
        settings()
