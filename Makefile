# `make` lists the targets. Each makes its own .venv first, from the hashed lock files.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
RUNTIME_STAMP := $(VENV)/.stamp-runtime
DEV_STAMP := $(VENV)/.stamp-dev

.DEFAULT_GOAL := help
.PHONY: help demo test test-full check fix lint types contracts eval bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(RUNTIME_STAMP) ## see it work on the demo log: no key, no network, no state
	@$(BIN)/python -m logwatchd --dry-run --once

test: $(DEV_STAMP) ## run the tests
	@$(BIN)/python -m pytest -m "not full"

test-full: $(DEV_STAMP) ## run the long forms of the load and fault tests too
	@$(BIN)/python -m pytest

check: lint types contracts ## lint, types and import contracts

lint: $(DEV_STAMP) ## ruff, formatting included
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(DEV_STAMP) ## mypy, strict
	@$(BIN)/mypy

contracts: $(DEV_STAMP) ## import-linter: the floors of docs/architecture.md
	@$(BIN)/lint-imports

fix: $(DEV_STAMP) ## let ruff repair what it can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

eval: $(DEV_STAMP) ## score diagnoses of the seeded incidents: no key, no network
	@scratch=$$(mktemp -d) && $(BIN)/python -m tests.incidents.build $$scratch && \
	  $(BIN)/python -m logwatchd eval $$scratch; code=$$?; rm -rf $$scratch; exit $$code

bench: $(DEV_STAMP) ## measure throughput, start, latency and memory: some minutes
	@$(BIN)/python -m benchmarks

lock: ## write the lock files anew (needs uv)
	@requirements/lock.sh

clean: ## remove what the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME_STAMP): requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@$(PIP) --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements/dev.txt pyproject.toml | $(BIN)/python
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(RUNTIME_STAMP)
