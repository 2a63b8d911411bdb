# make run    set everything up and open the app
# make test   set everything up and pass every check and test
# make bench  measure, each figure beside its baseline
# Without make (Windows): see README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
BROWSER_STAMP := $(VENV)/.browser

.PHONY: run test check format bench clean

run: $(STAMP)
	$(BIN)/streamlit run streamlit_app.py

test: check $(BROWSER_STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not browser"
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m browser

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV_STAMP) $(BROWSER_STAMP)
	$(BIN)/python -m bench $(ARGS)

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,lint]'
	@touch $@

$(BROWSER_STAMP): $(DEV_STAMP) tests/install_browser.py
	$(BIN)/python tests/install_browser.py
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
