"""The whole way of a library: analyse, learn, predict, sort, retrain, undo; and what goes wrong on it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from sorter_core.app import Sorter, child_environment
from sorter_core.errors import ModelMissing, NoLibrary, NotALibrary, NotEnoughLabels, ReadOnly
from sorter_core.settings import Settings
from tests.clips import write_clip
from tests.conftest import grow

FOLDERS = ["Blue", "Red"]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the network is kept, for all tests of a process."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Sixteen clips: even ones bluish with a low tone, odd ones reddish with a high one."""
    place = tmp_path_factory.mktemp("clips")
    made = []
    for number in range(16):
        picture = np.random.default_rng(number).integers(0, 90, (96, 64, 3), dtype=np.uint8)
        picture[..., 0 if number % 2 else 2] += 150
        pictures = [np.roll(picture, 4 * step, 0) for step in range(10)]
        made.append(
            write_clip(
                place / f"{number}.mp4",
                pictures=pictures,
                tone_hz=300 + 900 * (number % 2),
                seed=number,
            )
        )
    return made


@pytest.fixture
def root(tmp_path: Path, clips: list[Path]) -> Path:
    """Five filed clips in each of two folders, six unsorted."""
    root = grow(tmp_path / "library", {name: {} for name in FOLDERS})
    for number, clip in enumerate(clips):
        place = root if number >= 10 else root / FOLDERS[number % 2]
        (place / clip.name).write_bytes(clip.read_bytes())
    return root


@pytest.fixture
def sorter(settings: Settings, cache: Path) -> Sorter:
    return Sorter(settings.model_copy(update={"cache_dir": cache, "workers": 1}))


def wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Until it holds; a minute is far more than it takes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def processes_of_the_job(root: Path) -> list[psutil.Process]:
    """The job's process, for this library only: other tests, and other people, have their own."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if {"run-job", str(root.resolve())} <= set(process.info["cmdline"] or [])
        and process.status() != psutil.STATUS_ZOMBIE
    ]


def test_the_whole_way(sorter: Sorter, root: Path) -> None:
    """What was filed teaches; what is unsorted gets the right guesses; scripts find them in the file."""
    report = sorter.extract()
    assert (report.computed, report.known) == (16, 0)
    assert [f for f in report.failures if f.encoder == "media"] == []
    run = sorter.train()
    assert (run.videos, run.folders) == (10, 2)
    page = sorter.predict()
    assert page.total == 6
    for video in page.videos:
        right = FOLDERS[int(video.filename.removesuffix(".mp4")) % 2]
        assert video.guesses[0].folder == right
        assert sum(guess.confidence for guess in video.guesses) == pytest.approx(1, abs=1e-6)
    written = json.loads((root / ".sorter" / "predictions.json").read_text())
    assert [entry["video"] for entry in written] == [video.filename for video in page.videos]
    assert set(written[0]) == {"video", "predicted_folder", "confidence", "top_predictions"}
    assert (
        json.loads(sorter.videos_json())["videos"][0]["top_predictions"]
        == written[0]["top_predictions"]
    )


def test_only_new_videos_are_analysed(sorter: Sorter, root: Path, clips: list[Path]) -> None:
    """Sorting, renaming by hand and moving by hand cost no second analysis."""
    sorter.extract()
    sorter.sort("10.mp4", "Blue")
    (root / "Red").rename(root / "Rouge")
    (root / "11.mp4").rename(root / "Rouge" / "eleven.mp4")
    report = sorter.extract()
    assert (report.computed, report.known) == (0, 16)


def test_orders(sorter: Sorter) -> None:
    """Each order is what its name says, and a part is a part of it."""
    sorter.extract()
    sorter.train()
    sorter.predict()

    def confidences(order: str) -> list[float]:
        return [video.guesses[0].confidence for video in sorter.videos(order=order).videos]

    assert confidences("uncertain") == sorted(confidences("uncertain"))
    assert confidences("confident") == sorted(confidences("confident"), reverse=True)
    names = [video.filename for video in sorter.videos().videos]
    assert names == sorted(names)
    part = sorter.videos(limit=2, offset=3)
    assert ([video.filename for video in part.videos], part.total) == (names[3:5], 6)
    blue = sorter.videos(folder="Blue")
    assert {video.guesses[0].folder for video in blue.videos} == {"Blue"}
    assert blue.total == 6


def test_newest_goes_by_the_files_time(sorter: Sorter, root: Path) -> None:
    """What was saved last comes first."""
    for age, name in enumerate(["12.mp4", "10.mp4", "15.mp4", "11.mp4", "14.mp4", "13.mp4"]):
        os.utime(root / name, (1_600_000_000 - age, 1_600_000_000 - age))
    sorter.scan()
    names = [video.filename for video in sorter.videos(order="newest").videos]
    assert names == ["12.mp4", "10.mp4", "15.mp4", "11.mp4", "14.mp4", "13.mp4"]


def test_a_video_brought_back_by_hand_keeps_its_guess(sorter: Sorter, root: Path) -> None:
    """A file moved by a file manager is known by its content, without a new scan."""
    sorter.extract()
    sorter.train()
    sorter.predict()
    before = {video.filename: video.guesses for video in sorter.videos().videos}
    (root / "10.mp4").rename(root / "99.mp4")
    after = {video.filename: video.guesses for video in sorter.videos().videos}
    assert after["99.mp4"] == before["10.mp4"]
    assert (
        json.loads(sorter.videos_json())["videos"][-1]["predicted_folder"]
        == before["10.mp4"][0].folder
    )


def test_a_batch_tells_what_failed_and_is_undone_at_once(sorter: Sorter, root: Path) -> None:
    """One fault stops no other; a dry run moves nothing; one undo takes all back."""
    items = [("10.mp4", "Blue"), ("77.mp4", "Blue"), ("11.mp4", "Nowhere"), ("12.mp4", "Red")]
    dry = sorter.sort_many(items, dry_run=True)
    assert (root / "10.mp4").exists()
    done = sorter.sort_many(items)
    assert dry.moved == done.moved == [("10.mp4", "Blue"), ("12.mp4", "Red")]
    assert [name for name, _ in done.failed] == ["77.mp4", "11.mp4"]
    sorter.undo(done.batch)
    assert sorter.summary().unsorted == 6


def test_without_a_library_the_error_says_what_to_do(tmp_path: Path) -> None:
    """Nothing is set: every call says so."""
    sorter = Sorter(Settings(_env_file=None, data_dir=None, state_dir=tmp_path))
    assert sorter.data_dir is None
    with pytest.raises(NoLibrary, match="Choose"):
        sorter.folders()


def test_the_choice_is_remembered_and_followed(tmp_path: Path, root: Path) -> None:
    """The next start, and the other face while it runs, take up the library that was set up last."""
    plain = Settings(_env_file=None, data_dir=None, state_dir=tmp_path / "state")
    app, server = Sorter(plain), Sorter(plain)
    with pytest.raises(NotALibrary):
        app.setup(tmp_path / "nowhere")
    assert app.setup(f'"{root}"').unsorted == 6
    assert server.data_dir == root.resolve()
    other = grow(tmp_path / "other", {"1.mp4": "x"})
    server.setup(other)
    assert app.summary().data_dir == other.resolve()
    assert Sorter(plain).data_dir == other.resolve()


def test_too_few_labels_say_what_to_do(tmp_path: Path, settings: Settings) -> None:
    """A library without filed videos can't be learned from, in words."""
    root = grow(tmp_path / "empty", {"1.mp4": "x", "Cats": {}})
    sorter = Sorter(settings.model_copy(update={"data_dir": root}))
    with pytest.raises(NotEnoughLabels):
        sorter.train()
    with pytest.raises(ModelMissing):
        sorter.predict()


