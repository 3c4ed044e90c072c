# What the README tells users to run. Everything happens inside .venv; nothing else on the machine is touched.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements.lock
READY := $(VENV)/.ready

.PHONY: audit sbom demo test test-faults sweep fuzz bench bench-large bench-parts check docs format screenshots lock clean
.DELETE_ON_ERROR:

demo: $(READY) ## the main job on the sample returns
	$(BIN)/probation-etl demo build/demo

test: $(READY) ## all tests; each process has one core
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

sweep: $(READY) ## the long sweeps: planted faults, operations on a store in random order, every kind of damage, the whole synthetic set
	PROBATION_ETL_PLANTS=10000 PROBATION_ETL_OPERATIONS=200 PROBATION_ETL_EXAMPLES=200 PROBATION_ETL_CLEAN=10000 $(BIN)/python -m pytest --numprocesses auto \
		tests/property tests/unit/intake/test_resubmission.py tests/functional/test_random_operations.py tests/functional/test_verify.py
	PROBATION_ETL_WHOLE_SAMPLE=1 $(BIN)/python -m pytest tests/functional/test_published_figures.py

# So long for each format: first our own parsing, guided by what is reached; then as many whole files as there is time for.
FUZZ_MINUTES ?= 30
fuzz: $(READY) ## damages files for hours: FUZZ_MINUTES for each format
	mkdir -p build
	cd tests/fuzz && for form in csv xlsx xlsb ods xls gz zip; do \
		../../$(BIN)/python targets.py $$form -max_total_time=$$((60 * $(FUZZ_MINUTES))) -artifact_prefix=../../build/ || exit 1; done
	cd tests/fuzz && for form in xlsx xlsb ods xls parquet arrow csv gz zip; do \
		../../$(BIN)/python whole_files.py $$form $$(date +%s) $$((500 * $(FUZZ_MINUTES))) || exit 1; done

test-faults: $(READY) ## faults at every place (hours; FAULTS=20 for twenty of each kind), written to docs/explanation/reliability.md
	PROBATION_ETL_FAULTS=$(or $(FAULTS),all) $(BIN)/python -m pytest --numprocesses auto --dist worksteal tests/faults

# SIZE=quick tries it out and writes build/bench; SIZE=full runs 20,000,000 rows too.
SIZE ?= default
bench: $(READY) .venv-bench/.ready .venv-nhs/.ready ## this program beside its peers, and what it is promised to cost: docs/performance.md
	.venv-bench/bin/python benchmarks/compare.py $(SIZE)

bench-large: $(READY) ## memory and time of a run with 2,000,000 and one with 20,000,000 rows (ROWS=): an hour, and 20 GB of disk
	$(BIN)/python benchmarks/large.py $(ROWS)

bench-parts: $(READY) ## how long some parts take, each against a yardstick in the same run
	for part in annotated_workbook many_files open_large_page quoted_cells; do $(BIN)/python benchmarks/$$part.py || exit 1; done

check: $(READY) ## format, lint, types, layers, contracts linted and proved, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/probation-etl contract lint
	$(BIN)/probation-etl contract prove >/dev/null
	$(MAKE) docs

docs: $(READY) ## the documentation as a site, in build/docs; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: $(READY) ## pictures of every kind of page for the documentation, in Debian's Chromium
	$(BIN)/python scripts/screenshots.py

# The environment: exactly what the lock file names. uv is taken from the machine or put into the environment itself.
$(READY): $(LOCK) pyproject.toml
	test -x $(BIN)/python || $$(command -v $(PYTHON) || command -v python3) -m venv $(VENV)
	uv=$$(command -v uv) || { $(BIN)/python -m pip install --quiet uv && uv=$(BIN)/uv; }; \
	"$$uv" pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python $(LOCK) && \
	"$$uv" pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	touch $(READY)

# The peers of benchmarks, beside everything that the lock file names. The Data Validation Engine needs older libraries, and is
# left out where it cannot be installed.
.venv-bench/.ready: requirements-bench.lock $(READY)
	test -x .venv-bench/bin/python || $(BIN)/python -m venv .venv-bench
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python .venv-bench/bin/python requirements-bench.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python .venv-bench/bin/python --editable .
	touch $@

.venv-nhs/.ready: requirements-nhs.lock $(READY)
	test -x .venv-nhs/bin/python || $(BIN)/python -m venv .venv-nhs
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python .venv-nhs/bin/python requirements-nhs.lock \
		|| { echo "The Data Validation Engine cannot be installed; it is not measured." && rm -f .venv-nhs/bin/python; }
	touch $@

# The lock file names no index, so that a department can install from its own.
lock: $(READY) ## resolve the dependencies again
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --group dev pyproject.toml --upgrade --output-file $(LOCK)
	cp $(LOCK) requirements-bench.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --group dev --group bench pyproject.toml --output-file requirements-bench.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --group nhs --upgrade --output-file requirements-nhs.lock

sbom: $(READY) ## what is shipped, with hashes, in CycloneDX: build/sbom.cdx.json
	$(BIN)/python scripts/sbom.py build/sbom.cdx.json

audit: $(READY) ## asks a database of known vulnerabilities about the lock file; needs the network, and says where it has none
	$(BIN)/python scripts/audit.py

clean:
	rm -rf $(VENV) .venv-bench .venv-nhs build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
