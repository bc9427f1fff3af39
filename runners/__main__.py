"""`python -m runners` is `zooboard-runner`."""

from runners.cli import main

main()
