"""Copies and near-duplicates are found; what only shares an intro is none; nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from sorter_core import Settings, Sorter, duplicates, encoders
from sorter_core.duplicates import alike, system_trash
from sorter_core.encoders._hashes import Hashes, pack, phash, unpack
from sorter_core.errors import InvalidInput, InvalidName, StorageError, VideoNotFound
from sorter_core.library import Library
from sorter_core.types import Clip
from tests.clips import plain, write_clip
from tests.conftest import grow, look


class Bin:
    """A trash that keeps what it is given."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    def __call__(self, path: Path) -> None:
        path.rename(self.place / path.name)


def refuse(path: Path) -> None:
    raise StorageError(f"This system has no trash for {path.name!r}: it was not removed.")


@pytest.fixture
def bin_(tmp_path: Path) -> Bin:
    return Bin(tmp_path / "bin")


@pytest.fixture
def sorter(settings: Settings, bin_: Bin) -> Sorter:
    """Two copies of one content in two places."""
    grow(settings.data_dir, {"9.mp4": "four"})
    sorter = Sorter(settings)
    sorter.trash = bin_
    sorter.scan()
    return sorter


# Hashes -----------------------------------------------------------------------------------------


def scene(seed: int, size: tuple[int, int] = (60, 40)) -> np.ndarray:
    """A smooth picture, different for each seed."""
    import cv2

    small = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    return cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC)


def far(one: int | None, other: int | None) -> int:
    assert one is not None
    assert other is not None
    return (one ^ other).bit_count()


def test_a_picture_keeps_its_hash_through_another_encoding() -> None:
    """Half the size, darker and noisy is a few bits away; another scene is many."""
    rng = np.random.default_rng(0)
    for seed in range(20):
        noisy = scene(seed, (120, 80)) * 0.8 + rng.normal(0, 4, (120, 80, 3))
        assert far(phash(scene(seed)), phash(noisy.clip(0, 255).astype(np.uint8))) <= 6
        assert far(phash(scene(seed)), phash(scene(seed + 100))) >= 14


@pytest.mark.parametrize("grey", [0, 5, 128, 255])
def test_a_picture_of_one_colour_has_no_hash(grey: int) -> None:
    """A black first frame is like any other black frame."""
    assert phash(np.full((60, 40, 3), grey, np.uint8)) is None


def test_hashes_survive_being_stored_as_a_vector() -> None:
    """64 bits are kept exactly in float32 pieces."""
    marks = np.random.default_rng(0).integers(0, 2**64, 8, dtype=np.uint64)
    counts, seconds, hashes = unpack(np.stack([pack(marks, 12.5), pack(marks[:2], 3)]))
    assert counts.tolist() == [8, 2]
    assert seconds.tolist() == [12.5, 3]
    assert hashes[0].tolist() == marks.tolist()
    assert hashes[1].tolist() == [*marks[:2].tolist(), *[0] * 6]


def test_a_clip_without_a_picture_worth_it_has_a_vector_too(tmp_path: Path) -> None:
    """So it is not looked at again, and no failure."""
    black = np.zeros((8, 8, 3), np.uint8)
    vector = Hashes(tmp_path).encode(Clip((black,), (0.0,), None, 4.0, 8, 8))
    assert vector[:2].tolist() == [0, 4]


# Which are alike --------------------------------------------------------------------------------


def random_hashes(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, (count, 8), dtype=np.uint64)


def flipped(hashes: np.ndarray, bits: int, seed: int = 1) -> np.ndarray:
    """``hashes`` with some bits of each turned over."""
    rng = np.random.default_rng(seed)
    masks = np.array(
        [
            [sum(1 << int(b) for b in rng.choice(64, bits, replace=False)) for _ in row]
            for row in hashes
        ],
        np.uint64,
    )
    return hashes ^ masks


