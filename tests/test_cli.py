"""The command line: answers, JSON, exit codes; a few of them in a process of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sorter_core import Sorter
from sorter_core.commands import COMMANDS, run
from sorter_core.settings import settings as process_settings
from tests.conftest import grow, look
from tests.encoders import tiny
from tests.learned import analysed
from tests.test_again import OLD, heard

HOME = Path(__file__).parent.parent
SECONDS = 120

pytestmark = pytest.mark.usefixtures("own_settings")


@pytest.fixture
def call(capsys):
    """Run a command here: its exit code, and what it wrote to both streams."""

    def command(*arguments):
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def answer(call):
    """Run a command with ``--json``: its exit code and its document."""

    def command(*arguments):
        code, out, _ = call(*arguments, "--json")
        return code, json.loads(out)

    return command


def spawn(*arguments, **options):
    """Start ``python -m sorter_core`` in a process of its own."""
    path = os.pathsep.join([str(HOME), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "sorter_core", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.fixture
def learned(tmp_path, settings):
    """A library of 24 filed and 6 unsorted videos, all analysed."""
    return analysed(tmp_path / "learned", settings).library.root


def test_help_names_every_command(call):
    """One line each."""
    code, out, _ = call("--help")
    assert code == 0
    for name in [*(command.__name__ for command in COMMANDS), "folders"]:
        assert f"\n  {name} " in out
    assert "run-job" not in out


def test_no_command_is_asking_for_help(call):
    """The same words, and no error."""
    assert call() == call("--help")


@pytest.mark.parametrize("command", [*(command.__name__ for command in COMMANDS), "folders"])
def test_every_command_explains_itself(call, command):
    """And takes ``--json``."""
    code, out, _ = call(command, "--help")
    assert code == 0
    assert "--json" in out


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["undo", "--batch", "x"], ["predict", "--threshold", "2"], ["setup"]]
)
def test_misuse(call, answer, arguments):
    """Exit code 2 and one line; with --json a document as well."""
    code, out, error = call(*arguments)
    assert (code, out) == (2, "")
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert answer(*arguments)[1]["error"]["code"] == "Usage"


def test_settings_that_make_no_sense(call, monkeypatch):
    """Exit code 2, and which setting."""
    monkeypatch.setenv("WORKERS", "many")
    code, _, error = call("folders")
    assert code == 2
    assert "WORKERS" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["extract"],
        ["train"],
        ["predict"],
        ["retrain"],
        ["evaluate"],
        ["undo"],
        ["history"],
        ["folders"],
    ],
)
def test_without_a_library(call, answer, arguments):
    """Exit code 3, in words and as JSON."""
    code, out, error = call(*arguments)
    assert (code, out) == (3, "")
    assert error.startswith("error: No library is set.")
    assert answer(*arguments) == (3, {"error": {"code": "NoLibrary", "message": error[7:].strip()}})


def test_setup_is_remembered(answer, call, root):
    """What setup chose is the library of the next command, without an option."""
    code, said = answer("setup", f' "{root}" ')
    assert code == 0
    expected = {
        "success": True,
        "data_dir": str(root),
        "unsorted_videos": 3,
        "folders": {"Cats": 1, "Dogs": 0},
    }
    assert said == expected
    assert call("folders") == (0, "Cats  1\nDogs  0\n", "")


def test_setup_of_no_folder(call, root):
    """Exit code 2."""
    code, _, error = call("setup", root / "nowhere")
    assert code == 2
    assert "nowhere" in error


def test_library_option_leaves_the_choice_alone(answer, call, root, tmp_path):
    """``--library`` counts for one command."""
    other = grow(tmp_path / "other", {"9.mp4": "x"})
    call("setup", root)
    assert answer("scan", "--library", other)[1]["videos"] == 1
    assert answer("scan")[1]["videos"] == 4
    assert call("scan", "--library", tmp_path / "nowhere")[0] == 2


def test_scan_tells_what_came_and_went(answer, root):
    """New, moved and gone videos are counted, what was left out is named."""
    grow(root, {"0.mp4": ""})
    assert answer("scan", "--library", root)[1]["new"] == 5
    (root / "1.mp4").rename(root / "Dogs" / "1.mp4")
    (root / "2.mp4").unlink()
    code, said = answer("scan", "--library", root)
    assert code == 0
    assert (said["videos"], said["new"], said["moved"], said["missing"]) == (4, 0, 1, 1)
    assert isinstance(said["skipped"], list)


def test_folders(answer, call, root):
    """Listed, made, renamed; faults have their codes."""
    place = ["--library", root]
    assert answer("folders", *place)[1] == {
        "folders": [{"name": "Cats", "count": 1}, {"name": "Dogs", "count": 0}]
    }
    assert answer("folders", "create", "Birds", *place) == (0, {"name": "Birds", "count": 0})
    assert answer("folders", "rename", "Birds", "Owls", *place) == (0, {"name": "Owls", "count": 0})
    assert (root / "Owls").is_dir()
    assert call("folders", "create", "Owls", *place)[0] == 1
    assert call("folders", "create", "../x", *place)[0] == 2
    assert call("folders", "rename", "Nope", "New", *place)[0] == 2


def test_undo_and_history(answer, call, root, settings):
    """What the app moved, the command line takes back; nothing to undo is exit code 3."""
    place = ["--library", root]
    assert answer("undo", *place)[1]["error"]["code"] == "NothingToUndo"
    assert call("undo", *place)[0] == 3
    before = look(root)
    Sorter(settings).sort("1.mp4", "Cats")
    moves = answer("history", *place)[1]["moves"]
    assert (moves[0]["source"], moves[0]["target"]) == ("1.mp4", "Cats/1.mp4")
    assert "Cats/1.mp4" in call("history", *place)[1]
    code, said = answer("undo", *place)
    assert (code, said["undone"][0]["target"]) == (0, "1.mp4")
    assert look(root) == before


def test_names_can_t_command_the_terminal(call, root, settings):
    """Escape codes and newlines in a name are shown as marks."""
    if os.name == "nt":
        pytest.skip("Windows has no such names")
    grow(root, {"\x1b[2Jcat\n.mp4": "x"})
    Sorter(settings).sort("\x1b[2Jcat\n.mp4", "Cats")
    out = call("history", "--library", root)[1]
    assert "\x1b" not in out
    assert "\ufffd[2Jcat\ufffd.mp4" in out


def test_train_with_too_few_videos(answer, call, root):
    """Exit code 1, and what to do."""
    code, said = answer("train", "--library", root)
    assert (code, said["error"]["code"]) == (1, "NotEnoughLabels")
    assert call("train", "--library", root)[2].startswith("error: ")


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_before_anything_was_trained(answer, root, command):
    """Exit code 1."""
    code, said = answer(command, "--library", root)
    assert (code, said["error"]["code"]) == (1, "ModelMissing")


def test_extract_names_what_failed(answer, call, root):
    """Files that are no videos cost themselves alone; the command did its work."""
    code, said = answer("extract", "--library", root)
    assert code == 0
    assert {failure["path"] for failure in said["failures"]} >= {"1.mp4", "Cats/4.mp4"}
    assert answer("extract", "--library", root)[1]["computed"] == 0
    assert "1.mp4" in call("extract", "--library", root)[1]


def test_extract_again(answer, root, tmp_path, monkeypatch):
    """What a lesser model transcribed goes through the better one; where there is none, that is said."""
    place = ["--library", root]
    assert answer("extract", "--again", "speech", *place)[1]["error"]["code"] == "Conflict"
    monkeypatch.setenv("MODELS_DIR", str(tiny.whisper(tmp_path / "models")))
    monkeypatch.setenv("ENCODERS", "speech")
    process_settings.cache_clear()
    sorter = Sorter(process_settings().model_copy(update={"data_dir": root}))
    heard(sorter, "1.mp4", "2.mp4", "3.mp4", "4.mp4", **OLD)
    assert answer("extract", *place)[1]["computed"] == 0
    assert answer("extract", "--again", "speech", *place)[1]["computed"] == 4


def test_learning_from_beginning_to_end(answer, call, learned):
    """Train, evaluate, predict, try the move, move it, take it back."""
    place = ["--library", learned]
    code, run_ = answer("train", *place)
    assert (code, run_["videos"], run_["folders"]) == (0, 24, 2)

    code, report = answer("evaluate", *place)
    assert (code, report["accuracy"]) == (0, run_["accuracy"])
    text = call("evaluate", *place)[1]
    assert "accuracy" in text
    assert "Cats" in text

    code, said = answer("predict", "--top-k", "2", *place)
    assert (code, said["total"], len(said["videos"])) == (0, 6, 6)
    assert "moved" not in said
    video = said["videos"][0]
    assert video["predicted_folder"] == video["filename"].split("-")[0]
    assert [guess["folder"] for guess in video["top_predictions"]] == ["Cats", "Dogs"]
    assert len(answer("predict", "--top-k", "1", *place)[1]["videos"][0]["top_predictions"]) == 1

    before = look(learned)
    code, said = answer("predict", "--move", "--dry-run", *place)
    assert (code, said["dry_run"], len(said["moved"]), said["batch"]) == (0, True, 6, None)
    assert look(learned) == before

    code, said = answer("predict", "--move", "--threshold", "0.5", *place)
    assert (code, len(said["moved"]), said["failed"]) == (0, 6, [])
    assert not [name for name in look(learned) if name.endswith(".mp4")]
    assert answer("undo", *place)[0] == 0
    assert look(learned) == before


def test_predict_moves_only_what_is_sure(answer, call, learned):
    """A threshold that nothing reaches moves nothing, and is no fault."""
    place = ["--library", learned]
    call("train", *place)
    code, said = answer("predict", "--move", "--threshold", "1", *place)
    assert code == 0
    assert all(video["confidence"] >= 1 for video in said["videos"])


def test_predict_prepares_more_like_this(call, learned):
    """The first question of the app finds the vectors made comparable."""
    place = ["--library", learned]
    call("train", *place)
    assert call("predict", *place)[0] == 0
    assert [path.suffix for path in (learned / ".sorter" / "alike").iterdir()] == [".npz"]


def test_a_move_that_fails_is_told(answer, call, learned):
    """Exit code 1, the others are moved."""
    place = ["--library", learned]
    call("train", *place)
    grow(learned / "Cats", {"Cats-0.mp4": "another"})
    code, said = answer("predict", "--move", *place)
    assert code == 1
    assert [name for name, _ in said["failed"]] == ["Cats-0.mp4"]
    assert len(said["moved"]) == 5
    assert (learned / "Cats-0.mp4").exists()


def test_doctor(answer, call, root):
    """Each check is named; without a library something is not well."""
    code, said = answer("doctor", "--library", root)
    assert {"name", "ok", "message"} == set(said["checks"][0])
    assert code == (0 if all(check["ok"] for check in said["checks"]) else 1)
    code, out, _ = call("doctor")
    assert code == 1
    assert "NOT OK" in out


def test_demo_refuses_a_folder_with_other_things(answer, root):
    """Nothing of the person's is touched."""
    before = look(root)
    assert answer("demo", root)[0] != 0
    assert look(root) == before


