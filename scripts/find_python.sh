#!/bin/sh
# Prints a Python that regsearch runs on: $PYTHON if given, else python3 if it fits, else the newest that does.
# The range is pyproject.toml's requires-python. Each candidate is run: a version manager's stub may exist and not work.
oldest=11 newest=13

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

fits() {
    case $(version "$1") in
        3.*) minor=$(version "$1"); minor=${minor#3.}; [ "$minor" -ge $oldest ] && [ "$minor" -le $newest ] ;;
        *) false ;;
    esac
}

fail() { echo "regsearch: $*" >&2; exit 1; }

if [ -n "$PYTHON" ]; then
    found=$(version "$PYTHON") || fail "PYTHON=$PYTHON does not run; give the path of a Python 3.$oldest-3.$newest"
    fits "$PYTHON" || fail "PYTHON=$PYTHON is Python $found; regsearch needs 3.$oldest-3.$newest"
    echo "$PYTHON"
    exit
fi

seen=
for python in python3 python3.13 python3.12 python3.11 python; do
    if fits "$python"; then command -v "$python"; exit; fi
    found=$(version "$python") && seen="$seen${seen:+, }$python is $found"
done
fail "no Python 3.$oldest-3.$newest on PATH (${seen:-no python3 at all}); install one, or name it: make PYTHON=/path/to/python3.12"
