"""What the analyser on this machine sees, on pictures that the test draws."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw, ImageFont

from sorter_core import Settings
from sorter_core.extraction.errors import ThumbnailAnalysisFailed
from sorter_core.extraction.thumbnails import available, colours, default, lettering, vocabulary
from sorter_core.extraction.thumbnails.faces import SHA256, FaceFinder
from sorter_core.extraction.thumbnails.local import LocalAnalyser
from sorter_core.extraction.thumbnails.picture import MEGAPIXELS, SIDE, decode, encode
from tests.extraction.fakes import jpeg, picture

ROOT = Path(__file__).parents[2]
WIDTH, HEIGHT = 540, 960
WALL, SKIN, HAIR = (120, 150, 170), (224, 172, 138), (60, 40, 30)


def wall(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A grey-blue wall with some grain, so that nothing is flat by accident."""
    grain = np.random.default_rng(0).normal(0, 3, (height, width, 3))
    return np.clip(np.full((height, width, 3), WALL) + grain, 0, 255).astype(np.uint8)


def face(pixels: np.ndarray, x: int, y: int, size: int) -> np.ndarray:
    """Draw a face of ``size`` pixels from its middle to the chin."""

    def oval(dx, dy, width, height, colour):
        middle, axes = (
            (x + int(dx * size), y + int(dy * size)),
            (int(width * size), int(height * size)),
        )
        cv2.ellipse(pixels, middle, axes, 0, 0, 360, colour, -1)

    oval(0, -0.25, 0.95, 1.15, HAIR)
    oval(0, 0, 0.78, 1, SKIN)
    for side in (-0.33, 0.33):
        oval(side, -0.15, 0.16, 0.08, (250, 250, 250))
        oval(side, -0.15, 0.08, 0.08, HAIR)
        oval(side, -0.35, 0.2, 0.05, HAIR)
    oval(0, 0.2, 0.1, 0.18, (196, 140, 110))
    oval(0, 0.52, 0.3, 0.1, (170, 60, 60))
    return cv2.GaussianBlur(pixels, (0, 0), size / 40)


def written(
    pixels: np.ndarray, text: str, y: int, size: int, fill="white", x: int = 40
) -> np.ndarray:
    """Lay words over a picture, as editors do: plain letters with an outline."""
    drawn = Image.fromarray(pixels)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(drawn).text((x, y), text, fill, font, stroke_width=3, stroke_fill="black")
    return np.asarray(drawn)


@pytest.fixture(scope="module")
def analyser():
    return LocalAnalyser()


def seen(analyser, pixels, language="en"):
    return analyser.analyse(picture(pixels, "PNG"), language)


# The picture itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_reads_the_usual_formats(form):
    """As upright RGB, whatever they were."""
    assert decode(picture(wall(60, 80), form)).shape == (80, 60, 3)


def test_turns_a_picture_as_its_camera_said():
    """EXIF's orientation counts."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.fromarray(wall(60, 80)).save(out, "JPEG", exif=exif)
    assert decode(out.getvalue()).shape == (60, 80, 3)


def test_makes_large_ones_small():
    """The longer side is bounded, for us and for a vision model."""
    large = picture(wall(1500, 3000))
    assert max(decode(large).shape) == SIDE
    assert max(decode(encode(decode(large), 512)).shape) == 512


def test_nothing_but_pixels_is_sent_on():
    """A camera's metadata stays here."""
    exif = Image.Exif()
    exif[0x010E] = "taken at my home"
    out = io.BytesIO()
    Image.fromarray(wall(60, 80)).save(out, "JPEG", exif=exif)
    assert b"my home" in out.getvalue()
    assert b"my home" not in encode(decode(out.getvalue()), 512)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"),
        (picture(wall(8, 8), "BMP"), "format"),
        (picture(wall(60, 80), "PNG")[:2000], "damaged"),
        (picture(wall(60, 80))[:200], "damaged|format"),
        (picture(wall(60, 80), "AVIF").replace(b"iloc", b"free"), "damaged"),
    ],
)
def test_says_why_a_picture_can_not_be_read(data, reason):
    """Empty, no picture, a format that thumbnails don't have, cut off."""
    with pytest.raises(ThumbnailAnalysisFailed, match=reason):
        decode(data)


