"""Kept answers: how long, how many, in which memory, and what happens without Redis."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sorter_core.extraction.cache import Entry, MemoryCache, RedisCache, TwoCaches, key_of
from sorter_core.extraction.links import parse
from sorter_core.extraction.orders import Order
from sorter_core.extraction.redis_link import RedisLink, Unreachable
from tests.extraction.fakes import LINK
from tests.extraction.redis_server import RedisServer, needs_redis

FOREVER = 1e9


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def entry(body: bytes = b'{"a":1}', made_at: float = 1000.0, ttl: float = 100.0) -> Entry:
    return Entry(body, made_at, made_at + ttl)


# In memory ------------------------------------------------------------------------------------


def test_gives_back_what_was_put():
    """The very bytes, with their time."""
    cache = MemoryCache(2, clock=Clock())
    cache.put("a", entry())
    assert cache.get("a", FOREVER) == entry()
    assert cache.get("b", FOREVER) is None


def test_forgets_what_has_expired():
    """An answer's own time counts."""
    clock = Clock()
    cache = MemoryCache(2, clock=clock)
    cache.put("a", entry(ttl=100))
    clock.now = 1100
    assert cache.get("a", FOREVER) is None
    assert cache.size().entries == 0


def test_does_not_take_what_is_too_old_for_the_asker():
    """It stays there for those who are content with it."""
    clock = Clock()
    cache = MemoryCache(2, clock=clock)
    cache.put("a", entry())
    clock.now = 1050
    assert cache.get("a", max_age=49) is None
    assert cache.get("a", max_age=50) == entry()


def test_keeps_the_most_recently_used():
    """The one that nobody asked for longest goes first."""
    cache = MemoryCache(2, clock=Clock())
    for key in "ab":
        cache.put(key, entry())
    cache.get("a", FOREVER)
    cache.put("c", entry())
    assert [cache.get(key, FOREVER) is not None for key in "abc"] == [True, False, True]


def test_is_bounded_in_bytes():
    """Many large answers push each other out; one too large is not taken; nothing is counted twice."""
    cache = MemoryCache(100, limit=10, clock=Clock())
    for key in "abcab":
        cache.put(key, entry(b"1234"))
    assert (cache.size().entries, cache.size().bytes) == (2, 8)
    cache.put("d", entry(b"x" * 11))
    assert cache.get("d", FOREVER) is None


def test_counts_only_what_is_good_still():
    """The size says nothing of what has expired."""
    clock = Clock()
    cache = MemoryCache(9, clock=clock)
    cache.put("a", entry(ttl=10))
    cache.put("b", entry(ttl=1000))
    clock.now = 1100
    assert (cache.size().entries, cache.size().bytes) == (1, 7)


# The key --------------------------------------------------------------------------------------


def order(url: str = LINK, kind="extraction", **given) -> Order:
    return Order(kind, parse(url), 3600, **given)


def test_equal_orders_have_equal_keys():
    """Whatever form the link has, and however old the answer may be."""
    other = "https://m.tiktok.com/@somebody.else/video/7301234567890123456?is_copy_url=1"
    assert order().key("local", 600) == order(other).key("local", 600)
    assert order().key("local", 600) == Order("extraction", parse(LINK), 5).key("local", 600)


def test_every_option_that_changes_the_answer_is_in_the_key():
    """Another video, kind, transcript, its language, analyser or words: another key."""
    keys = [
        order().key(None, 600),
        order().key("local-1/en", 600),
        order().key("local-1/id", 600),
        order(transcript=True).key(None, 600),
        order(transcript=True, captions="id").key(None, 600),
        order(kind="transcript", transcript=True).key(None, 600),
        order(kind="thumbnail").key("local-1/en", 600),
        order("https://www.tiktok.com/@a/video/1").key(None, 600),
        order("https://vm.tiktok.com/ZMabcdef/").key(None, 600),
        order().key(None, 60),
    ]
    assert len(set(keys)) == len(keys)


def test_captions_name_the_link_that_they_were_asked_by():
    """They hold no address of their own, so nobody gets them under the link of somebody else."""
    other = order("https://www.tiktok.com/@b/video/7301234567890123456", "transcript")
    assert other.key(None, 600) != order(kind="transcript").key(None, 600)


def test_the_language_of_captions_counts_only_with_captions():
    """Without a transcript nobody sees it."""
    assert order(captions="id").key(None, 600) == order().key(None, 600)
    assert key_of(a=1, b=2) != key_of(a=2, b=1)


# In Redis -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = RedisServer(tmp_path_factory.mktemp("redis"))
    yield made
    made.kill()


@pytest.fixture
def link(server):
    made = RedisLink(server.url, pause=0.2)
    yield made
    made.close()


