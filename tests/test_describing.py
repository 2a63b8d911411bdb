"""Words for groups of videos, in any language."""

from __future__ import annotations

import pytest

from sorter_core.describing import describe


def told(**captions: list[str]) -> tuple[list[list[str]], dict[str, dict[str, str]]]:
    """A group for each argument, and its captions."""
    groups = [[f"{group}{i}" for i in range(len(texts))] for group, texts in captions.items()]
    texts = {
        f"{group}{i}": {"caption": t}
        for group, found in captions.items()
        for i, t in enumerate(found)
    }
    return groups, texts


def test_what_is_said_here_and_not_elsewhere() -> None:
    """Words of every text, and tags that say nothing, are left out; no list of stop words is needed."""
    groups, texts = told(
        a=["the cat and the mouse #fyp #viral", "a cat on the sofa #fyp", "the cat sleeps #fyp"],
        b=["the dog and the ball #fyp", "a dog in the sea #viral", "the dog runs #fyp"],
    )
    assert describe(groups, texts) == [["cat"], ["dog"]]


@pytest.mark.parametrize(
    ("here", "there", "word"),
    [
        (["мой кот спит", "кот ест", "мой кот"], ["мой пёс", "пёс ест", "пёс спит"], "кот"),
        (["#ネコ かわいい", "#ネコ", "#ネコ だよ"], ["#いぬ", "#いぬ かわいい", "#いぬ"], "ネコ"),
        (["बिल्ली सो रही", "मेरी बिल्ली", "बिल्ली"], ["मेरी कुत्ता", "कुत्ता सो", "कुत्ता"], "बिल्ली"),
        (["قطة صغيرة", "قطة", "قطة تنام"], ["كلب صغير", "كلب", "كلب ينام"], "قطة"),
    ],
)
def test_any_language(here: list[str], there: list[str], word: str) -> None:
    """Scripts without capitals, blanks or vowels as well; words are compared in their plain form."""
    groups, texts = told(a=here, b=there)
    assert describe(groups, texts)[0][0] == word.casefold()


def test_two_words_that_stand_together() -> None:
    """They say more than one; a pair with a word of every text does not."""
    groups, texts = told(
        a=["my table tennis match", "table tennis!", "we love table tennis"],
        b=["my chess match", "chess!", "we love chess"],
    )
    assert describe(groups, texts) == [["table tennis"], ["chess"]]


def test_authors_speech_and_screen_count_as_well() -> None:
    """Whatever is known of a video in words."""
    texts = {
        **{f"a{i}": {"author": "Anna Smith", "speech": "welcome back"} for i in range(4)},
        **{
            f"b{i}": {"screen": f"RECIPE {i}", "hashtags": "food", "speech": "welcome back"}
            for i in range(4)
        },
    }
    groups = [[f"a{i}" for i in range(4)], [f"b{i}" for i in range(4)]]
    assert describe(groups, texts) == [["anna smith"], ["food", "recipe"]]


def test_a_word_of_one_long_text_is_no_word_of_the_group() -> None:
    """It counts once for a video, and some must have it."""
    groups, texts = told(a=["pizza " * 50, "oven", "dough", "cheese"], b=["car", "car", "car"])
    assert describe(groups, texts)[0] == []


def test_numbers_letters_and_sentences_are_no_names() -> None:
    """Nor is what a language without blanks writes in one go."""
    long = "これはとても長い文章なので名前にはなりませんそしてまだ続きますよ"
    groups, texts = told(a=[f"2024 x {long}"] * 4, b=["y"] * 4)
    assert describe(groups, texts)[0] == []


def test_nothing_written_gives_no_words() -> None:
    """Also when only others have texts, and when nobody has."""
    assert describe([["a", "b"], ["c"]], {"c": {"caption": "hello"}})[0] == []
    assert describe([["a"]], {}) == [[]]
    assert describe([], {"a": {"caption": "hello"}}) == []


def test_short_words_are_no_names_but_as_hashtags() -> None:
    """No list has "in" and "my"; a tag of two letters was meant as a name."""
    groups, texts = told(a=["up we go #f1"] * 4, b=["the sea"] * 4)
    assert describe(groups, texts)[0] == ["f1"]


def test_a_hashtag_counts_more_than_a_word() -> None:
    """Somebody gave it as a name."""
    groups, texts = told(a=["wonderful evening #pizzaoftiktok"] * 4, b=["#sea"] * 4)
    assert describe(groups, texts)[0][0] == "pizza"


def test_an_author_describes_only_what_is_by_nobody_else() -> None:
    """A group of several people's videos is about something else."""
    by = ["ana", "ana", "ana", "bob"]
    texts = {f"{i}": {"author": who, "caption": "#cats"} for i, who in enumerate(by)}
    texts |= {f"o{i}": {"caption": "#sea"} for i in range(4)}
    assert describe([["0", "1", "2", "3"]], texts) == [["cats"]]
    assert describe([["0", "1", "2"]], texts) == [["cats", "ana"]]
