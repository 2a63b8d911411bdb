"""A training's report as text (its entries: :mod:`sorter_core.diagnostics`)."""

from collections.abc import Mapping
from typing import Any

from sorter_core.commands.session import shown, table

Report = Mapping[str, Any]


def described(report: Report) -> str:
    """Tell the score, each folder's figures, the confusion matrix, the candidates and small folders."""
    parts = [score(report)]
    if report["accuracy"] is not None:
        parts += [by_folder(report), confusion(report), candidates(report)]
    if report["small_folders"]:
        names = ", ".join(shown(name) for name in report["small_folders"])
        parts.append(f"too few videos to be sure of: {names}")
    return "\n\n".join(parts)


def score(report: Report) -> str:
    """Tell how often it was right, and how sure that is.

    >>> print(score({"accuracy": 0.84, "interval": [0.81, 0.87], "scored": 600, "chosen": "logistic",
    ...              "dummies": {"majority": 0.2}, "ece": 0.034}))
    accuracy 84.0% (95% interval 81.0% to 87.0%), counted on 600 videos it had not seen
    classifier logistic; always the biggest folder: 20.0%; calibration error 3.4%
    """
    if report["accuracy"] is None:
        return f"no accuracy: {report['why_no_score']}"
    low, high = report["interval"]
    return (
        f"accuracy {report['accuracy']:.1%} (95% interval {low:.1%} to {high:.1%}), "
        f"counted on {report['scored']} videos it had not seen\n"
        f"classifier {report['chosen']}; always the biggest folder: {report['dummies']['majority']:.1%}; "
        f"calibration error {report['ece']:.1%}"
    )


def by_folder(report: Report) -> str:
    """Give a row for each folder: of what went there how much belongs, of what belongs how much went.

    >>> print(by_folder({"per_folder": {"Cats": {"precision": 1, "recall": 0.5, "f1": 0.667, "support": 8}}}))
    folder  videos  precision  recall    f1
    Cats         8       1.00    0.50  0.67
    """
    rows = [
        (name, str(f["support"]), *(_figure(f[figure]) for figure in ("precision", "recall", "f1")))
        for name, f in report["per_folder"].items()
    ]
    return table(("folder", "videos", "precision", "recall", "f1"), *rows, right=True)


def _figure(share: float | None) -> str:
    return "-" if share is None else f"{share:.2f}"


def confusion(report: Report) -> str:
    r"""Give a row for each folder, a column for each guess, numbered in the same order.

    >>> print(confusion({"confusion": {"folders": ["Cats", "Dogs"], "counts": [[7, 1], [0, 9]]}}))
    lies in \ guessed  1  2
    1 Cats             7  1
    2 Dogs             0  9
    """
    names, counts = report["confusion"]["folders"], report["confusion"]["counts"]
    heading = ("lies in \\ guessed", *map(str, range(1, len(names) + 1)))
    rows = [
        (f"{i} {name}", *map(str, row))
        for i, (name, row) in enumerate(zip(names, counts, strict=True), 1)
    ]
    return table(heading, *rows, right=True)


def candidates(report: Report) -> str:
    """Give the classifiers that were compared, the best first.

    >>> print(candidates({"candidates": [{"name": "knn", "accuracy": 0.8, "log_loss": 0.51}]}))
    classifier  accuracy  log loss
    knn            80.0%     0.510
    """
    rows = [
        (c["name"], f"{c['accuracy']:.1%}", f"{c['log_loss']:.3f}") for c in report["candidates"]
    ]
    return table(("classifier", "accuracy", "log loss"), *rows, right=True)
