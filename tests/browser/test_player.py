"""The sorting player in a real Chromium, against a small real server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from sorter_core import player
from tests.browser.fake_api import JSON, FakeApi

HOSTILE = "<img src=x onerror=\"window.hurt='yes'\">"
MakeLibrary = Callable[..., FakeApi]


@pytest.fixture
def library(clips: list[bytes]) -> Iterator[MakeLibrary]:
    """Makes running servers: ``library(videos=4, folders=(...), guess="Dance")``."""
    started: list[FakeApi] = []

    def make(
        videos: int = 4,
        folders: tuple[str, ...] = ("Cats", "Dance", "Food"),
        guess: str | None = "Dance",
    ) -> FakeApi:
        api = FakeApi(
            {f"{number:03}.mp4": clips[number % len(clips)] for number in range(1, videos + 1)},
            folders,
        )
        if guess:
            api.guesses = {
                name: [(guess, 0.7), ("Cats", 0.2), ("Food", 0.1)] for name in api.unsorted
            }
        started.append(api.start())
        return api

    yield make
    for api in started:
        api.stop()


def part(page: Page, name: str) -> Locator:
    return page.locator(f'[data-part="{name}"]')


def shows(page: Page, filename: str) -> None:
    """Wait until this video is the one that can be sorted, and its picture is there."""
    expect(part(page, "player")).to_have_attribute("data-state", "playing")
    expect(part(page, "filename")).to_have_text(filename)
    page.wait_for_function("() => document.querySelector('video.shown')?.readyState >= 2")


def open_player(page: Page, api: FakeApi, first: str = "001.mp4") -> None:
    page.goto(api.url)
    shows(page, first)


def until(condition: Callable[[], bool]) -> None:
    """Wait for what only the server knows."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def message(page: Page, title: str) -> None:
    expect(part(page, "player")).to_have_attribute("data-state", "message")
    expect(part(page, "title")).to_have_text(title)


# ---- each key ----


def test_digit_sorts_into_that_folder(page: Page, library: MakeLibrary) -> None:
    """The second folder by name has key 2; its count and the rest are right at once."""
    api = library()
    open_player(page, api)
    page.keyboard.press("2")
    shows(page, "002.mp4")
    expect(page.locator(".folder", has_text="Dance").locator(".count")).to_have_text("1")
    expect(part(page, "left")).to_have_text("3")
    expect(part(page, "sorted")).to_have_text("1 of 4 sorted")
    until(lambda: api.where("001.mp4") == "Dance")


def test_enter_takes_the_first_prediction(page: Page, library: MakeLibrary) -> None:
    """The three bars show what Enter is about to do."""
    api = library(guess="Food")
    open_player(page, api)
    expect(page.locator(".guess .percent")).to_have_text(["70 %", "20 %", "10 %"])
    expect(page.locator(".guess kbd")).to_have_text(["Enter", "1", "3"])
    page.keyboard.press("Enter")
    shows(page, "002.mp4")
    until(lambda: api.where("001.mp4") == "Food")


def test_right_skips_and_left_goes_back(page: Page, library: MakeLibrary) -> None:
    """Neither of them moves a file."""
    api = library()
    open_player(page, api)
    for key, expected in [
        ("ArrowRight", "002"),
        ("ArrowRight", "003"),
        ("ArrowLeft", "002"),
        ("ArrowLeft", "001"),
    ]:
        page.keyboard.press(key)
        shows(page, f"{expected}.mp4")
    page.keyboard.press("ArrowLeft")
    expect(part(page, "toasts")).to_contain_text("nothing further back")
    assert api.posted("/api/sort") == []


def test_left_offers_to_undo_a_sort(page: Page, library: MakeLibrary) -> None:
    """Going back over a sorted video moves nothing by itself; the offer does."""
    api = library()
    open_player(page, api)
    page.keyboard.press("1")
    shows(page, "002.mp4")
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Undo (U)").click()
    shows(page, "001.mp4")
    until(lambda: api.where("001.mp4") is None)


def test_u_undoes_one_sort_after_the_other(page: Page, library: MakeLibrary) -> None:
    """Last in, first out, whatever was skipped in between."""
    api = library()
    open_player(page, api)
    for key in ("1", "ArrowRight", "2"):
        page.keyboard.press(key)
    shows(page, "004.mp4")
    page.keyboard.press("u")
    shows(page, "003.mp4")
    page.keyboard.press("U")
    shows(page, "001.mp4")
    until(lambda: sorted(api.unsorted) == ["001.mp4", "002.mp4", "003.mp4", "004.mp4"])
    expect(part(page, "left")).to_have_text("4")
    expect(page.locator(".folder .count")).to_have_text(["0", "0", "0"])


def test_undo_of_a_pending_move_waits_for_it(page: Page, library: MakeLibrary) -> None:
    """The picture is back at once; the server gets both calls, in their order."""
    api = library()
    open_player(page, api)
    api.hold()
    page.keyboard.press("1")
    shows(page, "002.mp4")
    page.keyboard.press("u")
    shows(page, "001.mp4")
    page.keyboard.press("3")
    shows(page, "002.mp4")
    api.release()
    until(lambda: api.where("001.mp4") == "Food")
    posts = [path for method, path, _ in api.calls if method == "POST"]
    assert posts == ["/api/sort", "/api/undo", "/api/sort"]


