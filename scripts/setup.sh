#!/bin/sh
# Makes .venv, with all of requirements.lock (hashes checked) and regsearch itself, editable. Safe to run again.
set -u
cd "$(dirname "$0")/.." || exit 1
started=.venv/unfinished  # there while an install runs: finding it means that the last one was cut off
stamp=.venv/ready         # written last; holds where .venv was made, for a moved .venv does not work
log=.venv/setup.log
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

fail() { echo "regsearch: $*" >&2; exit 1; }

# Says what went wrong in an install, in one line where the cause is known, else with the end of the log.
explain() {
    if grep -qiE 'hash' "$log" && grep -qiE 'mismatch|do not match' "$log"; then
        fail "$1 failed: a download does not match its hash in requirements.lock (see $log)"
    elif grep -qiE 'no space left' "$log"; then
        fail "$1 failed: the disk is full; .venv needs about 3 GB"
    elif grep -qiE 'connection|connect error|sending request|timed out|max retries|name resolution|ssl error' "$log"; then
        index=$(echo "${UV_DEFAULT_INDEX:-}" | sed 's#//[^/]*@#//#')  # without a password
        fail "$1 failed: the package index${index:+ $index} cannot be reached; check the network, or PIP_INDEX_URL (see $log)"
    fi
    tail -n 15 "$log" >&2
    fail "$1 failed (see $log)"
}

# uv reads no pip settings. Where pip was told of another index or certificate, tell uv the same.
pip_setting() {
    .venv/bin/python -m pip config list 2>/dev/null | sed -n "s/^[^=]*\\.$1='\\(.*\\)'\$/\\1/p" | head -n 1
}
follow_pip() {
    [ -n "${UV_INDEX_URL:-}" ] && : "${UV_DEFAULT_INDEX:=$UV_INDEX_URL}"
    : "${UV_DEFAULT_INDEX:=$(pip_setting index-url)}" "${SSL_CERT_FILE:=$(pip_setting cert)}"
    : "${UV_INSECURE_HOST:=$(pip_setting trusted-host)}"
    for name in UV_DEFAULT_INDEX SSL_CERT_FILE UV_INSECURE_HOST; do
        eval "[ -n \"\$$name\" ] && export $name || unset $name"
    done
    # pip needs the same index to fetch uv itself.
    [ -n "${UV_DEFAULT_INDEX:-}" ] && export PIP_INDEX_URL="$UV_DEFAULT_INDEX"
}

make_venv() {
    python=$(sh scripts/find_python.sh) || exit 1
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        # Debian and Ubuntu package venv apart from Python.
        package=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && {
            echo "Installing $package"
            { apt-get update && apt-get install -y --no-install-recommends "$package"; } >/dev/null 2>&1
        }
        "$python" -c 'import venv, ensurepip' 2>/dev/null ||
            fail "$python has no venv module; install it (Debian, Ubuntu: apt-get install $package)"
    fi
    echo "Making .venv with $("$python" --version 2>&1)"
    rm -rf .venv
    mkdir .venv && : >"$started" || fail "cannot write $(pwd -P)/.venv"
    "$python" -m venv .venv >"$log" 2>&1 || explain "making .venv"
}

usable() {
    [ ! -e "$started" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(pwd -P)" ] &&
        PYTHON=.venv/bin/python sh scripts/find_python.sh >/dev/null 2>&1
}

usable || make_venv
rm -f "$stamp"
: >"$started"
follow_pip

# uv and its hash come from the same lock; pip only fetches uv, which is ten times faster at the rest.
awk '/^[^ ]/ { uv = /^uv==/ } uv' requirements.lock >.venv/uv.lock
.venv/bin/python -m pip install --quiet --retries 2 --require-hashes -r .venv/uv.lock >"$log" 2>&1 || explain "installing uv"

# The packages' bytecode is compiled now, once, and not at each start: TensorFlow alone has thousands of files.
echo "Installing requirements.lock"
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --compile-bytecode -r requirements.lock \
    >"$log" 2>&1 || explain "installing requirements.lock"
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable . \
    >"$log" 2>&1 || explain "installing regsearch"

pwd -P >"$stamp"
rm -f "$started"
