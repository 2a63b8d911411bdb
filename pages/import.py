"""Import: what people have, first as a preview; new files noticed by themselves; everything out again."""

from __future__ import annotations

import streamlit as st

from pages import _transfer, _ui
from sorter_core.import_plan import ImportOptions
from sorter_core.importing import Preview

_PATH, _SEEN = "import:path", "import:seen"
_MOST_LINES = 500
_WAYS = {
    "link": ("linked", "Takes no room on the same disk: both names lead to one file."),
    "copy": ("copied", "Two files, each its own."),
    "move": ("moved", "They leave the place where they lie now."),
}


@_ui.shown_errors()
def show() -> None:
    """The whole page."""
    _ui.page_header(
        "Import",
        "Bring in what you have. Files are linked or copied: where they lie they stay, unless you choose to move them.",
    )
    running = _ui.sorter().import_status().running
    if running:
        st.fragment(_transfer.progress, run_every=1)()
    else:
        _transfer.outcome(_ui.sorter().import_status())
        ask()
    st.divider()
    watching, out = st.columns(2, gap="large")
    with watching:
        _transfer.watching()
    with out:
        _transfer.export()


def ask() -> None:
    """Where the videos are, and what would come in from there."""
    with st.container(border=True):
        path = st.text_input(
            "What to import",
            key=_PATH,
            placeholder="The path of a folder, of user_data_tiktok.json, or of the zip that TikTok sent",
        )
        with st.expander("What can be imported?", icon=":material/help:"):
            st.markdown(_transfer.HELP)
    if path.strip():
        with _ui.shown_errors():
            offer(path)


def offer(path: str) -> None:
    """The preview, the choices, and the button."""
    first = seen(path, ImportOptions())
    st.subheader(
        f":material/inventory_2: {_ui.escape(_transfer.capital(first.title))}", anchor=False
    )
    options = choices(first)
    preview = first if options == ImportOptions() else seen(path, options)
    figures(preview)
    for note in preview.notes:
        st.info(_ui.escape(note), icon=":material/info:")
    lines(preview)
    label = _transfer.label(preview, options)
    if label is None:
        st.caption(
            "Nothing comes in by itself: have the videos downloaded, or make the folders."
            if preview.missing or preview.folders
            else "There is nothing to import."
        )
    elif st.button(label, type="primary", icon=":material/download_done:"):
        _ui.sorter().start_import(path, options)
        st.session_state.pop(_SEEN, None)
        st.rerun()


def seen(path: str, options: ImportOptions) -> Preview:
    """The preview; kept while the page is used, and made anew when something was imported.

    Two are kept, the newest and the one without choices, from which the choices are drawn.
    """
    of = (str(_ui.sorter().data_dir), path, repr(_ui.sorter().import_status().result))
    kept: dict[tuple[object, ImportOptions], Preview] = st.session_state.setdefault(_SEEN, {})
    if (of, options) not in kept:
        bar = st.progress(0.0, text="Looking…")

        def report(stage: str, done: int, total: int) -> None:
            share = min(1.0, done / total) if total else 0.0
            bar.progress(share, text=_transfer.stage(stage, done, total))

        preview = _ui.sorter().preview_import(path, options, report)
        bar.empty()
        for old in kept.keys() - {(of, ImportOptions())}:
            del kept[old]
        kept[of, options] = preview
    return kept[of, options]


def choices(preview: Preview) -> ImportOptions:
    """What the person wants of it."""
    lists: tuple[str, ...] | None = None
    if len(preview.lists) > 1 or any(not each.chosen for each in preview.lists):
        counts = {each.name: each.videos for each in preview.lists}
        default = [each.name for each in preview.lists if each.chosen]
        taken = st.pills(
            "Take these lists",
            list(counts),
            default=default,
            selection_mode="multi",
            format_func=lambda name: f"{_ui.escape(name)}  {counts[name]:,}",
        )
        lists = None if taken == default else tuple(taken)
    folders: list[str] = []
    if preview.folders:
        folders = st.multiselect(
            "Make these folders",
            list(preview.folders),
            format_func=_ui.plain,
            placeholder="None: everything goes to the unsorted pile",
            help="What lies in a folder of this name goes into it.",
        )
    left, right = st.columns(2)
    way = left.radio(
        "The files are",
        list(_WAYS),
        format_func=lambda name: _WAYS[name][0],
        captions=[caption for _, caption in _WAYS.values()],
    )
    download = bool(preview.missing) and right.toggle(
        f"Download the {preview.missing:,} that are only named",
        help="From TikTok, one after another, in the background.",
    )
    if way == "move":
        st.warning(
            f"The {_ui.counted(preview.new, 'new video')} will be taken out of the folder where they"
            " lie now: other programs will not find them there any more. Undo puts them back.",
            icon=":material/warning:",
        )
    return ImportOptions(
        lists, tuple(folders), link=way == "link", download=download, move=way == "move"
    )


def figures(preview: Preview) -> None:
    """What would come in, and what not."""
    new, known, missing, left_out = st.columns(4)
    new.metric("New", f"{preview.new:,}", border=True, help=_transfer.size(preview.size))
    known.metric("There already", f"{preview.known:,}", border=True)
    missing.metric("Only named", f"{preview.missing:,}", border=True)
    left_out.metric("Left out", f"{len(preview.left_out):,}", border=True)


def lines(preview: Preview) -> None:
    """The names, and the reasons."""
    if preview.examples:
        with st.expander(f"What comes in ({preview.new:,})"):
            st.dataframe(
                {"Place": [_ui.plain(place) for place in preview.examples]}, hide_index=True
            )
    if preview.left_out:
        with st.expander(f"What is left out, and why ({len(preview.left_out):,})"):
            st.dataframe(
                [
                    {"File": _ui.plain(line.path), "Why": _ui.plain(line.reason)}
                    for line in preview.left_out[:_MOST_LINES]
                ],
                hide_index=True,
            )


show()