def pairs(hashes: np.ndarray, seconds: list[float] | None = None) -> list[tuple[int, int]]:
    lasting = np.array(seconds or [10.0] * len(hashes), np.float32)
    return [tuple(p) for p in alike(np.full(len(hashes), 8), lasting, hashes).tolist()]


@pytest.mark.parametrize("bits", [0, 2, 5])
def test_another_encoding_is_found(bits: int) -> None:
    """A few bits of each hash differ."""
    one = random_hashes(40)
    assert pairs(np.concatenate([one, flipped(one, bits)])) == [(i, i + 40) for i in range(40)]


def test_pictures_in_another_order_or_at_other_times_are_found() -> None:
    """Of eight pictures, five have a partner; key frames lie elsewhere after another encoding."""
    one, other = random_hashes(1), random_hashes(1, seed=5)
    other[0, :5] = one[0, :5][::-1]
    assert pairs(np.concatenate([one, other])) == [(0, 1)]


@pytest.mark.parametrize("shared", [1, 3, 4])
def test_a_shared_intro_is_no_duplicate(shared: int) -> None:
    """Half of the pictures are not enough."""
    hashes = random_hashes(30)
    hashes[:, :shared] = hashes[0, :shared]
    assert pairs(hashes) == []


def test_the_duration_must_agree() -> None:
    """A cut of a longer video is another video."""
    twins = np.concatenate([random_hashes(1)] * 2)
    assert pairs(twins, [10, 10.9]) == [(0, 1)]
    assert pairs(twins, [10, 12]) == []
    assert pairs(twins, [100, 102.5]) == [(0, 1)]


def test_a_thousand_videos_with_one_logo_hide_no_pair() -> None:
    """What all share stays cheap, and the real copies among them are still found."""
    hashes = random_hashes(1000)
    hashes[600] = flipped(hashes[:1], 2)[0]
    hashes[:, 7] = 12345
    seconds = np.random.default_rng(3).uniform(9, 11, 1000).tolist()
    seconds[600] = seconds[0]
    assert pairs(hashes, seconds) == pairs(hashes) == [(0, 600)]


def test_no_hashes_no_pairs() -> None:
    """An empty library, and one where no picture was worth a hash."""
    none = np.zeros((0, 8), np.uint64)
    assert alike(np.zeros(0, int), np.zeros(0, np.float32), none).shape == (0, 2)
    assert alike(np.zeros(3, int), np.zeros(3, np.float32), np.zeros((3, 8), np.uint64)).shape == (
        0,
        2,
    )


# The library ------------------------------------------------------------------------------------


def test_copies_are_found_before_any_analysis(sorter: Sorter) -> None:
    """What is filed comes first: it is to be kept."""
    found = sorter.duplicates()
    assert [(g.kind, [(c.filename, c.folder) for c in g.copies]) for g in found.groups] == [
        ("exact", [("4.mp4", "Cats"), ("9.mp4", None)])
    ]
    assert found.unseen == 4


