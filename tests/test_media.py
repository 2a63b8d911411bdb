"""Decoding: what a video gives, and what bad input gets."""

from __future__ import annotations

import os
import struct
import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from sorter_core import _seeking
from sorter_core.errors import LimitExceeded, MediaError
from sorter_core.media import Limits, decode
from tests.clips import blocks, plain, tone, write_clip, write_sound

if TYPE_CHECKING:
    from pathlib import Path

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such files")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A good clip of three seconds."""
    return write_clip(tmp_path / "1.mp4", seconds=3)


def loudest_hz(sound: np.ndarray) -> float:
    """The frequency with the most energy."""
    return float(np.fft.rfftfreq(len(sound), 1 / 16_000)[np.abs(np.fft.rfft(sound)).argmax()])


def overwrite(path: Path, kind: str, data: bytes | None) -> None:
    """Put zeros (None) or repeated ``data`` in the place of each packet of the ``kind`` track."""
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(**{kind: 0}) if p.size]
    content = bytearray(path.read_bytes())
    for start, size in packets:
        content[start : start + size] = ((data or b"\0") * size)[:size]
    path.write_bytes(content)


def patch(path: Path, old: bytes, new: bytes, *, nth: int = 0) -> None:
    """Replace the ``nth`` occurrence of ``old``."""
    head, *parts = path.read_bytes().split(old)
    assert len(parts) > nth
    path.write_bytes(
        head + b"".join((new if i == nth else old) + part for i, part in enumerate(parts))
    )


def test_pictures_are_spread_over_a_video_with_one_key_frame(video):
    """Eight different pictures, in order, from all parts of the clip."""
    clip = decode(video)
    assert len(clip.frames) == len(clip.times) == 8
    assert list(clip.times) == sorted(set(clip.times))
    assert clip.times[0] < 0.4
    assert clip.times[-1] > 2.6
    assert max(np.diff(clip.times)) < 0.8
    assert (clip.width, clip.height, clip.duration) == (64, 96, pytest.approx(3, abs=0.1))
    assert clip.notes == ()


def test_pictures_are_taken_at_key_frames_where_there_are_enough(tmp_path):
    """With a key frame each second of 16, all pictures are key frames."""
    path = write_clip(tmp_path / "1.mp4", seconds=16, gop=10, tone_hz=None)
    clip = decode(path, Limits(frames=4))
    assert len(clip.times) == 4
    assert all(abs(time - round(time)) < 1e-6 for time in clip.times)
    assert [int(time // 4) for time in clip.times] == [0, 1, 2, 3]


def test_frame_is_rgb_and_right(tmp_path):
    """A red left half and a blue right half come out as such."""
    picture = np.zeros((96, 64, 3), np.uint8)
    picture[:, :32, 0], picture[:, 32:, 2] = 250, 250
    frame = decode(write_clip(tmp_path / "1.mp4", pictures=[picture] * 3)).frames[0]
    assert frame.dtype == np.uint8
    assert frame.shape == (96, 64, 3)
    red, blue = frame[48, 8], frame[48, 56]
    assert red[0] > 200
    assert red[2] < 60
    assert blue[2] > 200
    assert blue[0] < 60


@pytest.mark.parametrize(("side", "shape"), [(48, (96, 48, 3)), (320, (192, 96, 3))])
def test_frames_are_scaled_down_and_never_up(tmp_path, side, shape):
    """The short side is the limit's, or the file's own when that is smaller."""
    path = write_clip(tmp_path / "1.mp4", size=(96, 192), seconds=0.5)
    assert decode(path, Limits(short_side=side)).frames[0].shape == shape


def test_sound_is_mono_16_khz(video):
    """Three seconds of a 440 Hz tone."""
    audio = decode(video).audio
    assert audio is not None
    assert audio.dtype == np.float32
    assert len(audio) == pytest.approx(48_000, abs=2_100)
    assert loudest_hz(audio) == pytest.approx(440, abs=2)


def test_stereo_is_as_loud_as_mono(tmp_path):
    """The mean of two equal channels at 44.1 kHz is each of them: not louder, not clipped."""
    path = tmp_path / "1.mp4"
    wave = 0.9 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=10)
        audio = out.add_stream("aac", rate=44_100, layout="stereo")
        video.width, video.height, video.pix_fmt = 64, 96, "yuv420p"
        for i, picture in enumerate(blocks(10, (64, 96))):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 10)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(np.stack([wave] * 2).astype("f4"), "fltp", "stereo")
        sound.sample_rate, sound.pts = 44_100, 0
        out.mux(audio.encode(sound))
        out.mux(audio.encode(None))
    heard = decode(path).audio
    assert heard is not None
    assert heard[4_000:12_000].std() == pytest.approx(wave.std(), rel=0.03)


