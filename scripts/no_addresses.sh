#!/bin/sh
# Fails when a file holds a package index's address: which index to use is the installer's business, not the repository's.
# The patterns are broken by brackets so that this file does not match itself.
! grep -nHE '(pypi[.]org|pythonhosted[.]org|--(extra-)?index-[u]rl|--find-[l]inks|/simple/[a-z]*["'"'"']?$)' "$@" /dev/null >&2
