# SISO Academy. `make demo` sets everything up and starts it; `make test` runs every check.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: demo test chance bench translations lock check clean-environment

demo: .venv/runtime.done
	@$(BIN)/academy demo --port $(PORT) $(if $(IMPORT),--import '$(subst ','\'',$(IMPORT))') $(if $(filter-out 0 no off false,$(FRESH)),--fresh)

test: .venv/development.done
	@$(BIN)/python tools/check.py

# The tests of random histories on a seed drawn anew, or on the one that ACADEMY_TEST_SEED names.
chance: .venv/development.done
	@ACADEMY_TEST_SEED='$(or $(ACADEMY_TEST_SEED),$(shell $(PYTHON) -c 'import secrets; print(secrets.randbelow(10**9))'))' $(BIN)/python -m pytest tests/programme -k drawn

bench: .venv/development.done
	@$(BIN)/python -m benchmarks

# Finds every text, brings each language up to date and compiles it; LANGUAGE=cs begins a new one. See docs/translating.md.
translations: .venv/runtime.done
	@$(BIN)/python tools/translations.py $(LANGUAGE)

.venv/runtime.done: requirements/runtime.txt pyproject.toml package-lock.json tools/frontend.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "The venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "Installing the locked packages (once, a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python tools/frontend.py
	@touch $@

.venv/development.done: requirements/development.txt .venv/runtime.done
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@

# Needs uv; the locked files carry hashes and no download addresses.
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml requirements/build.in -o requirements/runtime.txt --custom-compile-command "make lock"
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 requirements/development.in -c requirements/runtime.txt -o requirements/development.txt --custom-compile-command "make lock"
