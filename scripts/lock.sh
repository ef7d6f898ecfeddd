#!/bin/sh
# Remakes requirements.lock from pyproject.toml: every version, every hash, for all platforms; no address.
# Of the extras gp is left out: PyTorch for every platform is gigabytes.
# Versions already locked are kept where they still fit; UPGRADE=1 takes the newest.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/uv pip compile --quiet --universal --extra test --extra cmaes --extra excel --extra qmc --python-version 3.11 \
    ${UPGRADE:+--upgrade} --no-emit-index-url --no-annotate --no-header --generate-hashes pyproject.toml -o requirements.lock
sh scripts/no_addresses.sh requirements.lock
