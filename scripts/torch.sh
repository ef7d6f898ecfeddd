#!/bin/sh
# Sees to it that the tests of the strategy gp have PyTorch where CI=true. Elsewhere they run where it is installed, and
# else skip: on Linux it is a download of gigabytes.
cd "$(dirname "$0")/.." || exit 1
log=.venv/torch.log
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

done_if_have() { .venv/bin/python -c 'import torch' 2>/dev/null && { : >.venv/torch; exit 0; }; }

done_if_have
[ "${CI:-}" = true ] || exit 0
echo "Installing torch for the tests of gp"
.venv/bin/python -m pip install --quiet torch==2.13.0 >"$log" 2>&1
done_if_have
echo "regsearch: torch could not be installed (see $log); the tests of gp need it where CI=true" >&2
exit 1
