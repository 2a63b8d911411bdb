"""What the pages share."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages import _ui
from tests.pages.conftest import VISIT

SHARED = [path.stem for path in VISIT.parent.glob("_[a-z]*.py") if path != VISIT]


@pytest.mark.parametrize("name", SHARED)
def test_the_examples_hold(name: str) -> None:
    """A page's own file can't be imported by pytest: it draws itself. What they share can."""
    assert doctest.testmod(import_module(f"pages.{name}")).failed == 0


@given(st.text(st.characters(codec=None, exclude_categories=[])))
def test_what_is_shown_can_always_be_sent(text: str) -> None:
    """Any name that a file system may hold becomes one line of valid Unicode."""
    for made in (_ui.plain(text), _ui.escape(text), _ui.for_plotly(text)):
        made.encode()
        assert not set(made) & set("\n\r\0\u202e\u2028")


@given(st.text())
def test_no_punctuation_is_left_to_be_obeyed(text: str) -> None:
    """Each ASCII mark stands behind a backslash, and both between word joiners."""
    bare = _ui.escape(text).replace("\u2060\\\\\u2060", "")
    for mark in "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~":
        assert bare.count(mark) == bare.count(f"\u2060\\{mark}\u2060")


def fault() -> None:
    from pages import _ui

    assert _ui.unforeseen(ValueError("<b>oh</b>"))


def test_a_fault_of_the_program_is_told_as_text() -> None:
    """In place of Streamlit's box, which tells nothing or everything."""
    [box] = AppTest.from_function(fault).run().error
    assert "ValueError" in box.value
    assert "<b>" not in box.value