def test_many_askers_are_answered_one_after_another(
    sorter: Sorter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comparison of a large library needs much memory."""
    inside: list[int] = []
    most: list[int] = []
    find = duplicates.find

    def counted(library: Library) -> duplicates.Duplicates:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.05)
        found = find(library)
        inside.pop()
        return found

    monkeypatch.setattr(duplicates, "find", counted)
    askers = [threading.Thread(target=sorter.duplicates) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert most == [1, 1, 1, 1]


def test_removing_puts_into_the_trash(sorter: Sorter, bin_: Bin) -> None:
    """One stays, the other is in the bin, the journal tells, undo leaves it to the system."""
    done = sorter.remove_duplicates(("4.mp4", "Cats"), [("9.mp4", None)], exact=True)
    assert (done.removed, done.failed) == ([("9.mp4", None)], [])
    assert (bin_.place / "9.mp4").read_text() == "four"
    assert (sorter.library.root / "Cats" / "4.mp4").exists()
    assert [(m.kind, m.source) for m in sorter.history()] == [("trash", "9.mp4")]
    assert sorter.duplicates().groups == []
    assert sorter.batches()[0].undoable == 0


def test_undo_passes_over_the_trash(sorter: Sorter) -> None:
    """What can't be undone from here does not stand in the way of what can."""
    sorter.sort("1.mp4", "Cats")
    sorter.remove_duplicates(("4.mp4", "Cats"), [("9.mp4", None)], exact=True)
    assert [m.target for m in sorter.undo()] == ["1.mp4"]


def test_every_byte_is_compared(settings: Settings, bin_: Bin) -> None:
    """The fingerprint reads three blocks; a difference between them is found before removing."""
    whole = bytes(1_000_000)
    other = whole[:300_000] + b"!" + whole[300_001:]
    grow(settings.data_dir, {"7.mp4": whole, "8.mp4": other})
    sorter = Sorter(settings)
    sorter.trash = bin_
    sorter.scan()
    [group] = sorter.duplicates().groups
    assert [c.filename for c in group.copies] == ["7.mp4", "8.mp4"]
    done = sorter.remove_duplicates(("7.mp4", None), [("8.mp4", None)], exact=True)
    assert done.removed == []
    assert "other bytes" in done.failed[0][1]
    assert (settings.data_dir / "8.mp4").exists()


def test_without_a_trash_nothing_is_removed(sorter: Sorter) -> None:
    """It is said, and the file is where it was."""
    before = look(sorter.library.root)
    sorter.trash = refuse
    done = sorter.remove_duplicates(("4.mp4", "Cats"), [("9.mp4", None)], exact=True)
    assert "no trash" in done.failed[0][1]
    assert look(sorter.library.root) == before
    assert sorter.history()[0].state == "failed"


def test_the_one_to_keep_is_never_removed(sorter: Sorter) -> None:
    """Not by naming it twice, and no other when it is not there."""
    before = look(sorter.library.root)
    done = sorter.remove_duplicates(("9.mp4", None), [("9.mp4", None)], exact=True)
    assert done.removed == []
    with pytest.raises(VideoNotFound):
        sorter.remove_duplicates(("99.mp4", None), [("9.mp4", None)], exact=True)
    with pytest.raises(InvalidName):
        sorter.remove_duplicates(("../9.mp4", None), [("9.mp4", None)], exact=True)
    assert look(sorter.library.root) == before


def test_a_hard_link_is_the_very_file(sorter: Sorter) -> None:
    """Removing the other name of one file would free nothing and may lose it."""
    os.link(sorter.library.root / "1.mp4", sorter.library.root / "11.mp4")
    sorter.scan()
    done = sorter.remove_duplicates(("1.mp4", None), [("11.mp4", None)], exact=True)
    assert "very file" in done.failed[0][1]


def test_no_duplicate_is_remembered(sorter: Sorter) -> None:
    """Also by the next process."""
    sorter.no_duplicates([("4.mp4", "Cats"), ("9.mp4", None)])
    assert sorter.duplicates().groups == []
    assert Sorter(sorter.settings).duplicates().groups == []
    with pytest.raises(InvalidInput):
        sorter.no_duplicates([("4.mp4", "Cats")])
    with pytest.raises(VideoNotFound):
        sorter.no_duplicates([("4.mp4", "Cats"), ("99.mp4", None)])


def test_near_duplicates_in_real_files(settings: Settings) -> None:
    """Another size and quality is found; another scene of the same length, or other sound, is not."""
    root = settings.data_dir
    scenes = [scene(seed, (160, 120)) for seed in (1, 2, 3, 4)]
    film = [picture for picture in scenes for _ in range(10)]
    small = [np.ascontiguousarray(picture[::2, ::2]) for picture in film]
    intro = film[:10] + [p for s in (7, 8, 9) for p in [scene(s, (160, 120))] * 10]
    write_clip(root / "21.mp4", size=(120, 160), seconds=4, pictures=film, gop=10)
    write_clip(root / "22.mp4", size=(60, 80), seconds=4, pictures=small, gop=14)
    write_clip(root / "23.mp4", size=(120, 160), seconds=4, pictures=intro, gop=10)
    write_clip(root / "24.mp4", size=(120, 160), seconds=4, pictures=film, gop=10, tone_hz=2600)
    chosen = settings.model_copy(update={"encoders": ("sound",), "workers": 1})
    sorter = Sorter(chosen)
    sorter.extract()
    sorter.compare()
    near = [g for g in sorter.duplicates().groups if g.kind == "near"]
    assert [[c.filename for c in g.copies] for g in near] == [["21.mp4", "22.mp4"]]
    assert near[0].copies[0].seconds == pytest.approx(4, abs=0.2)
    sorter.no_duplicates([("21.mp4", None), ("22.mp4", None)])
    assert [g for g in sorter.duplicates().groups if g.kind == "near"] == []


def test_black_videos_are_not_alike(settings: Settings) -> None:
    """Nothing is known of what shows nothing."""
    for n in (31, 32):
        write_clip(
            settings.data_dir / f"{n}.mp4", size=(64 + n, 97), pictures=plain(10, (64 + n, 97)), tone_hz=None,
            codec="mpeg4",
        )  # fmt: skip
    sorter = Sorter(settings.model_copy(update={"workers": 1}))
    sorter.compare()
    assert sorter.duplicates().groups == []


def test_hashes_are_no_encoder_and_miss_nobody(settings: Settings) -> None:
    """The person has no choice to make about them, and old analyses stay complete."""
    assert encoders.HASHES not in encoders.available()
    sorter = Sorter(settings.model_copy(update={"encoders": ("sound",), "workers": 1}))
    write_clip(settings.data_dir / "41.mp4")
    sorter.extract()
    assert sorter.news().unanalysed == 0
    assert sorter.duplicates().unseen == 5


def test_the_analysis_hashes_what_it_decodes_anyway(settings: Settings) -> None:
    """With an encoder of pictures the hashes come along, and nothing is left to compare."""
    write_clip(settings.data_dir / "41.mp4")
    sorter = Sorter(settings.model_copy(update={"encoders": ("frames",), "workers": 1}))
    sorter.extract()
    known = sorter.duplicates().unseen
    assert known == 4  # the tiny files that are no videos
    assert sorter.compare().computed == 0


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="where the trash lies is known on Linux"
)
def test_the_systems_own_trash(tmp_path: Path) -> None:
    """The file lies in the trash of the person's home, from where a file manager restores it."""
    path = tmp_path / "1.mp4"
    path.write_text("one")
    code = "import sys; from pathlib import Path; from sorter_core.duplicates import system_trash; system_trash(Path(sys.argv[1]))"
    places = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-c", code, path], env={**os.environ, **places}, check=True)
    assert not path.exists()
    assert (tmp_path / "data" / "Trash" / "files" / "1.mp4").read_text() == "one"


def test_the_systems_trash_says_what_it_can_not_take(tmp_path: Path) -> None:
    """A file that is gone, as one on a disk without a trash, is told in words."""
    with pytest.raises(StorageError, match="not removed"):
        system_trash(tmp_path / "none.mp4")


def test_videos_of_one_length_are_no_candidates_by_chance() -> None:
    """Of strangers of 15 seconds each, next to none are compared; their copies still are found."""
    draw = np.random.default_rng(0)
    hashes = draw.integers(0, 2**64, (4000, 8), dtype=np.uint64)
    hashes[2000:2010] = hashes[:10] ^ np.uint64(1 << 40 | 1 << 3)
    counts, seconds = np.full(len(hashes), 8), np.full(len(hashes), 15, np.float32)
    assert alike(counts, seconds, hashes).tolist() == [[i, 2000 + i] for i in range(10)]
    assert len(duplicates._candidates(counts, seconds, hashes)) < 20