def test_no_sound_track_is_none_without_a_note(tmp_path):
    """Silence of the file is no damage."""
    clip = decode(write_clip(tmp_path / "1.mp4", tone_hz=None))
    assert clip.audio is None
    assert clip.notes == ()


def test_long_sound_is_heard_in_windows_over_the_file(tmp_path):
    """Of four tones, two seconds each, a limit of two seconds hears the first and the last."""
    sound = np.concatenate([tone(2, hz) for hz in (300, 600, 900, 1500)])
    audio = decode(
        write_clip(tmp_path / "1.mp4", seconds=8, sound=sound), Limits(audio_seconds=2)
    ).audio
    assert audio is not None
    assert len(audio) == 32_000
    assert loudest_hz(audio[:7_000]) == pytest.approx(300, abs=5)
    assert loudest_hz(audio[-7_000:]) == pytest.approx(1500, abs=5)


def test_no_sound_is_decoded_when_none_is_asked(video):
    """A limit of 0 s leaves the track alone."""
    assert decode(video, Limits(audio_seconds=0)).audio is None


def test_sound_that_changes_its_rate_midway_is_heard_to_the_end(tmp_path):
    """Two transport streams joined as files, as recorders write them."""
    parts = []
    for name, rate in (("a.ts", 16_000), ("b.ts", 44_100)):
        with av.open(str(tmp_path / name), "w") as out:
            video = out.add_stream("libx264", rate=10)
            audio = out.add_stream("mp2", rate=rate, layout="mono")
            video.width, video.height, video.pix_fmt = 64, 96, "yuv420p"
            for i, picture in enumerate(blocks(20, (64, 96))):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
                frame.pts, frame.time_base = i, Fraction(1, 10)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
            wave = np.int16(9_000 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate))
            sound = av.AudioFrame.from_ndarray(wave.reshape(1, -1), "s16", "mono")
            sound.sample_rate, sound.pts = rate, 0
            out.mux(audio.encode(sound))
            out.mux(audio.encode(None))
        parts.append((tmp_path / name).read_bytes())
    (tmp_path / "1.mp4").write_bytes(b"".join(parts))
    audio = decode(tmp_path / "1.mp4").audio
    assert audio is not None
    assert len(audio) > 3.5 * 16_000
    assert loudest_hz(audio[:24_000]) == pytest.approx(440, abs=5)
    assert loudest_hz(audio[-16_000:]) == pytest.approx(440, abs=5)


def test_black_and_one_coloured_pictures_are_left_out(tmp_path):
    """A clip that is black, then white, then a scene shows the scene only."""
    size = (64, 96)
    pictures = [*plain(10, size), *plain(10, size, 255), *blocks(20, size)]
    clip = decode(write_clip(tmp_path / "1.mp4", seconds=4, pictures=pictures, tone_hz=None))
    assert len(clip.frames) >= 3
    assert min(clip.times) >= 2
    assert all(frame.std() > 10 for frame in clip.frames)


def test_black_key_frames_are_replaced_by_others(tmp_path):
    """Where the key frame of a part is black, another one stands in."""
    pictures = list(blocks(160, (64, 96)))
    for i in range(0, 160, 20):
        pictures[i] = np.zeros_like(pictures[i])
    path = write_clip(tmp_path / "1.mp4", seconds=16, gop=10, pictures=pictures, tone_hz=None)
    clip = decode(path, Limits(frames=4))
    assert len(clip.frames) == 4
    assert all(frame.std() > 10 for frame in clip.frames)


