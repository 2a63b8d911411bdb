"""How many requests a minute: counted exactly, by the right address, with and without Redis."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from limits import RateLimitItemPerSecond
from limits.strategies import MovingWindowRateLimiter

from sorter_core.errors import InvalidInput
from sorter_core.extraction.limits import Forgetful, Proxies, RateLimits, by_address, by_key
from sorter_core.extraction.redis_link import RedisLink
from tests.extraction.redis_server import RedisServer, needs_redis


def test_lets_so_many_pass_and_says_how_many_are_left():
    """The figures are those of the window, and belong to each one asked for."""
    limits = RateLimits(3)
    taken = [limits.take("a") for _ in range(4)]
    assert [one.allowed for one in taken] == [True, True, True, False]
    assert [one.remaining for one in taken] == [2, 1, 0, 0]
    assert {one.limit for one in taken} == {3}
    assert limits.take("b").remaining == 2


def test_the_next_one_is_free_a_minute_after_the_first():
    """A moving window: what is told is when its oldest request leaves it."""
    limits = RateLimits(2)
    before = time.time()
    for _ in range(2):
        limits.take("a")
    refused = limits.take("a")
    assert before + 60 <= refused.reset_at <= time.time() + 60
    assert 59 <= refused.retry_after <= 60


def test_refused_requests_are_not_counted():
    """Who knocks without end is not locked out without end."""
    limits = RateLimits(1)
    reset = limits.take("a").reset_at
    assert [limits.take("a").reset_at for _ in range(5)] == [reset] * 5


def test_threads_together_get_no_more_than_the_limit():
    """Twenty at once share ten."""
    limits, passed = RateLimits(10), Counter()
    threads = [
        threading.Thread(target=lambda: passed.update([limits.take("a").allowed]))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed == {True: 10, False: 10}


def test_who_has_not_come_for_a_while_is_forgotten():
    """So that all the addresses of the world do not fill the memory; who still comes is counted on."""
    storage, each_second = Forgetful(), RateLimitItemPerSecond(2)
    limiter = MovingWindowRateLimiter(storage)
    for number in range(500):
        limiter.hit(each_second, str(number))
    give_up = time.monotonic() + 20
    while len(storage.events) > 1:
        assert time.monotonic() < give_up
        for _ in range(Forgetful.EVERY // 10):
            limiter.hit(each_second, "still here")
        time.sleep(0.02)
    assert "still here" in next(iter(storage.events))


@needs_redis
def test_in_redis_two_processes_share_the_limit_and_memory_takes_over(tmp_path):
    """While Redis lives both count together; when it is dead each counts by itself; then together again."""
    server = RedisServer(tmp_path)
    links = [RedisLink(server.url, pause=0.1) for _ in range(2)]
    one, other = (RateLimits(3, link) for link in links)
    assert [limits.take("a").allowed for limits in (one, other, one, other)] == [
        True,
        True,
        True,
        False,
    ]
    server.kill()
    assert [one.take("a").remaining for _ in range(3)] == [2, 1, 0]
    assert not one.take("a").allowed
    server.start()
    time.sleep(0.15)
    assert one.take("a").remaining == 2
    assert other.take("a").remaining == 1
    server.kill()
    for link in links:
        link.close()


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ([], "9.9.9.9", "1.2.3.4", "9.9.9.9"),
        (["10.0.0.0/8"], "9.9.9.9", "1.2.3.4", "9.9.9.9"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        (["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, 10.0.0.7", "1.2.3.4"),
        (["10.0.0.0/8"], "10.0.0.1", "10.0.0.8, 10.0.0.7", "10.0.0.8"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"),
        (["127.0.0.1", "::1"], "::1", "2001:db8::1", "2001:db8::1"),
        (["127.0.0.1"], "unknown", "1.2.3.4", "unknown"),
    ],
)
def test_believes_only_the_proxies_that_are_ours(trusted, peer, forwarded, client):
    """``X-Forwarded-For`` is read from its end, as far as our own proxies wrote it."""
    assert Proxies(trusted).client(peer, forwarded) == client


def test_says_what_is_wrong_with_trusted_proxies():
    """A name is no address: it could be anybody's tomorrow."""
    with pytest.raises(InvalidInput, match="TRUSTED_PROXIES"):
        Proxies(["proxy.example"])


def test_one_subscriber_is_one_address():
    """IPv4 as it is, mapped or not; IPv6 by its /64."""
    assert by_address("::ffff:1.2.3.4") == by_address("1.2.3.4") != by_address("1.2.3.5")
    assert by_address("2001:db8::1") == by_address("2001:db8::2:3") != by_address("2001:db8:0:1::1")
    assert by_address("::1") != by_address("::2")


def test_a_key_can_not_be_read_where_it_is_counted():
    """Redis and dumps of it hold a digest."""
    assert "swordfish" not in by_key("swordfish")
    assert by_key("swordfish") != by_key("starfish")
