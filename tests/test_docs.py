"""What the README and the guide name is there, and each command and setting is named."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from sorter_core import Settings
from sorter_core.commands import COMMANDS, application

HOME = Path(__file__).parent.parent
README = HOME / "README.md"
NAMES = [command.__name__ for command in COMMANDS]


@pytest.fixture(scope="module")
def readme():
    """The whole text."""
    return README.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def section(readme):
    """The section "Command line"."""
    found = re.search(r"^#+ Command line$(.*?)(?=^#{1,2} |\Z)", readme, re.MULTILINE | re.DOTALL)
    assert found, "README.md has no section 'Command line'"
    return found[1]


@pytest.mark.parametrize(
    "name",
    [*NAMES, "folders", "models"],
)
def test_every_command_is_in_the_readme(section, name):
    """As code, so that it can be found."""
    assert re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", section)


def test_the_readme_names_no_other_command(section):
    """A row of the table that starts with a word in code is a command that exists."""
    rows = re.findall(r"^\|\s*`(?:python -m sorter_core )?([a-z-]+)", section, re.MULTILINE)
    assert [row for row in rows if row not in {*NAMES, "folders", "models"}] == []


@pytest.mark.parametrize(
    "option",
    ["--json", "--library", "--move", "--threshold", "--top-k", "--dry-run"],
)
def test_the_options_are_in_the_readme(section, option):
    """Those that change what a command does."""
    assert option in section


def options(command):
    """All that a command and those below it take."""
    below = getattr(command, "commands", {}).values()
    own = {name for parameter in command.params for name in parameter.opts}
    return own.union(*map(options, below))


@pytest.mark.parametrize("path", ["README.md", "docs/extraction.md"])
def test_every_option_that_is_named_is_one(path):
    """Who copies a line gets no "No such option"."""
    named = set(re.findall(r"(?<=[` ])--[a-z][a-z-]*", (HOME / path).read_text(encoding="utf-8")))
    assert named
    assert named - options(get_command(application())) == set()


@pytest.mark.parametrize("code", ["1", "2", "3", "130"])
def test_the_exit_codes_are_in_the_readme(section, code):
    """Each number stands there as code or in a list."""
    assert re.search(rf"\b{code}\b", section)


def test_the_readme_points_to_the_settings(readme):
    """All settings stand in .env.example; the README says so."""
    assert ".env.example" in readme
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", readme))
    known = {name.upper() for name in Settings.model_fields}
    assert {name for name in named if name.endswith(("_DIR", "_KEY", "_ORIGINS"))} <= known