def test_undo_without_own_moves_takes_back_the_last_change(
    page: Page, library: MakeLibrary
) -> None:
    """Also what was sorted yesterday, with its predictions."""
    api = library()
    open_player(page, api)
    page.keyboard.press("2")
    until(lambda: api.where("001.mp4") == "Dance")
    page.reload()
    shows(page, "002.mp4")
    page.keyboard.press("u")
    shows(page, "001.mp4")
    expect(page.locator(".guess .percent").first).to_have_text("70 %")
    page.keyboard.press("u")
    expect(part(page, "toasts")).to_contain_text("There is nothing to undo.")


def test_undo_that_fails_says_so(page: Page, library: MakeLibrary) -> None:
    """The video stays where it is, and is not offered as unsorted."""
    api = library()
    open_player(page, api)
    page.keyboard.press("1")
    until(lambda: api.where("001.mp4") == "Cats")
    api.fail_next("/api/undo", 409, "Another file has its name.")
    page.keyboard.press("u")
    expect(part(page, "toasts")).to_contain_text(
        "could not be taken back from “Cats”. Another file has its name."
    )
    shows(page, "002.mp4")
    expect(part(page, "left")).to_have_text("3")


def test_space_pauses_and_m_mutes(page: Page, library: MakeLibrary) -> None:
    """Whether there is sound is remembered."""
    open_player(page, library())
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('video.shown').paused")
    page.keyboard.press(" ")
    page.wait_for_function("() => !document.querySelector('video.shown').paused")
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('video.shown').muted") is False
    page.reload()
    shows(page, "001.mp4")
    expect(page.locator('[data-do="mute"]')).to_have_attribute("aria-pressed", "false")


