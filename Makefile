# The two commands: `make serve` and `make test`. `make help` lists the rest.
#
# Variables to override: VENV, PYTHON, DATA, HOST, PORT, Q, BENCH, SUITE, EVAL, PARALLEL, OUT.

VENV  = .venv
DATA  = $(or $(FUNDSTELLE_DATA),data)
HOST  = $(or $(FUNDSTELLE_HOST),127.0.0.1)
PORT  = $(or $(FUNDSTELLE_PORT),8000)
Q     = How does Baidu cope with sanctions?
BENCH =
SUITE = eval/suites/sample
EVAL  =
PARALLEL =
OUT      = pack

PY         := $(VENV)/bin/python
FUNDSTELLE := $(VENV)/bin/fundstelle
PIP        := $(PY) -m pip --disable-pip-version-check
TORCH      := torch==2.13.0
LOCK       := $(VENV)/lock
CPU_WHEELS := https://download.pytorch.org/whl/cpu
SOURCES    := corpus index service eval tests

# A name on the PATH may be a shim of a version that is not installed, so each candidate has to run.
CANDIDATES := $(PYTHON) python3.14 python3.13 python3.12 python3.11 python3 python
FIND_PYTHON = for python in $(CANDIDATES); do \
	"$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$python"; exit 0; }; done; \
	echo 'Python 3.11 or newer, with its venv module, is needed: install it or set PYTHON=/path/to/python' >&2; exit 1

# The alarm bounds what a socket's time-out does not: a name look-up that hangs.
PROBE = import signal, urllib.request as web; signal.alarm(4); web.urlopen("$(CPU_WHEELS)/torch/", timeout=3).close()

# Quotes, dollars and other signs in a question reach the program as they were typed.
unexport Q
export QUESTION := $(value Q)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve samples ask test lint format bench eval docs pack lock docker clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

serve: $(VENV)/.runtime  ## install, index the sample articles once, serve on http://127.0.0.1:8000
	@exec $(FUNDSTELLE) serve --samples --data "$(DATA)" --host "$(HOST)" --port "$(PORT)"

ask: $(VENV)/.runtime  ## ask on the command line: make ask Q="Wie geht Baidu mit den Sanktionen um?"
	@[ -e "$(DATA)/corpus.sqlite3" ] || $(FUNDSTELLE) ingest corpus/articles --data "$(DATA)"
	@$(FUNDSTELLE) ask --data "$(DATA)" -- "$$QUESTION"

samples: $(VENV)/.runtime  ## read the sample articles (again), those that were removed included
	@$(FUNDSTELLE) ingest corpus/articles --data "$(DATA)"

test: lint  ## set up, then lint, format check, types, import contract and all tests
	$(PY) -m pytest

lint: $(VENV)/.develop  ## ruff, mypy, the import contract, and the Dockerfile's linter where it is installed
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/ruff format --check $(SOURCES)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	@if [ -x $(VENV)/bin/hadolint ]; then echo '$(VENV)/bin/hadolint Dockerfile' && $(VENV)/bin/hadolint Dockerfile; fi

format: $(VENV)/.develop  ## put the code into the project's form
	$(VENV)/bin/ruff check --fix $(SOURCES)
	$(VENV)/bin/ruff format $(SOURCES)

bench: $(VENV)/.develop  ## measure speed, memory and disk: make bench BENCH="--write" rewrites docs/benchmarks.md
	$(PY) -m eval.speed $(BENCH)
	$(PY) -m eval.speed_eval $(filter --write,$(BENCH))

eval: $(VENV)/.develop  ## ask the questions of a suite, measure, hold its floors: make eval SUITE=my-suite EVAL=--update
	@$(FUNDSTELLE) eval gate "$(SUITE)" $(EVAL)

docs: $(VENV)/.develop  ## write the parts of docs/ that follow from the code
	$(PY) -m tests.reference

pack: $(VENV)/.runtime  ## make a language pack of parallel text: make pack PARALLEL=folder OUT=folder
	@[ -n "$(PARALLEL)" ] || { echo 'Name the folder of parallel text: make pack PARALLEL=folder OUT=folder' >&2; exit 2; }
	@$(PIP) install -q -c constraints.txt --no-build-isolation -e '.[train]'
	@exec $(VENV)/bin/fundstelle-train "$(PARALLEL)" --out "$(OUT)"

docker:  ## build the container image
	docker build --tag fundstelle .

clean:  ## remove the environment and the tools' caches; the data folder stays
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. Each stamp is younger than what it was made from, so that nothing is installed twice.

$(VENV)/.created:
	@python=$$($(FIND_PYTHON)) && echo "Creating $(VENV) with $$("$$python" --version)" && "$$python" -m venv "$(VENV)"
	@touch "$@"

# torch comes first and alone: its default build on Linux brings gigabytes for graphics cards, which we do not use.
$(VENV)/.torch: constraints.txt | $(VENV)/.created
	@if $(PY) -c 'from importlib.metadata import version; exit(version("torch").split("+")[0] != "$(TORCH)".split("==")[1])' 2>/dev/null; \
	then :; \
	elif $(PY) -c '$(PROBE)' >/dev/null 2>&1; \
	then echo 'Installing the CPU build of $(TORCH)'; $(PIP) install --no-deps --index-url $(CPU_WHEELS) $(TORCH); \
	else echo 'Installing $(TORCH) (the CPU wheel index does not answer)'; $(PIP) install --no-deps $(TORCH); \
	fi
	@touch "$@"

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/.torch
	@echo 'Installing Fundstelle and what it needs'
	@$(PIP) install -q -c constraints.txt hatchling editables
	@$(PIP) install $$([ ! -x "$(FUNDSTELLE)" ] || echo -q) -c constraints.txt --no-build-isolation -e '.[eval]'
	@touch "$@"

$(VENV)/.develop: pyproject.toml constraints.txt | $(VENV)/.runtime
	@echo 'Installing the tools for tests and checks'
	@$(PIP) install -q -c constraints.txt --no-build-isolation -e '.[test,lint]'
	@touch "$@"

# An empty environment is filled with the newest versions that pyproject.toml allows, and what it then holds is written down.
lock:  ## write constraints.txt anew
	rm -rf "$(LOCK)"
	mkdir -p "$(VENV)"
	$(MAKE) VENV="$(LOCK)" "$(LOCK)/.torch"
	"$(LOCK)/bin/python" -m pip install hatchling editables
	"$(LOCK)/bin/python" -m pip install --no-build-isolation -e '.[test,lint]'
	{ sed -n '/^#/p' constraints.txt; "$(LOCK)/bin/python" -m pip freeze --all --exclude pip --exclude-editable | sed 's/+cpu$$//'; } > "$(LOCK)/frozen.txt"
	mv "$(LOCK)/frozen.txt" constraints.txt
	rm -rf "$(LOCK)"
