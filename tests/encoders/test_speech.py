"""What is said: real recognition by Moonshine, and Whisper's own code on a tiny model."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sorter_core import encoders
from sorter_core.encoders.speech import Speech, spoken
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.types import SAMPLE_RATE, Clip, Samples
from tests.encoders import samples, tiny


def clip(audio: Samples | None, duration: float | None = None) -> Clip:
    heard = 0.0 if audio is None else len(audio) / SAMPLE_RATE
    return Clip((), (), audio, duration or heard, 64, 96)


def beckett() -> Samples:
    """Ten seconds of a man saying twelve words."""
    path = samples.recording()
    assert path
    return samples.heard(path)


def noise(seconds: int = 5) -> Samples:
    return np.random.default_rng(0).normal(0, 0.1, seconds * SAMPLE_RATE).astype(np.float32)


@pytest.fixture
def english(tmp_path: Path) -> Speech:
    return Speech(tmp_path)


@pytest.fixture
def scripted(tmp_path: Path) -> encoders.Encoder:
    """Whisper out of the folder that a person filled by hand."""
    return encoders.make("speech", tmp_path / "cache", tiny.whisper(tmp_path / "models"))


def test_words_are_understood(english: Speech) -> None:
    """Line by line, with the seconds at which each is said."""
    texts = english.read(clip(beckett()))
    said = spoken(texts)
    assert [part.text for part in said][:2] == ["Ever tried.", "Ever failed."]
    assert 0 <= said[0].start < said[0].end <= said[1].start < 3
    assert said[-1].end < 10
    assert texts["speech"].count("\n") == len(said) - 1


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_synthetic_voice_is_understood(english: Speech, tmp_path: Path) -> None:
    """What many videos have instead of a person."""
    file = tmp_path / "voice.wav"
    text = "Today I bake a chocolate cake. Mix the flour and the sugar."
    subprocess.run(["espeak-ng", "-w", str(file), text], check=True)
    read = english.read(clip(samples.heard(file)))["speech"].lower()
    assert {"chocolate", "cake", "flour", "sugar"} <= set(read.replace(".", "").split())


def test_the_vector_is_that_of_the_words(english: Speech) -> None:
    """So that a video is near another in which the same is said."""
    vector = english.encode(clip(beckett()))
    assert vector @ english.embed("Ever tried. Ever failed. Try again, fail better.") > 0.6
    assert abs(vector @ english.embed("How to bake a chocolate cake")) < 0.2


@pytest.mark.parametrize("sound", ["noise", "tone"])
def test_where_nobody_speaks_that_is_said(english: Speech, sound: str) -> None:
    """No word is made up; an empty transcript takes the place of what another model heard."""
    tone = (0.3 * np.sin(np.arange(5 * SAMPLE_RATE) * 0.2)).astype(np.float32)
    heard = clip(noise() if sound == "noise" else tone)
    with pytest.raises(CannotEncode, match="nobody speaks"):
        english.encode(heard)
    read = english.read(heard)
    assert read == {"speech": "", "speech_times": "[]", "speech_by": "Moonshine tiny"}
    assert spoken(read) == ()


@pytest.mark.parametrize("audio", [None, np.zeros(0, np.float32), np.zeros(16_000, np.float32)])
def test_no_sound_is_said(english: Speech, audio: Samples | None) -> None:
    """No track, an empty one, a silent one."""
    with pytest.raises(CannotEncode, match="sound track"):
        english.read(clip(audio))


def test_whisper_comes_before_moonshine(scripted: Speech) -> None:
    """Where its model lies, it is what transcribes."""
    texts = scripted.read(clip(beckett()))
    assert texts == {
        "speech": "Hello cats",
        "speech_times": "[[0.0, 1.0]]",
        "speech_by": "Whisper base",
    }


def test_whisper_hears_no_voice_in_noise(scripted: Speech) -> None:
    """The voice is looked for first: the model, which would say something, is not asked."""
    with pytest.raises(CannotEncode, match="nobody speaks"):
        scripted.encode(clip(noise()))


@pytest.mark.parametrize("size", ["base", "tiny"])
def test_both_sizes_are_taken(tmp_path: Path, size: str) -> None:
    """From the cache, where ``models pull`` puts the bigger one."""
    tiny.whisper(tmp_path / "models", size)
    encoder = encoders.make("speech", tmp_path)
    assert isinstance(encoder, Speech)
    assert encoder.unavailable() is None
    assert encoder.model() == f"Whisper {size}"
    encoder.load()


def test_without_whisper_it_is_moonshine(english: Speech) -> None:
    """The least of its models; the better one is said to be better."""
    assert english.model() == "Moonshine tiny"
    assert english.models == ("Whisper base", "Whisper tiny", "Moonshine tiny")


def test_a_damaged_model_is_said(tmp_path: Path) -> None:
    """With the folder that is to be replaced."""
    folder = tiny.whisper(tmp_path / "models") / "faster-whisper-base"
    (folder / "model.bin").write_bytes(b"cut off")
    with pytest.raises(EncoderUnavailable, match="faster-whisper-base"):
        encoders.make("speech", tmp_path).load()


def test_times_are_those_of_the_file(english: Speech) -> None:
    """Of a long video only windows are heard; a word in the last one is said near the end."""
    silence = np.zeros(10 * SAMPLE_RATE, np.float32)
    windows = np.concatenate([silence, silence, silence, beckett()[: 10 * SAMPLE_RATE]])
    said = spoken(english.read(clip(windows, duration=600)))
    assert 589 < said[0].start < said[-1].end < 601


def test_a_transcript_may_be_missing() -> None:
    """A video that nobody analysed, or that has another kind of text."""
    assert spoken({}) == ()
    assert spoken({"screen": "Hello"}) == ()


def test_no_word_of_a_video_gets_into_the_next(english: Speech) -> None:
    """What was heard before changes nothing: the same clip gives the same words in any order."""
    one, other = clip(beckett()[:48_000]), clip(beckett()[96_000:])
    alone = english.read(one)["speech"]
    english.read(other)
    assert english.read(one)["speech"] == alone