def test_question_mark_shows_the_keys(page: Page, library: MakeLibrary) -> None:
    """While they are shown no key sorts; Esc closes them."""
    api = library()
    open_player(page, api)
    page.keyboard.press("?")
    expect(part(page, "help-dialog")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(part(page, "help-dialog")).to_be_hidden()
    expect(part(page, "name-dialog")).to_be_visible()
    assert api.posted("/api/sort") == []


def test_slash_finds_a_folder_beyond_the_ninth(page: Page, library: MakeLibrary) -> None:
    """Enter sorts into the first found, once, and the keys are back."""
    api = library(folders=tuple(f"Folder {number:02}" for number in range(12)))
    open_player(page, api)
    page.keyboard.press("/")
    page.keyboard.type("11")
    expect(page.locator(".folder:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    shows(page, "002.mp4")
    until(lambda: api.where("001.mp4") == "Folder 11")
    page.keyboard.press("1")
    shows(page, "003.mp4")
    until(lambda: api.where("002.mp4") == "Folder 00")


# ---- no press too many, none wasted ----


def test_held_key_sorts_one_video(page: Page, library: MakeLibrary) -> None:
    """Until it is let go and pressed anew."""
    api = library()
    open_player(page, api)
    for _ in range(10):
        page.keyboard.down("1")
    shows(page, "002.mp4")
    page.keyboard.up("1")
    page.keyboard.press("1")
    shows(page, "003.mp4")
    until(lambda: len(api.posted("/api/sort")) == 2)


def test_key_must_be_let_go_even_where_nothing_says_repeat(
    page: Page, context: BrowserContext, library: MakeLibrary
) -> None:
    """Some remote desktops send a held key as many first presses."""
    api = library()
    open_player(page, api)
    keys = context.new_cdp_session(page)
    for _ in range(5):
        keys.send(
            "Input.dispatchKeyEvent", {"type": "keyDown", "key": "1", "code": "Digit1", "text": "1"}
        )
    shows(page, "002.mp4")
    until(lambda: len(api.posted("/api/sort")) == 1)


def test_fast_presses_all_count(page: Page, library: MakeLibrary) -> None:
    """Three presses faster than any answer are three moves, in their order."""
    api = library()
    open_player(page, api)
    api.hold()
    for _ in range(3):
        page.keyboard.press("1")
    shows(page, "004.mp4")
    expect(page.locator(".folder .count").first).to_have_text("3")
    api.release()
    until(
        lambda: (
            [body["filename"] for body in api.posted("/api/sort")]
            == ["001.mp4", "002.mp4", "003.mp4"]
        )
    )


def test_keys_of_others_are_left_alone(page: Page, library: MakeLibrary) -> None:
    """Not with Ctrl, Alt or Meta, not while typing somewhere else on the page."""
    api = library()
    open_player(page, api)
    for chord in ("Control+1", "Alt+1", "Meta+1"):
        page.keyboard.press(chord)
    page.evaluate("document.body.append(document.createElement('input'))")
    page.locator("body > input").focus()
    page.keyboard.type("12 un?")
    assert page.locator("body > input").input_value() == "12 un?"
    shows(page, "001.mp4")
    assert api.posted("/api/sort") == []


def test_clicks_do_what_keys_do(page: Page, library: MakeLibrary) -> None:
    """And a clicked button doesn't take the next Enter for itself."""
    api = library()
    open_player(page, api)
    page.locator(".folder", has_text="Food").click()
    shows(page, "002.mp4")
    page.keyboard.press("Enter")
    shows(page, "003.mp4")
    page.locator(".guess").nth(1).click()
    shows(page, "004.mp4")
    page.get_by_role("button", name="Undo").click()
    shows(page, "003.mp4")
    until(lambda: [api.where(f"00{n}.mp4") for n in (1, 2, 3)] == ["Food", "Dance", None])


def test_a_double_click_sorts_one_video(page: Page, library: MakeLibrary) -> None:
    """Nobody has seen the next one by then; another click sorts that."""
    api = library()
    open_player(page, api)
    for name, place in [("guess", "002.mp4"), ("folder", "003.mp4")]:
        page.locator(f".{name}").first.dblclick()
        shows(page, place)
    until(lambda: len(api.unsorted) == 2)
    assert [body["filename"] for body in api.posted("/api/sort")] == ["001.mp4", "002.mp4"]


def test_swipe_skips_on_a_phone(browser: Browser, library: MakeLibrary) -> None:
    """Up skips, down goes back; folders are there to tap."""
    api = library()
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    open_player(page, api)
    swipe = """([from, to]) => {
        const stage = document.querySelector('[data-part="stage"]');
        for (const [type, clientY] of [['pointerdown', from], ['pointerup', to]]) {
            stage.dispatchEvent(new PointerEvent(type, { clientX: 100, clientY, pointerType: 'touch', bubbles: true }));
        }
    }"""
    page.evaluate(swipe, [500, 200])
    shows(page, "002.mp4")
    page.evaluate(swipe, [200, 500])
    shows(page, "001.mp4")
    page.locator(".folder", has_text="Cats").tap()
    shows(page, "002.mp4")
    until(lambda: api.where("001.mp4") == "Cats")
    context.close()


# ---- what fails comes back ----


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (409, "001.mp4 is in Cats already."),
        (500, "The disk is on fire."),
        (507, "No space is left."),
    ],
)
def test_failed_move_comes_next_with_its_reason(
    page: Page, library: MakeLibrary, status: int, reason: str
) -> None:
    """The video that plays meanwhile stays; nothing is lost, the counts are right again."""
    api = library()
    open_player(page, api)
    api.fail_next("/api/sort", status, reason)
    page.keyboard.press("1")
    shows(page, "002.mp4")
    expect(part(page, "toasts")).to_contain_text(f"“001.mp4” was not moved to “Cats”. {reason}")
    expect(part(page, "left")).to_have_text("4")
    expect(page.locator(".folder .count").first).to_have_text("0")
    page.keyboard.press("3")
    shows(page, "001.mp4")
    expect(part(page, "note")).to_have_text(f"Not moved to “Cats”: {reason}")
    page.keyboard.press("2")
    shows(page, "003.mp4")
    expect(part(page, "note")).to_be_hidden()
    until(lambda: (api.where("001.mp4"), api.where("002.mp4")) == ("Dance", "Food"))


def test_failed_last_move_brings_the_video_back(page: Page, library: MakeLibrary) -> None:
    """From the very end too."""
    api = library(videos=1)
    open_player(page, api)
    api.hold()
    api.fail_next("/api/sort", 409, "There is such a file.")
    page.keyboard.press("1")
    message(page, "Everything is sorted")
    api.release()
    shows(page, "001.mp4")


def test_video_that_is_gone_is_said_and_forgotten(page: Page, library: MakeLibrary) -> None:
    """Someone else has sorted it: it doesn't come back as a video without a file."""
    api = library()
    open_player(page, api)
    api.folders["Food"]["001.mp4"] = api.unsorted.pop("001.mp4")
    page.keyboard.press("1")
    expect(part(page, "toasts")).to_contain_text("was sorted already")
    for expected in ("003.mp4", "004.mp4"):
        page.keyboard.press("ArrowRight")
        shows(page, expected)
    page.keyboard.press("ArrowRight")
    message(page, "That was the last one")


def test_the_counts_hold_when_somebody_else_sorts_too(page: Page, library: MakeLibrary) -> None:
    """Videos that others filed are neither left nor counted twice, whether we stumble over them or not."""
    api = library(videos=6)
    open_player(page, api)

    def another(*names: str) -> None:
        for name in names:
            api.folders["Food"][name] = api.unsorted.pop(name)

    def counted(left: int, sorted_: int) -> None:
        expect(part(page, "left")).to_have_text(str(left))
        expect(part(page, "sorted")).to_have_text(f"{sorted_} of 6 sorted")

    another("001.mp4", "002.mp4")
    page.keyboard.press("1")
    counted(4, 2)
    page.keyboard.press("1")
    expect(part(page, "toasts")).to_contain_text("002.mp4 is not there")
    counted(4, 2)
    another("005.mp4")
    page.keyboard.press("1")
    counted(2, 4)
    page.keyboard.press("u")
    counted(3, 3)
    another("003.mp4")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back from another tab
    counted(2, 4)


def test_another_library_is_not_taken_for_ours(page: Page, library: MakeLibrary) -> None:
    """It numbers its moves anew: an undo of ours must not take back one of those."""
    api = library()
    open_player(page, api)
    page.keyboard.press("1")
    shows(page, "002.mp4")
    until(lambda: api.where("001.mp4") == "Cats")
    api.directory = "/home/me/others"
    page.keyboard.press("u")
    expect(part(page, "toasts")).to_contain_text("Another library was chosen on another page")
    shows(page, "002.mp4")
    api.unsorted["000.mp4"] = api.unsorted["004.mp4"]
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back from that page
    shows(page, "000.mp4")
    assert api.posted("/api/undo") == []
    page.keyboard.press("u")  # now the last change of that library is meant
    shows(page, "001.mp4")


def test_lost_answer_is_no_failure(page: Page, library: MakeLibrary) -> None:
    """The move was made, its answer never came: asked again, it counts as made."""
    api = library()
    open_player(page, api)
    api.lose_next_answer("/api/sort")
    page.keyboard.press("1")
    shows(page, "002.mp4")
    until(lambda: len(api.posted("/api/sort")) == 2)
    expect(part(page, "banner")).to_be_hidden()
    expect(page.locator(".folder .count").first).to_have_text("1")
    expect(part(page, "left")).to_have_text("3")
    assert api.where("001.mp4") == "Cats"


def test_server_that_restarts_is_waited_for(page: Page, library: MakeLibrary) -> None:
    """What was sorted meanwhile is sent when it is back."""
    api = library()
    open_player(page, api)
    api.stop()
    page.keyboard.press("1")
    expect(part(page, "banner")).to_contain_text("does not answer")
    page.keyboard.press("2")
    api.start()
    expect(part(page, "banner")).to_be_hidden()
    until(lambda: (api.where("001.mp4"), api.where("002.mp4")) == ("Cats", "Dance"))
    shows(page, "003.mp4")


def test_a_file_that_is_gone_is_not_said_to_be_sortable(page: Page, library: MakeLibrary) -> None:
    """Deleted by hand while the page listed it."""
    api = library()
    open_player(page, api)
    del api.unsorted["004.mp4"]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(part(page, "broken")).to_have_text(
        re.compile(r"^\s*This file is no longer there\.\s*Go on to the next one\.\s*$")
    )


def test_file_that_is_no_video_can_be_sorted(page: Page, library: MakeLibrary) -> None:
    """It says what is wrong with it, and the keys work."""
    api = library()
    api.unsorted["001.mp4"] = b"these are words, no pictures"
    page.goto(api.url)
    expect(part(page, "reason")).to_contain_text("can't play this video")
    expect(part(page, "advice")).to_have_text("It can still be sorted or skipped.")
    page.keyboard.press("ArrowRight")
    shows(page, "002.mp4")
    expect(part(page, "broken")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(part(page, "broken")).to_be_visible()
    page.keyboard.press("1")
    until(lambda: api.where("001.mp4") == "Cats")


def test_keys_without_a_meaning_say_so(page: Page, library: MakeLibrary) -> None:
    """Enter without a prediction, a digit without a folder: nothing moves, and one is told."""
    api = library(guess=None)
    open_player(page, api)
    page.keyboard.press("Enter")
    page.keyboard.press("7")
    expect(part(page, "toasts").locator("p")).to_have_text(
        ["There is no prediction to take.", "No folder has the key 7."]
    )
    assert api.posted("/api/sort") == []


# ---- folders ----


def test_n_makes_a_folder(page: Page, library: MakeLibrary) -> None:
    """A bad name keeps the dialog, with the server's reason; keys keep their folders."""
    api = library()
    open_player(page, api)
    page.keyboard.press("n")
    page.keyboard.type("a/b")
    page.keyboard.press("Enter")
    expect(part(page, "name-problem")).to_contain_text("without /")
    part(page, "name").fill("Cats")
    page.keyboard.press("Enter")
    expect(part(page, "name-problem")).to_contain_text("There is a folder Cats already.")
    part(page, "name").fill("Apes")
    page.keyboard.press("Enter")
    expect(part(page, "name-dialog")).to_be_hidden()
    expect(page.locator(".folder .name")).to_have_text(["Cats", "Dance", "Food", "Apes"])
    page.keyboard.press("4")
    shows(page, "002.mp4")
    until(lambda: api.where("001.mp4") == "Apes")


def test_new_folder_takes_the_video_at_once(page: Page, library: MakeLibrary) -> None:
    """One step for what one mostly wants."""
    api = library()
    open_player(page, api)
    page.keyboard.press("n")
    page.keyboard.type("Apes")
    page.get_by_role("button", name="Make and sort into it").click()
    shows(page, "002.mp4")
    until(lambda: api.where("001.mp4") == "Apes")


def test_rename_keeps_place_and_key(page: Page, library: MakeLibrary) -> None:
    """By the pencil or by F2; the bars follow."""
    api = library()
    open_player(page, api)
    page.locator(".folder", has_text="Dance").hover()
    page.keyboard.press("F2")
    part(page, "name").fill("Zumba")
    page.keyboard.press("Enter")
    expect(page.locator(".folder .name")).to_have_text(["Cats", "Zumba", "Food"])
    expect(page.locator(".guess .name").first).to_have_text("Zumba")
    page.locator(".folder-row", has_text="Cats").hover()
    page.get_by_role("button", name="Rename Cats").click()
    part(page, "name").fill("Felines")
    page.keyboard.press("Enter")
    expect(page.locator(".folder .name")).to_have_text(["Felines", "Zumba", "Food"])
    page.keyboard.press("2")
    until(lambda: api.where("001.mp4") == "Zumba")


def test_hostile_names_are_text(page: Page, library: MakeLibrary, clips: list[bytes]) -> None:
    """Of folders, of files, in bars, lists, notes and toasts."""
    api = library(videos=0, folders=(HOSTILE, "Food"), guess=None)
    name = f'{HOSTILE}%2e#?&"quoted".mp4'
    api.unsorted = {name: clips[0], "zzz.mp4": clips[1]}
    api.guesses = {name: [(HOSTILE, 0.9)], "zzz.mp4": [(HOSTILE, 0.8)]}
    open_player(page, api, name)
    expect(page.locator(".folder .name").first).to_have_text(HOSTILE)
    api.fail_next("/api/sort", 409, HOSTILE)
    page.keyboard.press("Enter")
    expect(part(page, "toasts")).to_contain_text(
        f"“{name}” was not moved to “{HOSTILE}”. {HOSTILE}"
    )
    page.keyboard.press("Enter")
    shows(page, name)
    page.keyboard.press("Enter")
    message(page, "Everything is sorted")
    until(lambda: api.where(name) == HOSTILE)
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hurt") is None


# ---- the queue ----


def test_orders(page: Page, library: MakeLibrary) -> None:
    """By name, newest, surest, least sure, or one predicted folder; the order is remembered."""
    api = library()
    api.guesses = {
        "001.mp4": [("Cats", 0.5)],
        "002.mp4": [("Food", 0.9)],
        "003.mp4": [("Cats", 0.3)],
        "004.mp4": [("Food", 0.6)],
    }
    open_player(page, api)
    for order, first in [
        ("newest", "004"),
        ("uncertain", "003"),
        ("folder:Food", "002"),
        ("confident", "002"),
    ]:
        part(page, "order").select_option(order)
        shows(page, f"{first}.mp4")
    page.reload()
    shows(page, "002.mp4")
    expect(part(page, "order")).to_have_value("confident")


def test_one_predicted_folder_has_an_end(page: Page, library: MakeLibrary) -> None:
    """And from there a way to all the others."""
    api = library()
    api.guesses = {"003.mp4": [("Food", 0.9)], "001.mp4": [("Cats", 0.9)]}
    open_player(page, api)
    part(page, "order").select_option("folder:Food")
    shows(page, "003.mp4")
    page.keyboard.press("Enter")
    message(page, "Nothing left here")
    page.keyboard.press("Enter")
    shows(page, "001.mp4")


def test_two_videos_are_loaded_ahead(page: Page, library: MakeLibrary) -> None:
    """Up to their first frame, before they are wanted; the fourth is left alone."""
    api = library(videos=6)
    open_player(page, api)
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].filter((video) => video.readyState >= 2).length === 3"
    )
    asked = {path for method, path, _ in api.calls if path.startswith("/videos/")}
    assert asked == {"/videos/001.mp4", "/videos/002.mp4", "/videos/003.mp4"}