def fresh(body: bytes = b'{"a":1}', ttl: float = 100) -> Entry:
    return entry(body, made_at=round(time.time(), 3), ttl=ttl)


@needs_redis
def test_redis_keeps_answers_for_other_processes(link, server):
    """What one connection put, another one reads."""
    made = fresh()
    RedisCache(link).put("shared", made)
    other = RedisLink(server.url)
    assert RedisCache(other).get("shared", 100) == made
    assert RedisCache(other).get("shared", max_age=-1) is None
    other.close()


@needs_redis
def test_redis_ends_an_answers_time_by_itself(link):
    """The time to live is Redis' own, in milliseconds; what is over already is not put."""
    cache = RedisCache(link)
    cache.put("short", fresh(ttl=2.5))
    cache.put("over", fresh(ttl=-1))
    left = link.call(lambda client: client.pttl("tiktok-sorter:extraction:short"))
    assert 0 < left <= 2500
    give_up = time.monotonic() + 20
    while cache.get("short", FOREVER) is not None:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert cache.get("over", FOREVER) is None


@needs_redis
@pytest.mark.parametrize(
    "value",
    [
        *(b"", b"nonsense", b"1 2\nno json", b"1 2\n[1]", b"1 2 3\n{}", b"\xff\n{}"),
        *(b"9e9 9e9\n{}", b'nan nan\n{"a":1}', b'9e9 9e9\n{"a":' + b"[" * 100_000),
    ],
    ids=lambda value: ascii(value[:20]),
)
def test_what_others_wrote_into_redis_is_no_answer(link, value):
    """Only an answer of this form is one."""
    link.call(lambda client: client.set("tiktok-sorter:extraction:odd", value))
    assert RedisCache(link).get("odd", FOREVER) is None


@needs_redis
def test_half_an_answer_and_that_of_another_video_are_none(link):
    """What lies under a key was written for it, and whole."""
    cache, made = RedisCache(link), fresh(b'{"title":"a"}')
    cache.put("one", made)
    value = link.call(lambda client: client.get("tiktok-sorter:extraction:one"))
    for key, wrong in (("one", value[:-1]), ("two", value)):
        link.call(
            lambda client, at=key, what=wrong: client.set(f"tiktok-sorter:extraction:{at}", what)
        )
        assert cache.get(key, FOREVER) is None


@needs_redis
def test_a_full_redis_is_not_healthy(tmp_path: Path):
    """It answers, but keeps nothing."""
    server = RedisServer(tmp_path)
    link = RedisLink(server.url, pause=0)
    assert link.ping()
    link.call(lambda client: client.config_set("maxmemory", "1"))
    assert not link.ping()
    server.kill()
    link.close()


@needs_redis
def test_the_near_cache_answers_when_redis_dies_and_both_when_it_is_back(tmp_path: Path):
    """A dead Redis costs no error, and is used again once it lives."""
    server = RedisServer(tmp_path)
    link = RedisLink(server.url, pause=0.1)
    both = TwoCaches(MemoryCache(9), RedisCache(link))
    made = fresh()
    both.put("a", made)
    server.kill()
    assert both.get("a", FOREVER) == made
    assert both.get("b", FOREVER) is None
    both.put("b", made)
    assert link.down
    assert not link.ping()
    server.start()
    time.sleep(0.15)
    assert RedisCache(link).get("b", FOREVER) is None
    assert not link.down
    both.put("c", made)
    assert RedisCache(link).get("c", FOREVER) == made
    server.kill()
    link.close()


@needs_redis
def test_what_redis_has_comes_near(link):
    """An answer of another process is fetched once."""
    near, made = MemoryCache(9), fresh()
    RedisCache(link).put("far", made)
    assert TwoCaches(near, RedisCache(link)).get("far", FOREVER) == made
    assert near.get("far", FOREVER) == made


@needs_redis
def test_a_redis_that_hangs_is_asked_once(tmp_path: Path):
    """The first call waits for the time limit, those of the next moments do not."""
    server = RedisServer(tmp_path)
    frozen = server.freeze()
    link = RedisLink(server.url, pause=60)
    with pytest.raises(Unreachable) as first:
        link.call(lambda client: client.get("a"))
    assert first.value.__cause__ is not None, "this one was tried"
    with pytest.raises(Unreachable) as second:
        link.call(lambda client: client.get("a"))
    assert second.value.__cause__ is None, "this one was not"
    frozen.close()
    link.close()


def test_a_redis_that_never_was_is_no_error():
    """The address may be wrong: then memory does."""
    link = RedisLink("redis://127.0.0.1:1")
    cache = TwoCaches(MemoryCache(9), RedisCache(link))
    made = fresh()
    cache.put("a", made)
    assert cache.get("a", FOREVER) == made
    assert link.down
    assert not link.ping()
