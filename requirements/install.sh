#!/bin/sh
# Installs the lock file $2 into the virtual environment $1: with uv, or with pip where there is no uv or it fails.
set -eu
venv=$1
lock=$2

"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
export VIRTUAL_ENV="$PWD/$venv"
"$venv/bin/uv" pip install --compile-bytecode --require-hashes -r "$lock" ||
    "$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes -r "$lock"
# The command zooboard-runner, in place. What it needs is in the lock file, what builds it came before.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable ./runners
