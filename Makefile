# Two commands matter: `make run` and `make test`. Both set up everything they need and may be run again at any time.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin
# The files of tests go into memory where that has room: writing through to a disk took a third of their time, and proves nothing here.
ROOM := $(shell df -BG --output=avail /dev/shm 2>/dev/null | tail -1 | tr -dc 0-9)
MEMORY := $(if $(ROOM),$(shell test $(ROOM) -ge 8 && echo /dev/shm))
PLACE := $(or $(MEMORY),/tmp)/portal-tests-$(shell echo $(CURDIR) | cksum | cut -d' ' -f1)
export PORT

.PHONY: run test check bench timing spoken fresh pictures lock words
.DEFAULT_GOAL := run

run: .venv/.run-ready app/static/fonts/.ready app/translations/.ready
	@echo "== database: migrate, and load the demo data once"
	$(BIN)/portal migrate
	$(BIN)/portal seed
	@echo "== serve on http://127.0.0.1:$(PORT) (Ctrl-C ends web and worker)"
	exec $(BIN)/portal serve

test: .venv/.test-ready app/static/fonts/.ready app/translations/.ready chromium check
	@rm -rf instance/proofs.jsonl $(PLACE) && mkdir -p $(PLACE)
	@echo "== tests: the quick part"
	TMPDIR=$(PLACE) $(BIN)/python -m pytest -q -n 2 -m "not browser and not slow"
	@echo "== tests: browsers, killed processes, large data"
	TMPDIR=$(PLACE) $(BIN)/python -m pytest -q -n 2 --dist loadfile -m "browser or slow"
	@echo "== what the proofs of trust ran"
	@$(BIN)/python -m tests.security.counting
	@rm -rf $(PLACE)

check: .venv/.test-ready
	@echo "== static checks"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@echo "== known weaknesses of libraries"
	@$(BIN)/python -m tests.security.advisories

bench: .venv/.test-ready app/static/fonts/.ready
	@failed=0; for file in benchmarks/[a-z]*.py; do name=$$(basename $$file .py); [ $$name = report ] && continue; \
	  echo "== $$name"; $(BIN)/python -m benchmarks.$$name || failed=1; done; exit $$failed

timing: .venv/.test-ready app/static/fonts/.ready app/translations/.ready chromium
	@echo "== two hundred offers, answered by a scripted person"
	@$(BIN)/python -m tests.browser.speed

spoken: .venv/.test-ready app/static/fonts/.ready app/translations/.ready chromium
	@echo "== one answer, as a screen reader is told of it"
	@$(BIN)/python -m tests.browser.spoken

fresh:
	rm -rf instance

pictures: .venv/.test-ready app/static/fonts/.ready app/translations/.ready chromium
	$(BIN)/python -m tests.browser.pictures

lock: .venv/.uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements-dev.lock

words: .venv/.test-ready
	$(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext -k _l --no-location --sort-output --omit-header -o instance/messages.pot app templates
	$(BIN)/pybabel -q update -i instance/messages.pot -d app/translations -l en --no-fuzzy-matching --ignore-obsolete --omit-header

# ── set-up ───────────────────────────────────────────────────────────────────

.venv/.uv:
	@echo "== Python environment in .venv"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check uv || echo "uv is not to be had: pip serves instead"
	@touch $@

.venv/.run-ready: .venv/.uv requirements.lock pyproject.toml
	@echo "== libraries"
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock && $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --no-deps -e .; \
	  else $(BIN)/pip install -q --require-hashes -r requirements.lock && $(BIN)/pip install -q --no-deps -e .; fi
	@touch $@

.venv/.test-ready: .venv/.uv requirements-dev.lock pyproject.toml
	@echo "== libraries, with those of the tests"
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock && $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --no-deps -e .; \
	  else $(BIN)/pip install -q --require-hashes -r requirements-dev.lock && $(BIN)/pip install -q --no-deps -e .; fi
	@touch $@ .venv/.run-ready

app/static/fonts/.ready: .venv/.uv app/documents/webfonts.py app/static/tokens.css | .venv/.fonts-library
	@echo "== fonts of the pages"
	$(BIN)/python -m app.documents.webfonts
	@touch $@

.venv/.fonts-library:
	@[ -e .venv/.run-ready ] || [ -e .venv/.test-ready ] || $(MAKE) .venv/.run-ready

app/translations/.ready: app/translations/en/LC_MESSAGES/messages.po | .venv/.fonts-library
	@echo "== words in English"
	$(BIN)/pybabel -q compile -d app/translations
	@touch $@

.PHONY: chromium
chromium:
	@{ command -v chromium && command -v pdftoppm; } >/dev/null || { \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then echo "== Chromium for the browser tests"; apt-get update -qq && apt-get install -y -qq chromium poppler-utils >/dev/null; \
	  else echo "Chromium or pdftoppm is missing: install the packages chromium and poppler-utils to run the browser tests"; exit 1; fi; }
