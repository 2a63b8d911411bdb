"""Extract: what TikTok links tell, and the videos behind them into the library."""

from __future__ import annotations

import streamlit as st

from pages import _answer, _fill, _ui
from sorter_core.extraction import lookups as looking
from sorter_core.extraction.answers import Extraction
from sorter_core.extraction.downloads import MAX_LINKS, Download, DownloadStatus
from sorter_core.extraction.lookups import Lookup, Wishes
from sorter_core.extraction.service import shared
from sorter_core.extraction.thumbnails import AnalyserName
from sorter_core.extraction.thumbnails.vision import VisionAnalyser
from sorter_core.extraction.thumbnails.vocabulary import Language

_LANGUAGES: dict[Language, str] = {"en": "English", "id": "Bahasa Indonesia"}
_STATES = {
    "waiting": "waits",
    "running": "downloading",
    "done": "in the library",
    "known": "was there already",
    "failed": "failed",
    "cancelled": "cancelled",
}

_REASONS = 10
"""Told in full below the table, which cuts them off; so many different ones are enough."""


@_ui.shown_errors()
def show() -> None:
    """The whole page."""
    _ui.page_header(
        "Extract",
        f"What TikTok tells of links, and of your own videos. {asked()}, and only for what you ask for.",
    )
    text = st.text_area(
        "Links", key="links", height=120, placeholder="One or more TikTok links, one a line"
    )
    urls = looking.links_in(text)
    if len(urls) > looking.MOST:
        st.caption(
            f"These are {len(urls):,} links: the first {looking.MOST} are looked up; "
            f"{MAX_LINKS:,} can be downloaded at once."
        )
    wishes = options()
    look, take, _ = st.columns([1, 1, 2])
    # Never disabled: what was typed reaches the script together with the click, and not before.
    wants_answers = look.button(
        "Look up", type="primary", icon=":material/search:", width="stretch"
    )
    wants_videos = take.button(
        "Download to the library", icon=":material/download:", width="stretch"
    )
    if (wants_answers or wants_videos) and not urls:
        st.info("Paste a TikTok link first.", icon=":material/link:")
    elif wants_answers:
        st.session_state.lookups = looking.start(shared(), urls[: looking.MOST], wishes)
    elif wants_videos:
        _ui.sorter().downloads().start(urls)
    if (status := downloads()) is not None and status.total:
        st.fragment(progress, run_every=1 if status.running else None)(drawn_running=status.running)
    lookups: list[Lookup] = st.session_state.get("lookups", [])
    if lookups:
        still = not all(lookup.told.done() for lookup in lookups)
        st.fragment(results, run_every=1 if still else None)(lookups, drawn_unfinished=still)
    _fill.show()


def asked() -> str:
    """Who hears of it, with the settings as they are."""
    chosen = _ui.sorter().settings
    model = " and, where you choose it, the vision model" if _vision() else ""
    through = ", through your proxy" if chosen.proxy_url or chosen.scraperapi_key else ""
    return f"Only TikTok{model} is asked{through}"


def options() -> Wishes:
    """What is wanted beside the metadata."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        analysis = st.checkbox("Look at the thumbnail", value=True, key="analysis")
        captions = st.checkbox("Captions", key="captions")
        language: Language = st.selectbox(
            "Language",
            list(_LANGUAGES),
            index=list(_LANGUAGES).index(shared().settings.default_language),
            format_func=_LANGUAGES.__getitem__,
            key="language",
            width=190,
        )
        return Wishes(analysis, captions, language, who_looks())


def _vision() -> VisionAnalyser | None:
    found = shared().analysers.get("vision")
    return found if isinstance(found, VisionAnalyser) else None


def who_looks() -> AnalyserName | None:
    """Whether thumbnails stay here or go to the vision model; a question only where there is one."""
    vision = _vision()
    if vision is None:
        return None
    names: dict[AnalyserName, str] = {
        "local": "this computer",
        "vision": f"the model at {_ui.plain(vision.where)}",
    }
    found: AnalyserName = st.selectbox(
        "Thumbnails are looked at by",
        list(names),
        format_func=names.__getitem__,
        key="analyser",
        width=260,
    )
    return found


# Links that were looked up ---------------------------------------------------------------------


@_ui.shown_errors()
def results(lookups: list[Lookup], *, drawn_unfinished: bool) -> None:
    """What came so far; the whole page is drawn again when all of it has."""
    done = [lookup for lookup in lookups if lookup.told.done()]
    unfinished = len(done) < len(lookups)
    if drawn_unfinished and not unfinished:
        st.rerun()
    if unfinished:
        st.progress(len(done) / len(lookups), text=f"{len(done)} of {len(lookups)}")
    answers = [answer for lookup in done if (answer := lookup.told.result().answer)]
    if answers and not unfinished:
        files(answers)
    for lookup in done:
        _answer.show(lookup.url, lookup.told.result())


def files(answers: list[Extraction]) -> None:
    """All of it to take away."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_ui.counted(len(answers), "answer"), width="stretch")
        st.download_button(
            "JSON",
            looking.as_json(answers),
            "tiktok.json",
            "application/json",
            icon=":material/data_object:",
        )
        st.download_button(
            "CSV", looking.as_csv(answers), "tiktok.csv", "text/csv", icon=":material/table:"
        )


# Videos that are fetched -----------------------------------------------------------------------


def downloads() -> DownloadStatus | None:
    """How far the newest links have come; None without a library."""
    return None if _ui.sorter().data_dir is None else _ui.sorter().downloads().status()


@_ui.shown_errors()
def progress(*, drawn_running: bool) -> None:
    """The newest links, one by one; the whole page is drawn again when they are done."""
    status = _ui.sorter().downloads().status()
    if status.running != drawn_running:
        st.rerun()
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        share = status.done / status.total if status.total else 0.0
        failed = f" · {status.failed:,} failed" if status.failed else ""
        left.progress(share, text=f"Downloads: {status.done:,} of {status.total:,}{failed}")
        if status.running and right.button(
            "Cancel", icon=":material/close:", disabled=status.cancelling, width="stretch"
        ):
            _ui.sorter().downloads().cancel()
            st.rerun(scope="fragment")
        st.dataframe(
            [row(one) for one in status.downloads],
            hide_index=True,
            column_order=["Link", "State", *(["So far"] if status.running else []), "Why"],
            column_config={
                "Link": st.column_config.TextColumn(width=270),
                "State": st.column_config.TextColumn(width=130),
                "So far": st.column_config.ProgressColumn(
                    format="percent", min_value=0, max_value=1, width=110
                ),
                "Why": st.column_config.TextColumn(width=430),
            },
        )
        reasons = dict.fromkeys(one.error for one in status.downloads if one.error)
        for reason in list(reasons)[:_REASONS]:
            st.caption(_ui.escape(reason))


def row(one: Download) -> dict[str, object]:
    """A download as a line of the table, which shows text as it is."""
    return {
        "Link": _ui.plain(one.filename or one.url.removeprefix("https://www.tiktok.com/")),
        "State": _STATES.get(one.state, one.state),
        "So far": one.received / one.size if one.size and one.state == "running" else None,
        "Why": _ui.plain(one.error or ""),
    }


show()
