#!/bin/sh
# Makes the virtual environment $1 with a python3 that is new enough, or names what is missing and the command for it.
set -eu
venv=$1

if "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    exit 0
fi

advise() { # advise PROBLEM APT_PACKAGES DNF_PACKAGES
    echo "$1" >&2
    if command -v apt-get >/dev/null; then
        echo "  On this machine:  sudo apt-get install -y $2" >&2
    elif command -v dnf >/dev/null; then
        echo "  On this machine:  sudo dnf install -y $3" >&2
    elif [ "$(uname)" = Darwin ]; then
        echo "  On this machine:  brew install python" >&2
    else
        echo "  Install $3 with the package manager of this machine." >&2
    fi
    exit 2
}

found=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        found=$candidate
        break
    fi
done

if [ -z "$found" ]; then
    have=$(python3 --version 2>/dev/null || echo "no python3")
    advise "zooboard needs python3, 3.11 or newer; here is $have. (PYTHON=/path/to/python chooses one.)" \
        "python3 python3-venv" "python3"
fi

if ! "$found" -c 'import venv, ensurepip' 2>/dev/null; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    advise "$found has no working venv module." "python$version-venv" "python3"
fi

rm -rf "$venv"
"$found" -m venv "$venv"