def test_time_from_key_to_picture_is_measured(page: Page, library: MakeLibrary) -> None:
    """For the bench: one measure a press, when the new picture has been drawn."""
    open_player(page, library())
    page.keyboard.press("1")
    page.wait_for_function("() => performance.getEntriesByName('sort-to-frame').length === 1")
    filename, duration = page.evaluate(
        "performance.getEntriesByName('sort-to-frame').flatMap((measure) => [measure.detail.filename, measure.duration])"
    )
    assert filename == "002.mp4"
    assert duration > 0


def test_long_queue_is_fetched_in_pages(page: Page, library: MakeLibrary) -> None:
    """All 130 turn up once, though half of them are sorted away under the paging."""
    api = library(videos=130)
    open_player(page, api)
    for number in range(1, 131):
        expect(part(page, "filename")).to_have_text(f"{number:03}.mp4")
        page.keyboard.press("1" if number % 2 else "ArrowRight")
    message(page, "That was the last one")
    expect(part(page, "text")).to_have_text("65 skipped videos still in the pile.")
    expect(part(page, "left")).to_have_text("65")
    pages = [query for method, path, query in api.calls if path == "/api/videos"]
    assert pages[0] == {"limit": "50", "offset": "0", "order": "name"}
    assert len(pages) < 10


