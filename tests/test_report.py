"""The report as one HTML file."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from sorter_core import Sorter
from sorter_core.commands import run
from sorter_core.errors import InvalidInput, ModelMissing
from sorter_core.settings import Settings
from tests.learned import analysed
from tests.trained import copied, prepared

HOSTILE = "<img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Collects the elements, their attributes and the text, and checks that all are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said = ""
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained, with a folder whose name wants to be obeyed and a misfiled video in it."""

    def change(sorter: Sorter) -> None:
        sorter.rename_folder("Cats", HOSTILE)
        sorter.move("Dogs-10.mp4", "Dogs", HOSTILE)

    return prepared(tmp_path_factory.mktemp("report") / "library", change)


@pytest.fixture
def sorter(original: Path, tmp_path: Path, settings: Settings) -> Sorter:
    return copied(original, tmp_path / "learned", settings)


def read(sorter: Sorter, tmp_path: Path) -> Reader:
    return Reader(sorter.write_report(tmp_path / "report.html").read_text(encoding="utf-8"))


def test_it_holds_every_part(sorter: Sorter, tmp_path: Path) -> None:
    """Score, matrix, misfilings, folders, confidence, classifiers, course; well-formed."""
    found = read(sorter, tmp_path)
    assert found.open == []
    assert found.tags.count("svg") == 3
    for words in ("What is mixed up", "Suspected misfilings", "Dogs-10.mp4", "Classifiers", "No forecast yet"):  # fmt: skip
        assert words in found.said
    report = sorter.evaluate()
    assert f"{100 * report['accuracy']:.1f} %" in found.said


def test_it_needs_nothing_from_outside(sorter: Sorter, tmp_path: Path) -> None:
    """No script, no address, no picture: a page that can be mailed."""
    found = read(sorter, tmp_path)
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert not {"src", "href"} & {name for name, _ in found.attributes}
    assert not [name for name, _ in found.attributes if name.startswith("on")]


def test_names_stay_text(sorter: Sorter, tmp_path: Path) -> None:
    """The folder is called so, and nothing more."""
    assert HOSTILE in read(sorter, tmp_path).said


def test_without_a_score_it_says_why(tmp_path: Path, settings: Settings) -> None:
    """The page is short then."""
    sorter = analysed(tmp_path / "learned", settings)
    for folder in ("Cats", "Dogs"):
        for place in range(12, 22):
            (sorter.library.root / folder / f"{folder}-{place}.mp4").unlink()
    sorter.train()
    found = read(sorter, tmp_path)
    assert sorter.evaluate()["why_no_score"] in found.said
    assert "svg" not in found.tags


def test_there_must_be_a_training_and_a_place(tmp_path: Path, settings: Settings) -> None:
    """Both in words."""
    sorter = analysed(tmp_path / "learned", settings)
    with pytest.raises(ModelMissing):
        sorter.write_report(tmp_path / "report.html")
    sorter.train()
    with pytest.raises(InvalidInput, match="There is no folder"):
        sorter.write_report(tmp_path / "nowhere" / "report.html")


def test_the_commands(
    sorter: Sorter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``report`` writes the file, ``misfilings`` lists."""
    monkeypatch.chdir(tmp_path)
    library = ["--library", str(sorter.library.root)]
    assert run(["report", "--output", "out.html", *library]) == 0
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(tmp_path / "out.html") in capsys.readouterr().out
    assert run(["misfilings", *library]) == 0
    said = capsys.readouterr().out
    assert "Dogs-10.mp4" in said
    assert "may be misfiled" in said
