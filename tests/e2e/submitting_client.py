"""A client that sends a file of records in, so many a call: `python -m tests.e2e.submitting_client URL FILE ROWS`.

The token is in `ZOOBOARD_TOKEN`. It says after each call how many are in, and knows nothing of a client before it.
"""

import os
import sys
from pathlib import Path

import httpx


def main(url: str, file: str, rows_per_call: str) -> None:
    lines = Path(file).read_bytes().splitlines(keepends=True)
    headers = {"Authorization": f"Bearer {os.environ['ZOOBOARD_TOKEN']}", "Content-Type": "application/x-ndjson"}
    step = int(rows_per_call)
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        for start in range(0, len(lines), step):
            answer = client.post("/api/v1/submissions/", content=b"".join(lines[start : start + step]))
            answer.raise_for_status()
            print(f"{start + step} in", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
