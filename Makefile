# `make help` lists the targets. python3 (3.11 or newer, with venv) and make are all that has to be there.
SHELL := /bin/sh
.SUFFIXES:
.DEFAULT_GOAL := help
.PHONY: help up down reset test check bench lock

VENV := .venv
BIN := $(VENV)/bin
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --universal --no-emit-index-url --no-annotate --python-version 3.11

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 10

up: $(VENV)/.runtime  ## run the whole site here until Ctrl-C (PORT=8000; the long poll takes the next port)
	@$(BIN)/python -m zooboard.up up $(if $(PORT),--port $(PORT))

down:  ## stop the site that runs here
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m zooboard.up down; else echo "zooboard is not running"; fi

reset:  ## stop it and delete its database and files; asks first (FORCE=1 does not)
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m zooboard.up reset $(if $(filter 1,$(FORCE)),--force); else echo "nothing to reset"; fi

test: $(VENV)/.dev  ## every check and every test (ARGS= goes to pytest)
	$(BIN)/python -m tests.chromium
	$(BIN)/python -m tests.adb
	$(MAKE) --no-print-directory check
	$(BIN)/python -m $(if $(ARGS),pytest $(ARGS),tests)

check: $(VENV)/.dev  ## format, lint, types, imports, templates, migrations, deployment settings, container files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	find apps -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(BIN)/python -m tests.servers manage.py makemigrations --check --dry-run
	ZOOBOARD_URL=https://zooboard.example.org $(BIN)/python -m tests.servers manage.py check --deploy --fail-level WARNING
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml runners/containers/t4.compose.yml
	$(BIN)/hadolint Dockerfile runners/containers/t4.Dockerfile

bench: $(VENV)/.dev  ## ratios against references (ARGS= goes to the benchmarks)
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.runtime  ## write requirements/*.txt anew from the pyproject files
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
	$(COMPILE) pyproject.toml runners/pyproject.toml -o requirements/runtime.txt
	$(COMPILE) pyproject.toml runners/pyproject.toml --all-extras --no-emit-package onnxruntime-gpu --group dev -o requirements/dev.txt
	$(COMPILE) --no-deps requirements/pnnx.in -o requirements/pnnx.txt

# dev.txt holds all of runtime.txt at the same versions, so either may be installed over the other.
$(VENV)/.runtime: requirements/uv.txt requirements/runtime.txt runners/pyproject.toml
	@sh requirements/venv.sh $(VENV)
	@sh requirements/install.sh $(VENV) requirements/runtime.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/pnnx.txt $(VENV)/.runtime
	@sh requirements/install.sh $(VENV) requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(VENV)/share/pnnx -r requirements/pnnx.txt
	@touch $@
