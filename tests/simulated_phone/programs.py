"""Benchmark programs to push: one file each, which the phone's shell can execute."""

import io
import zipfile
from pathlib import Path

from tests.simulated_phone.tools.main import TOOLS

PROGRAMS = tuple(TOOLS)
_PACKAGE = Path(__file__).parent
_EXECUTABLE = 0o755
# A zip archive may have anything before it, and Python runs one that holds a __main__. So this text makes the shell
# start the interpreter, which finds the program behind it.
_HEAD = b'#!/bin/sh\nexec "$PHONE_PYTHON" -IS "$0" "$@"\nexit 127\n'
_EMPTY = ("tests/__init__.py", "tests/simulated_phone/__init__.py")


def write_program(folder: Path, name: str) -> Path:
    """Write the program of that name (one of `PROGRAMS`) into the folder, executable."""
    if name not in PROGRAMS:
        raise ValueError(f"there is no program {name!r}; there are {', '.join(PROGRAMS)}")
    path = folder / name
    path.write_bytes(_HEAD + _archive(name))
    path.chmod(_EXECUTABLE)
    return path


def _archive(name: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as contents:
        for path in _EMPTY:
            contents.writestr(path, "")
        for source in (_PACKAGE / "ask.py", *sorted((_PACKAGE / "tools").glob("*.py"))):
            contents.write(source, f"tests/simulated_phone/{source.relative_to(_PACKAGE)}")
        start = (
            f"import sys\nfrom tests.simulated_phone.tools.main import main\nsys.exit(main({name!r}, sys.argv[1:]))\n"
        )
        contents.writestr("__main__.py", start)
    return archive.getvalue()
