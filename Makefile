# Everything a person does here. `make` alone says what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: styles screenshots test-browser help setup demo up down status logs trace reconcile test test-quick test-live test-containers images simulate photos fuzz chaos bench bench-console lint docs lock

PYTHON ?= python3
RUN := .venv/bin/python
APPLICATIONS ?= 200
FAULTS ?= off
TARGET ?= local
SEEDS ?= 200
UPLOADS ?= 10000
MINUTES ?= 10
SEED ?=
QUICK ?=
SERVICE ?=
APPLICATION ?=
FROM ?=
TO ?=
TODAY ?=
ONLY ?= tests/containers

help: ## what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## make or refresh .venv from requirements.lock (done by itself when needed)
	@echo ".venv is ready"

.venv/ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Name one: make setup PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "'$(PYTHON)' cannot make virtual environments; this mends it: sudo apt-get install -y python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@all=$$(grep -c '^[a-z].*==' requirements.lock); \
	echo "Setting up .venv: $$all packages, about a minute the first time"; \
	.venv/bin/pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes -r requirements.lock 2>&1 \
		| tee .venv/setup.log \
		| awk -v all=$$all -v tty=$$([ -t 1 ] && echo 1 || echo 0) ' \
			/^(Collecting|Processing|Ignoring|Requirement already)/ { n++; if (tty) printf "\r\033[K  %d of %d", n, all; else if (n % 20 == 0) printf "  %d of %d\n", n, all; fflush() } \
			/^Installing/ { printf "%s  installing …\n", tty ? "\r\033[K" : ""; fflush() }' \
		|| { grep -E '^(ERROR|error)' .venv/setup.log | head -n 5 >&2; \
			echo "The packages could not be installed; the whole story is in .venv/setup.log" >&2; exit 1; }
	@touch $@

demo: .venv/ready ## start everything, send APPLICATIONS=200 through it, show what became of them, stop; FAULTS=on: while all fails now and then; TARGET=compose: in containers
	@$(RUN) -m deploy.demo --applications $(APPLICATIONS) --faults $(FAULTS) --target $(TARGET)

STACK = $(if $(filter compose,$(TARGET)),deploy.containers,deploy.local)

up: .venv/ready ## start broker, database, sandbox and all services here; on another business day: TODAY=2025-10-06; in containers: TARGET=compose
	@$(RUN) -m $(STACK) up $(if $(TODAY),--today $(TODAY))

down: .venv/ready ## stop what `up` started
	@$(RUN) -m $(STACK) down

status: .venv/ready ## what runs and how it is
	@$(RUN) -m $(STACK) status

images: .venv/ready ## make the images of services, RabbitMQ and PostgreSQL from Debian's packages; no image registry is needed
	@deploy/images/make.sh

test-containers: .venv/ready ## the images and the compose stack: every ending, containers killed, networks cut (needs an engine); some of them: ONLY=tests/containers/test_images.py
	@$(RUN) -m deploy.containers check
	@KUALIK_TEST_CONTAINERS=1 $(RUN) -m pytest -q -p no:cacheprovider $(ONLY)

logs: .venv/ready ## follow the log of one service: SERVICE=payment
	@[ -n "$(SERVICE)" ] || { echo "Whose? make logs SERVICE=payment; make status names them all" >&2; exit 2; }
	@$(RUN) -m deploy.local logs $(SERVICE) --follow

trace: .venv/ready ## one application's way through the services: APPLICATION=<id>
	@[ -n "$(APPLICATION)" ] || { echo "Which one? make trace APPLICATION=<id>" >&2; exit 2; }
	@$(RUN) -m shared.telemetry.tree $(APPLICATION)

reconcile: .venv/ready ## ledger, payment gateway and revenue authority compared, while it runs: FROM=2025-10-01 TO=2025-10-31
	@$(RUN) -m deploy.local.beside payment services.payment.reconcile $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO))

test: .venv/ready ## every test that needs no container: private servers are started and stopped
	@$(RUN) -m pytest -q

test-quick: .venv/ready ## the tests that need neither broker nor database
	@$(RUN) -m pytest -q -m "not live and not simulation"

test-live: .venv/ready ## the tests over a real broker and a real database
	@$(RUN) -m pytest -q -m live

test-browser: .venv/ready ## the console and the issue desk in Debian's Chromium: flows, axe, the keyboard alone, with and without JavaScript
	@$(RUN) -m pytest -q tests/browser

screenshots: .venv/ready ## every page of console, issue desk and accounts, beside a running `make up`, into build/screenshots
	@$(RUN) -m tests.browser.screenshots

styles: ## compile the style sheet of the pages anew and copy htmx beside it (needs npm)
	@cd shared/web/styles && npm ci --no-audit --no-fund --silent
	@cd shared/web/styles && npx sass --quiet-deps --style=compressed --no-source-map --load-path=node_modules app.scss ../static/app.css
	@cp shared/web/styles/node_modules/htmx.org/dist/htmx.min.js shared/web/static/

simulate: .venv/ready ## the whole system under SEEDS=200 kinds of bad luck, or one of them again: SEED=7
	@$(RUN) -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

chaos: .venv/ready ## MINUTES=10 of load on real servers while victims fall, then the judgement; the same again: SEED=7
	@$(RUN) -m tests.chaos --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

bench: .venv/ready ## the engine beside naive FastStream, a raw floor, DBOS, Celery, TaskIQ; and the whole product: QUICK=1 in four minutes
	@$(RUN) -m tests.bench $(if $(QUICK),--quick)

bench-console: .venv/ready ## the console over 1.2 million cases: p95 of queue page, claim and decision, and the knee: QUICK=1 over a tenth
	@$(RUN) -m tests.bench.console $(if $(QUICK),--quick)

fuzz: .venv/ready ## UPLOADS=10000 mutated images at intake's door: no crash, no hang, nothing in clear on disk
	@$(RUN) -m tests.fuzz --uploads $(UPLOADS)

lint: .venv/ready ## ruff, mypy, import rules, no address of a package index
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@if git grep -nIE 'https?://[^[:space:]"]*/(simple|packages)/|"resolved": *"https?:|--(extra-)?index-url|^[[:space:]]*(deb|URIs:) +https?:' -- .; \
		then echo "No address of a package index may stand in the tree" >&2; exit 1; fi

photos: .venv/ready ## the photo checks on a labelled set: what is caught, what is refused wrongly
	@$(RUN) -m tests.photos

docs: .venv/ready ## write the generated documents anew: broker definitions, AsyncAPI, the picture in README
	@$(RUN) -m deploy.generate

lock: ## choose versions anew into requirements.lock (needs uv)
	@command -v uv >/dev/null || { echo "uv is needed for this: $(PYTHON) -m pip install uv" >&2; exit 1; }
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --upgrade \
		--group local --group test --group lint pyproject.toml -o requirements.lock
