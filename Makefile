# `make sweep` and `make test` do all their own set-up, once; scripts/ holds the steps.
.DEFAULT_GOAL := help
.PHONY: help sweep test check benchmark docs site lock wheel clean

# Made anew when the lock changes, and when the checkout was moved (a .venv does not move with it).
READY := .venv/ready
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

help:  ## list what can be made
	@sed -n 's/^\([a-z]*\):.*  ## /make \1	/p' Makefile

sweep: $(READY)  ## set up, then search the case study; pictures and the answer go to results/
	@.venv/bin/regsearch run moons --out results

test: check .venv/browser .venv/torch  ## set up, then every check and test
	@.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(READY)  ## set up, then lint, layout, types and imports
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check --quiet || { echo "layout differs from ruff format: run .venv/bin/ruff format" >&2; exit 1; }
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

benchmark: $(READY)  ## set up, then measure speed and memory; best on a quiet machine, about ten minutes
	@.venv/bin/python -m benchmarks.training; training=$$?; .venv/bin/python -m benchmarks.memory && exit $$training

docs: $(READY)  ## set up, then build the handbook into site/
	@.venv/bin/zensical build --strict

site: docs  ## build the handbook, then serve it on this machine alone
	@.venv/bin/zensical serve

lock: $(READY)  ## remake requirements.lock (UPGRADE=1: with the newest versions)
	@sh scripts/lock.sh

wheel: $(READY)  ## build a wheel into dist/
	@.venv/bin/uv build --quiet --wheel --no-build-isolation --python .venv/bin/python
	@.venv/bin/twine check --strict dist/*.whl
	@ls dist/*.whl

clean:  ## remove what set-up, checks and builds left; results stay
	@rm -rf .venv build dist site .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find benchmarks regsearch storage sweeps tests -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@sh scripts/setup.sh

.venv/browser: $(READY)
	@sh scripts/browser.sh

.venv/torch: $(READY)
	@sh scripts/torch.sh
