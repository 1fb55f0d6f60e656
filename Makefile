# The commands of the house. Each works on a fresh machine with Python 3.11 or newer, and quickly the second time.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: help install demo test check lint faults bench pictures locks clean

export LANG := C.UTF-8
export LC_ALL := C.UTF-8
export PYTHONUNBUFFERED := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export HOST ?= 127.0.0.1
export PORT ?= 8000
export SIZE ?= tenth

PY := .venv/bin/python
# Twice quiet: errors are shown, remarks about a machine's own pip settings are not.
PIP := $(PY) -m pip install -qq --no-input
TESTS ?= tests
WORKERS ?= 2

help:
	@echo "make demo      the portal with a portfolio of customers, on http://$(HOST):$(PORT)"
	@echo "make test      every test: unit, pages, browser, SQLite and PostgreSQL"
	@echo "make check     formatting, lint, types, import rules, tests"
	@echo "make faults    the fault tests at full size"
	@echo "make bench     the benchmarks; SIZE=full for the large data sets"
	@echo "make pictures  every screenshot of README and docs, made anew"
	@echo "make install   only .venv with the runtime lock: what a production install needs"
	@echo "make locks     both lock files, written anew from pyproject.toml"

install: .venv/runtime.stamp

demo: .venv/runtime.stamp
	@$(PY) .ci/libraries.py
	@exec $(PY) -m portal demo

test: .venv/dev.stamp
	@.ci/packages
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

check: lint test

lint: .venv/dev.stamp
	@echo "ruff format" && $(PY) -m ruff format --quiet --check . || { $(PY) -m ruff format --check .; exit 1; }
	@echo "ruff check" && $(PY) -m ruff check --quiet .
	@echo "mypy" && $(PY) -m mypy --no-error-summary
	@echo "lint-imports" && .venv/bin/lint-imports --no-cache > .venv/imports.log 2>&1 || { cat .venv/imports.log; exit 1; }

faults: .venv/dev.stamp
	@.ci/packages
	@$(PY) -m pytest tests/faults --faults=full --durations=0

bench: .venv/dev.stamp
	@.ci/packages
	@exec $(PY) -m tests.bench

pictures: .venv/dev.stamp
	@.ci/packages
	@exec $(PY) -m tests.pictures

locks: .venv/bin/python
	@$(PIP) "uv>=0.13"
	@compile=".venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --upgrade pyproject.toml --group build"; \
	$$compile --output-file requirements.lock && \
	$$compile --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv var/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A name on PATH is not yet an interpreter (a version manager's shims answer for versions that are absent): try each.
.venv/bin/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
		python=; \
	done; \
	if [ -z "$$python" ]; then echo "Firstmile needs Python 3.11 or newer; name it with PYTHON=/path/to/python" >&2; exit 1; fi; \
	echo "making .venv with $$("$$python" --version)"; \
	"$$python" -m venv .venv || { rm -rf .venv; echo "that Python cannot make a venv (Debian: apt-get install python3-venv)" >&2; exit 1; }

# The project itself is installed last and in editable form, for the `portal` command.
.venv/runtime.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing requirements.lock"
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing requirements-dev.lock"
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch .venv/runtime.stamp $@