def test_retrain_in_the_foreground(answer, call, root):
    """It follows the job to its end, and tells how it ended."""
    code, said = answer("retrain", "--library", root)
    assert code == 1
    assert said["status"] == "started"
    assert said["last_result"].startswith("Failed at train: ")
    assert said["failures"] == 4


def test_retrain_in_the_background(answer, root, settings):
    """It comes back at once; a second call finds the job, and follows it."""
    assert answer("retrain", "--background", "--library", root) == (0, {"status": "started"})
    code, said = answer("retrain", "--library", root)
    assert (code, said["status"]) == (1, "already_running")
    assert said["running"] is False


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_cancels_the_job(root, settings):
    """Exit code 130; the job that this command started is over."""
    grow(root, {f"{i}.mp4": str(i) for i in range(100, 2100)})
    command = spawn("retrain", "--library", root)
    sorter = Sorter(settings)
    give_up = time.monotonic() + SECONDS
    while not (sorter.job().running and sorter.job().total) and time.monotonic() < give_up:
        time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    _, error = command.communicate(timeout=SECONDS)
    assert command.returncode == 130
    assert "nothing is lost" in error
    assert not sorter.job().running
    assert "cancelled" in sorter.job().last_result


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_in_a_command(root):
    """Exit code 130, without a traceback."""
    grow(root, {f"{i}.mp4": str(i) for i in range(100, 2100)})
    command = spawn("extract", "--library", root)
    deadline = time.monotonic() + SECONDS
    while not (root / ".sorter" / "sorter.db").exists():  # it is at work
        assert time.monotonic() < deadline
        time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    _, error = command.communicate(timeout=SECONDS)
    assert command.returncode == 130
    assert "Traceback" not in error


def test_a_pipe_gets_one_document_and_no_bars(root):
    """Standard output is JSON to the last byte, standard error is silent."""
    out, error = spawn("scan", "--json", "--library", root).communicate(timeout=SECONDS)
    assert json.loads(out)["videos"] == 4
    assert error == ""


def test_a_terminal_that_knows_no_unicode(root):
    """A name that it can't show is no reason to fail."""
    grow(root, {"🐈": {"7.mp4": "x"}})
    path = os.pathsep.join([str(HOME), os.environ.get("PYTHONPATH", "")])
    narrow = subprocess.run(
        [sys.executable, "-m", "sorter_core", "folders", "--library", str(root)],
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert narrow.returncode == 0


def test_help_loads_nothing_heavy():
    """``--help`` imports no library that decodes, learns or serves."""
    code = (
        "import sys, sorter_core.commands as c; c.run(['--help']);"
        "print(sorted({'cv2', 'av', 'onnxruntime', 'onnx', 'sklearn', 'streamlit', 'fastapi', 'rich', 'scipy',"
        " 'pandas', 'yt_dlp'} & set(sys.modules)))"
    )
    path = os.pathsep.join([str(HOME), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