@pytest.mark.parametrize("grey", [0, 128])
def test_a_video_of_nothing_else_keeps_one_picture(tmp_path, grey):
    """All black, or one colour throughout: still a video."""
    path = write_clip(tmp_path / "1.mp4", pictures=plain(10, (64, 96), grey))
    assert len(decode(path).frames) == 1


def test_a_still_picture_is_kept_once(tmp_path):
    """Ten equal pictures are one."""
    path = write_clip(tmp_path / "1.mp4", pictures=[next(iter(blocks(1, (64, 96))))] * 10)
    assert len(decode(path).frames) == 1


def test_rotation_of_the_display_matrix_is_honoured(tmp_path):
    """A phone's portrait is stored lying; 90 degrees clockwise puts the top at the right."""
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:32, :, 0], picture[32:, :, 2] = 250, 250
    path = write_clip(tmp_path / "1.mp4", size=(96, 64), pictures=[picture] * 3)
    upright = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    clockwise = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    patch(path, upright, clockwise, nth=1)  # mvhd has the first matrix, tkhd the second
    clip = decode(path)
    assert (clip.width, clip.height) == (64, 96)
    assert clip.frames[0].shape == (96, 64, 3)
    assert clip.frames[0][48, 56, 0] > 200  # red, once the top, is at the right
    assert clip.frames[0][48, 8, 2] > 200


def test_variable_frame_rate(tmp_path):
    """Times are the pictures' own, not counted."""
    pts = [0, 1, 2, 3, 50, 51, 52, 90, 91, 99]
    clip = decode(write_clip(tmp_path / "1.mp4", seconds=1, pts=pts, tone_hz=None))
    assert {round(time * 10) for time in clip.times} <= set(pts)
    assert max(clip.times) >= 9


def test_broken_time_stamps_still_give_spread_pictures(tmp_path):
    """All pictures at the time 0: the frame rate takes its place."""
    path = write_clip(tmp_path / "1.mp4", seconds=2, tone_hz=None, options={"use_editlist": "0"})
    content = path.read_bytes()
    start = content.index(b"stts") + 8
    count = struct.unpack(">I", content[start - 0 : start + 4])[0]
    entries = b"".join(
        content[start + 4 + 8 * i : start + 8 + 8 * i] + bytes(4) for i in range(count)
    )
    path.write_bytes(content[: start + 4] + entries + content[start + 4 + len(entries) :])
    clip = decode(path)
    assert len(clip.frames) >= 4
    assert list(clip.times) == sorted(clip.times)


NAMES = ['it\'s "1".mp4', "two\nlines.mp4", "🎬🐈.mp4", "é" * 125 + "a.mp4", "a:b?.mp4", "-i.mp4"]


@posix_only
@pytest.mark.parametrize("name", NAMES)
def test_names_do_not_matter(tmp_path, name):
    """Quotes, a newline, emoji, 255 bytes, what looks like an option or an address."""
    folder = tmp_path / "My vidéos 日本"
    folder.mkdir()
    path = write_clip(tmp_path / "1.mp4").rename(folder / name)
    assert decode(path).audio is not None


@posix_only
def test_a_name_that_is_no_utf8(tmp_path):
    """A name from an old disk, in Latin-1."""
    try:
        path = write_clip(tmp_path / "1.mp4").rename(os.fsdecode(bytes(tmp_path) + b"/\xe9.mp4"))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert decode(path).frames


@posix_only
def test_links_directories_and_devices_are_refused_at_once(tmp_path, video):
    """None of them is opened, so that a FIFO without a writer does not block."""
    (tmp_path / "link.mp4").symlink_to(video)
    (tmp_path / "dir.mp4").mkdir()
    os.mkfifo(tmp_path / "fifo.mp4")
    with pytest.raises(MediaError, match="it is a link"):
        decode(tmp_path / "link.mp4")
    for path in (tmp_path / "dir.mp4", tmp_path / "fifo.mp4", tmp_path.__class__("/dev/zero")):
        with pytest.raises(MediaError, match="a directory or a device"):
            decode(path)


