"""The app: pages, HTTP routes and videos in one process.

``streamlit run streamlit_app.py`` and ``uvicorn streamlit_app:app`` import ``app`` from here. A test
(``AppTest``) runs this file like a script instead: then there is a script context.
"""

import sys
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from api import front_for_streamlit, routes_for_streamlit
from pages import _navigation, _ui
from sorter_core.errors import InvalidInput
from sorter_core.extraction import logs
from sorter_core.settings import settings

if get_script_run_ctx(suppress_warning=True):
    _navigation.visit()
else:
    try:
        # The guard judges by the address that Streamlit really listens on; without one, it is every address.
        address = st.get_option("server.address") or "0.0.0.0"  # noqa: S104 - that is what it means
        listening = settings().model_copy(update={"host": address})
        routes = routes_for_streamlit(settings=listening)
        front = front_for_streamlit(listening)
    except InvalidInput as error:
        sys.exit(f"The app does not start: {error}")
    logs.configure(listening)
    app = st.App(
        Path(__file__).with_name("pages") / "_visit.py",
        routes=routes,
        middleware=front,
        on_script_error=_ui.unforeseen,
    )