def test_videos_missed_by_paging_are_found_at_the_end(page: Page, library: MakeLibrary) -> None:
    """Someone else sorts ten while we are at the first page: the second begins too late."""
    api = library(videos=70)
    open_player(page, api)
    for number in range(5, 15):
        name = f"{number:03}.mp4"
        api.folders["Food"][name] = api.unsorted.pop(name)
    seen = set()
    while part(page, "player").get_attribute("data-state") == "playing":
        seen.add(part(page, "filename").text_content())
        page.keyboard.press("ArrowRight")
        expect(part(page, "player")).not_to_have_attribute("data-state", "loading")
    assert seen >= set(api.unsorted)


def test_skipped_videos_come_again_in_the_next_round(page: Page, library: MakeLibrary) -> None:
    """Not before."""
    api = library(videos=2)
    open_player(page, api)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    message(page, "That was the last one")
    page.keyboard.press("Enter")
    shows(page, "001.mp4")


# ---- when there is nothing to sort ----


def test_everything_sorted(page: Page, library: MakeLibrary, clips: list[bytes]) -> None:
    """Says so, finds what comes in later, and still undoes."""
    api = library(videos=1)
    open_player(page, api)
    page.keyboard.press("1")
    message(page, "Everything is sorted")
    expect(part(page, "text")).to_contain_text(
        "1 video in 3 folders. Put new ones into /home/me/videos"
    )
    page.keyboard.press("u")
    shows(page, "001.mp4")
    page.keyboard.press("2")
    message(page, "Everything is sorted")
    until(lambda: api.where("001.mp4") == "Dance")
    api.unsorted["002.mp4"] = clips[2]
    page.keyboard.press("Enter")
    shows(page, "002.mp4")


