"""The same work is done once, however many ask for it at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Flight(Generic[T]):
    """Work under way; ``fresh`` once it is sure not to end with an old answer."""

    max_age: float
    future: Future[T] = field(default_factory=Future)
    fresh: bool = False


class Flights(Generic[T]):
    """Runs work in ``workers`` threads, one at a time for a key; who comes later waits with the first."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="extraction")
        self._lock = threading.Lock()
        self._under_way: dict[str, Flight[T]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def join(self, key: str, max_age: float, work: Callable[[Flight[T]], T]) -> Future[T]:
        """Join the flight for ``key``, or start one with ``work``.

        One that may still end with an answer older than ``max_age`` (seconds) is not joined.
        Nobody can cancel the future: others wait for it. Raises :class:`RuntimeError` after
        :meth:`close`.
        """
        with self._lock:
            flight = self._under_way.get(key)
            if flight is not None and (flight.fresh or flight.max_age <= max_age):
                return flight.future
            flight = Flight(max_age)
            flight.future.set_running_or_notify_cancel()
            self._threads.submit(copy_context().run, self._fly, key, flight, work)
            self._under_way[key] = flight
            return flight.future

    def close(self) -> None:
        """Wait for what is under way, and take nothing more."""
        self._threads.shutdown(wait=True)

    def _fly(self, key: str, flight: Flight[T], work: Callable[[Flight[T]], T]) -> None:
        try:
            result = work(flight)
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it, whatever it is
            self._land(key, flight)
            flight.future.set_exception(error)
        else:
            self._land(key, flight)
            flight.future.set_result(result)

    def _land(self, key: str, flight: Flight[T]) -> None:
        with self._lock:
            if self._under_way.get(key) is flight:
                del self._under_way[key]
