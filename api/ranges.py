"""The ``Range`` header (RFC 9110, section 14) as byte positions."""

import re

Span = tuple[int, int]
"""First byte, and the one after the last."""

MOST_RANGES = 16
"""More are answered with the whole file: many small ones are an attack (RFC 9110, 17.15)."""

_SPEC = re.compile(r"(\d{0,18})-(\d{0,18})")


def parse(header: str, size: int) -> list[Span] | None:
    """Give the spans that ``header`` asks for in a file of ``size`` bytes, in its order.

    None: the header says nothing valid, so it is to be ignored; an empty list: nothing of it can
    be satisfied (416). Spans that touch are not joined.

    >>> parse("bytes=0-99", 1000), parse("bytes=900-", 1000), parse("bytes=-5", 1000)
    ([(0, 100)], [(900, 1000)], [(995, 1000)])
    >>> parse("bytes=0-0, 2000-", 1000), parse("bytes=1000-", 1000), parse("bytes=-0", 1000)
    ([(0, 1)], [], [])
    >>> parse("bytes=9-3", 1000), parse("bytes=-", 1000), parse("lines=1-2", 1000)
    (None, None, None)
    """
    unit, _, text = header.partition("=")
    parts = [_SPEC.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not parts or len(parts) > MOST_RANGES:
        return None
    spans = []
    for part in parts:
        if part is None or (span := _span(part[1], part[2], size)) is None:
            return None
        spans.append(span)
    satisfiable = [(start, end) for start, end in spans if start < end]
    return None if sum(end - start for start, end in satisfiable) > size else satisfiable


def _span(first: str, last: str, size: int) -> Span | None:
    """An empty span can't be satisfied; None is no valid range at all."""
    if not first:
        return (max(size - int(last), 0), size) if last else None
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size
