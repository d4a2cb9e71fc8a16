# Two commands do everything: `make demo` and `make test`. See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CHECK ?=

.PHONY: help demo test check fast lock clean bench screenshots

help:
	@echo "make demo           install into .venv, run the main job on an embedded mail server, show the result"
	@echo "make demo CHECK=1   the same without a person: asserts it end to end, exits 0 or 1"
	@echo "make test           install everything the tests need, run all of them"
	@echo "make fast           lint, types and the tests that need no server"
	@echo "make bench          intake benchmark on a private Dovecot (see benchmarks/README.md)"
	@echo "make screenshots    the pictures of docs/images, from four weeks of sample mails (needs /usr/bin/chromium)"
	@echo "make lock           refresh the pinned requirements from pyproject.toml (needs uv)"

demo: $(VENV)/.run
	$(BIN)/mailbot demo $(if $(CHECK),--check)

test: $(VENV)/.dev
	packaging/system-packages.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/mailbot explain --json mailbot/demo/mails/01-colis-en-retard.eml > /dev/null # learns once for all tests
	$(BIN)/pytest -n 2 --dist loadfile

fast: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/mailbot explain --json mailbot/demo/mails/01-colis-en-retard.eml > /dev/null # learns once for all tests
	$(BIN)/pytest -m "not server and not slow" -n 2

bench: $(VENV)/.dev
	packaging/system-packages.sh
	$(BIN)/python -m benchmarks.intake

$(BIN)/python:
	packaging/venv.sh $(PYTHON) $(VENV)

$(VENV)/.run: $(BIN)/python requirements.lock pyproject.toml
	@echo "Installation des dépendances dans $(VENV) : environ une minute, la première fois seulement."
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.web.browser.screenshots

lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --annotation-style line \
	  --extra demo --extra postgres --extra keyring --group build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --annotation-style line \
	  --extra demo --extra postgres --extra keyring --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
