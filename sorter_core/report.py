"""A training's report as one HTML file that needs nothing else: no network, no script.

Tables and drawings (SVG) are made here, for a charts' library would add four megabytes. Names are
hostile input: all text goes through :func:`_text`.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sorter_core.errors import InvalidInput
from sorter_core.files import write_atomic
from sorter_core.forecasting import MORE, Forecast, Point
from sorter_core.review import Doubts, Review

Report = Mapping[str, Any]

_STYLE = """
:root { color-scheme: dark; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 5rem; max-width: 62rem; background: #0a0a0f;
  color: #f4f4f7; font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { margin: 0; font-size: 1.9rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; }
p { margin: .4rem 0; max-width: 48rem; } .quiet { color: #a6a6b4; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.5rem 0; }
.figures div { flex: 1 1 11rem; padding: .9rem 1.1rem; border: 1px solid #292933; border-radius: .75rem; }
.figures b { display: block; font-size: 1.8rem; font-weight: 500; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #292933; text-align: right; }
th { color: #a6a6b4; font-weight: 500; } th:first-child, td:first-child { text-align: left; }
td { overflow-wrap: anywhere; } td.name { text-align: left; }
.matrix th, .matrix td { min-width: 2.4rem; padding: .35rem .5rem; border: 2px solid #0a0a0f; text-align: center; }
.matrix th:first-child { text-align: right; } .matrix thead th { vertical-align: bottom; }
.matrix thead span { display: inline-block; max-height: 9rem; overflow: hidden; writing-mode: vertical-rl;
  transform: rotate(180deg); }
svg { display: block; max-width: 100%; height: auto; } svg text { fill: #a6a6b4; font-size: 12px; }
@media print { :root { color-scheme: light; } body { background: #fff; color: #000; } }
"""
_RIGHT, _WRONG, _DOT, _QUIET = "#12908d", "#d3224a", "#25f4ee", "#8a8a99"
_WIDTH, _HEIGHT, _EDGE = 620, 320, 48
_BARS = 20
_NEVER = "-"
"""In the place of a figure that was never counted."""
_MOST = 60
"""Folders up to which the matrix is drawn; a larger one nobody can read on a page."""


def page(review: Review, doubts: Doubts, library: str) -> str:
    """The whole document; ``library`` is the name to put on it."""
    report = review.run.report
    made = (
        f'<p class="quiet">{_text(library)}, training {review.run.id} of'
        f" {_text(review.run.finished_at)}: {_text(review.run.classifier)}, {review.run.videos:,} videos"
        f" in {review.run.folders:,} folders. Written {_now()}.</p>"
    )
    parts = ["<h1>How well this library is sorted</h1>", made]
    if report["accuracy"] is None:
        parts.append(f"<p>{_text(report['why_no_score'])}</p>")
    else:
        parts += _scored(review, doubts)
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">\n"
        f"<title>Report: {_text(library)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    return head + "\n".join(parts) + "\n</body>\n</html>\n"


def write(text: str, output: Path) -> Path:
    """Put it at ``output``, in one step. Raises ``InvalidInput``, ``StorageError``; returns the whole path."""
    output = output.absolute()
    if not output.parent.is_dir():
        raise InvalidInput(f"There is no folder {str(output.parent)!r} to write the report into.")
    write_atomic(output, text.encode("utf-8", "replace"))
    return output


def _scored(review: Review, doubts: Doubts) -> list[str]:
    report = review.run.report
    return [
        _figures(report),
        _section("What is mixed up", _matrix(report, review.order)),
        _section("Suspected misfilings", _doubts(doubts)),
        _section("Folders", _folders(report)),
        _section(
            "Can its confidence be trusted?",
            _reliability(report) + _histogram(report) + _thresholds(report),
        ),
        _section("Classifiers", _candidates(report)),
        _section("Over the trainings", _course(review)),
        _section("What it was learned with", _made(report)),
    ]


def _text(value: object) -> str:
    r"""``value`` as text of a document: no markup, no controls, no direction marks.

    >>> _text('<img src=x onerror="a">\x1b\u202e')
    '&lt;img src=x onerror=&quot;a&quot;&gt;  '
    """
    shown = str(value).encode("utf-8", "replace").decode()
    return html.escape("".join(c if unicodedata.category(c)[0] != "C" else " " for c in shown))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _known(share: float | None) -> str:
    return _NEVER if share is None else _percent(share)


def _between(interval: Sequence[float]) -> str:
    return f"95 %: {100 * interval[0]:.0f} to {100 * interval[1]:.0f} %"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _section(title: str, body: str) -> str:
    return f"<h2>{_text(title)}</h2>\n{body}"


def _table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """All cells as text."""
    head = "".join(f"<th>{_text(cell)}</th>" for cell in heading)
    body = "\n".join(f"<tr>{''.join(map(_shown, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>'


def _shown(cell: object) -> str:
    """A cell; names to the left, figures to the right."""
    text = _text(cell)
    name = not (text[:1].isdigit() or text == _NEVER)
    return f'<td class="name">{text}</td>' if name else f"<td>{text}</td>"


def _figures(report: Report) -> str:
    cards = [
        ("Right folder", report["accuracy"], _between(report["interval"])),
        ("Each folder alike", report["balanced_accuracy"], f"macro F1 {report['macro_f1']:.2f}"),
        ("Biggest folder always", report["dummies"]["majority"], "without looking"),
        ("Confidence is off by", report["ece"], _between(report["ece_interval"])),
    ]
    shown = "".join(
        f'<div>{name}<b>{_percent(share)}</b><span class="quiet">{note}</span></div>'
        for name, share, note in cards
    )
    return (
        f"<p>Counted on {report['scored']:,} videos, each of which was held back once.</p>"
        f'<div class="figures">{shown}</div>'
    )


def _matrix(report: Report, order: Sequence[str]) -> str:
    if len(order) > _MOST:
        return f"<p>{len(order)} folders are too many to draw; see the worst below.</p>" + _worst(
            report
        )
    place = {name: at for at, name in enumerate(report["confusion"]["folders"])}
    counts = report["confusion"]["counts"]
    head = "".join(f"<th><span>{_text(name)}</span></th>" for name in order)
    rows = []
    for a in order:
        total = max(sum(counts[place[a]]), 1)
        cells = "".join(_cell(counts[place[a]][place[b]], total, right=a == b) for b in order)
        rows.append(f"<tr><th>{_text(a)}</th>{cells}</tr>")
    return (
        "<p>Rows: where a video lies. Columns: where it would be put.</p>"
        f'<div class="wide"><table class="matrix"><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(count: int, total: int, *, right: bool) -> str:
    if not count:
        return '<td style="background:#16161e"></td>'
    depth = round(100 * (count / total) ** 0.5)
    shade = f"color-mix(in srgb, {_RIGHT if right else _WRONG} {depth}%, #16161e)"
    return (
        f'<td style="background:{shade};color:#fff" title="{_percent(count / total)}">{count}</td>'
    )


def _worst(report: Report) -> str:
    names, counts = report["confusion"]["folders"], report["confusion"]["counts"]
    cells = [
        (names[i], names[j], n)
        for i, row in enumerate(counts)
        for j, n in enumerate(row)
        if n and i != j
    ]
    return _table(("Lies in", "Would go to", "Videos"), sorted(cells, key=lambda c: -c[2])[:30])


def _doubts(doubts: Doubts) -> str:
    if not doubts.total:
        return "<p>Nothing looks misfiled.</p>"
    rows = [(d.filename, d.folder, d.suggested, _percent(d.confidence)) for d in doubts.videos]
    more = f"<p>The {len(rows)} surest of {doubts.total:,}.</p>" if doubts.total > len(rows) else ""
    return more + _table(("Video", "Lies in", "May belong to", "Sure"), rows)


def _folders(report: Report) -> str:
    rows = [
        (name, one["support"], *(_known(one[kind]) for kind in ("precision", "recall", "f1")))
        for name, one in report["per_folder"].items()
    ]
    return _table(("Folder", "Videos", "Precision", "Recall", "F1"), rows)


def _thresholds(report: Report) -> str:
    rows = [
        (
            f"{100 * line['threshold']:g} %",
            line["taken"],
            line["errors"],
            f"{line['expected_errors']:.1f}",
        )
        for line in report["thresholds"]
    ]
    return _table(("At least", "Sorted", "Wrong", "Wrong, as it expected"), rows)


def _candidates(report: Report) -> str:
    rows = [
        (c["title"], f"{_percent(c['accuracy'])} ± {100 * c['std']:.1f}", f"{c['log_loss']:.3f}")
        for c in report["candidates"]
    ]
    note = "<p>± is the standard deviation over the folds; chosen by log loss, less is better.</p>"
    return note + _table(("Classifier", "Right folder", "Log loss"), rows)


def _made(report: Report) -> str:
    encoders = [(e["name"], e["videos"], "yes" if e["used"] else "no") for e in report["encoders"]]
    versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    return (
        _table(("Looked at by", "Videos", "Used"), encoders)
        + f'<p class="quiet">{_text(versions)}; seed {report["seed"]}.</p>'
    )


# Drawings ---------------------------------------------------------------------------------------


def _reliability(report: Report) -> str:
    most = max(part["videos"] for part in report["reliability"])
    dots = "".join(
        f'<circle cx="{_x(part["confidence"])}" cy="{_y(part["accuracy"])}"'
        f' r="{4 + 10 * (part["videos"] / most) ** 0.5:.1f}" fill="{_DOT}" fill-opacity=".85">'
        f"<title>said {_percent(part['confidence'])}, right {_percent(part['accuracy'])}:"
        f" {part['videos']} videos</title></circle>"
        for part in report["reliability"]
    )
    line = f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="{_QUIET}" stroke-dasharray="3 4"/>'
    marks = [(share / 5, f"{20 * share} %") for share in range(6)]
    return _svg("said confidence", marks, line + dots)


def _histogram(report: Report) -> str:
    """How many guesses came with which confidence; the wrong ones stand on the right ones."""
    bars = {right: [0] * _BARS for right in (True, False)}
    for line in report["out_of_fold"]:
        place = min(int(line["confidence"] * _BARS), _BARS - 1)
        bars[line["true"] == line["predicted"]][place] += 1
    most = max(map(sum, zip(*bars.values(), strict=True)))
    drawn = ""
    for place, (right, wrong) in enumerate(zip(bars[True], bars[False], strict=True)):
        drawn += _bar(place, 0, right / most, _RIGHT) + _bar(
            place, right / most, wrong / most, _WRONG
        )
    marks = [(share / 5, f"{20 * share} %") for share in range(6)]
    note = f"<p>How sure it was; the highest bar is {_counted(most)}, red ones were wrong.</p>"
    return note + _svg("said confidence", marks, drawn, upwards=False)


def _counted(videos: int) -> str:
    return "1 video" if videos == 1 else f"{videos:,} videos"


def _bar(place: int, start: float, height: float, fill: str) -> str:
    left, right = _x((place + 0.08) / _BARS), _x((place + 0.92) / _BARS)
    return (
        f'<path d="M{left} {_y(start)}V{_y(start + height)}H{right}V{_y(start)}z" fill="{fill}"/>'
        if height
        else ""
    )


def _course(review: Review) -> str:
    points, ahead = review.curve, review.forecast
    low = min(point.videos for point in points)
    high = max([point.videos for point in points] + ([ahead.then.videos] if ahead else []))
    span = max(high - low, 1)

    def across(videos: int) -> float:
        return (videos - low) / span

    drawn = "".join(_trained(point, across(point.videos)) for point in points)
    if ahead:
        path = "L".join(f"{_x(across(g.videos))} {_y(g.accuracy)}" for g in ahead.curve)
        drawn = (
            f'<path d="M{path}" fill="none" stroke="{_DOT}" stroke-dasharray="3 4"/>{drawn}'
            f'<circle cx="{_x(across(ahead.then.videos))}" cy="{_y(ahead.then.accuracy)}" r="7"'
            f' fill="{_WRONG}"/>'
        )
    marks = [(across(videos), f"{videos:,}") for videos in sorted({low, high})]
    return _promise(ahead, review.why_no_forecast) + _svg("labelled videos", marks, drawn)


def _trained(point: Point, across: float) -> str:
    x = _x(across)
    return (
        f'<path d="M{x} {_y(point.low)}V{_y(point.high)}" stroke="{_QUIET}"/>'
        f'<circle cx="{x}" cy="{_y(point.accuracy)}" r="5" fill="{_DOT}"><title>training {point.run}:'
        f" {_percent(point.accuracy)} with {point.videos:,} videos</title></circle>"
    )


def _promise(ahead: Forecast | None, why: str | None) -> str:
    if ahead is None:
        return f"<p>{_text(why)}</p>"
    low, middle, high = (f"{100 * share:.0f}" for share in ahead.gain)
    return (
        f"<p>With {MORE} more labelled videos about {_percent(ahead.then.accuracy)} would go right:"
        f" {middle} of 100 more than now (95 %: {low} to {high}). It rests on {ahead.runs} trainings.</p>"
    )


def _svg(
    across: str, marks: Sequence[tuple[float, str]], drawn: str, *, upwards: bool = True
) -> str:
    """A drawing with shares ``upwards``; ``marks`` are those of the other axis, at 0..1."""
    grid = "".join(
        f'<path d="M{_EDGE} {_y(share / 5)}H{_WIDTH - 16}" stroke="#292933"/>'
        f'<text x="{_EDGE - 8}" y="{_y(share / 5) + 4}" text-anchor="end">{20 * share} %</text>'
        for share in range(6)
        if upwards
    )
    scale = "".join(
        f'<text x="{_x(at)}" y="{_HEIGHT - 26}" text-anchor="middle">{label}</text>'
        for at, label in marks
    )
    title = f'<text x="{_WIDTH // 2}" y="{_HEIGHT - 6}" text-anchor="middle">{across}</text>'
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return f'<svg role="img" aria-label="over {across}" {size}>{grid}{scale}{title}{drawn}</svg>'


def _x(share: float) -> float:
    return round(_EDGE + 12 + share * (_WIDTH - _EDGE - 48), 1)


def _y(share: float) -> float:
    return round(_HEIGHT - 48 - share * (_HEIGHT - 68), 1)
