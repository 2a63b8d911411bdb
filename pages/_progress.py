"""How the trainings got better: the learning curve with its forecast, and two trainings side by side."""

from __future__ import annotations

import streamlit as st

from pages import _charts, _score, _ui
from sorter_core.forecasting import MORE, Forecast
from sorter_core.review import Comparison, Review
from sorter_core.types import Run

_CHART = {"displayModeBar": False}


def show(review: Review) -> None:
    """The learning curve, then the comparison."""
    if review.forecast is not None:
        st.markdown(promised(review.forecast))
    elif review.why_no_forecast:
        st.caption(review.why_no_forecast)
    st.plotly_chart(_charts.learning_curve(review.curve, review.forecast), config=_CHART)
    earlier = [run for run in _ui.sorter().runs(100) if run.id != review.run.id]
    st.subheader("Against an earlier training", anchor=False)
    if not earlier:
        st.caption("There is none yet.")
        return
    chosen = st.selectbox("Compare to", earlier, format_func=titled, key="review_against")
    if chosen is not None:
        comparison = _ui.sorter().review(review.run.id, chosen.id).comparison
        if comparison is not None:
            compared(comparison)


def titled(run: Run) -> str:
    """A training in the list to choose from."""
    score = "no score" if run.accuracy is None else _score.percent(run.accuracy)
    return _ui.plain(
        f"Training {run.id}, {_ui.ago(run.finished_at)}: {score}, {run.videos:,} videos, {run.classifier}"
    )


def promised(forecast: Forecast) -> str:
    """What more labels would bring, in words.

    >>> from sorter_core.forecasting import Guess
    >>> now, then = Guess(200, 0.8, 0.78, 0.82), Guess(250, 0.82, 0.79, 0.84)
    >>> promised(Forecast(now, then, (0.01, 0.02, 0.03), (now, then), 4))
    'With 50 more labelled videos, about **82 of 100** would go right, 2 more than now (95 % sure: 1 to 3 more). The forecast rests on 4 trainings.'
    """
    low, middle, high = (round(100 * share) for share in forecast.gain)
    return (
        f"With {MORE} more labelled videos, about **{100 * forecast.then.accuracy:.0f} of 100** would go"
        f" right, {middle} more than now (95 % sure: {low} to {high} more)."
        f" The forecast rests on {_ui.counted(forecast.runs, 'training')}."
    )


def compared(told: Comparison) -> None:
    """Both on the same videos, then by folder."""
    st.markdown(verdict(told))
    if told.encoders[0] != told.encoders[1]:
        before, after = (", ".join(names) or "nothing" for names in told.encoders)
        st.caption(f"Looked at {_ui.escape(before)} then, at {_ui.escape(after)} now.")
    st.dataframe(
        [
            {
                "Folder": _ui.plain(name),
                "F1 then": None if before is None else 100 * before,
                "F1 now": None if after is None else 100 * after,
                "Change": None if before is None or after is None else 100 * (after - before),
            }
            for name, before, after in told.folders
        ],
        hide_index=True,
        placeholder="-",
        column_config={
            "F1 then": _ui.bar("Precision and recall in one"),
            "F1 now": _ui.bar("Precision and recall in one"),
            "Change": st.column_config.NumberColumn(format="%+.0f"),
        },
    )


def verdict(told: Comparison) -> str:
    """Which is better, and whether that is more than chance.

    >>> verdict(Comparison(2, 1, 100, 0.8, 0.86, 9, 3, 0.06, (-0.01, 0.13), [], ((), ())))
    'On the 100 videos that both had held back: 80 % right then, 86 % now; 9 became right, 3 became wrong. Difference 95 % sure: -1 to +13 points, which may be chance.'
    """
    if told.before is None or told.after is None or told.interval is None:
        return "The two have no video in common that both had held back."
    low, high = told.interval
    chance = low <= 0 <= high
    return (
        f"On the {told.common:,} videos that both had held back: {_score.percent(told.before)} right then,"
        f" {_score.percent(told.after)} now; {told.gained:,} became right, {told.lost:,} became wrong."
        f" Difference 95 % sure: {100 * low:+.0f} to {100 * high:+.0f} points,"
        f" {'which may be chance' if chance else 'more than chance'}."
    )