def test_a_picture_that_unpacks_to_gigabytes_is_refused_by_its_head():
    """A few kilobytes that claim to be 400 megapixels."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert MEGAPIXELS < 400
    assert len(out.getvalue()) < 100_000
    with pytest.raises(ThumbnailAnalysisFailed, match=r"large|damaged"):
        decode(out.getvalue())


# Colours ----------------------------------------------------------------------------------------


def halves(upper, lower) -> np.ndarray:
    pixels = np.empty((80, 60, 3), np.uint8)
    pixels[:40], pixels[40:] = upper, lower
    return pixels


@pytest.mark.parametrize(
    ("pixels", "scheme"),
    [
        (halves((20, 20, 20), (230, 230, 230)), "black_and_white"),
        (halves((10, 20, 50), (30, 10, 10)), "dark"),
        (halves((255, 0, 0), (0, 80, 255)), "vivid"),
        (halves((255, 215, 225), (215, 240, 255)), "pastel"),
        (halves((245, 250, 235), (230, 225, 215)), "bright"),
        (halves((170, 120, 90), (140, 100, 80)), "warm"),
        (halves((90, 130, 160), (80, 110, 140)), "cool"),
        (halves((140, 110, 100), (100, 120, 140)), "neutral"),
    ],
)
def test_names_the_colour_scheme(pixels, scheme):
    """One clear case of each."""
    assert colours.measure(pixels).scheme == scheme


def test_measures_brightness_and_contrast():
    """Half black and half white is as hard as it gets; one grey has no contrast."""
    hard = colours.measure(halves((0, 0, 0), (255, 255, 255)))
    assert (hard.brightness, hard.contrast) == (
        pytest.approx(0.5, abs=0.01),
        pytest.approx(1, abs=0.02),
    )
    flat = colours.measure(halves((51, 51, 51), (51, 51, 51)))
    assert (flat.brightness, flat.contrast) == (0.2, 0)


def test_colourfulness_is_that_of_the_paper():
    """Pure grey has 0; a strong red on half the picture is far over "extremely" (82)."""
    assert colours.colourfulness(halves((9, 9, 9), (200, 200, 200))) == 0
    assert colours.colourfulness(halves((255, 0, 0), (0, 255, 255))) > 109


# Letters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fill", ["white", "black", (255, 230, 20)])
@pytest.mark.parametrize("text", ["wait for it to end", "WAIT FOR IT", "señor müller"])
def test_finds_a_line_of_letters(fill, text):
    """Where it is, as part of the picture, in each colour and script."""
    pixels = wall()
    pixels = written(pixels, text, 480, 48, fill) if fill != "black" else boxed(pixels, text)
    (line,) = lettering.lines(pixels)
    assert line.top == pytest.approx(0.5, abs=0.03)
    assert 0.02 < line.height < 0.07
    assert line.left < 0.2 < line.width


def boxed(pixels: np.ndarray, text: str) -> np.ndarray:
    """Black letters on a white box, the other usual style."""
    drawn = Image.fromarray(pixels)
    pen = ImageDraw.Draw(drawn)
    pen.rounded_rectangle((30, 470, 520, 545), 12, "white")
    pen.text((40, 480), text, "black", ImageFont.load_default(48))
    return np.asarray(drawn)


@pytest.mark.parametrize(
    "pixels",
    [
        wall(),
        face(wall(), 270, 400, 150),
        np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8),
        np.kron(np.indices((48, 27)).sum(0) % 2, np.ones((20, 20)))[..., None]
        .repeat(3, 2)
        .astype(np.uint8)
        * 255,
        np.tile(np.repeat([0, 255], 12).astype(np.uint8), (HEIGHT, WIDTH // 24))[..., None].repeat(
            3, 2
        ),
        np.zeros((HEIGHT, 1, 3), np.uint8),
        np.zeros((1, WIDTH, 3), np.uint8),
    ],
    ids=["wall", "face", "noise", "chessboard", "stripes", "column", "row"],
)
def test_sees_no_letters_where_there_are_none(pixels):
    """Nothing, a face, noise, patterns, and the thinnest pictures there are."""
    assert lettering.lines(np.ascontiguousarray(pixels)) == []


# Faces ------------------------------------------------------------------------------------------


def test_the_face_networks_are_those_that_are_known():
    """The package is there, and its files have the stated digests."""
    finder = FaceFinder()
    assert finder.unavailable() is None
    assert set(finder._loaded()) == set(SHA256)


def test_finds_each_face_once():
    """With its place and size."""
    pixels = face(face(wall(960, 540), 250, 260, 90), 700, 280, 70)
    boxes = FaceFinder().find(pixels)
    assert len(boxes) == 2
    middles = sorted(((boxes[:, 0] + boxes[:, 2]) / 2).tolist())
    assert middles == [pytest.approx(250, abs=20), pytest.approx(700, abs=20)]
    assert 80 < (boxes[:, 3] - boxes[:, 1]).min() < 200


@pytest.mark.parametrize("shape", [(HEIGHT, WIDTH), (1, WIDTH), (HEIGHT, 1), (12, 12)])
def test_finds_no_face_in_a_wall(shape):
    """Whatever its form."""
    assert len(FaceFinder().find(wall(*reversed(shape)))) == 0


# All of it --------------------------------------------------------------------------------------


def test_describes_a_portrait(analyser):
    """What can be known, in words of the vocabulary; the rest is null."""
    found = seen(analyser, face(wall(), 270, 400, 150))
    assert (found.people_count, found.camera_angle) == (1, "close-up")
    assert found.text_overlay_style == "none"
    assert found.hook_elements == ("face close-up",)
    assert (found.visual_style, found.setting) == (None, None)
    assert found.analyser == "local"


@pytest.mark.parametrize(
    ("size", "angle"),
    [(330, "extreme close-up"), (150, "close-up"), (80, "medium shot"), (40, "wide shot")],
)
def test_tells_the_distance_by_the_size_of_the_face(analyser, size, angle):
    """A head is an eighth of a figure."""
    assert seen(analyser, face(wall(), 270, 430, size)).camera_angle == angle


def test_a_picture_without_a_face_may_show_people_still(analyser):
    """So their number is not known, and the confidence is lower."""
    empty, portrait = seen(analyser, wall()), seen(analyser, face(wall(), 270, 400, 150))
    assert (empty.people_count, empty.camera_angle) == (None, None)
    assert 0 < empty.confidence_score < portrait.confidence_score < 1


def test_tells_the_style_of_words_laid_over(analyser):
    """By their size, their place and their number."""
    styles = {
        "bold title": written(wall(), "WAIT FOR IT", 300, 72),
        "small caption": written(wall(), "wait for it to end", 300, 34),
        "subtitles": written(wall(), "and then he said", 800, 34),
    }
    many = wall()
    for row in range(8):
        many = written(many, "a line of many words", 100 + 90 * row, 34)
    styles["text-heavy"] = many
    assert {
        style: seen(analyser, pixels).text_overlay_style for style, pixels in styles.items()
    } == {style: style for style in styles}
    assert "large text" in seen(analyser, styles["bold title"]).hook_elements


def test_speaks_indonesian(analyser):
    """The same in the asked language."""
    found = seen(analyser, face(wall(), 270, 400, 150), "id")
    assert (found.camera_angle, found.text_overlay_style) == ("jarak dekat", "tanpa teks")
    assert found.hook_elements == ("wajah dari dekat",)
    assert found.language == "id"


def test_without_the_face_package_people_are_not_known():
    """Nothing fails, nothing is made up, and the answer has another key."""

    class NoFaces(FaceFinder):
        def unavailable(self):
            return "not installed"

    blind = LocalAnalyser(NoFaces())
    found = seen(blind, face(wall(), 270, 400, 150))
    assert (found.people_count, found.camera_angle) == (None, None)
    assert found.color_scheme is not None
    assert blind.identity != LocalAnalyser().identity


def test_says_the_same_of_the_same_picture(analyser):
    """No chance in it."""
    assert analyser.analyse(jpeg(), "en") == analyser.analyse(jpeg(), "en")


# Words ------------------------------------------------------------------------------------------


def test_both_languages_have_the_same_keys_and_no_word_twice():
    """A key means the same in each; a word means one key of its field."""
    english, indonesian = (vocabulary.of(language) for language in vocabulary.LANGUAGES)
    assert set(english.words) == set(indonesian.words) == set(vocabulary.FIELDS)
    for field in vocabulary.FIELDS:
        assert list(english.words[field]) == list(indonesian.words[field])
        for words in (english, indonesian):
            assert len(set(words.allowed(field))) == len(words.allowed(field))


@pytest.mark.parametrize("language", vocabulary.LANGUAGES)
def test_the_prompts_are_whole(language):
    """Each is there, with the places that are filled in; and YAML made no word a truth value."""
    said = vocabulary.of(language)
    assert set(said.prompts) == set(vocabulary.PROMPTS)
    assert "{choices}" in said.prompts["user"]
    assert "{problems}" in said.prompts["again"]
    assert all(isinstance(word, str) for words in said.words.values() for word in words.values())
    assert yaml.safe_load("no: off") == {False: False}, "this is why"


def test_the_vision_model_is_there_when_it_is_set_up_only():
    """And then it is what is used by default."""
    plain = available(Settings(_env_file=None))
    assert (list(plain), default(plain)) == (["local"], "local")
    both = available(Settings(_env_file=None, openai_api_key="k"))
    assert (list(both), default(both)) == (["local", "vision"], "vision")


RACE = """
import threading
from sorter_core.extraction.thumbnails.picture import opencv
start, found = threading.Barrier(8), []
def load():
    start.wait()
    found.append(opencv().resize)
threads = [threading.Thread(target=load) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found))
"""


def test_opencv_can_be_loaded_from_many_threads_at_once():
    """The first eight extractions of a process, say; by itself it fails then."""
    done = subprocess.run(
        [sys.executable, "-c", RACE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("8\n", "")
