# MuseGen. "make run" opens the window, "make test" checks everything; each sets up what it needs first.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check
JOBS ?= 2
FILE ?=
MINUTES ?= 30
PYTEST := OMP_NUM_THREADS=1 $(PY) -m pytest

# Settings of the calling shell that would slow Python down or turn its imports to another place.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
unexport PYTHONHOME
unexport VIRTUAL_ENV

APP_READY := $(VENV)/.app-ready
TEST_READY := $(VENV)/.test-ready

.PHONY: help run install test test-data check ruff types imports bench fuzz soak operations package screenshots clean distclean
.DEFAULT_GOAL := help

help:
	@echo "make run           set up what is missing and open MuseGen (FILE=song.mid opens a file)"
	@echo "make install       the set-up alone"
	@echo "make test          all checks and tests"
	@echo "make test-data     the long tests: over the collection of music in ../shared/data, and of a build"
	@echo "make bench         speed of models, window and start"
	@echo "make fuzz          the property tests with thousands of examples each"
	@echo "make soak          play and generate for MINUTES=30"
	@echo "make operations    ten thousand operations of the transport, heard by another process"
	@echo "make package       build the program to give away, and start what was built"
	@echo "make screenshots   draw the README's pictures anew"
	@echo "make clean         remove what building and testing left; make distclean the set-up too"

run: $(APP_READY)
	@packaging/start $(BIN)/musegen $(FILE)

install: $(APP_READY)
	@echo "MuseGen is set up: make run, or $(BIN)/musegen"

test: $(TEST_READY)
	@$(MAKE) --no-print-directory -j $(JOBS) check
	$(PYTEST) -n $(JOBS) --dist loadgroup -q

test-data: $(TEST_READY)
	@test -d ../shared/data || { echo "make test-data reads the collection of music in ../shared/data, and there is none." >&2; exit 1; }
	$(PYTEST) -m "data or package" -n $(JOBS) --dist loadgroup -q

check: ruff types imports

ruff: $(TEST_READY)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(TEST_READY)
	@$(BIN)/mypy

imports: $(TEST_READY)
	@$(BIN)/lint-imports --no-logo --no-cache

bench: $(TEST_READY)
	$(BIN)/musegen bench
	$(PYTEST) tests/benchmarks/bench_*.py --benchmark-enable --timeout=900 -n 0

fuzz: $(TEST_READY)
	$(PYTEST) -m "hypothesis and not data and not package and not soak" --hypothesis-profile=fuzz --timeout=1800 -n $(JOBS) --dist loadgroup -q

soak: $(TEST_READY)
	MUSEGEN_SOAK_MINUTES=$(MINUTES) $(PYTEST) -m soak --timeout=0 -n 0 -v

operations: $(TEST_READY)
	$(PYTEST) tests/soak/test_soak_playback.py -k operations -m soak --timeout=0 -n 0 -v

package: $(TEST_READY)
	$(PY) packaging/build.py

screenshots: $(TEST_READY)
	$(PY) packaging/screenshots.py

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .grimp_cache .hypothesis .benchmarks
	find musegen_app tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

$(PY):
	@python=$$(packaging/find-python) && packaging/make-venv "$$python" $(VENV)

$(APP_READY): pyproject.toml constraints.txt packaging/system-packages | $(PY)
	@packaging/system-packages app
	@echo "Installing MuseGen into $(VENV)"
	@PIP_CONSTRAINT=constraints.txt $(PIP) install --quiet -e .
	@touch $@

$(TEST_READY): pyproject.toml constraints.txt packaging/system-packages | $(PY)
	@packaging/system-packages test
	@echo "Installing MuseGen with the tools for training and tests into $(VENV)"
	@PIP_CONSTRAINT=constraints.txt $(PIP) install --quiet -e '.[train,test]'
	@touch $@ $(APP_READY)
