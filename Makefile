# wardwatch: everything runs in .venv, made from the hashed lock on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Kernels are compiled first, where none are yet. Two processes play the tests that need no server, then three, a file at a
# time, those that start one and mostly wait for it: each has a broker and a database of its own. ARGS plays what it names, in one process.
PYTEST := $(BIN)/python -m pytest
BY_FILE := -n 3 --dist loadfile --no-loadscope-reorder
WARM_UP := $(BIN)/python -m pipeline.cli.warm_up
# Tests start some hundred processes: without bytecode each would compile five hundred modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo kernels test test-long test-all check bench format lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(READY): infra/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wardwatch needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@echo "making $(VENV) (once, about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## a simulated hospital through Kafka, Faust, River and ClickHouse
	@$(BIN)/wardwatch demo $(ARGS)

kernels: $(READY) ## compile them, where none are yet: four minutes of processor time
	@$(WARM_UP)

test: $(READY) ## the tests, with a real broker and a real ClickHouse engine
ifdef ARGS
	@$(PYTEST) $(ARGS)
else
	@$(WARM_UP)
	@$(PYTEST) -n 2 -m "not servers and not slow and not long"
	@$(PYTEST) $(BY_FILE) -m "servers and not slow and not long"
endif

test-long: $(READY) ## those that take a minute or so each: the README, kills, restarts
	@$(PYTEST) $(BY_FILE) -m "long and not slow"

test-all: $(READY) ## all tests, also those that wait for time-outs of real servers
ifdef ARGS
	@$(PYTEST) -m "slow or not slow" $(ARGS)
else
	@$(WARM_UP)
	@$(PYTEST) -n 2 -m "not servers"
	@$(PYTEST) $(BY_FILE) -m servers
endif

check: $(READY) ## lint, format, types, architecture, published schemas
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/wardwatch schema --check

bench: $(READY) ## events a second, ours beside the plain program, as JSON
	@$(BIN)/python -m benchmarks.bench $(ARGS)

format: $(READY)
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lock: ## resolve the dependencies anew (needs uv on the PATH)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --upgrade --quiet --custom-compile-command "make lock" --all-extras pyproject.toml -o infra/requirements.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --upgrade --quiet --custom-compile-command "make lock" pyproject.toml -o infra/worker.lock

clean:
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
