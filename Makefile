# The developer's commands. CI runs these and nothing else. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
NPM_CI := npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
WITH_DATABASE := $(PY) deploy/with_database.py --
# One more than there are cores: the tests that kill a whole site mostly wait until it is back.
PYTEST_ON_ALL := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder
# Nothing is left outside the checkout.
export PIP_CACHE_DIR := $(CURDIR)/var/cache/pip
export UV_CACHE_DIR := $(CURDIR)/var/cache/uv
export npm_config_cache := $(CURDIR)/var/cache/npm
# Packages are installed without bytecode: whoever first imports them writes it, whatever the machine's habit is.
unexport PYTHONDONTWRITEBYTECODE
CLIENT_MAKERS := tests/api/clients/node_modules/.stamp
FRONT_END := $(shell find static/src -type f 2>/dev/null) $(wildcard static/*.mjs)

.PHONY: help run test quick longer coverage check fix bench soak lighthouse mutate schema migration demo shell lock installed test-programs

help:  ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r name says; do \
		printf '  %-16s %s\n' "$$name" "$$says"; done

# ── To use ───────────────────────────────────────────────────────────────────────────────────────────────────────────

run: .venv/runtime.stamp static/dist/.stamp  ## everything a fresh machine needs, then the site, its worker and the demo; Ctrl-C stops it
	@exec $(PY) deploy/run.py

demo: .venv/runtime.stamp static/dist/.stamp  ## the same as run, after forgetting the embedded database and every uploaded file
	@exec $(PY) deploy/run.py --fresh

# ── To check ─────────────────────────────────────────────────────────────────────────────────────────────────────────

test: installed check  ## everything a fresh machine needs, then every check and every test, the browser's included
	@$(WITH_DATABASE) $(PYTEST_ON_ALL) -m "not bench" $(PYTEST)

quick: .venv/dev.stamp static/dist/.stamp  ## the tests without browser and slow ones, in seconds
	@$(WITH_DATABASE) $(PYTEST_ON_ALL) -q --reuse-db -m "not slow and not longer and not browser and not fault and not bench" $(PYTEST)

longer: .venv/dev.stamp static/dist/.stamp  ## write tests/longer_tests.txt: which tests are too long for make quick
	@$(WITH_DATABASE) $(PYTEST_ON_ALL) -q -m "not slow and not browser and not fault and not bench" --write-longer

coverage: .venv/dev.stamp static/dist/.stamp $(CLIENT_MAKERS)  ## lines that no test reaches; kernel, rules, actions and access are held to none
	@$(WITH_DATABASE) $(PYTEST_ON_ALL) -q -m "not browser and not fault and not bench" --cov --cov-report= $(PYTEST)
	@$(BIN)/coverage report
	@$(BIN)/coverage report --fail-under=100 \
		--include='pooledcare/kernel/*,*/rules.py,*/rules/*,*/actions.py,*/actions/*,pooledcare/directory/access*'

check: .venv/dev.stamp static/dist/.stamp  ## format, lint, types, imports, migrations, schema; changes nothing
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(WITH_DATABASE) $(SHELL) $(.SHELLFLAGS) '$(BIN)/mypy & types=$$!; trap "kill $$types 2>/dev/null || true" EXIT; \
		$(PY) manage.py check --fail-level WARNING; \
		$(PY) manage.py makemigrations --check --dry-run; \
		$(PY) manage.py write_schema --check; \
		wait $$types'

fix: .venv/dev.stamp  ## the part of check that can be repaired
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/dev.stamp static/dist/.stamp  ## the benchmarks, each beside its peer in one run; prints ratios
	@$(PY) deploy/with_database.py --durable --home var/bench-postgres -- $(PY) -m bench $(BENCH)

soak: .venv/dev.stamp static/dist/.stamp  ## half an hour of uploads and pages, after which no log may tell of an error: make soak [SOAK="--minutes 10"]
	@$(PY) -m tests.faults.soak $(SOAK)

lighthouse: .venv/dev.stamp static/dist/.stamp test-programs bench/lighthouse/node_modules/.stamp  ## Lighthouse's mobile profile on ten pages, medians of 5; under 95 or over 150 KB fails
	@$(PY) -m bench.lighthouse $(LIGHTHOUSE)

mutate: .venv/dev.stamp static/dist/.stamp  ## put single faults into the code and see which no test notices: make mutate MUTATE="budgets/allocations"
	@$(WITH_DATABASE) $(PY) -m mutation $(MUTATE)

# ── To develop ───────────────────────────────────────────────────────────────────────────────────────────────────────

schema: .venv/dev.stamp static/dist/.stamp  ## regenerate docs/openapi.yaml
	@$(WITH_DATABASE) $(PY) manage.py write_schema

migration: .venv/dev.stamp  ## make a migration: make migration name=allocation_source [app=budgets]
	@test -n "$(name)" || { echo "Name it: make migration name=what_it_does"; exit 2; }
	@$(WITH_DATABASE) $(PY) manage.py makemigrations --name "$(name)" $(app)

shell: .venv/dev.stamp  ## a Python shell beside a running `make run`
	@$(PY) deploy/beside.py -- $(PY) manage.py shell

lock: .venv/dev.stamp  ## lock the newest Python packages that pyproject.toml allows and that are a week old
	@$(BIN)/uv pip compile -q pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements.lock
	@$(BIN)/uv pip compile -q pyproject.toml --group dev --constraint requirements.lock --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements-dev.lock

installed:  # side by side: each waits for another server, or for one core
	@$(MAKE) --jobs=4 --no-print-directory .venv/dev.stamp static/dist/.stamp $(CLIENT_MAKERS) test-programs

test-programs:
	@deploy/test_programs.sh

# ── What a fresh machine needs ───────────────────────────────────────────────────────────────────────────────────────

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "PooledCare needs Python 3.11 or later: PYTHON=/path/to/python3 make run"; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.lock | $(PY)
	@echo "Installing Python packages …"
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-compile --only-binary :all: --require-hashes -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@echo "Installing Python packages for development …"
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-compile --only-binary :all: --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.stamp: package.json package-lock.json .npmrc
	@echo "Installing front-end packages …"
	@$(NPM_CI) >/dev/null
	@touch $@

$(CLIENT_MAKERS): tests/api/clients/package.json tests/api/clients/package-lock.json
	@echo "Installing what makes the TypeScript client of the tests …"
	@cd tests/api/clients && $(NPM_CI) >/dev/null
	@touch $@

bench/lighthouse/node_modules/.stamp: bench/lighthouse/package.json bench/lighthouse/package-lock.json
	@echo "Installing Lighthouse …"
	@cd bench/lighthouse && $(NPM_CI) >/dev/null
	@touch $@

static/dist/.stamp: node_modules/.stamp $(FRONT_END)
	@echo "Bundling the front end …"
	@npm run --silent build
	@touch $@
