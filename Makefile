# `make` lists the targets. CI calls the same ones (.ci/run).

VENV := .venv
PY := $(VENV)/bin/python
PYTEST_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# A stamp's name holds the checksum of what was installed: a changed lock file is a missing stamp.
define install
@stamp=$(VENV)/.installed-$(1)-$$(cksum < requirements/$(1).txt | cut -d ' ' -f 1); \
if [ ! -f $$stamp ]; then \
	echo "Installing requirements/$(1).txt into $(VENV), once"; \
	$(PY) -m pip install --require-hashes -r requirements/$(1).txt && touch $$stamp; \
fi
endef

.DEFAULT_GOAL := help
.PHONY: help run install test quick bench bench-admin bench-export prove-limits screenshots lint format lock clean venv local dev

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: local ## start everything on http://127.0.0.1:7860; ARGS=--verbose shows all output
	@PYTHONPATH=.:platform exec $(PY) -m voxgate.ops.up $(ARGS)

install: dev ## install what development needs into .venv

test: dev ## run all tests; PYTEST_ARGS="-k words" selects
	$(PY) -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

quick: dev ## run the tests that take less than five seconds each
	$(PY) -m pytest -m "not slow and not browser" $(PYTEST_ARGS)

bench: dev ## the article's load test: 50 users for 60 s on a fresh system
	@PYTHONPATH=.:platform $(PY) -m benchmarks.article_load $(ARGS)

bench-admin: dev ## every admin page with a million requests on record, about 10 minutes; ARGS="--requests 20000" for less
	@PYTHONPATH=.:platform $(PY) -m benchmarks.admin_at_scale $(ARGS)

bench-export: dev ## a million lines of usage in each format: first byte, speed, memory
	@PYTHONPATH=.:platform $(PY) -m benchmarks.export_lines $(ARGS)

screenshots: dev ## make the pictures in docs/screenshots anew
	@PYTHONPATH=.:platform $(PY) -m tests.browser.docs_screenshots $(ARGS)

prove-limits: dev ## race every limit and kill what can be killed; one table, about 3 minutes
	@PYTHONPATH=.:platform $(PY) -m tests.services $(PY) -m benchmarks.prove_limits $(ARGS)

lint: dev ## style, types, spelling, missing migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m codespell_lib
	PYTHONPATH=.:platform $(PY) -m tests.services \
		$(PY) manage.py makemigrations --check --dry-run --skip-checks

format: dev ## rewrite the code in the common style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: venv ## resolve requirements/*.in into *.txt with hashes
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(PY) -m venv "$$tools" && "$$tools/bin/python" -m pip install --quiet uv && \
	cd requirements && for name in base local dev; do \
		"$$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
			--output-file $$name.txt $$name.in || exit 1; \
	done

clean: ## remove .venv and caches; never the data in .data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis static
	find . -path ./.data -prune -o -type d -name __pycache__ -exec rm -rf {} +

local: venv
	$(call install,local)

dev: venv
	$(call install,dev)

# A .venv can be there and yet be half made, without pip, or made by a Python that is gone.
venv:
	@usable='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; \
	if $(PY) -c "import pip; $$usable" 2>/dev/null; then exit 0; fi; \
	if $(PY) -c "$$usable" 2>/dev/null && $(PY) -m ensurepip --upgrade >/dev/null 2>&1; then exit 0; fi; \
	for python in python3 python3.13 python3.12 python3.11; do \
		if $$python -c "$$usable" 2>/dev/null; then \
			echo "Making $(VENV) with $$($$python --version)"; \
			$$python -m venv --clear $(VENV) && exit 0; \
			echo "Python's venv module is missing or broken. On Debian: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Voxgate needs Python 3.11, 3.12 or 3.13. On Debian: apt-get install python3 python3-venv" >&2; \
	exit 1
