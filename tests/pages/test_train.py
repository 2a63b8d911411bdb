"""The page where the program learns."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from sorter_core import encoders, features, jobs
from sorter_core.app import Sorter
from sorter_core.errors import JobCancelled
from sorter_core.refit import MOST_LABELS
from tests.conftest import grow
from tests.pages.conftest import HOSTILE, MARKUP, Visit, words


@contextmanager
def running(sorter: Sorter, stage: str = "extract_features", done: int = 0, total: int = 0):
    """A job of this very process, as another tab, a script or the command line may have started it."""
    board = jobs.Jobs(sorter.library.store)
    number = board.claim()
    assert number is not None
    job = jobs.Job(board, number)
    with job.running(), job.stage(stage, 900):
        job.progress(done, total)
        yield job


def ended(sorter: Sorter, error: str, state: str = "failed") -> None:
    board = jobs.Jobs(sorter.library.store)
    number = board.claim()
    assert number is not None
    board.fail(number, error, state)


def trained(
    sorter: Sorter, videos: int, accuracy: float = 0.8, classifier: str = "logistic"
) -> None:
    with sorter.library.store.write() as db:
        db.execute(
            "INSERT INTO runs (classifier, videos, folders, accuracy, model, report) VALUES (?, ?, 2, ?, 'm', '{}')",
            (classifier, videos, accuracy),
        )


def broken(
    sorter: Sorter, reasons: dict[str, str], encoder: str = features.MEDIA, version: str = "1"
) -> None:
    """Let the videos named have failed."""
    sorter.scan()
    with sorter.library.store.write() as db:
        for name, reason in reasons.items():
            db.execute(
                "INSERT INTO features (fingerprint, encoder, version, reason)"
                " SELECT fingerprint, ?, ?, ? FROM files WHERE name = ?",
                (encoder, version, reason, name),
            )


def press(app, label: str):
    [button] = [button for button in app.button if button.label == label]
    return button.click().run()


def figures(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_an_untrained_library_offers_the_first_analysis(visit: Visit, sorter: Sorter) -> None:
    """What it will do is said before it is done."""
    app = visit("train")
    assert "Analyse now" in words(app)
    assert "4 videos will be looked at" in words(app)
    assert figures(app) == {
        "To sort": "3",
        "Filed": "1",
        "Filed since the last training": "1",
        "Not analysed yet": "4",
    }


def test_an_empty_library_offers_nothing_to_press(
    visit: Visit, sorter: Sorter, tmp_path: Path
) -> None:
    """Without a video there is nothing to analyse."""
    sorter.setup(grow(tmp_path / "empty", {"Cats": {}}))
    app = visit("train")
    assert "There is no video in this library yet." in words(app)
    assert [button.disabled for button in app.button if button.label == "Analyse now"] == [True]


def test_a_running_job_is_shown_whoever_started_it(visit: Visit, sorter: Sorter) -> None:
    """Stage, done, total and what failed so far, and a button to cancel in place of the one to start."""
    with running(sorter, done=30, total=60) as job:
        job.failed(2)
        said = words(visit("train"))
        assert "**Look at the videos**" in said
        assert "Cancel" in said
        assert "Analyse now" not in said
        [bar] = [bar for bar in visit("train").get("progress") if "30 of 60" in bar.proto.text]
        assert bar.proto.value == 50
        assert "2 could not be read" in bar.proto.text


def test_a_later_stage_ticks_the_earlier_ones_off(visit: Visit, sorter: Sorter) -> None:
    """One sees where the job stands."""
    with running(sorter, stage="predict"):
        said = words(visit("train"))
    assert said.count("check_circle:] ") == 2
    assert "**Predict the unsorted ones**" in said


def test_cancel_tells_the_job_to_stop(visit: Visit, sorter: Sorter) -> None:
    """The button asks the job; what is done is kept."""
    with pytest.raises(JobCancelled), running(sorter, done=1, total=9):
        app = visit("train")
        press(app, "Cancel")
        assert sorter.job().cancelling
        assert [button.disabled for button in app.button if button.label == "Cancel"] == [True]


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        ("the disk is full", "failed", "stopped at “Look at the videos”: the disk is full"),
        ("cancelled", "cancelled", "was cancelled"),
        (f"{HOSTILE} {MARKUP}", "failed", f"{HOSTILE} {MARKUP}"),
    ],
)
def test_the_last_job_s_end_is_told(
    visit: Visit, sorter: Sorter, error: str, state: str, said: str
) -> None:
    """In words, with the stage, and never as markup."""
    ended(sorter, error, state)
    app = visit("train")
    assert said in words(app)
    raw = "".join(str(box.value) for box in [*app.error, *app.info])
    assert "<img" not in raw
    assert "**bold" not in raw


def done(sorter: Sorter) -> None:
    """A job ends well that has trained nothing."""
    board = jobs.Jobs(sorter.library.store)
    number = board.claim()
    assert number is not None
    job = jobs.Job(board, number)
    with job.running():
        job.publish(lambda _db: None)


def test_an_analysis_without_a_training_ends_well(visit: Visit, sorter: Sorter) -> None:
    """The page says what is lacking, and keeps its button; no score is invented."""
    done(sorter)
    app = visit("train")
    said = words(app)
    assert "The videos were analysed" in said
    assert said.count("sort at least one video into each of two folders") == 1
    assert "Analyse now" in said
    assert [*app.error] == []


def test_guesses_of_new_videos_are_no_training(visit: Visit, sorter: Sorter) -> None:
    """What the watch for new files did is told as what it was."""
    trained(sorter, videos=2)
    with sorter.library.store.write() as db:
        db.execute("UPDATE runs SET finished_at = '2020-01-01T00:00:00Z'")
    done(sorter)
    said = words(visit("train"))
    assert "New videos were analysed and guessed" in said
    assert "The last training ended" not in said


def test_the_button_starts_the_job_in_a_process_of_its_own(visit: Visit, sorter: Sorter) -> None:
    """And the page shows at once that it runs."""
    app = press(visit("train"), "Analyse now")
    assert sorter.job().started_at is not None
    assert list(app.exception) == []
    sorter.cancel()
    until = time.monotonic() + 30
    while sorter.job().running and time.monotonic() < until:
        time.sleep(0.1)
    assert not sorter.job().running


def test_failures_are_grouped_by_reason_with_the_names(visit: Visit, sorter: Sorter) -> None:
    """The commonest reason first, each with its videos."""
    broken(
        sorter, {"1.mp4": "It is empty.", "2.mp4": "It is empty.", "4.mp4": "It has no picture."}
    )
    app = visit("train")
    assert [box.label.replace("\u2060", "") for box in app.expander] == [
        "It is empty  ·  2 videos",
        "It has no picture  ·  1 video",
    ]
    assert list(app.dataframe[0].value["Video"]) == ["1.mp4", "2.mp4"]
    assert "Could not be read (3)" in [tab.label for tab in app.tabs]


def test_a_video_without_sound_counts_as_read(visit: Visit, sorter: Sorter) -> None:
    """Lacking one thing to look at is told, and is no fault."""
    version = encoders.available()["sound"].version
    broken(sorter, {"1.mp4": "It has no sound."}, "sound", version)
    app = visit("train")
    assert "Could not be read (0)" in [tab.label for tab in app.tabs]
    assert "It has no sound  ·  1 video" in words(app)


def test_hostile_reasons_and_names_stay_text(visit: Visit, sorter: Sorter, root: Path) -> None:
    """What comes from a file is shown as it is, and obeyed nowhere."""
    grow(root, {f"{MARKUP}.mp4": "five"})
    broken(sorter, {f"{MARKUP}.mp4": f"{HOSTILE} {MARKUP}"})
    app = visit("train")
    [box] = app.expander
    assert "<img" not in box.label
    assert ":red[" not in box.label
    assert f"{MARKUP}.mp4" in list(app.dataframe[0].value["Video"])


def test_try_again_forgets_the_reasons_and_starts(visit: Visit, sorter: Sorter) -> None:
    """A repaired file gets its second chance with one click."""
    broken(sorter, {"1.mp4": "It is empty."})
    with running(sorter):  # so that no process is started: only what the page asks for matters here
        press(visit("train"), "Try them again")
        assert sorter.failures() == []


def test_earlier_trainings_are_listed_newest_first(visit: Visit, sorter: Sorter) -> None:
    """With what they were made of and how good they were."""
    trained(sorter, videos=1, accuracy=0.5)
    trained(sorter, videos=2, accuracy=0.75, classifier=HOSTILE)
    table = visit("train").dataframe[0].value
    assert list(table["Videos"]) == [2, 1]
    assert list(table["Right folder"]) == [75, 50]


def test_nothing_new_is_said(visit: Visit, sorter: Sorter) -> None:
    """A training that would change nothing is not advertised."""
    broken(sorter, {f"{n}.mp4": "It is empty." for n in (1, 2, 3, 4)})
    trained(sorter, videos=1)
    said = words(visit("train"))
    assert "No new videos** since the last training" in said
    assert "Retrain now" in said


def test_with_many_labels_the_next_training_is_waited_for(
    visit: Visit, sorter: Sorter, root: Path
) -> None:
    """The model is not refitted between key presses then, and the page says so."""
    trained(sorter, videos=MOST_LABELS)
    assert "not sooner" not in words(visit("train"))
    grow(root / "Cats", {f"{number}.mp4": b"" for number in range(MOST_LABELS + 1)})
    assert "count from the next training on, not sooner" in words(visit("train"))


def test_every_encoder_is_described_and_can_be_switched(visit: Visit, sorter: Sorter) -> None:
    """Title, source, licence and size of each; a switch counts at once, for this library."""
    app = visit("train")
    said = words(app)
    for name, kind in encoders.available().items():
        assert kind.about.title in said
        assert kind.about.licence in said
        assert app.toggle(key=f"use:{name}").value is (name in sorter.encoders())
    app.toggle(key="use:sound").set_value(False).run()
    assert "sound" not in sorter.encoders()
    app.toggle(key="use:sound").set_value(True).run()
    assert "sound" in sorter.encoders()


def test_the_last_encoder_can_t_be_switched_off(visit: Visit, sorter: Sorter) -> None:
    """Then there would be nothing to learn from; the reason is said, and the switch stays on."""
    sorter.choose_encoders(["frames"])
    app = visit("train")
    app.toggle(key="use:frames").set_value(False).run()
    assert "Choose at least one" in words(app)
    assert app.toggle(key="use:frames").value is True
