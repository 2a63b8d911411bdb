"""The model's file: the same model comes back, or a plain sentence."""

import hashlib
import json
import struct

import numpy as np
import pytest

from sorter_core import models, training
from sorter_core.encoders.frames import Frames
from sorter_core.errors import ModelMissing
from tests.vectors import clouds, names

Y = [0, 1, 2] * 12
SEEN = clouds(Y, {"frames": 1.5, "sound": 1.5}, present=0.9)


@pytest.fixture(scope="module")
def model():
    """Three folders of twelve videos."""
    return training.fit(SEEN, names(Y)).model


@pytest.fixture
def path(model, tmp_path):
    """A file that was just written."""
    models.save(model, tmp_path / "m.model")
    return tmp_path / "m.model"


def test_comes_back_the_same(model, path):
    """Probabilities, folders and encoders are the same, to the last bit."""
    back = models.load(path)
    assert (back.classes, back.encoders) == (model.classes, model.encoders)
    assert np.array_equal(back.predict_proba(SEEN), model.predict_proba(SEEN))


def test_leaves_no_temporary_file(path):
    """Beside the model nothing is left, and writing again replaces it."""
    models.save(models.load(path), path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_holds_no_pickle(path):
    """The arrays inside are read with pickles switched off, and none is there."""
    content = path.read_bytes()
    assert b"\x80\x04\x95" not in content
    assert b"numpy.core" not in content


def test_cut_off_anywhere_is_told(path):
    """A file cut off at any of 200 places is ModelMissing, with what to do."""
    content = path.read_bytes()
    for end in np.linspace(0, len(content) - 1, 200).astype(int):
        path.write_bytes(content[:end])
        with pytest.raises(ModelMissing, match="retraining"):
            models.load(path)


def test_a_flipped_byte_anywhere_is_told(path):
    """A byte that flipped at any of 200 places is ModelMissing, never a silently wrong model."""
    content = path.read_bytes()
    places = np.concatenate([np.arange(60), np.linspace(60, len(content) - 1, 140).astype(int)])
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(ModelMissing, match="retraining"):
            models.load(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"\x80\x04\x95 a pickle", b"x" * 99])
def test_a_foreign_file_is_told(tmp_path, content):
    """What was never a model is called so."""
    path = tmp_path / "m.model"
    path.write_bytes(content)
    with pytest.raises(ModelMissing, match="no model of this program"):
        models.load(path)


def test_a_newer_format_is_told(path):
    """A whole file of a later version names both versions."""
    body = path.read_bytes()[len(models.MAGIC) + 36 :]
    path.write_bytes(sealed(models.VERSION + 1, body))
    with pytest.raises(ModelMissing, match="another version"):
        models.load(path)


@pytest.mark.parametrize("body", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_a_sealed_file_without_sense_is_told(path, body):
    """Also with a checksum that is right."""
    path.write_bytes(sealed(models.VERSION, body))
    with pytest.raises(ModelMissing, match="makes no sense"):
        models.load(path)


def test_missing_file_and_directory_are_told(tmp_path):
    """No file, or a directory in its place."""
    for path in (tmp_path / "none.model", tmp_path):
        with pytest.raises(ModelMissing, match="can't be read"):
            models.load(path)


def sealed(version: int, body: bytes) -> bytes:
    number = struct.pack("<I", version)
    return models.MAGIC + number + hashlib.sha256(number + body).digest() + body


def test_a_model_of_another_encoder_version_is_told(path, monkeypatch):
    """Vectors of a newer version mean something else: nobody guesses from them by an old model."""
    monkeypatch.setattr(Frames, "version", "another")
    with pytest.raises(ModelMissing, match=r"another version of “frames”.*retraining"):
        models.load(path)


def test_a_model_from_before_versions_were_kept_is_read(model, path, monkeypatch):
    """Nobody knows of which version its vectors were: it is used as before."""
    plain = json.dumps
    monkeypatch.setattr(models.json, "dumps", lambda about: plain(_without_versions(about)))
    models.save(model, path)
    monkeypatch.undo()
    assert b'"version"' not in path.read_bytes()
    assert models.load(path).classes == model.classes


def _without_versions(about):
    panels = [
        {key: one for key, one in panel.items() if key != "version"} for panel in about["panels"]
    ]
    return about | {"panels": panels}
