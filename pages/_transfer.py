"""Parts of the Import page: the running import, how it ended, watching, export."""

from __future__ import annotations

import streamlit as st

from pages import _ui
from sorter_core.import_plan import ImportOptions
from sorter_core.import_runs import ImportStatus
from sorter_core.importing import Preview

HELP = """
- **TikTok's data export**: in TikTok, *Settings → Account → Download your data*, as **JSON**. It names your
  favourites and likes, with dates; the videos themselves can then be downloaded.
- **A myfaveTT archive**: the folder that holds `data`. Captions and authors come along.
- **A folder that yt-dlp filled**: with `.info.json` beside the videos or an id in their names.
- **Any folder of videos**: mp4, m4v, webm, mov, mkv; sub-folders may become folders.
"""
_STAGES = {"read": "Reading", "compare": "Comparing with the library", "copy": "Bringing in"}
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def stage(name: str | None, done: int, total: int) -> str:
    """One line on how far it is.

    >>> stage("copy", 5, 20)
    'Bringing in: 5 of 20'
    """
    text = _STAGES.get(name or "", "Starting")
    if name == "read" or not total:
        return f"{text}…"
    return f"{text}: {done:,} of {total:,}"


def size(count: int) -> str:
    """Bytes for persons.

    >>> size(3_200_000), size(12)
    ('3.2 MB', '12 bytes')
    """
    for unit, name in _SIZES:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"


def capital(text: str) -> str:
    """``text`` with a capital first letter, the others as they are.

    >>> capital("a folder of TikToks")
    'A folder of TikToks'
    """
    return text[:1].upper() + text[1:]


def label(preview: Preview, options: ImportOptions) -> str | None:
    """What the button does; None when there is nothing to be done."""
    if preview.new:
        verb = "Move in" if options.move else "Import"
        return f"{verb} {_ui.counted(preview.new, 'video')}"
    if options.download and preview.missing:
        return f"Download {_ui.counted(preview.missing, 'video')}"
    if options.folders:
        return f"Make {_ui.counted(len(options.folders), 'folder')}"
    if preview.known:
        return f"Keep what is told of {_ui.counted(preview.known, 'video')}"
    return None


@_ui.shown_errors()
def progress() -> None:
    """The running import, whoever started it; at its end the whole page is drawn again."""
    status = _ui.sorter().import_status()
    if not status.running:
        st.rerun()
    with st.container(border=True):
        share = min(1.0, status.done / status.total) if status.total else 0.0
        text = "Stopping…" if status.cancelling else stage(status.stage, status.done, status.total)
        st.progress(share, text=text)
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.caption("What has come in stays when you cancel, and can be undone.")
        if button.button(
            "Cancel", icon=":material/close:", disabled=status.cancelling, width="stretch"
        ):
            _ui.sorter().cancel_import()
            st.rerun(scope="fragment")


def outcome(status: ImportStatus) -> None:
    """How the last import ended, its undo, and what comes next."""
    if status.error:
        st.warning(_ui.escape(status.error), icon=":material/warning:")
    done = status.result
    if done is None or not (_ui.sorter().can_undo(done["batch"]) or done["left_out"]):
        return
    with st.container(border=True):
        st.markdown(f":material/check_circle: **The last import:** {told(done)}")
        for note in done["notes"]:
            st.caption(_ui.escape(note))
        if done["left_out"]:
            with st.expander(f"Left out ({done['left_out_total']:,})"):
                st.dataframe(
                    [
                        {"File": _ui.plain(line["path"]), "Why": _ui.plain(line["reason"])}
                        for line in done["left_out"]
                    ],
                    hide_index=True,
                )
        after(done["batch"])


def told(done: dict[str, object]) -> str:
    """What an import did, in one line.

    >>> told({"imported": 2, "known": 1, "queued": 0, "folders": []})
    '2 videos came in, 1 was there already.'
    """
    parts = [f"{_ui.counted(_number(done, 'imported'), 'video')} came in"]
    if known := _number(done, "known"):
        parts.append(f"{known:,} {'was' if known == 1 else 'were'} there already")
    if folders := done.get("folders"):
        parts.append(f"new folders: {_ui.listed(folders if isinstance(folders, list) else [])}")
    if queued := _number(done, "queued"):
        parts.append(f"{queued:,} queued for download")
    return ", ".join(parts) + "."


def _number(done: dict[str, object], key: str) -> int:
    value = done.get(key)
    return value if isinstance(value, int) else 0


def after(batch: int | None) -> None:
    """Undo, or go on."""
    undo, analyse = st.columns([1, 1])
    if _ui.sorter().can_undo(batch) and undo.button(
        "Undo this import",
        icon=":material/undo:",
        width="stretch",
        help="Takes away the copies that are unchanged and whose originals are still there.",
    ):
        with _ui.shown_errors():
            take_back(batch)
            st.rerun()
    if analyse.button("Analyse what is new", icon=":material/model_training:", width="stretch"):
        _ui.sorter().analyse()
        st.switch_page(_ui.TRAIN)


def take_back(batch: int | None) -> None:
    """Undo a batch, and say what went back and what did not."""
    undone = _ui.sorter().undo(batch)
    st.toast(f"{_ui.counted(len(undone), 'step')} taken back.")
    if stayed := _ui.sorter().stayed(undone[0].batch):
        more = f"{len(stayed):,} not taken back: {stayed[0][1]}"
        st.toast(_ui.escape(more), icon=":material/warning:", duration="infinite")


def watching() -> None:
    """The switch for noticing new files."""
    st.subheader(":material/visibility: Watch this folder", anchor=False)
    on = _ui.sorter().watches()
    st.session_state["watch"] = on
    st.toggle(
        "Analyse new files by themselves",
        key="watch",
        on_change=watch,
        help="While the app is open: a video that you put into the library is looked at and predicted.",
    )


@_ui.shown_errors()
def watch() -> None:
    """Do what the switch says."""
    _ui.sorter().watch(on=bool(st.session_state["watch"]))


def export() -> None:
    """Links to everything that is known."""
    st.subheader(":material/upload_file: Export", anchor=False)
    for what, title in (
        ("videos", "All videos: folder, guesses, texts, dates"),
        ("moves", "All moves"),
        ("decisions", "All decisions"),
    ):
        text, csv, json = st.columns([3, 1, 1], vertical_alignment="center")
        text.write(title)
        csv.link_button("CSV", f"/api/export?what={what}&format=csv", width="stretch")
        json.link_button("JSON", f"/api/export?what={what}&format=json", width="stretch")
