"""Text as hashed counts: what makes two captions alike, and what says nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorter_core.encoders.caption import NAMES, WORDS, Caption
from sorter_core.errors import CannotEncode
from sorter_core.types import Clip, Vector


@pytest.fixture
def encoder(tmp_path: Path) -> Caption:
    return Caption(tmp_path)


def clip(**texts: str) -> Clip:
    return Clip((), (), None, 1.0, 64, 96, texts)


def vector(encoder: Caption, caption: str) -> Vector:
    return encoder.encode(clip(caption=caption))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My cat dances", "cats who are dancing"),
        ("Танцующая кошка", "кошки танцуют"),
        ("猫が踊っている", "踊っている犬"),
        ("ＣＡＴ", "cat"),  # noqa: RUF001 - full-width letters are what is tested
        ("Strasse", "STRAẞE"),
    ],
)
def test_related_words_are_alike(encoder: Caption, one: str, other: str) -> None:
    """Inflected, in any script, with or without blanks, in another case or width."""
    assert vector(encoder, one) @ vector(encoder, other) > 0.1
    assert abs(vector(encoder, one) @ vector(encoder, "bread baking ideas")) < 0.1


@pytest.mark.parametrize("tags", ["#fyp", "#ForYou #viral", "#fypシ゚viral #xyzbca", "#おすすめ"])
def test_tags_that_say_nothing_are_dropped(encoder: Caption, tags: str) -> None:
    """They change no vector, and alone they are no caption."""
    assert np.array_equal(vector(encoder, f"A cat #pets {tags}"), vector(encoder, "A cat #pets"))
    with pytest.raises(CannotEncode, match="says nothing"):
        vector(encoder, tags)


def test_hashtags_are_read_from_the_caption_when_not_given(encoder: Caption) -> None:
    """An importer may know the caption alone."""
    given = clip(caption="Look #Cat #fyp", hashtags="cat fyp")
    assert np.array_equal(encoder.encode(given), vector(encoder, "Look #Cat #fyp"))


def test_author_sound_and_hashtag_are_told_apart(encoder: Caption) -> None:
    """The same name as author, as sound and as hashtag is three things."""
    vectors = [encoder.encode(clip(**{kind: "luna"})) for kind in ("author", "sound", "hashtags")]
    assert np.allclose(np.array(vectors) @ np.array(vectors).T, np.eye(3))


def test_the_same_author_brings_videos_together(encoder: Caption) -> None:
    """Also where the captions have nothing in common."""
    cat, bread = "A cat sleeps", "How bread is baked"
    same = [encoder.encode(clip(caption=text, author="luna")) for text in (cat, bread)]
    assert same[0] @ same[1] > vector(encoder, cat) @ vector(encoder, bread) + 0.3


def test_words_said_often_count_with_their_logarithm(encoder: Caption) -> None:
    """A hundred times the same word does not drown the others."""
    words = vector(encoder, "cat " * 100 + "dog")[NAMES : NAMES + WORDS]
    weights = np.sort(np.abs(words[words != 0]))
    assert weights[1] / weights[0] == pytest.approx(1 + np.log(100))


def test_emoji_are_words(encoder: Caption) -> None:
    """Many captions have nothing else; a skin tone or a variant makes no other emoji."""
    assert vector(encoder, "\U0001f415 #fyp") @ vector(encoder, "my \U0001f415\ufe0f") > 0.3
    assert vector(encoder, "\U0001f415") @ vector(encoder, "\U0001f355") == 0


@pytest.mark.parametrize("texts", [{}, {"caption": ""}, {"transcript": "spoken words"}])
def test_no_text_is_said(encoder: Caption, texts: dict[str, str]) -> None:
    """Nothing lies beside the video; what other encoders read is none of its business."""
    with pytest.raises(CannotEncode, match="no caption lies beside it"):
        encoder.encode(clip(**texts))


@pytest.mark.parametrize("text", ["... !!!", "\u200d", "\ufe0f", "#", "<>|=+"])
def test_text_without_words_is_said(encoder: Caption, text: str) -> None:
    """Full stops and what joins letters are no words."""
    with pytest.raises(CannotEncode):
        vector(encoder, text)


def test_a_very_long_caption_is_taken(encoder: Caption) -> None:
    """As long as any file may hold."""
    assert np.isfinite(vector(encoder, "word ünd wörd " * 5000)).all()
