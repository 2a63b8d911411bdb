"""The page that asks TikTok: what it shows of a link, what it gives to take away, what it fetches."""

from __future__ import annotations

import csv
import io
import json
import time

import pytest

from sorter_core.extraction import service
from sorter_core.extraction.answers import Extraction
from sorter_core.extraction.backlog import Backlog
from sorter_core.extraction.downloads import Downloads
from sorter_core.extraction.errors import VideoUnavailable
from sorter_core.extraction.fill import Fills
from sorter_core.extraction.info import VideoInfo
from sorter_core.extraction.lookups import as_csv, as_json, links_in
from sorter_core.settings import settings as process_settings
from tests.extraction.fakes import LINK, FakeSource, link
from tests.pages.conftest import HOSTILE, MARKUP, Visit, words

GONE = "The video is private."
FIRST = 7301234567890123456


class HostileSource(FakeSource):
    """Whoever wrote the caption meant ill."""

    def _video(self, url: str) -> VideoInfo:
        return VideoInfo(
            url=url,
            video_id="5",
            title=f"{HOSTILE} {MARKUP}",
            description=f"=cmd()|'/c calc'!A1 {HOSTILE}",
            uploader=f"{MARKUP}{HOSTILE}",
            track=HOSTILE,
            artist=MARKUP,
            thumbnail_url="https://p16-sign.tiktokcdn.com/cover.jpeg",
            hashtags=("=1+1",),
        )


@pytest.fixture
def source(alone, monkeypatch):
    """The process' extractor over a fake source, in a process that knows no service elsewhere."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    process_settings.cache_clear()
    service.shared.cache_clear()
    made = FakeSource({"404": VideoUnavailable(GONE)})
    service.shared()._source = made
    yield made
    service.shared().close()
    service.shared.cache_clear()


def button(app, label):
    return next(one for one in app.button if one.label == label)


def looked_up(visit: Visit, text: str, *, captions: bool = False, language: str = "en"):
    """Paste, press the button, and wait until the answers are there."""
    app = visit("extract")
    app.text_area(key="links").set_value(text)
    app.checkbox(key="captions").set_value(captions)
    app.selectbox(key="language").set_value(language)
    app.run()
    button(app, "Look up").click().run()
    until = time.monotonic() + 10
    while not all(one.told.done() for one in app.session_state.lookups):
        assert time.monotonic() < until
        time.sleep(0.01)
    app.run()
    assert list(app.exception) == []
    return app


def answer(url: str = LINK, **options) -> Extraction:
    return service.shared().extract(url, **options)


def test_asks_for_links_first(sorter, source, visit):
    """Nothing is asked of anybody before."""
    for label in ("Look up", "Download to the library"):
        app = visit("extract")
        button(app, label).click().run()
        assert "Paste a TikTok link first." in words(app)
    assert source.videos == []


def test_shows_what_a_link_tells(sorter, source, visit):
    """Title, maker, counts, and what the thumbnail shows."""
    app = looked_up(visit, LINK)
    said = words(app)
    assert "The cat <b>that</b> opens doors" in [text.value for text in app.text]
    assert "@cat.lover · 2026-01-20 · 0:15 · 120,000 views" in said
    assert "Colours: vivid" in said
    assert app.get("image")


def test_shows_captions_and_speaks_indonesian_where_asked(sorter, source, visit):
    """Both are options of the page."""
    app = looked_up(visit, LINK, captions=True, language="id")
    said = words(app)
    assert "Look, 10 cats." in said
    assert "cerah mencolok" in said
    assert source.transcripts == ["id"]


def test_many_links_each_for_itself(sorter, source, visit):
    """A bad one tells why, the others are shown; each link once."""
    app = looked_up(visit, f"{link(1)}\n{link(404)} {link(1)}\nhttps://example.org/")
    assert [one.url for one in app.session_state.lookups] == [
        link(1),
        link(404),
        "https://example.org/",
    ]
    said = words(app)
    assert GONE in said
    assert "example.org is not TikTok" in said
    assert "1 answer" in said


def test_hostile_texts_are_shown_and_not_obeyed(sorter, source, visit):
    """No HTML, no Markdown: neither of titles nor of names, errors or links."""
    service.shared()._source = HostileSource()
    app = looked_up(visit, f"{LINK} {HOSTILE.replace(' ', '')}")
    for kind in ("markdown", "caption", "error", "warning"):
        for element in getattr(app, kind):
            assert "<img" not in element.value
            assert "**bold**" not in element.value
            assert ":red[" not in element.value
    assert f"{HOSTILE} {MARKUP}" in [text.value for text in app.text]


def test_gives_json_and_csv_to_take_away(sorter, source):
    """The same answers, whole; a spreadsheet runs nothing of it."""
    service.shared()._source = HostileSource()
    found = [answer(), answer(include_transcript=True, cache_ttl=0)]
    assert [one["title"] for one in json.loads(as_json(found))] == [f"{HOSTILE} {MARKUP}"] * 2
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert len(rows) == 2
    assert rows[0]["description"].startswith("'=cmd")
    assert rows[0]["hashtags"] == "'=1+1"
    assert rows[0]["color_scheme"] == "vivid"
    assert rows[1]["transcript"] == "Look, 10 cats."


def test_a_thumbnail_that_can_not_be_shown_is_left_out(sorter, source, visit):
    """The rest is there, and the reason."""
    service.shared()._source = FakeSource(thumbnail=lambda: b"no picture")
    app = looked_up(visit, LINK)
    assert not app.get("image")
    assert "thumbnail_analysis: The thumbnail has a format" in words(app)


def test_says_who_gets_to_see_thumbnails(sorter, source, visit, monkeypatch):
    """Where a vision model is set up there is a choice, with its host; this computer comes first."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    process_settings.cache_clear()
    service.shared.cache_clear()
    service.shared()._source = source
    app = visit("extract")
    choice = app.selectbox(key="analyser")
    assert choice.options == ["this computer", "the model at 127.0.0.1"]
    assert choice.value == "local"