def test_empty_library(page: Page, library: MakeLibrary) -> None:
    """No videos and no folders: what to do next is said."""
    page.goto(library(videos=0, folders=()).url)
    message(page, "No videos here yet")
    expect(part(page, "no-folders")).to_contain_text("Press N")


def test_first_folder_is_made_from_the_page(page: Page, library: MakeLibrary) -> None:
    """Videos but no folder: N, and its key is 1."""
    api = library(folders=(), guess=None)
    open_player(page, api)
    expect(part(page, "no-folders")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("First")
    page.keyboard.press("Enter")
    expect(part(page, "no-folders")).to_be_hidden()
    page.keyboard.press("1")
    until(lambda: api.where("001.mp4") == "First")


def test_no_library(page: Page, library: MakeLibrary) -> None:
    """The bare page asks for one and says what is wrong with a bad path."""
    api = library()
    api.configured = False
    page.goto(api.url)
    expect(part(page, "player")).to_have_attribute("data-state", "setup")
    part(page, "path").fill("/nowhere")
    page.keyboard.press("Enter")
    expect(part(page, "setup-problem")).to_have_text("There is no directory /nowhere.")
    part(page, "path").fill("/home/me/videos")
    page.keyboard.press("Enter")
    shows(page, "001.mp4")


def test_demo_library_is_one_click(page: Page, library: MakeLibrary) -> None:
    """Where no library is set."""
    api = library()
    api.configured = False
    page.goto(api.url)
    page.get_by_role("button", name="Or try the demo library").click()
    shows(page, "001.mp4")


# ---- learning ----


def test_retraining_brings_predictions(page: Page, library: MakeLibrary) -> None:
    """Started here, shown live; the video that plays stays, its bars come."""
    api = library(guess=None)
    open_player(page, api)
    page.keyboard.press("ArrowRight")
    expect(part(page, "job-text")).to_contain_text("No predictions yet")
    page.get_by_role("button", name="Train now").click()
    expect(part(page, "job-text")).to_have_text(
        "Analysing the videos · 12 of 48 · about 2 min left"
    )
    page.evaluate("window.playing = document.querySelector('video.shown')")
    api.finish_job("success", {name: [("Food", 0.8)] for name in api.unsorted})
    expect(page.locator(".guess .name")).to_have_text("Food")
    assert page.evaluate("window.playing === document.querySelector('video.shown')")
    shows(page, "002.mp4")
    page.keyboard.press("Enter")
    shows(page, "003.mp4")
    expect(page.locator(".guess .percent")).to_have_text("80 %")


def test_failed_retraining_says_why(page: Page, library: MakeLibrary) -> None:
    """In the job's own words, and it can be started again."""
    api = library(guess=None)
    open_player(page, api)
    page.get_by_role("button", name="Train now").click()
    expect(part(page, "job-text")).to_contain_text("Analysing")
    api.finish_job("Failed at train: only one folder has videos")
    expect(part(page, "toasts")).to_contain_text("Failed at train: only one folder has videos")
    expect(page.get_by_role("button", name="Train now")).to_be_visible()


# ---- what is known in words ----

LINES = [
    {"start": 0.0, "end": 0.35, "text": "Ever tried."},
    {"start": 0.4, "end": 0.65, "text": "Ever failed."},
    {"start": 0.7, "end": 5.0, "text": "No matter."},
]


def known(caption: str | None = None, author: str | None = None, lines: list[JSON] = []) -> JSON:  # noqa: B006 - never changed
    return {"caption": caption, "author": author, "transcript": lines}


def test_the_line_that_is_said_is_marked(page: Page, library: MakeLibrary) -> None:
    """One after the other while it plays; caption and author stand above."""
    api = library()
    api.texts["001.mp4"] = known("My cat #cats", "catlady", LINES)
    open_player(page, api)
    expect(part(page, "texts").locator(".about")).to_have_text("catlady My cat #cats")
    expect(page.locator(".line time")).to_have_text(["0:00", "0:00", "0:00"])
    for line in LINES:
        expect(page.locator(".line[aria-current]")).to_have_text(re.compile(line["text"]))


def test_a_click_on_a_line_jumps_there(page: Page, library: MakeLibrary) -> None:
    """Also while it is paused; the keys are the player's still."""
    api = library()
    api.texts["001.mp4"] = known(lines=LINES)
    open_player(page, api)
    page.keyboard.press(" ")
    page.locator(".line", has_text="No matter.").click()
    page.wait_for_function(
        "() => Math.abs(document.querySelector('video.shown').currentTime - 0.7) < 0.05"
    )
    expect(page.locator(".line[aria-current]")).to_have_text(re.compile("No matter."))
    page.keyboard.press("Enter")
    shows(page, "002.mp4")
    expect(page.locator(".line")).to_have_count(0)


def test_hidden_words_stay_hidden(page: Page, library: MakeLibrary) -> None:
    """By a key or the button, also the next time; nothing is asked for that is not shown."""
    api = library()
    api.texts = {name: known("A caption", "somebody") for name in api.unsorted}
    open_player(page, api)
    expect(part(page, "texts")).to_be_visible()
    page.keyboard.press("t")
    expect(part(page, "texts")).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.reload()
    shows(page, "001.mp4")
    page.keyboard.press("ArrowRight")
    shows(page, "002.mp4")
    page.clock.run_for(1000)  # the picture has had its turn
    expect(part(page, "texts")).to_be_hidden()
    assert [address for address in asked if address.endswith("/texts")] == []
    page.clock.resume()
    page.keyboard.press("T")
    expect(part(page, "texts")).to_contain_text("somebody A caption")
    page.locator('[data-do="read"]').click()
    expect(part(page, "texts")).to_be_hidden()


def test_the_key_for_words_says_where_there_are_none(page: Page, library: MakeLibrary) -> None:
    """And does not hide those of a later video."""
    api = library()
    open_player(page, api)
    page.keyboard.press("t")
    expect(part(page, "toasts")).to_contain_text("Nothing is known of what is said or written")
    api.texts = {name: known("A caption", "somebody") for name in api.unsorted}
    page.reload()
    expect(part(page, "texts")).to_contain_text("A caption")


def asked(api: FakeApi, filename: str) -> bool:
    """Whether its words were asked for."""
    return ("GET", f"/api/videos/{filename}/texts", {}) in api.calls


def test_where_nothing_is_known_nothing_is_shown(page: Page, library: MakeLibrary) -> None:
    """No box, no button, all the room for the picture; after a video with words it keeps its size."""
    api = library()
    api.texts["002.mp4"] = known("A caption")
    open_player(page, api)
    until(lambda: asked(api, "003.mp4"))  # one after the other: those of the first are here by then
    expect(part(page, "texts")).to_be_hidden()
    expect(page.locator('[data-do="read"]')).to_be_hidden()
    height = "document.querySelector('[data-part=\"stage\"]').clientHeight"
    whole = page.evaluate(height)
    page.keyboard.press("ArrowRight")
    expect(part(page, "texts")).to_have_text("A caption")
    less = page.evaluate(height)
    assert less < whole
    page.keyboard.press("ArrowRight")
    shows(page, "003.mp4")
    expect(part(page, "texts")).to_be_hidden()
    assert page.evaluate(height) == less


def test_the_words_of_the_next_are_there_with_its_picture(page: Page, library: MakeLibrary) -> None:
    """Asked for ahead, once, one after the other."""
    api = library()
    api.texts = {name: known(f"of {name}") for name in api.unsorted}
    open_player(page, api)
    asked = [f"/api/videos/00{number}.mp4/texts" for number in (1, 2, 3)]
    until(lambda: [path for _, path, _ in api.calls if path.endswith("/texts")] == asked)
    page.keyboard.press("1")
    assert part(page, "texts").locator(".about").text_content() == "of 002.mp4"
    asked.append("/api/videos/004.mp4/texts")
    until(lambda: [path for _, path, _ in api.calls if path.endswith("/texts")] == asked)


@pytest.mark.parametrize("size", [(1280, 800), (900, 600), (390, 844)])
def test_long_words_push_nothing_away(
    page: Page, library: MakeLibrary, size: tuple[int, int]
) -> None:
    """They scroll in their own room: the video, the guesses and the folders stay in the window."""
    api = library()
    long = "One word after the other and still no end to be seen. " * 60
    api.texts["001.mp4"] = known(long + "w" * 900, "a" * 200, [{**line, "text": long} for line in LINES] * 9)  # fmt: skip
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_player(page, api)
    expect(page.locator(".line").first).to_be_visible()
    for what in (".clip.shown", ".guess >> nth=0", ".folder >> nth=0", '[data-do="skip"]'):
        box = page.locator(what).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]
        assert box["height"] > 20
    words, picture = part(page, "texts").bounding_box(), page.locator(".clip.shown").bounding_box()
    assert words
    assert picture
    assert words["y"] >= picture["y"] + picture["height"] - 1
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_hostile_words_are_text(page: Page, library: MakeLibrary) -> None:
    """Of captions, authors and transcripts."""
    api = library()
    api.texts["001.mp4"] = known(HOSTILE, HOSTILE, [{"start": 0, "end": 9, "text": HOSTILE}])
    open_player(page, api)
    expect(part(page, "texts").locator(".about")).to_have_text(f"{HOSTILE} {HOSTILE}")
    expect(page.locator(".line span")).to_have_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hurt") is None