def test_a_file_that_is_gone(tmp_path):
    """It was moved between the scan and the decoding."""
    with pytest.raises(MediaError, match="not there any more"):
        decode(tmp_path / "1.mp4")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello\n", "holds text"),
        ("<html>Vidéo not found</html>".encode() * 100, "holds text"),
        (b"#EXTM3U\n#EXTINF:10,\nother.mp4\n", "holds text"),
        (b"ffconcat version 1.0\nfile other.mp4\n", "holds text"),
        (bytes(10_000), "no video that can be decoded"),
        (np.random.default_rng(0).bytes(10_000), "no video that can be decoded"),
    ],
    ids=["empty", "text", "html", "playlist", "concat", "zeros", "noise"],
)
def test_what_is_no_video_gets_a_plain_reason(tmp_path, content, reason, capfd):
    """And nothing of FFmpeg's own words on the terminal; a playlist opens no other file."""
    write_clip(tmp_path / "other.mp4")
    (tmp_path / "1.mp4").write_bytes(content)
    with pytest.raises(MediaError, match=reason):
        decode(tmp_path / "1.mp4")
    assert capfd.readouterr() == ("", "")


def test_a_stopped_download_without_its_index(tmp_path, video):
    """The moov box stands at the end, and the end is missing."""
    video.write_bytes(video.read_bytes()[:4_000])
    with pytest.raises(MediaError, match="as after a stopped download"):
        decode(video)


def test_a_stopped_download_with_its_index_gives_what_decodes(tmp_path, capfd):
    """The moov box stands in front, half of the data is missing."""
    path = write_clip(
        tmp_path / "1.mp4", seconds=10, gop=10, size=(128, 192), options={"movflags": "faststart"}
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    clip = decode(path)
    assert len(clip.frames) >= 4
    assert max(clip.times) < 6
    assert clip.audio is not None
    assert 2 * 16_000 < len(clip.audio) < 7 * 16_000
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_damage_anywhere_gives_a_clip_or_a_reason(tmp_path, suffix, capfd):
    """Forty files with some bytes overwritten, half of them in the header."""
    path = write_clip(tmp_path / f"1.{suffix}", options={"movflags": "faststart"})
    whole = path.read_bytes()
    clips = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole) if seed % 2 else 1_500, 6):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            clips += len(decode(path).frames) > 0
        except MediaError as error:
            assert str(error)  # noqa: PT017 - either outcome is right
    assert clips > 10
    assert capfd.readouterr() == ("", "")


def test_a_video_of_0_frames(tmp_path):
    """A header with a video track and nothing in it."""
    path = tmp_path / "1.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 96, "yuv420p"
        audio = out.add_stream("aac", rate=16_000, layout="mono")
        sound = av.AudioFrame.from_ndarray(tone(1).reshape(1, -1), "fltp", "mono")
        sound.sample_rate = 16_000
        out.mux(audio.encode(sound))
        out.mux(audio.encode(None))
    with pytest.raises(MediaError, match="picture"):
        decode(path)


def test_a_video_whose_pictures_are_all_damaged(video):
    """Noise where the pictures were."""
    overwrite(video, "video", np.random.default_rng(0).bytes(50_000))
    with pytest.raises(MediaError, match="not one picture could be decoded"):
        decode(video)


def test_sound_only(tmp_path):
    """A song called .mp4."""
    with pytest.raises(MediaError, match="no pictures: it holds only sound"):
        decode(write_sound(tmp_path / "1.mp4"))


@pytest.mark.parametrize("data", [None, b"\xff\xfe\x03\x99\x12"], ids=["zeros", "noise"])
def test_damaged_sound_is_never_silence(video, data):
    """No sound, a note that says why, and the pictures all the same."""
    overwrite(video, "audio", data)
    clip = decode(video)
    assert clip.audio is None
    assert clip.notes[0].startswith("the sound track could not be decoded: ")
    assert len(clip.frames) == 8