def test_downloads_into_the_library(sorter, source, visit):
    """The batch is shown with what came of each link, also to who comes later."""
    app = visit("extract")
    app.text_area(key="links").set_value(f"nonsense {HOSTILE.replace(' ', '')}").run()
    button(app, "Download to the library").click().run()
    assert list(app.exception) == []
    (table,) = visit("extract").dataframe
    assert list(table.value["State"]) == ["failed", "failed"]
    assert "is not TikTok" in table.value["Why"][0]


def test_a_running_download_can_be_cancelled(sorter, source, visit):
    """By whoever sees it."""

    class Waiting(Downloads):
        def _launch(self) -> None:
            pass

    Waiting(sorter.library.store, sorter.library.root).start([link(1), link(2)])
    app = visit("extract")
    (table,) = app.dataframe
    assert list(table.value["State"]) == ["waits", "waits"]
    button(app, "Cancel").click().run()
    assert list(visit("extract").dataframe[0].value["State"]) == ["cancelled"] * 2


def test_many_links_are_downloaded_all_and_looked_up_in_part(sorter, source, visit):
    """And the page says so."""
    app = looked_up(visit, " ".join(link(number) for number in range(60)))
    assert len(app.session_state.lookups) == 50
    assert "These are 60 links: the first 50 are looked up" in words(app)
    assert len(links_in(app.text_area(key="links").value)) == 60


def test_a_title_cut_off_is_not_said_twice(sorter, source, visit):
    """TikTok has no titles: they are the beginnings of descriptions."""

    class Long(FakeSource):
        def _video(self, url: str) -> VideoInfo:
            return VideoInfo(url, "5", "The cat that...", "The cat that opens doors", share_count=1)

    service.shared()._source = Long()
    app = looked_up(visit, LINK)
    titles = [text.value for text in app.text if text.value.startswith("The cat")]
    assert titles == ["The cat that opens doors"]
    assert "1 share" in words(app)


def test_without_a_library_links_are_looked_up_still(alone, source, visit):
    """Only downloading needs one, and leads to where it is chosen."""
    app = looked_up(visit, LINK)
    assert "@cat.lover" in words(app)
    button(app, "Download to the library").click().run()
    assert list(app.exception) == []
    assert "Welcome" in words(app)


# Captions of videos that are there ---------------------------------------------------------------


@pytest.fixture
def own(sorter, monkeypatch):
    """Two videos named after ids; nobody is asked by a child process."""
    monkeypatch.setattr(Backlog, "_launch", lambda _self: None)
    for number in range(2):
        (sorter.library.root / f"{FIRST + number}.mp4").write_text(str(number))
    return sorter


def test_says_what_asking_tells_tiktok_before_it_asks(own, source, visit):
    """How many, who learns what, how long; then the progress, which can be stopped by anybody."""
    app = visit("extract")
    said = words(app)
    assert "so it learns which videos you hold" in said
    assert "At most 20 a minute" in said
    assert not own.fills().status().total
    button(app, "Ask TikTok about 2 videos").click().run()
    assert list(app.exception) == []
    assert own.fills().status().total == 2
    button(visit("extract"), "Stop").click().run()
    assert not own.fills().status().running


def test_shows_what_was_told_and_what_was_not(own, source, visit):
    """With the reasons; when all were asked for there is nothing more to press."""
    own.fill()
    told = FakeSource({str(FIRST): VideoUnavailable(f"{GONE} {HOSTILE}")})
    Fills(own.library.store, own.library.root, per_minute=60_000).work(told, own.scan)
    app = visit("extract")
    assert "Nothing to ask" in words(app)
    (table,) = app.dataframe
    assert list(table.value["Video"]) == [f"{FIRST}.mp4"]
    assert GONE in table.value["Why"][0]
    assert all(not one.label.startswith("Ask TikTok") for one in app.button)


def test_says_why_a_round_ended_early(own, source, visit):
    """In TikTok's words, which are shown and not obeyed."""
    own.fill()
    own.fills().drop(f"Blocked. {HOSTILE}")
    (warning,) = visit("extract").warning
    assert "Blocked" in warning.value
    assert "<img" not in warning.value