def test_the_job_runs_in_a_process_of_its_own(sorter: Sorter, settings: Settings) -> None:
    """It analyses, trains and predicts; a second start and another process see the same job."""
    assert sorter.retrain() == "started"
    assert sorter.retrain() == "already_running"
    other = Sorter(sorter.settings)
    assert other.job().running
    wait(lambda: not sorter.job().running)
    assert sorter.job().last_result == other.job().last_result == "success"
    assert len(other.videos().videos[0].guesses) == 2
    assert sorter.news().labels_since_run == 0
    assert sorter.news().unanalysed == 0


def test_a_job_cancelled_and_started_again_goes_on(sorter: Sorter, root: Path) -> None:
    """What was analysed before the cancel is not analysed again."""
    sorter.retrain()
    wait(lambda: sorter.job().done >= 1 or not sorter.job().running)
    sorter.cancel()
    wait(lambda: not sorter.job().running)
    assert sorter.job().last_result in {"Failed at extract_features: cancelled", "success"}
    wait(lambda: not processes_of_the_job(root))
    missing = sorter.news().unanalysed
    assert missing < 16
    assert sorter.extract().computed == missing


@pytest.mark.parametrize("stage", ["extract_features", "train", "predict"])
def test_a_job_killed_at_a_stage_leaves_the_library_well(
    sorter: Sorter, root: Path, stage: str
) -> None:
    """SIGKILL at each stage: the result says so, the next job succeeds, nothing is lost."""
    before = sorted(p.name for p in root.rglob("*.mp4"))
    sorter.retrain()
    wait(lambda: sorter.job().stage == stage or not sorter.job().running)
    killed = processes_of_the_job(root)
    for process in killed:
        process.send_signal(signal.SIGKILL)
    wait(lambda: not sorter.job().running)
    result = sorter.job().last_result
    assert result is not None
    assert result == "success" or (killed and result.startswith("Failed at "))
    wait(lambda: not processes_of_the_job(root))
    assert sorter.retrain() == "started"
    wait(lambda: not sorter.job().running)
    assert sorter.job().last_result == "success"
    assert sorted(p.name for p in root.rglob("*.mp4")) == before


