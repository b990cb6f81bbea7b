# make demo, make test: everything is set up in .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
READY := $(VENV)/ready
WORKERS ?= 2

.PHONY: help demo test lint soak bench clean

help:
	@echo "make demo   the main job on the simulated station, with a picture at the end"
	@echo "make test   all tests"
	@echo "make lint   what CI checks besides: style, types, import directions, docstrings"
	@echo "make soak   long trials"
	@echo "make bench  speed, as ratios within one run"

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[export,gui,notify,test]"
	@touch $(READY)

demo: $(READY)
	$(BIN)/coldpoint demo

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not soak"

soak: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) -m soak --timeout 3600

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pydoclint daq procedures instruments

bench: $(READY)
	$(BIN)/python benchmarks/overhead.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