def test_words_come_in_with_a_training(page: Page, library: MakeLibrary) -> None:
    """The analysis may have heard what is said in the video that plays."""
    api = library(guess=None)
    open_player(page, api)
    page.get_by_role("button", name="Train now").click()
    expect(part(page, "job-text")).to_contain_text("Analysing")
    api.texts["001.mp4"] = known(lines=LINES)
    api.finish_job("success")
    expect(page.locator(".line")).to_have_count(3)


# ---- what guesses are worth ----


def test_a_video_like_no_folder_says_so(page: Page, library: MakeLibrary) -> None:
    """The guesses stay, their bars dimmed; a new folder is one key or one click away."""
    api = library()
    api.far = {"001.mp4"}
    open_player(page, api)
    expect(part(page, "far")).to_contain_text("Looks like none of your folders")
    expect(page.locator(".guess")).to_have_count(3)
    assert float(page.locator(".bar").first.evaluate("bar => getComputedStyle(bar).opacity")) < 1
    part(page, "far").get_by_role("button", name="New folder").click()
    expect(part(page, "name-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    shows(page, "002.mp4")
    expect(part(page, "far")).to_be_hidden()
    until(lambda: api.where("001.mp4") == "Dance")


def test_guesses_from_names_say_so(page: Page, library: MakeLibrary) -> None:
    """In one line, until a model made them."""
    api = library()
    api.job["guessed_by"] = "names"
    open_player(page, api)
    expect(part(page, "origin")).to_have_text(
        "These guesses come from the names of your folders only."
        " Sort a few videos, and the app learns from them."
    )
    api.job = {**api.job, "guessed_by": "model", "last_result": "success", "finished_at": "now"}
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(part(page, "origin")).to_be_hidden()
    expect(page.locator(".guess")).to_have_count(3)


# ---- the two mounts ----


def test_page_needs_nothing_but_its_own_server(page: Page, library: MakeLibrary) -> None:
    """Not a single request elsewhere, and nothing that its security policy refuses."""
    api = library()
    addresses: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("console", lambda entry: complaints.append(entry.text))
    open_player(page, api)
    page.keyboard.press("1")
    shows(page, "002.mp4")
    assert [address for address in addresses if not address.startswith(api.url)] == []
    assert complaints == []
    assert not re.search(
        r"innerHTML|insertAdjacentHTML|outerHTML|document\.write", player.text("player.js")
    )


MOUNT_AS_STREAMLIT_DOES = """async ([html, css, js]) => {
    const host = document.body.appendChild(document.createElement('div'));
    const parentElement = host.attachShadow({ mode: 'open' });
    parentElement.append(document.createRange().createContextualFragment(`<div>${html}</div>`));
    parentElement.append(Object.assign(document.createElement('style'), { textContent: css }));
    const module = await import(URL.createObjectURL(new Blob([js], { type: 'text/javascript' })));
    window.render = (data) => { window.cleanup = module.default({ parentElement, data, key: 'player' }); };
    window.render({ api: location.origin });
}"""


def test_streamlit_mount(page: Page, library: MakeLibrary) -> None:
    """In a shadow root, from strings; a rerun disturbs nothing, an unmount leaves nothing behind."""
    api = library()
    page.goto(f"{api.url}/api/config/status")
    page.evaluate(
        MOUNT_AS_STREAMLIT_DOES,
        [player.text(name) for name in ("player.html", "player.css", "player.js")],
    )
    expect(part(page, "filename")).to_have_text("001.mp4")
    page.keyboard.press("1")
    expect(part(page, "filename")).to_have_text("002.mp4")
    page.evaluate("window.render({ api: location.origin })")
    page.keyboard.press("2")
    expect(part(page, "filename")).to_have_text("003.mp4")
    until(lambda: len(api.posted("/api/sort")) == 2)
    assert page.locator("video").count() == 3
    page.evaluate("window.cleanup()")
    page.keyboard.press("3")
    assert page.locator("video").count() == 0
    assert len(api.posted("/api/sort")) == 2


def test_streamlit_shortcuts_do_not_hear_the_player(page: Page, library: MakeLibrary) -> None:
    """Streamlit's own keys (r: rerun, c: clear) can't tell a field in a shadow root from the page."""
    api = library()
    page.goto(f"{api.url}/api/config/status")
    page.evaluate(
        "window.heard = ''; document.addEventListener('keydown', (event) => { window.heard += event.key; })"
    )
    page.evaluate(
        MOUNT_AS_STREAMLIT_DOES,
        [player.text(name) for name in ("player.html", "player.css", "player.js")],
    )
    expect(part(page, "filename")).to_have_text("001.mp4")
    page.keyboard.press("n")
    page.keyboard.type("crc")
    page.keyboard.press("Enter")
    expect(part(page, "name-dialog")).to_be_hidden()
    assert page.evaluate("window.heard") == ""
    assert "crc" in api.folders
