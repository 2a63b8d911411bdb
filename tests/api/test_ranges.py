"""The ``Range`` header: whatever a client writes, only bytes of the file come of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ranges import MOST_RANGES, parse

numbers = (
    st.integers(0, 10**20).map(str) | st.just("") | st.text("0123456789-+ x\u0661", max_size=4)
)
specs = st.tuples(numbers, st.sampled_from(["-", "--", "", " - "]), numbers).map("".join)
headers = st.lists(specs, max_size=MOST_RANGES + 2).map(",".join).map("bytes={}".format) | st.text()


@given(headers, st.integers(0, 2000))
def test_spans_lie_in_the_file(header, size):
    """Each is a part of it and not empty, and all together are no more than the whole."""
    spans = parse(header, size) or []
    assert all(0 <= start < end <= size for start, end in spans)
    assert sum(end - start for start, end in spans) <= size


@given(st.integers(1, 2000), st.data())
def test_a_valid_range_is_what_it_says(size, data):
    """``first-last`` counts both ends."""
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size + 10))
    assert parse(f"bytes={first}-{last}", size) == [(first, min(last + 1, size))]


@pytest.mark.parametrize(
    "header", ["bytes=0-999,0-999", "bytes=" + ",".join(["0-0"] * (MOST_RANGES + 1))]
)
def test_overlapping_and_many_ranges_get_the_whole(header):
    """Asking for the same bytes over and over is no way to load a server."""
    assert parse(header, 1000) is None
