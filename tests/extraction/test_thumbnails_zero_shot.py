"""What a thumbnail is about: the likeliest words by a model that knows pictures and words."""

import numpy as np
import pytest

from sorter_core import Settings
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.extraction.thumbnails import available
from sorter_core.extraction.thumbnails.local import LocalAnalyser
from sorter_core.extraction.thumbnails.zero_shot import NOTHING, Describer
from tests.encoders.tiny import clip
from tests.extraction.fakes import jpeg

IDEAS = ("kitchen", "animation", "food", "street")
PIXELS = np.full((96, 54, 3), 200, np.uint8)


class Eyes:
    """A space with one direction for each idea; sees in every picture what it is told."""

    def __init__(self, *sees, lacks=None, fault=None):
        self.sees, self.lacks, self.fault = sees, lacks, fault
        self.asked = []

    def unavailable(self):
        return self.lacks

    def encode(self, clip):
        assert clip.frames[0].shape == (clip.height, clip.width, 3)
        if self.fault:
            raise self.fault
        return self._direction(self.sees)

    def encode_text(self, texts):
        self.asked += texts
        return np.stack([self._direction([idea for idea in IDEAS if idea in t]) for t in texts])

    def _direction(self, ideas):
        found = np.array([1.0, *(float(idea in ideas) for idea in IDEAS)], np.float32)
        return found / np.linalg.norm(found)


def test_the_likeliest_words_are_said():
    """Place, style and what there is to be seen, each for itself."""
    seen = Describer(Eyes("kitchen", "animation", "food")).describe(PIXELS)
    assert {field: key for field, (key, _) in seen.choices.items()} == {
        "visual_style": "animation",
        "setting": "kitchen",
    }
    assert all(0.5 <= sure <= 1 for _, sure in seen.choices.values())
    assert seen.hooks == ("food",)


def test_what_is_not_likely_is_not_said():
    """A picture of nothing is like no word more than another; and two alike are no choice."""
    assert Describer(Eyes()).describe(PIXELS) == NOTHING
    assert "setting" not in Describer(Eyes("kitchen", "street")).describe(PIXELS).choices


def test_the_words_are_looked_up_once():
    """All pictures are compared with the same directions."""
    eyes = Eyes("kitchen")
    describer = Describer(eyes)
    describer.describe(PIXELS)
    count = len(eyes.asked)
    assert describer.describe(PIXELS).choices["setting"][0] == "kitchen"
    assert len(eyes.asked) == count > 0


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_analysis_says_it_in_the_asked_language(language):
    """And is the surer for it; the answer has another key in the cache."""
    plain, better = LocalAnalyser(), LocalAnalyser(describer=Describer(Eyes("kitchen", "food")))
    without, found = plain.analyse(jpeg(), language), better.analyse(jpeg(), language)
    assert (without.setting, found.setting) == (None, {"en": "kitchen", "id": "dapur"}[language])
    assert found.visual_style is None
    assert {"en": "food", "id": "makanan"}[language] in found.hook_elements
    assert found.color_scheme == without.color_scheme
    assert found.confidence_score > without.confidence_score
    assert better.identity != plain.identity


def test_a_model_that_can_not_be_used_costs_its_words_only(caplog):
    """A damaged one is asked once, a picture that shows nothing each time anew."""
    blank = Describer(Eyes(fault=CannotEncode("the pictures show nothing")))
    assert blank.describe(PIXELS) == NOTHING
    assert blank.ready
    damaged = Describer(Eyes(fault=EncoderUnavailable("The model can't be read.")))
    assert damaged.describe(PIXELS) == NOTHING
    assert not damaged.ready
    assert Describer(Eyes("kitchen", lacks="not here")).describe(PIXELS) == NOTHING


def test_without_the_model_nothing_is_fetched(tmp_path):
    """The analyser is there all the same."""
    chosen = Settings(_env_file=None, cache_dir=tmp_path, models_dir=None)
    assert available(chosen)["local"].analyse(jpeg(), "en").setting is None
    assert list(tmp_path.iterdir()) == []


def test_the_encoders_model_is_used_where_it_lies(tmp_path):
    """The real encoder over tiny models: pictures and words meet in one space."""
    chosen = Settings(_env_file=None, cache_dir=tmp_path, models_dir=clip(tmp_path / "models"))
    analyser = available(chosen)["local"]
    assert "+clip" in analyser.identity
    assert analyser.analyse(jpeg(), "en") == analyser.analyse(jpeg(), "en")
    assert analyser._describer.ready
