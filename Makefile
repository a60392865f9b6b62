# Two commands do it all: `make demo` shows the main job, `make test` checks everything.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types unit selftest parity docs wheel clean

# The network of the demo is wide, so that there is a moment to watch.
demo: .venv/installed
	@run=runs/demo-$$(date +%Y%m%d-%H%M%S); \
	for job in check "train --set network.0.units=2000 --run $$run" "evaluate $$run" "report $$run"; do \
		printf '\n$$ nntrain %s\n' "$$job"; $(BIN)/nntrain $$job || exit; \
	done

test: lint types unit

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-dev
	$(BIN)/mypy

unit: .venv/installed-dev
	$(BIN)/pytest -n auto

# All planted faults, and all sound experiments with five seeds each.
selftest: .venv/installed
	$(BIN)/nntrain selftest

# Against PyTorch, where it is installed in .venv; skipped with a message where it is not.
parity: .venv/installed-dev
	$(BIN)/pytest -rs tests/parity

docs: .venv/installed
	$(BIN)/python -c "from trainer_cli.config.reference import reference; print(reference(), end='')" \
		> docs/experiment_file.md

wheel: .venv/installed-dev
	$(BIN)/python -m build --wheel

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[plots]"
	@touch $@

.venv/installed-dev: .venv/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@