def test_a_job_that_fails_names_the_stage(tmp_path: Path, settings: Settings, cache: Path) -> None:
    """Too few labels are told as the result of the stage that needs them."""
    root = grow(tmp_path / "empty", {"Cats": {}})
    sorter = Sorter(settings.model_copy(update={"data_dir": root, "cache_dir": cache}))
    sorter.retrain()
    wait(lambda: not sorter.job().running)
    result = sorter.job().last_result
    assert result is not None
    assert result.startswith("Failed at train: ")


def test_broken_videos_cost_themselves_alone(sorter: Sorter, root: Path) -> None:
    """An empty file and a text file are named with their reasons; they can be sorted all the same."""
    (root / "90.mp4").write_bytes(b"")
    (root / "91.mp4").write_text("this is no video")
    report = sorter.extract()
    broken = {f.path: f.reason for f in report.failures if f.encoder == "media"}
    assert set(broken) == {"90.mp4", "91.mp4"}
    assert all(broken.values())
    assert sorter.extract().computed == 0
    assert sorter.retry_failures() >= 2
    assert sorter.extract().computed == 2
    sorter.sort("90.mp4", "Blue")
    assert (root / "Blue" / "90.mp4").exists()


def test_secrets_are_not_handed_to_the_child() -> None:
    """A key is not copied into the child's variables."""
    environment = child_environment(
        Settings(_env_file=None, api_key="secret", openai_api_key="secret")
    )
    assert "secret" not in environment.values()


def test_a_choice_that_can_not_be_remembered_is_not_made(tmp_path: Path, root: Path) -> None:
    """The old one stands, and the way out is in the words."""
    (tmp_path / "file").write_text("")
    sorter = Sorter(Settings(_env_file=None, data_dir=None, state_dir=tmp_path / "file" / "state"))
    with pytest.raises(ReadOnly, match="STATE_DIR"):
        sorter.setup(root)
    assert sorter.data_dir is None


def test_doctor_looks_at_a_disk_that_can_not_be_written_to(
    settings: Settings, small_disk: Path
) -> None:
    """What is wrong is told, and all else is looked at, too."""
    grow(small_disk, {"1.mp4": "one"})
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    found = Sorter(settings.model_copy(update={"data_dir": small_disk})).doctor()
    assert {check.name for check in found if not check.ok} >= {
        "library can be written",
        "database",
    }
    assert found[-1].name == "database on a local disk"


def test_doctor_notices_that_nothing_can_be_written(settings: Settings, small_disk: Path) -> None:
    """The disk is full: what can be read is well, and no move can be written down."""
    grow(small_disk, {"1.mp4": "one", "Cats": {}})
    full = settings.model_copy(update={"data_dir": small_disk})
    assert [check.ok for check in Sorter(full).doctor() if check.name == "database"] == [True]
    with (small_disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    [database] = [check for check in Sorter(full).doctor() if check.name == "database"]
    assert (database.ok, "full" in database.message) == (False, True)


def test_doctor_makes_the_place_for_the_store_as_the_app_does(
    tmp_path: Path, settings: Settings
) -> None:
    """ARTIFACTS_DIR may name folders that are not there yet."""
    deep = settings.model_copy(update={"artifacts_dir": tmp_path / "not" / "yet" / "there"})
    assert [check.ok for check in Sorter(deep).doctor() if check.name == "database"] == [True]


def test_doctor_names_what_is_wrong(tmp_path: Path, settings: Settings) -> None:
    """A library that is gone is a failed check with a sentence, not an exception."""
    checks = Sorter(settings.model_copy(update={"data_dir": tmp_path / "gone"})).doctor()
    assert [check.ok for check in checks if check.name == "library"] == [False]
    assert all(check.message for check in checks)
    assert all(
        check.ok
        for check in Sorter(settings).doctor()
        if check.name.startswith(("python", "library", "database"))
    )


def test_the_answer_has_three_guesses_whatever_was_asked_for(sorter: Sorter, root: Path) -> None:
    """Asking the command line for one or for four guesses changes no answer of the API."""
    for number, name in enumerate(("10.mp4", "11.mp4")):
        (root / f"More {number}").mkdir()
        sorter.sort(name, f"More {number}")
    sorter.extract()
    sorter.train()
    for asked in (1, 4):
        assert {len(v.guesses) for v in sorter.predict(top_k=asked).videos} == {asked}
        answered = json.loads(sorter.videos_json())["videos"]
        assert {len(video["top_predictions"]) for video in answered} == {3}
