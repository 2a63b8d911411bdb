"""The script that Streamlit runs at each visit of a page.

It lies in here because Streamlit takes a folder ``pages`` *beside* its script for pages of the old
kind: the first visit after a start would then get ``train.py`` alone, without what stands around.
"""

from pages import _navigation

_navigation.visit()
