"""`python -m tests.runners.engines.busy_threads ENGINE FOLDER THREADS`: on how many threads does the engine compute?

In a process of its own, in which no other engine has threads. A thread that got two ticks of the CPU clock counts:
where others use the cores, engines that share work out dynamically leave little to a thread that waits for its core.
One that got nothing yet is given more time than one thread too many needs to show itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

from runners.engines import ENGINES, get_engine
from tests.runners.engines import as_gpu, networks
from tests.runners.engines.loading import load

SHAPE = (1, 3, 224, 224)
ENOUGH_CPU_S = 2.0
LONGEST_CPU_S = 40.0
TWO_TICKS_S = 0.02


def main(name: str, folder: Path, threads: int) -> int:
    artifact = networks.artifact(folder, (folder / networks.FILE_NAME).read_bytes())
    ENGINES[as_gpu.NAME] = as_gpu.PLACE
    session = load(get_engine(name), folder, artifact, SHAPE, threads=threads)
    x = session.input(SHAPE, seed=0)
    process = psutil.Process()
    session.run(x)
    before = {each.id: each.user_time for each in process.threads()}
    busy, total_s = 0, 0.0
    while total_s < ENOUGH_CPU_S or (busy < threads and total_s < LONGEST_CPU_S):
        session.run(x)
        spent = [each.user_time - before.get(each.id, 0.0) for each in process.threads()]
        busy, total_s = sum(each >= TWO_TICKS_S for each in spent), sum(spent)
    return busy


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
