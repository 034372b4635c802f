# make run: the dashboard.  make test: everything that must hold.  Both need Python >= 3.11 and nothing else.

export PYTHONUTF8 = 1
# Whatever the machine says: what is compiled once need not be compiled by every process that a test starts.
export PYTHONDONTWRITEBYTECODE =
bin = .venv/bin
# Two more than there are cores: tests in the browser mostly wait.
workers = $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))

.PHONY: run test browser checks compiled test-long bench simulate docs lock clean

run:
	@sh bootstrap.sh
	@exec $(bin)/petition serve $(ARGS)

test:
	@sh bootstrap.sh dev
	@$(MAKE) --no-print-directory --jobs 3 browser checks compiled
	$(bin)/pytest --numprocesses $(workers) --dist worksteal $(ARGS)

browser:
	@$(bin)/python tests/e2e/browser.py

checks:
	$(bin)/uv lock --check --offline
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/lint-imports

# The tests compiled, once for all workers, while the checks leave a core idle.
compiled:
	@$(bin)/pytest --collect-only --quiet >/dev/null || true

test-long:
	@sh bootstrap.sh dev
	@$(bin)/uv sync --frozen --inexact --group dev --extra spark
	$(bin)/pytest -m long $(ARGS)
	ORACLE_EXAMPLES=25 $(bin)/pytest tests/test_oracle.py

# How fast it is, and against what: the tables of docs/benchmarks.md, anew; SCALE=100M asks of 100 million rows too.
bench:
	@sh bootstrap.sh dev
	@$(bin)/python -m tests.bench $(SCALE)

# How often judgement cries wolf, and how often it misses one: the tables of docs/judgement.md, anew.
simulate:
	@sh bootstrap.sh dev
	@$(bin)/python -m tests.simulate $(ARGS)

# Rewrites the documents that are generated from the code.
docs:
	@sh bootstrap.sh
	$(bin)/python -m analytics.render.dictionary
	$(bin)/python -m analytics.render.masters

# Moves every dependency to its newest allowed version.
lock:
	@sh bootstrap.sh
	$(bin)/uv lock --upgrade

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache build
