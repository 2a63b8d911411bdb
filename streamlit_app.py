"""The app: pages, HTTP routes and videos in one process.

``streamlit run streamlit_app.py`` and ``uvicorn streamlit_app:app`` import ``app`` from here. A test
(``AppTest``) runs this file like a script instead: then there is a script context.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import get_script_run_ctx

from api import Guard, routes_for_streamlit
from pages import _navigation, _ui
from sorter_core.settings import settings

if get_script_run_ctx(suppress_warning=True):
    _navigation.visit()
else:
    app = st.App(
        Path(__file__).with_name("pages") / "_visit.py",
        routes=routes_for_streamlit(),
        middleware=[Middleware(Guard, settings=settings())],
        on_script_error=_ui.unforeseen,
    )
