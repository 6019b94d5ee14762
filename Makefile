# `make demo` and `make test` need nothing but Debian's python3 and make; everything else is set up by them.
VENV := .venv
SITE := .venv-site

.PHONY: setup demo test servers docs bench soak golden lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.txt pyproject.toml examples/actions/pyproject.toml scripts/setup
	scripts/setup $(VENV)
	touch $@

demo: setup            ## the main job on an embedded database: init, plan, apply, plan again, a mistake
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/demo

servers:               ## PostgreSQL and MariaDB from Debian's packages, where that is allowed
	scripts/servers

$(SITE)/.ready: scripts/site/requirements.txt $(VENV)/.ready
	$(VENV)/bin/python -m venv --clear --without-pip $(SITE)
	$(VENV)/bin/pip --python $(SITE)/bin/python install --quiet --disable-pip-version-check --no-compile --no-deps \
	    --require-hashes -r $<
	touch $@

docs: $(SITE)/.ready   ## the documents as a site, build/site
	scripts/site/build $(SITE)

test: setup servers $(SITE)/.ready   ## lint, types and every test but the slow ones
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/check

bench: setup servers   ## every figure of benchmarks/README.md, into benchmarks/results.md
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" env -u PYTHONDONTWRITEBYTECODE python -m benchmarks

soak: setup servers    ## three schedulers killed, paused and started for ten minutes, on each database
	SOAK_SECONDS=600 $(VENV)/bin/pytest -q tests/scheduler/test_soak.py

lock: setup            ## pin the newest dependencies, with hashes
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/lock

clean:
	rm -rf $(VENV) $(SITE) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

golden: setup          ## write the expected outputs of tests/golden anew; read the difference
	UPDATE_GOLDEN=1 $(VENV)/bin/pytest -q tests/test_golden.py
