# Every target prepares the machine first: `python3 deploy/prepare.py` says what it installs.
PYTHON := .venv/bin/python
EXEC := python3 deploy/cluster.py exec -- $(PYTHON)
WORKERS := $(shell expr $$(nproc) + 1)  # one more than cores: browsers and servers are waited for

.DEFAULT_GOAL := help
.PHONY: help run demo test soak lint format bench prepare prepare-dev psql clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

prepare: ## install what running needs (system packages, .venv, node packages, texts)
	@python3 deploy/prepare.py

prepare-dev: ## the same, with what tests and checks need
	@python3 deploy/prepare.py --dev

run: prepare ## start everything and print the address and the demo logins (PORT=8000)
	@exec $(EXEC) manage.py serve

demo: prepare ## throw the demo district away and build it again (loses what is in the database)
	@exec $(EXEC) manage.py demo --rebuild

test: prepare-dev ## all tests, in parallel, each worker with its own database
	@exec python3 deploy/cluster.py exec --tests -- $(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -q $(ARGS)

soak: prepare-dev ## the long fault and load tests
	@exec $(EXEC) -m pytest -q -m soak $(ARGS)

lint: prepare-dev ## format, style, types, import directions, migrations
	@exec $(EXEC) deploy/lint.py

format: prepare-dev ## let the formatter rewrite the Python files
	@$(PYTHON) -m ruff format . && $(PYTHON) -m ruff check --fix-only -q .

bench: prepare-dev ## benchmarks against a peer in the same run, to benchmarks/latest.json
	@exec $(EXEC) -m benchmarks $(ARGS)

psql: prepare ## a database prompt
	@exec $(EXEC) manage.py dbshell

clean: ## remove what can be made again, but never the database
	rm -rf .venv node_modules var/static var/stamps .mypy_cache .ruff_cache .pytest_cache
