"""What every encoder that the registry finds must keep."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from sorter_core import encoders
from sorter_core.errors import CannotEncode, EncoderUnavailable, InvalidInput
from sorter_core.types import Clip
from tests.encoders import tiny
from tests.encoders.samples import heard, recording, written

EMPTY = Clip((), (), None, 1.0, 64, 96)


def full_clip(seed: int = 0) -> Clip:
    """Something for each encoder: noise with words on it, a voice with noise, and a caption."""
    random = np.random.default_rng(seed)
    words = written(("Cats", "Bread")[seed], width=128, height=96)
    frames = [words // 2 + random.integers(0, 64, words.shape, dtype=np.uint8) for _ in range(3)]
    texts = {"caption": f"A cat dances {seed} #cat", "author": "someone"}
    audio = random.uniform(-0.01, 0.01, 48_000).astype(np.float32)
    if voice := recording():
        # Hardly any noise: where a word could be two, Moonshine's native code decides by chance.
        audio = audio / 100 + heard(voice)[seed * 96_000 :][:48_000]
    return Clip(tuple(frames), (0.0, 0.5, 1.0), audio, 3.0, 128, 96, texts)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache into which tiny models were fetched, for the encoders whose packages are here."""
    made = tmp_path_factory.mktemp("cache")
    for package, put in (("fastembed", tiny.clip), ("ai_edge_litert", tiny.yamnet)):
        if find_spec(package):
            put(made / encoders.MODELS)
    return made


@pytest.fixture(params=encoders.available().values(), ids=lambda kind: kind.name)
def encoder(request: pytest.FixtureRequest, cache: Path) -> encoders.Encoder:
    """Each encoder that can run here; one that can't must at least say how it could."""
    made = encoders.make(request.param.name, cache)
    if lack := made.unavailable():
        with pytest.raises(EncoderUnavailable):
            made.load()
        pytest.skip(lack)
    return made


@pytest.mark.parametrize("kind", encoders.available().values(), ids=lambda kind: kind.name)
def test_it_says_what_it_is(kind: type[encoders.Encoder], tmp_path: Path) -> None:
    """A name, a version, a size and an About without gaps; what is missing comes with a command."""
    assert kind.name.isidentifier()
    assert kind.version
    assert kind.dim > 0
    assert kind.reads in ("frames", "audio", "texts")
    assert kind.about.title
    assert kind.about.licence
    assert kind.about.source
    assert kind.about.size >= 0
    lack = kind(tmp_path).unavailable()
    assert lack is None or "pip install" in lack or "python -m sorter_core" in lack


def test_a_clip_becomes_one_vector(encoder: encoders.Encoder) -> None:
    """(dim,) float32, of length 1, without gaps."""
    vector = encoder.encode(full_clip())
    assert vector.shape == (encoder.dim,)
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_the_same_clip_gives_the_same_vector(encoder: encoders.Encoder, cache: Path) -> None:
    """To the last bit, also from another object; another clip gives another vector."""
    again = encoders.make(encoder.name, cache)
    vector = encoder.encode(full_clip())
    assert np.array_equal(vector, again.encode(full_clip()))
    assert not np.allclose(vector, again.encode(full_clip(1)))


def test_nothing_to_read_is_said(encoder: encoders.Encoder) -> None:
    """A clip without what it reads gets a sentence for the person, never a vector of zeros."""
    with pytest.raises(CannotEncode, match=r"\w+ \w+"):
        encoder.encode(EMPTY)


def test_it_looks_at_what_it_says_only(encoder: encoders.Encoder) -> None:
    """Whatever else a clip lacks changes nothing."""
    clip = full_clip()
    fields = {"frames": ("frames", "times"), "audio": ("audio",), "texts": ("texts",)}
    part = replace(EMPTY, **{name: getattr(clip, name) for name in fields[encoder.reads]})
    assert np.array_equal(encoder.encode(part), encoder.encode(clip))


def test_threads_may_load_and_encode_at_once(
    encoder: encoders.Encoder, cache: Path, tmp_path: Path
) -> None:
    """Eight threads share one that is not loaded yet, in an empty cache."""
    fresh = encoders.make(encoder.name, tmp_path, cache / encoders.MODELS)
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda _: fresh.encode(full_clip()), range(8)))
    assert all(np.array_equal(vector, vectors[0]) for vector in vectors)


LOAD = """
import sys
from pathlib import Path
from sorter_core import encoders
for name in encoders.available():
    encoder = encoders.make(name, Path(sys.argv[1]))
    if not encoder.unavailable():
        encoder.load()
"""


def test_processes_may_load_at_once(tmp_path: Path) -> None:
    """Three processes fill the same empty cache; nothing half written stays."""
    cache = tmp_path / "not there yet"
    started = [
        subprocess.Popen([sys.executable, "-c", LOAD, str(cache)], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [process.communicate(timeout=120)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    assert all(not path.name.startswith(".") for path in cache.rglob("*"))


def test_a_new_file_is_a_new_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found by looking; a module with an underscore and imported classes are none."""
    (tmp_path / "brightness.py").write_text(
        "from sorter_core.encoders.sound import Sound\n"
        "from sorter_core.encoders._base import Encoder\n"
        "class Brightness(Encoder):\n    name = 'brightness'\n"
    )
    (tmp_path / "_shared.py").write_text("raise RuntimeError('this is no encoder')\n")
    before = set(encoders.available())
    monkeypatch.setattr(encoders, "__path__", [*encoders.__path__, str(tmp_path)])
    try:
        assert set(encoders.available()) == before | {"brightness"}
    finally:
        sys.modules.pop("sorter_core.encoders.brightness", None)


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    """With the names that there are."""
    with pytest.raises(InvalidInput, match="frames"):
        encoders.make("fraems", tmp_path)


def test_the_default_encoders_need_no_download() -> None:
    """A laptop without a network does the whole job."""
    kinds = encoders.available()
    assert {name for name, kind in kinds.items() if kind.about.default} == {
        "caption",
        "frames",
        "sound",
    }
    assert all(kind.about.extra is None for kind in kinds.values() if kind.about.default)
