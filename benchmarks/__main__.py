"""`python -m benchmarks [NAME ...]`: each in a process of its own, so that none warms anything up for another one."""

import argparse
import subprocess
import sys

NAMES = ("accuracy", "api", "harness", "lease", "lighthouse", "slider", "soak", "submit")


def main() -> int:
    """Exit code: how many did not accept what they measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", type=_name, metavar="NAME", help=f"of {', '.join(NAMES)}; without a name all of them"
    )
    names = parser.parse_args().names or NAMES
    failed = []
    for name in names:
        print(f"--- {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0:
            failed.append(name)
    print(f"--- {len(names) - len(failed)} of {len(names)} accepted; not accepted: {', '.join(failed) or 'none'}")
    return len(failed)


def _name(text: str) -> str:
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"there is no benchmark {text!r}; there are {', '.join(NAMES)}")
    return text


if __name__ == "__main__":
    sys.exit(main())