def test_partly_damaged_sound_says_how_much(tmp_path):
    """Half of the sound is missing: the other half is given, with a note."""
    path = write_clip(tmp_path / "1.mp4", seconds=4)
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(audio=0) if p.size]
    content = bytearray(path.read_bytes())
    for start, size in packets[len(packets) // 2 :]:
        content[start : start + size] = bytes(size)
    path.write_bytes(content)
    clip = decode(path)
    assert clip.audio is not None
    assert 1.5 * 16_000 < len(clip.audio) < 2.5 * 16_000
    assert "% of the sound track could not be decoded" in clip.notes[0]


def test_sound_in_a_coding_nobody_knows(video):
    """The track is there, but no decoder for it."""
    patch(video, b"mp4a", b"zzzz")
    patch(video, b"\x17\x40\x15", b"\x17\xee\x15")  # the object type: AAC
    clip = decode(video)
    assert clip.audio is None
    assert clip.notes == ("the sound track could not be decoded: its coding is not known here",)


def test_silence_is_silence(tmp_path):
    """A track that holds silence is no damage."""
    clip = decode(write_clip(tmp_path / "1.mp4", sound=np.zeros(16_000, np.float32)))
    assert clip.audio is not None
    assert np.abs(clip.audio).max() < 1e-3
    assert clip.notes == ()


def test_pictures_in_a_coding_nobody_knows(video):
    """The track is there, but no decoder for it."""
    patch(video, b"avc1", b"zzzz", nth=1)  # the first stands in the file's list of brands
    with pytest.raises(MediaError, match="not known here"):
        decode(video)


def test_4k_and_an_hour_long(tmp_path):
    """Seeking costs the same as in a short one."""
    pictures = [next(iter(blocks(1, (3840, 2160), seed))) for seed in range(8)]
    path = write_clip(
        tmp_path / "1.mp4",
        size=(3840, 2160),
        fps=Fraction(1, 450),
        pictures=pictures,
        tone_hz=None,
        gop=2,
    )
    clip = decode(path, Limits(frames=4))
    assert clip.duration == pytest.approx(3600, rel=0.1)
    assert len(clip.frames) == 4
    assert clip.frames[0].shape == (320, 569, 3)


def test_a_picture_over_the_limit(video):
    """Refused by the header, before a picture is allocated."""
    with pytest.raises(LimitExceeded, match=r"64x96 pixels; the limit is 0.006 megapixels"):
        decode(video, Limits(megapixels=0.006))
    assert decode(video, Limits(megapixels=0.0065)).frames


def test_a_picture_that_is_larger_than_its_header_says(tmp_path):
    """A JPEG of 65500x65500 behind a header of 64x96: the decoder itself is limited too."""
    path = write_clip(tmp_path / "1.mov", codec="mjpeg", tone_hz=None)
    content = path.read_bytes()
    size = struct.pack(">HH", 96, 64)
    assert content.count(b"\xff\xc0\x00\x11\x08" + size) == 10
    large = struct.pack(">HH", 65_500, 65_500)
    path.write_bytes(
        content.replace(b"\xff\xc0\x00\x11\x08" + size, b"\xff\xc0\x00\x11\x08" + large)
    )
    with pytest.raises(MediaError):
        decode(path)


def test_a_stream_that_begins_in_the_middle_ends_nothing(tmp_path):
    """Sound that changes its coding is a new stream in FLV; the pictures behind it are read as well."""
    content = write_clip(tmp_path / "1.flv", seconds=8).read_bytes()
    at, tags = 13, []
    while at < len(content):
        size = 15 + int.from_bytes(content[at + 1 : at + 4], "big")
        tags.append(bytearray(content[at : at + size]))
        at += size
    for tag in [tag for tag in tags if tag[0] == 8][-5:]:
        tag[11] = 0x2F  # MP3
    path = tmp_path / "2.flv"
    path.write_bytes(content[:13] + b"".join(tags))
    with av.open(path) as container:
        found = list(_seeking.demuxed(container, container.streams.video[0]))
    assert sum(packet.size > 0 for packet in found) == 80
